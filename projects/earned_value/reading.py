"""Earned value of any set of projects at any day, read in a constant number of queries.

As of a past day everything is what it was at that day's end: the active baseline, progress, earning rules and the
bookings known by then, from the audit trail. Measured for the present it is what is known now, at the status date.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.kpis.models import Threshold
from pmdm.worktime.engine import OutOfRange, WorkCalendar
from pmdm.worktime.engine.calendar import from_seconds, to_seconds
from projects.budget.engine import Line
from projects.budget.engine.evm import ZERO, EarnedValue, Progress, Rule
from projects.budget.engine.rollup import amounts_of
from projects.control.engine import EarnedSchedule, Spread, earned_schedule, planned_value, working_periods
from projects.earned_value.engine import earned, share_of, split
from projects.earned_value.models import EarningRule, EarningSettings
from projects.earned_value.queries import MONEY, SUBJECTS, TASKS, TaskRow, asked_for
from projects.models import PlanCalendar, Project
from projects.schedule.calendars import project_calendar
from projects.schedule.localtime import to_wall, zone

RULES = {
    EarningRule.PERCENT: Rule.PERCENT,
    EarningRule.ZERO_HUNDRED: Rule.ZERO_HUNDRED,
    EarningRule.FIFTY_FIFTY: Rule.FIFTY_FIFTY,
    EarningRule.TWENTY_EIGHTY: Rule.TWENTY_EIGHTY,
    EarningRule.MILESTONES: Rule.MILESTONES,
    EarningRule.UNITS: Rule.UNITS,
    EarningRule.LEVEL_OF_EFFORT: Rule.LEVEL_OF_EFFORT,
}


class Basis(StrEnum):
    """Where the budget of each task comes from."""

    BASELINE = "baseline cost"
    TASKS = "planned cost of tasks"
    APPROVED = "approved budget by duration"
    NONE = "none"


BASES = {
    Basis.BASELINE: _("the cost of each task in the baseline"),
    Basis.TASKS: _("the planned cost of each task, as the baseline has none"),
    Basis.APPROVED: _("the approved budget, spread over the baseline by duration, as no task has a cost"),
    Basis.NONE: _("none: there is neither a cost of tasks nor an approved budget with a duration to spread it over"),
}
NO_BASELINE = _("No baseline was active then, so nothing says what was planned.")
BASELINE_GONE = _("The baseline that was active then has been removed since.")
NO_WORTH = _("The baseline has no budget: no task has a cost and no budget is approved.")


@dataclass(frozen=True)
class Cut:
    """The moment one project is measured at: planned up to ``wall``, booked up to ``day``, known by ``known``."""

    project: Project
    day: datetime.date
    wall: datetime.datetime  # of the project's clock
    known: datetime.datetime | None  # None: all that is known now


def cut_of(project: Project, day: datetime.date | None = None, *, now: datetime.datetime | None = None) -> Cut:
    """At the end of a past day, as known then.

    Without a day at the status date (else the end of today), as known now.
    """
    now = now or timezone.now()
    today = now.astimezone(zone(project.time_zone)).date()
    if day is None:
        status = to_wall(project.status_date, project)
        if status is not None and status.date() <= today:
            return Cut(project, status.date(), status, None)
        return Cut(project, today, _end(today), None)
    end = _end(day)
    return Cut(project, day, end, None if day >= today else end.replace(tzinfo=zone(project.time_zone)))


def _end(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time())


class Leaf(NamedTuple):
    """A task of the baseline with work of its own; times are wall-clock seconds since 1970."""

    uid: int
    number: int
    wbs: str
    name: str
    start: int
    finish: int
    rule: EarningRule
    bac: Decimal
    pv: Decimal
    ev: Decimal
    ac: Decimal  # booked time, and what stands on budget lines of this task
    problem: str = ""

    @property
    def value(self) -> EarnedValue:
        return EarnedValue(self.pv, self.ev, self.ac, self.bac)


class Node(NamedTuple):
    """A summary of the baseline; ``ac`` stands on itself, not on what is below it."""

    uid: int
    number: int
    wbs: str
    name: str
    ac: Decimal = ZERO


@dataclass
class Reading:
    """Earned value of one project at one moment."""

    cut: Cut
    calendar: WorkCalendar
    baseline: dict[str, Any] | None = None
    approved: Decimal | None = None
    basis: Basis = Basis.NONE
    why: Any = ""  # why there is no planned and earned value; '' where there is
    leaves: list[Leaf] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    expenses: Decimal = ZERO
    accrued: Decimal = ZERO  # received and not invoiced
    loose: Decimal = ZERO  # time on no task of the baseline
    unplaced: Decimal = ZERO  # expenses and accruals whose budget line is on no task of the baseline
    etc: Decimal | None = None
    unpriced: int = 0  # minutes booked without a rate: in no sum
    finished: int | None = None  # when the last task was done, wall seconds; None while one is open
    settings: EarningSettings | None = None
    own_limits: bool = False  # whether the project has said its own thresholds
    site_limits: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)  # by KPI, where edited

    @property
    def project(self) -> Project:
        return self.cut.project

    def limits(self, code: str) -> EarningSettings:
        """Below which value of the KPI a light changes: the project's own limits, else those of the whole site."""
        assert self.settings is not None
        if self.own_limits or code not in self.site_limits:
            return self.settings
        watch, act = self.site_limits[code]
        return EarningSettings(project_id=self.project.pk, watch=watch, act=act)

    @cached_property
    def total(self) -> EarnedValue:
        """The sum of all leaves, and the cost that belongs to none of them."""
        pv = ev = bac = ZERO
        ac = sum((node.ac for node in self.nodes), self.on_no_task)
        for leaf in self.leaves:
            pv += leaf.pv
            ev += leaf.ev
            ac += leaf.ac
            bac += leaf.bac
        return EarnedValue(pv, ev, ac, bac, self.etc)

    @cached_property
    def breakdown(self) -> list[tuple[Node | Leaf, int, EarnedValue]]:
        """Every node and leaf in the order of the baseline, with its depth and what it adds up to."""
        sums: dict[str, list[Decimal]] = {node.wbs: [ZERO] * 4 for node in self.nodes}
        items: list[Node | Leaf] = [*self.nodes, *self.leaves]
        for item in items:
            parts = item.wbs.split(".")
            values = (ZERO, ZERO, item.ac, ZERO) if isinstance(item, Node) else (item.pv, item.ev, item.ac, item.bac)
            if not any(values):
                continue
            # A summary's own cost is part of its sum; a leaf stands in a row of its own.
            for depth in range(1, len(parts) + isinstance(item, Node)):
                if (amounts := sums.get(".".join(parts[:depth]))) is not None:
                    for at, amount in enumerate(values):
                        amounts[at] += amount
        rows: list[tuple[Node | Leaf, int, EarnedValue]] = [
            (node, node.wbs.count("."), EarnedValue(*sums[node.wbs])) for node in self.nodes
        ]
        rows += [(leaf, leaf.wbs.count("."), leaf.value) for leaf in self.leaves]
        return sorted(rows, key=lambda row: row[0].number)

    @property
    def on_no_task(self) -> Decimal:
        """Cost that belongs to no task of the baseline."""
        return self.unplaced + self.loose

    @property
    def problems(self) -> list[Leaf]:
        """Tasks whose rule counts something nobody has said."""
        return [leaf for leaf in self.leaves if leaf.problem]

    # Time

    @cached_property
    def start(self) -> datetime.datetime | None:
        return from_seconds(min(leaf.start for leaf in self.leaves)) if self.leaves else None

    @cached_property
    def finish(self) -> datetime.datetime | None:
        return from_seconds(max(leaf.finish for leaf in self.leaves)) if self.leaves else None

    def days(self, moment: datetime.datetime) -> float:
        """Working days from the baseline's start."""
        assert self.start is not None
        return self.calendar.between(self.start, moment) / self.project.minutes_per_day

    @cached_property
    def spreads(self) -> list[Spread]:
        if not self.leaves:
            return []
        begin = min(leaf.start for leaf in self.leaves)
        seconds = np.array([(begin, leaf.start, leaf.finish) for leaf in self.leaves], np.int64)
        places = self.calendar.indexes_of(seconds.ravel()).reshape(-1, 3)
        days = (places[:, 1:] - places[:, :1]) / 60 / self.project.minutes_per_day
        return [Spread(a, b, float(leaf.bac)) for (a, b), leaf in zip(days.tolist(), self.leaves, strict=True)]

    def planned(self, moments: Sequence[datetime.datetime]) -> list[float]:
        """Planned value at each of the wall-clock moments, for drawing; they rise."""
        return planned_value(self.spreads, [self.days(moment) for moment in moments])

    @cached_property
    def schedule(self) -> EarnedSchedule | None:
        """Earned schedule in working days; None without a baseline that is worth something."""
        if self.why or self.start is None or self.finish is None:
            return None
        times = working_periods(self.days(self.finish))
        whole = float(self.total.bac)
        values = planned_value(self.spreads, times)
        points = [(0.0, 0.0)]
        # The sum of ramps misses the whole by what binary fractions do; the last point is the budget itself.
        for time, value in [*zip(times[1:-1], values[1:-1], strict=True), *([(times[-1], whole)] if times[1:] else [])]:
            points.append((time, max(min(value, whole), points[-1][1])))
        done = None if self.finished is None else self.days(from_seconds(self.finished))
        return earned_schedule(points, float(self.total.ev), self.days(self.cut.wall), finished=done)

    @cached_property
    def forecast_finish(self) -> datetime.datetime | None:
        """When all is done at the pace so far: start + IEAC(t); wall clock."""
        if self.finished is not None:
            return from_seconds(self.finished)
        if self.schedule is None or self.schedule.ieac is None or self.start is None:
            return None
        try:
            return self.calendar.add(self.start, round(self.schedule.ieac * self.project.minutes_per_day))
        except OutOfRange:
            return None


def read(cuts: Iterable[Cut]) -> dict[int, Reading]:
    """Readings by project id, at most one cut per project; as many queries for one project as for all."""
    cuts = list(cuts)
    calendars: dict[int, list[PlanCalendar]] = defaultdict(list)
    ids = [cut.project.pk for cut in cuts]
    for calendar in PlanCalendar.objects.filter(project__in=ids, is_project_calendar=True):
        calendars[calendar.project_id].append(calendar)
    found = {
        cut.project.pk: Reading(cut, project_calendar(cut.project, calendars.get(cut.project.pk, []))) for cut in cuts
    }
    edited = Threshold.objects.filter(kpi__in=("cpi", "spi", "spi_t")).values_list("kpi", "watch", "act")
    limits = {code: (watch, act) for code, watch, act in edited}
    for reading in found.values():
        reading.site_limits = limits
    with connection.cursor() as cursor:
        asked = asked_for(cuts)
        cursor.execute(SUBJECTS, asked)
        rules = _subjects(cursor.fetchall(), found)
        cursor.execute(MONEY, asked)
        booked = _money(cursor.fetchall(), found)
        cursor.execute(TASKS, asked | {"baselines": [r.baseline["id"] for r in found.values() if r.baseline]})
        rows: dict[int, list[TaskRow]] = defaultdict(list)
        for values in cursor:
            rows[values[0]].append(TaskRow(*values))
    for pk, reading in found.items():
        _fill(reading, rows.get(pk, []), booked.get(pk, _Booked()), rules.get(pk, EarningRule.PERCENT))
    return found


def read_one(project: Project, day: datetime.date | None = None, *, now: datetime.datetime | None = None) -> Reading:
    return read([cut_of(project, day, now=now)])[project.pk]


def _subjects(rows: Iterable[tuple], found: Mapping[int, Reading]) -> dict[int, EarningRule]:
    rules = {}
    for pk, approved, baseline, number, name, taken_at, rule, watch, act in rows:
        reading = found[pk]
        reading.approved = approved
        reading.settings = EarningSettings(project_id=pk)
        if baseline is not None:
            reading.baseline = {"id": baseline, "number": number, "name": name, "taken_at": taken_at}
        if rule is not None:
            rules[pk] = EarningRule(rule)
            reading.own_limits = True
            reading.settings.rule, reading.settings.watch, reading.settings.act = rule, watch, act
    return rules


@dataclass
class _Booked:
    """Cost of one project by task: booked time, and what stands on budget lines (None: on no task)."""

    time: dict[int | None, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    money: dict[int | None, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def of(self, task: int | None) -> Decimal:
        return ZERO if task is None else self.time.get(task, ZERO) + self.money.get(task, ZERO)


def _money(rows: Iterable[tuple], found: Mapping[int, Reading]) -> dict[int, _Booked]:
    """Fill in expenses, accruals, unpriced time and the re-estimated rest; booked cost by project and task."""
    booked: dict[int, _Booked] = defaultdict(_Booked)
    spent: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    committed: dict[int, Decimal] = {}
    lines: dict[int, list[tuple]] = defaultdict(list)
    on_lines: list[tuple[int, int, Decimal]] = []
    for kind, pk, task, line, amount, other in rows:
        if kind == "line":
            lines[pk].append((line, task, amount, other))
            continue
        if kind == "order":
            committed[line] = amount
            continue
        if kind == "time":
            booked[pk].time[task] += amount or ZERO
            found[pk].unpriced += int(other or 0)
        else:
            on_lines.append((pk, line, amount))
            if kind == "expense":
                found[pk].expenses += amount
            else:
                found[pk].accrued += amount
        spent[pk, line] += amount or ZERO
    task_of = {line: task for known in lines.values() for line, task, _planned, _remaining in known}
    for pk, line, amount in on_lines:
        booked[pk].money[task_of.get(line)] += amount
    for pk, known in lines.items():
        # Only where somebody has stated a rest is it a new estimate; a line that says nothing has its plan left.
        if any(remaining is not None for _line, _task, _planned, remaining in known):
            found[pk].etc = sum(
                (
                    amounts_of(
                        Line(line, planned, spent[pk, line], ZERO, remaining, committed.get(line, ZERO))
                    ).remaining
                    for line, _task, planned, remaining in known
                ),
                ZERO,
            )
    return booked


def _fill(reading: Reading, rows: list[TaskRow], booked: _Booked, default: EarningRule) -> None:
    """Nodes and leaves of one project, each figure computed once."""
    leaves = [row for row in rows if not row.is_summary and row.start is not None and row.finish is not None]
    nodes = [row for row in rows if row.is_summary]
    reading.nodes = [Node(row.uid, row.number, row.wbs, row.name, booked.of(row.task)) for row in nodes]
    if reading.baseline is None:
        reading.why = NO_BASELINE
    elif not rows:
        reading.why = BASELINE_GONE
    reading.basis, budgets = _budgets(leaves, reading.approved)
    if not reading.why and reading.basis is Basis.NONE:
        reading.why = NO_WORTH
    placed = {row.task for row in (*leaves, *nodes)} - {None}
    reading.loose = sum((cost for task, cost in booked.time.items() if task not in placed), ZERO)
    reading.unplaced = sum((cost for task, cost in booked.money.items() if task not in placed), ZERO)
    if not leaves:
        return
    place = reading.calendar.indexes_of(
        np.array([(row.start, row.finish) for row in leaves] + [(to_seconds(reading.cut.wall),) * 2], np.int64).ravel()
    ).reshape(-1, 2)
    places, now = place.tolist(), int(place[-1, 0])
    moment = to_seconds(reading.cut.wall)
    done = True
    for row, bac, (begin, end) in zip(leaves, budgets, places, strict=False):
        at_once = bac if row.finish <= moment else ZERO  # type: ignore[operator]
        pv = share_of(bac, now - begin, end - begin) if end > begin else at_once
        rule = default if row.rule is None else EarningRule(row.rule)
        ev, problem = _earned(row, rule, bac, pv)
        ac = booked.of(row.task)
        done = done and row.percent == 100
        reading.leaves.append(
            Leaf(row.uid, row.number, row.wbs, row.name, row.start, row.finish, rule, bac, pv, ev, ac, problem)  # type: ignore[arg-type]
        )
    if done:
        reading.finished = max((row.finished for row in leaves if row.finished is not None), default=None)


def _budgets(leaves: Sequence[TaskRow], approved: Decimal | None) -> tuple[Basis, list[Decimal]]:
    """The first basis that gives any task a budget."""
    for basis, name in ((Basis.BASELINE, "baseline_cost"), (Basis.TASKS, "cost")):
        costs = [getattr(row, name) or ZERO for row in leaves]
        if any(costs):
            return basis, costs
    parts = split(approved or ZERO, [row.duration or 0 for row in leaves])
    return (Basis.APPROVED if any(parts) else Basis.NONE), parts


def _earned(row: TaskRow, rule: EarningRule, bac: Decimal, pv: Decimal) -> tuple[Decimal, str]:
    if rule == EarningRule.LEVEL_OF_EFFORT:
        return pv, ""  # exactly: a quotient of it would be rounded twice
    progress = Progress(
        started=row.started or row.percent > 0,
        finished=row.percent == 100,
        percent=Decimal(row.percent),
        units_done=row.units_done or ZERO,
        units_total=row.units_total or ZERO,
        milestones=list(zip(row.weights or (), row.reached or (), strict=True)),
    )
    try:
        return earned(bac, RULES[rule], progress), ""
    except ValueError as error:
        return ZERO, str(error)
