"""What benefits add to the frame: the daily reminder, a line on the portfolio, the search."""

from django.utils.translation import gettext_lazy as _

from pmdm.kpis import portfolio
from pmdm.ui import search
from pmdm.ui.addresses import address
from pmdm.ui.search import Hit, containing
from projects.benefits import reminders  # noqa: F401 - its daily job and its mail
from projects.benefits.models import Benefit
from projects.benefits.reading import summary


def find(user, words, limit):
    rows = containing(
        Benefit.objects.readable_by(user).select_related("objective", "project"),
        words,
        "objective__statement",
        "objective__measure",
    )
    return [
        Hit(title=row.objective.statement, sub=row.project.name, url=row.get_absolute_url())
        for row in rows.order_by("-pk")[:limit]
    ]


def line(user) -> portfolio.SummaryLine | None:
    """How many of the benefits that one may see are realised; None where one sees none."""
    found = summary(Benefit.objects.readable_by(user).with_latest().select_related("objective"))
    if not found:
        return None
    return portfolio.SummaryLine(
        label=_("After go-live"), text=found.text, url=address("projects:benefits"), overdue=found.overdue
    )


def register() -> None:
    portfolio.register_line(line)
    search.register("benefit", _("Benefits"), find, order=57, icon="trending-up")
