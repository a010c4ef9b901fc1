"""What the flow page of a product counts. Each figure is a filter of issues, so that the number and its rows agree."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.flow import engine
from delivery.issues import clock
from delivery.issues.models import Issue, Severity
from delivery.issues.service_hours import service_hours
from delivery.products.models import Product
from pmdm.charts.bars import Bars, bar_chart
from pmdm.charts.lines import Line, line_chart
from pmdm.ui import format as fmt
from pmdm.ui.parts import Text, Tile

PERIODS = {30: gettext_lazy("30 days"), 90: gettext_lazy("90 days"), 365: gettext_lazy("12 months")}
DEFAULT = 90
WEEKS = 26
OPEN = Q(state__in=("new", "in_progress", "waiting"))
AGE_NAMES = (
    gettext_lazy("under a day"),
    gettext_lazy("1 to 3 days"),
    gettext_lazy("3 to 7 days"),
    gettext_lazy("7 to 30 days"),
    gettext_lazy("30 to 90 days"),
    gettext_lazy("over 90 days"),
)


def _kept(name: str) -> Q:
    """Decided in the period and met. What was imported has no due, and so no part in this."""
    done = "responded_at" if name == "response" else "resolved_at"
    return Q(**{f"{done}__lte": F(f"{name}_due")})


def filters(since: datetime.datetime, now: datetime.datetime) -> dict[str, Q]:
    """Each figure as a filter of issues: the number on the page and the rows behind it come from the same words."""
    found = {}
    for name, done in (("response", "responded_at"), ("resolution", "resolved_at")):
        due = f"{name}_due"
        found[f"{name}_met"] = _kept(name) & Q(**{f"{done}__gt": since, f"{done}__lte": now})
        late = Q(**{f"{done}__gt": F(due)}) | Q(**{done: None, f"{due}__lt": now})
        # A breach counts on the day it was due.
        found[f"{name}_breached"] = late & Q(**{f"{due}__gt": since, f"{due}__lt": now})
    found["answered"] = Q(responded_at__gt=since, responded_at__lte=now, data_problem="") & ~Q(source="import")
    found["resolved"] = Q(resolved_at__gt=since, resolved_at__lte=now)
    found["reopened"] = Q(reopened__gt=0) & (OPEN | found["resolved"])
    found["resolved_once"] = found["resolved"] | (OPEN & Q(reopened__gt=0))
    found["open"] = OPEN
    for number in range(len(engine.AGES) + 1):
        aged = OPEN
        if number:
            aged &= Q(created_at__lte=now - engine.DAY * engine.AGES[number - 1])
        if number < len(engine.AGES):
            aged &= Q(created_at__gt=now - engine.DAY * engine.AGES[number])
        found[f"age_{number}"] = aged
    return found


NAMES: dict[str, Text] = {
    "response_met": gettext_lazy("First response in time"),
    "response_breached": gettext_lazy("First response too late"),
    "resolution_met": gettext_lazy("Resolved in time"),
    "resolution_breached": gettext_lazy("Resolution too late"),
    "answered": gettext_lazy("Answered"),
    "resolved": gettext_lazy("Resolved"),
    "resolved_once": gettext_lazy("Resolved at least once"),
    "reopened": gettext_lazy("Reopened"),
    "open": gettext_lazy("Open"),
    **{f"age_{number}": name for number, name in enumerate(AGE_NAMES)},
}


@dataclass
class Flow:
    """The figures of one product over one period; of several, each by its own service hours."""

    products: list[Product]
    days: int
    now: datetime.datetime
    # Of one product its pages, else those over all.
    one: bool = True

    def __post_init__(self):
        self.since = self.now - self.days * engine.DAY
        self.filters = filters(self.since, self.now)
        self.issues = Issue.objects.filter(product__in=self.products).order_by()
        self.hours = {product.pk: service_hours(product) for product in self.products}
        issues = self.issues
        self.n = issues.aggregate(**{f"n_{name}": Count("pk", filter=what) for name, what in self.filters.items()})
        self.n = {name.removeprefix("n_"): count for name, count in self.n.items()}
        self.minutes = self._response_minutes(issues)

    def _response_minutes(self, issues) -> list[float]:
        """First response − creation of what was answered in the period, in service minutes."""
        rows = issues.filter(self.filters["answered"]).values_list("product", "created_at", "responded_at")
        return [
            clock.business_minutes(created, answered, self.hours[key].calendar, self.hours[key].zone, [])
            for key, created, answered in rows
        ]

    def url(self, name: str) -> str:
        if self.one:
            return reverse("delivery:flow-rows", args=[self.products[0].code, self.days, name])
        return reverse("delivery:all-flow-rows", args=[self.days, name])

    @property
    def per_day(self) -> int:
        """Service minutes of a day, where all have the same; else a day is 24 hours."""
        found = {hours.minutes_per_day for hours in self.hours.values()}
        return found.pop() if len(found) == 1 else 24 * 60

    def levels(self, name: str) -> float | None:
        """met ÷ (met + breached) of those decided in the period."""
        met, breached = self.n[f"{name}_met"], self.n[f"{name}_breached"]
        return engine.share(met, met + breached)

    def tiles(self) -> list[Tile]:
        n, tiles = self.n, []
        for name, label in (("resolution", _("Resolved in time")), ("response", _("First response in time"))):
            value = self.levels(name)
            words = {"met": n[f"{name}_met"], "breached": n[f"{name}_breached"]}
            tiles.append(Tile(
                label=label, value=fmt.ratio(value) if value is not None else "", url=self.url(f"{name}_breached"),
                note=_("%(met)s met, %(breached)s breached") % words,
                reason="" if value is not None else _("Nothing with a target was decided in this time."),
            ))  # fmt: skip
        per_day = self.per_day
        middle, high = engine.percentile(self.minutes, 50), engine.percentile(self.minutes, 90)
        tiles.append(Tile(
            label=_("First response"), value=fmt.minutes(middle, per_day) if middle is not None else "",
            url=self.url("answered"), sub=_("median"),
            note="" if high is None else _("90%% within %(time)s, of %(n)s") % {
                "time": fmt.minutes(high, per_day), "n": len(self.minutes)},
            reason="" if middle is not None else _("Nothing was answered in this time."),
        ))  # fmt: skip
        tiles.append(Tile(
            label=_("Open"), value=fmt.number(n["open"]), url=self.url("open"),
            note=_("%s of them for over 30 days") % (n["age_4"] + n["age_5"]),
        ))  # fmt: skip
        again = engine.share(n["reopened"], n["resolved_once"])
        tiles.append(Tile(
            label=_("Reopened"), value=fmt.ratio(again, 1) if again is not None else "", url=self.url("reopened"),
            note=_("%(n)s of %(all)s resolved") % {"n": n["reopened"], "all": n["resolved_once"]},
            reason="" if again is not None else _("Nothing was resolved in this time."),
        ))  # fmt: skip
        return tiles

    def ages(self) -> list[dict]:
        """The backlog by age, each with the address of its rows."""
        return [
            {"name": name, "count": self.n[f"age_{number}"], "url": self.url(f"age_{number}")}
            for number, name in enumerate(AGE_NAMES)
        ]

    def age_chart(self):
        """Open issues by age, stacked by priority; None while nothing is open."""
        if not self.n["open"]:
            return None
        found: dict[tuple[int, int], int] = {}
        for severity, created in self.issues.filter(OPEN).values_list("severity", "created_at"):
            key = severity, engine.age_bucket(self.now - created)
            found[key] = found.get(key, 0) + 1
        return bar_chart(
            id="backlog-by-age", title=_("Backlog by age"),
            description=_("Open issues by the time since they were reported, stacked by priority."),
            categories=[str(name) for name in AGE_NAMES],
            series=[
                Bars(name=str(severity.label), colour=colour,
                     values=[found.get((severity.value, number), 0) for number in range(len(AGE_NAMES))])
                for severity, colour in zip(Severity, ("plum", "cost", "accent", "soft"), strict=True)
            ],
            form=lambda value: f"{value:.0f}", x_label=_("Age"),
        )  # fmt: skip

    def flow_chart(self):
        """What came, what was solved and what was open, week by week; None while there was nothing."""
        moments = self.issues.filter(data_problem="").values_list("created_at", "resolved_at")
        rows = list(moments)
        if not rows:
            return None
        found = engine.weeks(
            [created for created, _resolved in rows], [resolved for _created, resolved in rows if resolved],
            self.now, WEEKS,
        )  # fmt: skip

        def line(name, colour, value):
            points = [(timezone.localtime(week.until).date(), float(value(week))) for week in found]
            return Line(name=name, points=points, colour=colour)

        return line_chart(
            id="flow", title=_("Came, solved, open"),
            description=_("Issues reported and resolved in each of the last %s weeks, and how many were open at the"
                          " end of each. What was opened again counts as open.") % WEEKS,
            lines=[
                line(_("Open at the end"), "accent", lambda week: week.open),
                line(_("Came"), "plum", lambda week: week.came),
                line(_("Solved"), "teal", lambda week: week.solved),
            ],
            form=lambda value: f"{value:.0f}", x_label=_("Week to"), low=0, smooth=False,
        )  # fmt: skip
