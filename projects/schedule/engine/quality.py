"""How well a plan is built: the DCMA 14-point assessment, with BEI and CPLI, from plain values.

Sources: DCMA-EA PAM 200.1 (Earned Value Management System Program Analysis Pamphlet), 2012, section 4; GAO-16-89G
Schedule Assessment Guide; R. Winter, DCMA 14-point schedule assessment. Points count incomplete tasks without
summaries, inactive tasks left out. Where a rule leaves room, the choice is said at its function.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pmdm.worktime.engine import OutOfRange, WorkCalendar

from .cpm import schedule
from .hours import calendar_of
from .network import Constraint, DrivenBy, LinkIn, LinkType, Minutes, Network, Result, TaskId, TaskIn, TaskOut

HARD = (Constraint.MSO, Constraint.MFO, Constraint.SNLT, Constraint.FNLT)
LONG_DAYS = 44  # of float or duration: two months of work
TEST_DAYS = 600  # by which the critical path test delays a task


class Check(StrEnum):
    """The fourteen points, in their order."""

    LOGIC = "logic"
    LEADS = "leads"
    LAGS = "lags"
    LINK_TYPES = "link types"
    HARD_CONSTRAINTS = "hard constraints"
    HIGH_FLOAT = "high float"
    NEGATIVE_FLOAT = "negative float"
    HIGH_DURATION = "high duration"
    INVALID_DATES = "invalid dates"
    RESOURCES = "resources"
    MISSED = "missed tasks"
    CRITICAL_PATH_TEST = "critical path test"
    CPLI = "critical path length index"
    BEI = "baseline execution index"


class Unit(StrEnum):
    """What a point's value is: a share of 1, a number of things, or an index."""

    SHARE = "share"
    COUNT = "count"
    INDEX = "index"


class Missing(StrEnum):
    """Why a point can't be computed."""

    NO_TASKS = "no tasks left"
    NO_LINKS = "no links"
    NO_STATUS_DATE = "no status date"
    NO_BASELINE = "no baseline"
    NOTHING_DUE = "nothing due by the status date"
    NO_RESOURCES = "the plan has no resources"
    NO_TARGET = "no finish to measure against"
    OUT_OF_RANGE = "the delayed plan leaves the years that can be computed"


class Hint(StrEnum):
    """How to mend what was found; the page says it in words."""

    ADD_PREDECESSOR = "add a predecessor"
    ADD_SUCCESSOR = "add a successor"
    ADD_BOTH = "add a predecessor and a successor"
    REPLACE_LEAD = "replace the lead by a link between smaller tasks"
    REPLACE_LAG = "make the waiting a task"
    PREFER_FINISH_TO_START = "use finish-to-start"
    SOFTEN_CONSTRAINT = "use a deadline or a no-earlier-than constraint"
    CHECK_LOGIC = "look for a missing successor"
    RECOVER = "shorten, overlap, or move the date that can't be met"
    SPLIT_TASK = "split into shorter tasks"
    RESCHEDULE = "move unfinished work behind the status date"
    CORRECT_ACTUAL = "correct the actual date, which lies in the future"
    ASSIGN = "assign somebody"
    EXPLAIN_SLIP = "finish it, or agree a new date"
    REMOVE_HOLD = "remove what keeps the finish from moving"


@dataclass(frozen=True, slots=True)
class Offender:
    """A task (and link) that a point found, and how to mend it."""

    task: TaskId
    hint: Hint
    link: LinkIn | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One of the fourteen. ``value`` and ``passed`` are None when it is not available, ``missing`` says why.

    It passes when ``value`` is at most ``threshold`` (``at_most``), else when it is at least that. ``found`` of ``of``
    is what a share was computed from.
    """

    number: int
    check: Check
    unit: Unit
    value: float | None
    threshold: float
    at_most: bool
    found: int = 0
    of: int = 0
    offenders: tuple[Offender, ...] = ()
    missing: Missing | None = None

    @property
    def passed(self) -> bool | None:
        if self.value is None:
            return None
        return self.value <= self.threshold if self.at_most else self.value >= self.threshold


@dataclass(frozen=True, slots=True)
class Quality:
    """All fourteen points in order; ``passed`` of ``available`` hold."""

    points: tuple[Point, ...]

    def __getitem__(self, check: Check) -> Point:
        return next(point for point in self.points if point.check == check)

    @property
    def available(self) -> int:
        return sum(point.passed is not None for point in self.points)

    @property
    def passed(self) -> int:
        return sum(point.passed is True for point in self.points)

    @property
    def offenders(self) -> dict[TaskId, list[Check]]:
        """Which points each task offends."""
        found: dict[TaskId, list[Check]] = {}
        for point in self.points:
            for task in dict.fromkeys(offender.task for offender in point.offenders):
                found.setdefault(task, []).append(point.check)
        return found


@dataclass(frozen=True, slots=True)
class Baselined:
    """A task's dates in the baseline, on the plan's wall clock."""

    start: datetime
    finish: datetime


def assess(
    network: Network,
    result: Result,
    project_start: datetime,
    calendar: WorkCalendar,
    *,
    status_date: datetime | None = None,
    baseline: Mapping[TaskId, Baselined] | None = None,
    resourced: Collection[TaskId] | None = None,
    target_finish: datetime | None = None,
    minutes_per_day: Minutes = 480,
    project_finish: datetime | None = None,
    move_unstarted: bool = False,
    honour_constraints: bool = True,
) -> Quality:
    """The 14-point assessment of ``result``, which ``schedule`` computed from ``network`` with the same arguments.

    ``baseline`` gives the dates of the tasks that are in it, None: there is none. ``resourced`` are the tasks with
    somebody (or a cost) assigned, None: the plan does not use resources. ``target_finish`` is the date the plan is
    held against, else the last baseline finish, else ``project_finish``. Set-based: linear in tasks and links, plus
    one more schedule for the critical path test.
    """
    plan = _Plan(network, result, calendar, minutes_per_day)
    targets = [each.finish for each in baseline.values()] if baseline else []
    target = target_finish or max(targets, default=project_finish)

    def delayed(task: TaskIn) -> Result:
        longer = replace(task, duration_minutes=task.duration_minutes + TEST_DAYS * minutes_per_day)
        if task.remaining_minutes is not None:
            longer.remaining_minutes = task.remaining_minutes + TEST_DAYS * minutes_per_day
        tasks = [longer if each.id == task.id else each for each in network.tasks]
        return schedule(
            Network(tasks, network.links, network.calendars),
            project_start,
            calendar,
            status_date=status_date,
            move_unstarted=move_unstarted,
            honour_constraints=honour_constraints,
        )

    return Quality(
        (
            _logic(plan),
            _leads(plan),
            _lags(plan),
            _link_types(plan),
            _hard_constraints(plan),
            _high_float(plan),
            _negative_float(plan),
            _high_duration(plan),
            _invalid_dates(plan, status_date),
            _resources(plan, resourced),
            _missed(plan, status_date, baseline),
            _critical_path_test(plan, delayed),
            _cpli(plan, status_date, target),
            _bei(plan, status_date, baseline),
        )
    )


class _Plan:
    """Tasks and links that count."""

    def __init__(self, network: Network, result: Result, calendar: WorkCalendar, minutes_per_day: Minutes) -> None:
        self.network, self.result, self.calendar, self.per_day = network, result, calendar, minutes_per_day
        self.given: dict[TaskId, TaskIn] = {task.id: task for task in network.tasks}
        counted = [
            task.id
            for task in network.tasks
            if not result.tasks[task.id].is_summary and result.tasks[task.id].driven_by != DrivenBy.INACTIVE
        ]
        self.all: list[TaskId] = counted
        self.open: list[TaskId] = [task for task in counted if not result.tasks[task].completed]
        inactive = {task for task, out in result.tasks.items() if out.driven_by == DrivenBy.INACTIVE}
        self.links: list[LinkIn] = [
            link
            for link in network.links
            if link.predecessor not in inactive
            and link.successor not in inactive
            and not result.tasks[link.successor].completed
        ]

    def out(self, task: TaskId) -> TaskOut:
        return self.result.tasks[task]

    def days(self, task: TaskId, minutes: Minutes) -> float:
        """Working days of the project; elapsed minutes count days of 24 hours."""
        return minutes / (1440 if self.given[task].elapsed else self.per_day)


def _share(
    number: int, check: Check, threshold: float, of: int, offenders: Sequence[Offender], missing: Missing
) -> Point:
    """A point whose value is offenders per thing counted."""
    if not of:
        return Point(number, check, Unit.SHARE, None, threshold, True, missing=missing)
    found = len(offenders)
    return Point(number, check, Unit.SHARE, found / of, threshold, True, found, of, tuple(offenders))


def _logic(plan: _Plan) -> Point:
    """Tasks without a predecessor or without a successor.

    Links of a summary count for all below it. One task may begin and one may end the plan: the earliest without a
    predecessor and the latest without a successor are not counted (GAO: all but the first and the last).
    """
    linked_in = {link.successor for link in plan.network.links}
    linked_out = {link.predecessor for link in plan.network.links}

    def has(task: TaskId, linked: set[TaskId]) -> bool:
        at: TaskId | None = task
        while at is not None:
            if at in linked:
                return True
            at = plan.given[at].parent
        return False

    first = min((t for t in plan.all if not has(t, linked_in)), key=lambda t: plan.out(t).start, default=None)
    last = max((t for t in plan.all if not has(t, linked_out)), key=lambda t: plan.out(t).finish, default=None)
    offenders = []
    for task in plan.open:
        no_before = task != first and not has(task, linked_in)
        no_after = task != last and not has(task, linked_out)
        if no_before or no_after:
            one = Hint.ADD_PREDECESSOR if no_before else Hint.ADD_SUCCESSOR
            offenders.append(Offender(task, Hint.ADD_BOTH if no_before and no_after else one))
    return _share(1, Check.LOGIC, 0.05, len(plan.open), offenders, Missing.NO_TASKS)


def _leads(plan: _Plan) -> Point:
    offenders = [Offender(link.successor, Hint.REPLACE_LEAD, link) for link in plan.links if link.lag < 0]
    if not plan.links:
        return Point(2, Check.LEADS, Unit.COUNT, None, 0, True, missing=Missing.NO_LINKS)
    return Point(2, Check.LEADS, Unit.COUNT, len(offenders), 0, True, len(offenders), len(plan.links), tuple(offenders))


def _lags(plan: _Plan) -> Point:
    offenders = [Offender(link.successor, Hint.REPLACE_LAG, link) for link in plan.links if link.lag > 0]
    return _share(3, Check.LAGS, 0.05, len(plan.links), offenders, Missing.NO_LINKS)


def _link_types(plan: _Plan) -> Point:
    """The share of finish-to-start links, which has to reach 90 %."""
    others = [
        Offender(link.successor, Hint.PREFER_FINISH_TO_START, link)
        for link in plan.links
        if link.type != LinkType.FS
    ]  # fmt: skip
    of = len(plan.links)
    if not of:
        return Point(4, Check.LINK_TYPES, Unit.SHARE, None, 0.9, False, missing=Missing.NO_LINKS)
    straight = of - len(others)
    return Point(4, Check.LINK_TYPES, Unit.SHARE, straight / of, 0.9, False, straight, of, tuple(others))


def _hard_constraints(plan: _Plan) -> Point:
    offenders = [
        Offender(task, Hint.SOFTEN_CONSTRAINT)
        for task in plan.open
        if plan.given[task].constraint in HARD and plan.given[task].constraint_date is not None
    ]
    return _share(5, Check.HARD_CONSTRAINTS, 0.05, len(plan.open), offenders, Missing.NO_TASKS)


def _high_float(plan: _Plan) -> Point:
    offenders = [
        Offender(task, Hint.CHECK_LOGIC)
        for task in plan.open
        if (slack := plan.out(task).total_float) is not None and plan.days(task, slack) > LONG_DAYS
    ]
    return _share(6, Check.HIGH_FLOAT, 0.05, len(plan.open), offenders, Missing.NO_TASKS)


def _negative_float(plan: _Plan) -> Point:
    offenders = [
        Offender(task, Hint.RECOVER)
        for task in plan.open
        if (slack := plan.out(task).total_float) is not None and slack < 0
    ]
    return _counted(7, Check.NEGATIVE_FLOAT, plan, offenders)


def _high_duration(plan: _Plan) -> Point:
    offenders = [
        Offender(task, Hint.SPLIT_TASK)
        for task in plan.open
        if plan.days(task, plan.out(task).duration_minutes) > LONG_DAYS
    ]
    return _share(8, Check.HIGH_DURATION, 0.05, len(plan.open), offenders, Missing.NO_TASKS)


def _invalid_dates(plan: _Plan, status_date: datetime | None) -> Point:
    """Work still to do that is planned before the status date, and actual dates after it."""
    if status_date is None:
        return Point(9, Check.INVALID_DATES, Unit.COUNT, None, 0, True, missing=Missing.NO_STATUS_DATE)
    offenders = []
    for task in plan.all:
        given, out = plan.given[task], plan.out(task)
        actual = [when for when in (given.actual_start, given.actual_finish) if when is not None]
        begun = given.actual_start is not None or given.percent > 0
        if any(when > status_date for when in actual):
            offenders.append(Offender(task, Hint.CORRECT_ACTUAL))
        elif not out.completed and (out.finish < status_date or (not begun and out.start < status_date)):
            offenders.append(Offender(task, Hint.RESCHEDULE))
    return _counted(9, Check.INVALID_DATES, plan, offenders, of=len(plan.all))


def _resources(plan: _Plan, resourced: Collection[TaskId] | None) -> Point:
    """Tasks of a day or more that nobody is assigned to."""
    if resourced is None:
        return Point(10, Check.RESOURCES, Unit.SHARE, None, 0, True, missing=Missing.NO_RESOURCES)
    there = set(resourced)
    work = [task for task in plan.open if plan.days(task, plan.out(task).duration_minutes) >= 1]
    offenders = [Offender(task, Hint.ASSIGN) for task in work if task not in there]
    return _share(10, Check.RESOURCES, 0, len(work), offenders, Missing.NO_TASKS)


def _missed(plan: _Plan, status_date: datetime | None, baseline: Mapping[TaskId, Baselined] | None) -> Point:
    """Of the tasks due by the status date, those that finished later than the baseline says, or have not finished."""
    due, missing = _due(plan, status_date, baseline)
    if missing is not None or baseline is None:
        return Point(11, Check.MISSED, Unit.SHARE, None, 0.05, True, missing=missing)
    offenders = [
        Offender(task, Hint.EXPLAIN_SLIP)
        for task in due
        if not plan.out(task).completed or plan.out(task).finish > baseline[task].finish
    ]
    return _share(11, Check.MISSED, 0.05, len(due), offenders, Missing.NOTHING_DUE)


def _critical_path_test(plan: _Plan, delayed: Callable[[TaskIn], Result]) -> Point:
    """Whether the last task moves by 600 days when the first one left on the longest path takes 600 days longer.

    The value is the share of the delay that arrives, on the delayed task's calendar; 95 % allow for other calendars
    on the way. What keeps it from arriving is a hard constraint or a fixed date on the way.
    """
    number, check = 12, Check.CRITICAL_PATH_TEST
    path = [task for task in plan.result.longest_path if not plan.out(task).completed]
    path = path or sorted(plan.open, key=lambda task: plan.out(task).start)[:1]
    if not path:
        return Point(number, check, Unit.SHARE, None, 0.95, False, missing=Missing.NO_TASKS)
    tested = next((task for task in path if not plan.given[task].manual), path[0])
    try:
        after = delayed(plan.given[tested])
    except OutOfRange:
        return Point(number, check, Unit.SHARE, None, 0.95, False, missing=Missing.OUT_OF_RANGE)
    calendar = calendar_of(plan.given[tested], plan.network.calendars, plan.calendar)
    moved = calendar.between(plan.out(path[-1]).finish, after.tasks[path[-1]].finish)
    share = min(1.0, max(0.0, moved / (TEST_DAYS * plan.per_day)))
    offenders: list[Offender] = []
    if share < 0.95:
        held = (conflict.task for conflict in after.conflicts)
        offenders = [Offender(task, Hint.REMOVE_HOLD) for task in dict.fromkeys(held) if task not in _conflicting(plan)]
        offenders = offenders or [Offender(tested, Hint.REMOVE_HOLD)]
    return Point(number, check, Unit.SHARE, share, 0.95, False, round(share * TEST_DAYS), TEST_DAYS, tuple(offenders))


def _conflicting(plan: _Plan) -> set[TaskId]:
    return {conflict.task for conflict in plan.result.conflicts}


def _cpli(plan: _Plan, status_date: datetime | None, target: datetime | None) -> Point:
    """(critical path length + total float) / critical path length.

    The length is the working time from the status date (or the plan's start) to its finish; the float what is left
    from there to the target, or the most negative float of any task where that is less.
    """
    number, check = 13, Check.CPLI
    floats = [slack for task in plan.open if (slack := plan.out(task).total_float) is not None]
    if not plan.open or not floats:
        return Point(number, check, Unit.INDEX, None, 0.95, False, missing=Missing.NO_TASKS)
    slack = min(floats)
    if target is not None:
        room = plan.calendar.between(plan.result.finish, target)
        slack = min(slack, room) if slack < 0 else room
    elif slack >= 0:
        return Point(number, check, Unit.INDEX, None, 0.95, False, missing=Missing.NO_TARGET)
    begin = max(status_date or plan.result.start, plan.result.start)
    length = plan.calendar.between(begin, plan.result.finish)
    if length <= 0:
        return Point(number, check, Unit.INDEX, None, 0.95, False, missing=Missing.NO_TASKS)
    value = (length + slack) / length
    offenders: list[Offender] = []
    if value < 0.95:
        offenders = [
            Offender(task, Hint.RECOVER) for task in plan.result.longest_path if not plan.out(task).completed
        ]  # fmt: skip
    return Point(number, check, Unit.INDEX, value, 0.95, False, offenders=tuple(offenders))


def _bei(plan: _Plan, status_date: datetime | None, baseline: Mapping[TaskId, Baselined] | None) -> Point:
    """Tasks finished by the status date / tasks the baseline wants finished by then; only tasks in the baseline."""
    due, missing = _due(plan, status_date, baseline)
    if missing is not None or baseline is None or status_date is None:
        return Point(14, Check.BEI, Unit.INDEX, None, 0.95, False, missing=missing)
    done = [task for task in plan.all if task in baseline and plan.out(task).completed]
    done = [task for task in done if plan.out(task).finish <= status_date]
    offenders = tuple(Offender(task, Hint.EXPLAIN_SLIP) for task in due if not plan.out(task).completed)
    return Point(14, Check.BEI, Unit.INDEX, len(done) / len(due), 0.95, False, len(done), len(due), offenders)


def _due(
    plan: _Plan, status_date: datetime | None, baseline: Mapping[TaskId, Baselined] | None
) -> tuple[list[TaskId], Missing | None]:
    if not baseline:
        return [], Missing.NO_BASELINE
    if status_date is None:
        return [], Missing.NO_STATUS_DATE
    due = [task for task in plan.all if task in baseline and baseline[task].finish <= status_date]
    return due, None if due else Missing.NOTHING_DUE


def _counted(number: int, check: Check, plan: _Plan, offenders: Sequence[Offender], of: int | None = None) -> Point:
    of = len(plan.open) if of is None else of
    if not of:
        return Point(number, check, Unit.COUNT, None, 0, True, missing=Missing.NO_TASKS)
    return Point(number, check, Unit.COUNT, len(offenders), 0, True, len(offenders), of, tuple(offenders))
