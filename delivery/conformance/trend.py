"""How conformance developed: the share of accepted requirements that held at each month's end."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.conformance.models import ConformanceCheck
from pmdm.charts.lines import Line, line_chart
from pmdm.ui import format as fmt

MONTHS = 12


def share_met(checks: list[tuple[int, datetime.datetime, str]], until: datetime.datetime) -> tuple[int, int]:
    """(met, checked) of the requirements whose latest check before ``until`` is in ``checks`` (id, at, result)."""
    latest: dict[int, str] = {}
    for requirement, at, result in sorted(checks, key=lambda check: check[1]):
        if at <= until:
            latest[requirement] = result
    return sum(1 for result in latest.values() if result == "met"), len(latest)


def month_ends(today: datetime.date, months: int = MONTHS) -> list[datetime.date]:
    """The last days of the past months and today."""
    first = today.replace(day=1)
    ends = []
    for _month in range(months):
        last = first - datetime.timedelta(days=1)
        ends.append(last)
        first = last.replace(day=1)
    return [*reversed(ends), today]


def conformance_trend(product):
    """A chart of the last year, or None until there are checks from two months."""
    checks = list(
        ConformanceCheck.objects.filter(product=product, requirement__is_accepted=True).values_list(
            "requirement", "at", "result"
        )
    )
    points = []
    for day in month_ends(timezone.localdate()):
        end = timezone.make_aware(datetime.datetime.combine(day, datetime.time.max))
        met, checked = share_met(checks, end)
        points.append((day, 100 * met / checked if checked else None))
    if sum(value is not None for _day, value in points) < 2:
        return None
    return line_chart(
        id="conformance-trend",
        title=_("Conformance over the last year"),
        description=_("Share of the requirements checked so far that were met, at the end of each month."),
        lines=[Line(name=_("Met"), points=points, area=True)],
        form=lambda value: fmt.percent(value, 0),
        x_label=_("Day"),
        low=0,
        high=100,
        smooth=False,
    )
