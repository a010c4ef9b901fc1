"""The figures of a product's complaints; each is a count of rows that the list shows when it is opened."""

import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.complaints.forms import NAMES, SHOWS
from pmdm.charts.bars import Bars, bar_chart
from pmdm.ui import format as fmt
from pmdm.ui.parts import Tile

MONTHS = 12
RATE_DAYS = 90


def counts(product) -> dict[str, int]:
    """How many complaints each word of SHOWS stands for."""
    rows = product.complaints.current().standing()
    return rows.aggregate(total=Count("pk"), **{f"n_{name}": Count("pk", filter=what) for name, what in SHOWS.items()})


def tiles(product, now=None) -> list[Tile]:
    """Heard in time, verdicts, the customer's word, the rate. Nothing to divide by: n/a, with the reason."""
    found = counts(product)
    url = reverse("delivery:complaint-list", args=[product.code])

    def at(name):
        return f"{url}?show={name}"

    heard = found["n_in_time"] + found["n_late"]
    judged = found["n_breach"] + found["n_misunderstanding"] + found["n_new_need"]
    word = found["n_confirmed"] + found["n_waiting"]
    rate = complaint_rate(product, now)
    return [
        Tile(label=_("Open"), value=fmt.number(found["n_open"]), url=at("open"),
             note=_("%s not acknowledged yet") % found["n_unheard"]),
        Tile(label=_("Acknowledged in time"), url=at("in_time"),
             value=fmt.ratio(found["n_in_time"] / heard) if heard else "",
             note=_("%(n)s of %(all)s acknowledged") % {"n": found["n_in_time"], "all": heard},
             reason="" if heard else _("None was acknowledged yet.")),
        Tile(label=_("Breaches"), url=at("breach"), value=fmt.ratio(found["n_breach"] / judged) if judged else "",
             note=_("%(n)s of %(all)s judged") % {"n": found["n_breach"], "all": judged},
             reason="" if judged else _("None was judged yet.")),
        Tile(label=_("Confirmed by the customer"), url=at("confirmed"),
             value=fmt.ratio(found["n_confirmed"] / word) if word else "",
             note=_("%(n)s of %(all)s put right, %(refused)s refused once") % {
                 "n": found["n_confirmed"], "all": word, "refused": found["n_refused"]},
             reason="" if word else _("None was put right yet.")),
        Tile(label=_("Complaints per 100 issues"), value=fmt.number(rate, 1) if rate is not None else "",
             note=_("reported in the last %s days") % RATE_DAYS, url=url,
             reason="" if rate is not None else _("Nothing was reported in the last %s days.") % RATE_DAYS),
    ]  # fmt: skip


def complaint_rate(product, now=None) -> float | None:
    """Complaints per hundred issues reported in the last 90 days; None when nothing was."""
    since = (now or timezone.now()) - datetime.timedelta(days=RATE_DAYS)
    found = product.issues.filter(created_at__gt=since).exclude(source="import").order_by()
    found = found.aggregate(all=Count("pk"), complaints=Count("pk", filter=Q(type="complaint")))
    return 100 * found["complaints"] / found["all"] if found["all"] else None


def by_month(product, now=None):
    """Complaints by month of report, stacked by verdict, over twelve months; None while there is none."""
    today = timezone.localtime(now or timezone.now()).date()
    first = _months_before(today.replace(day=1), MONTHS - 1)
    start = timezone.make_aware(datetime.datetime.combine(first, datetime.time()))
    rows = product.complaints.current().filter(issue__created_at__gte=start)
    found: dict[tuple[str, datetime.date], int] = {}
    for verdict, created in rows.values_list("verdict", "issue__created_at"):
        key = verdict, timezone.localtime(created).date().replace(day=1)
        found[key] = found.get(key, 0) + 1
    if not found:
        return None
    months = [_months_before(today.replace(day=1), back) for back in range(MONTHS - 1, -1, -1)]
    series = [
        Bars(name=str(name), values=[found.get((verdict, month), 0) for month in months], colour=colour)
        for verdict, name, colour in (
            ("breach", NAMES["breach"], "plum"),
            ("misunderstanding", NAMES["misunderstanding"], "teal"),
            ("new_need", NAMES["new_need"], "accent"),
            ("", _("Not judged"), "soft"),
        )
    ]
    return bar_chart(
        id="complaints-by-month", title=_("Complaints by month"),
        description=_("When they were reported, and how each was judged against the accepted scope."),
        categories=[f"{month:%b %y}" for month in months], series=series, form=lambda value: f"{value:.0f}",
        x_label=_("Month"),
    )  # fmt: skip


def _months_before(month: datetime.date, back: int) -> datetime.date:
    number = month.year * 12 + month.month - 1 - back
    return datetime.date(number // 12, number % 12 + 1, 1)
