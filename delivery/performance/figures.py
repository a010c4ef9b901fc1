"""From stored incidents and checks to availability: bounded queries, then the plain engine."""

import datetime
import math
from dataclasses import dataclass

from django.db.models import Aggregate, Avg, Count, FloatField, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.performance.availability import Availability, availability
from pmdm.kpis import registry
from pmdm.kpis.models import Threshold

WINDOWS = (30, 90, 365)
REASONS = {
    "not_live": _("Not live in this time"),
    "no_failures": _("No failure in this time"),
    "none_closed": _("No outage has ended yet"),
    "no_checks": _("No checks yet"),
}


@dataclass(frozen=True)
class Window:
    """Availability over so many days, clipped to the time the product has been live."""

    days: int
    figures: Availability
    clipped: bool
    target: float  # percent of all time
    watch: float  # percent of the error budget, as the KPI judges it
    act: float

    @property
    def is_met(self) -> bool:
        return self.figures.percent is not None and self.figures.percent >= self.target

    @property
    def spent(self) -> float | None:
        """Downtime in percent of what the target allows (SRE Workbook ch. 2); None without a figure."""
        if self.figures.percent is None:
            return None
        down, allowed = 100 - self.figures.percent, 100 - self.target
        if allowed <= 0:
            return 0.0 if down <= 0 else math.inf
        return 100 * down / allowed

    @property
    def status(self) -> str:
        """By the share of the error budget that is spent, with the limits of the KPI; na without a figure."""
        if self.spent is None:
            return "na"
        return "ok" if self.spent <= self.watch else "watch" if self.spent <= self.act else "act"

    @property
    def reason(self):
        return REASONS.get(self.figures.reason, "")

    @property
    def mttr_reason(self):
        return REASONS.get(self.figures.mttr_reason, "")

    @property
    def mtbf_reason(self):
        return REASONS.get(self.figures.mtbf_reason, "")


def live_since(product) -> datetime.datetime:
    """When counting begins: the start of the day it went live, else when it was entered here."""
    if product.live_on is None:
        return product.created_at
    return timezone.make_aware(datetime.datetime.combine(product.live_on, datetime.time.min))


def windows(product, now=None) -> list[Window]:
    """Availability over 30, 90 and 365 days, judged as the KPI is: two queries."""
    now = now or timezone.now()
    limits = Threshold.objects.filter(kpi="availability").first() or registry.get("product", "availability")
    watch, act = float(limits.watch), float(limits.act)
    since = live_since(product)
    longest = max(now - datetime.timedelta(days=max(WINDOWS)), since)
    outages = list(product.incidents.outages().touching(longest, now).values_list("started_at", "ended_at"))
    found = []
    for days in WINDOWS:
        start = now - datetime.timedelta(days=days)
        touching = [(a, b) for a, b in outages if a < now and (b is None or b > max(start, since))]
        figures = availability(touching, max(start, since), now)
        found.append(Window(days, figures, since > start, float(product.availability_target), watch, act))
    return found


def weekly(product, weeks: int = 26, now=None) -> list[tuple[datetime.date, float | None]]:
    """Availability of each past week (the day it ends, percent or None before it was live), oldest first."""
    now = now or timezone.now()
    since = live_since(product)
    begin = now - datetime.timedelta(weeks=weeks)
    outages = list(product.incidents.outages().touching(begin, now).values_list("started_at", "ended_at"))
    points = []
    for week in range(weeks):
        start = begin + datetime.timedelta(weeks=week)
        end = start + datetime.timedelta(weeks=1)
        figures = availability(outages, max(start, since), end)
        points.append((timezone.localtime(end).date(), figures.percent))
    return points


class Percentile(Aggregate):
    """percentile_cont of one column: linear between nearest ranks."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"
    output_field = FloatField()

    def __init__(self, expression, share: float, **extra):
        super().__init__(expression, share=share, **extra)


def services(product, since=None) -> list[dict]:
    """Each checked service: checks, up, availability by checks, response times of successful checks; one query."""
    up = Q(is_up=True)
    rows = (
        product.checks.filter(**({"at__gte": since} if since else {}))
        .order_by()
        .values("service")
        .annotate(
            checks=Count("pk"),
            up=Count("pk", filter=up),
            mean_ms=Avg("response_ms", filter=up),
            p50_ms=Percentile("response_ms", 0.5, filter=up),
            p95_ms=Percentile("response_ms", 0.95, filter=up),
            first=Min("at"),
            last=Max("at"),
        )
        .order_by("service")
    )
    return [{**row, "percent": 100 * row["up"] / row["checks"]} for row in rows]
