"""What the shell shows of timesheets."""

from django.utils.translation import gettext_lazy as _

from pmdm.activity.words import describe
from pmdm.prepared import PreparedFor
from pmdm.ui import nav
from projects.team.models import Membership
from projects.timesheets.missing import BOOKING

_one_of_mine = PreparedFor(
    lambda reader: Membership.objects.filter(user=reader, role__in=BOOKING).order_by().values_list("pk")[:1]
)


def books_time(user) -> bool:
    """Whoever may book on some project."""
    return bool(_one_of_mine(user))


def register() -> None:
    nav.register(_("My week"), "projects:timesheet", "clock", 20, visible=books_time)
    describe("projects.TimesheetPart", label=("user", "week"))
