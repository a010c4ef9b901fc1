"""Why a task stands where it stands: structured reasons for its start, its finish, its float and what it breaks.

Nothing here is computed anew: the passes left for every task what drove it and what its late dates go back to. This
module follows those traces and adds what a reader wants beside them: the other task's date, the days off in between,
who moves first when the task slips. Words are left to the caller, who knows the reader's language.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pmdm.worktime.engine import WorkCalendar

from .hours import calendar_of
from .network import (
    Conflict,
    Constraint,
    DrivenBy,
    LagUnit,
    LateBecause,
    LinkIn,
    LinkType,
    Minutes,
    Network,
    Result,
    TaskId,
    TaskIn,
    TaskOut,
)

STARTS_HELD = (LinkType.FS, LinkType.SS)  # links that bear upon their successor's start
FROM_FINISH = (LinkType.FS, LinkType.FF)  # links that act from their predecessor's finish
FINISH_CONSTRAINTS = (Constraint.FNET, Constraint.MFO, Constraint.FNLT)
LONGEST_LOOK = 3_660  # days searched for days off: ten years


class Because(StrEnum):
    """What a date goes back to."""

    PROJECT_START = "project start"
    LINK = "link"
    CONSTRAINT = "constraint"
    LATE_DATES = "late dates"  # as late as possible
    MANUAL = "manual dates"
    ACTUAL = "actual dates"
    STATUS_DATE = "status date"
    CHILDREN = "children"
    INACTIVE = "inactive"
    DURATION = "duration"  # a finish: counted on from the start
    FINISH = "finish"  # a start: counted back from the finish


@dataclass(frozen=True, slots=True)
class Wait:
    """Time from ``begin`` to ``end``; ``days_off`` are the exceptions and holidays in it, not the weekends."""

    begin: datetime
    end: datetime
    days_off: tuple[date, ...]

    @property
    def skips_a_day(self) -> bool:
        """Whether more than a night or a break lies in between."""
        return (self.end.date() - self.begin.date()).days > 1


@dataclass(frozen=True, slots=True)
class Reason:
    """Why ``task`` starts (or finishes) at ``at``. Which of the rest is set depends on ``because``."""

    task: TaskId
    at: datetime
    is_start: bool
    because: Because
    link: LinkIn | None = None  # LINK; its successor may be a summary above the task
    source: TaskId | None = None  # LINK: the predecessor; CHILDREN: the child; CONSTRAINT: whose; LATE_DATES: for whom
    held: datetime | None = None  # LINK: the predecessor's date the link acts from; CHILDREN: the child's
    constraint: Constraint | None = None
    date: datetime | None = None  # of the constraint, the status date, the project's start
    minutes: Minutes | None = None  # DURATION and FINISH: work from start to finish (elapsed where the task is)
    wait: Wait | None = None  # between what the reason allows and ``at``
    pauses: int = 0  # DURATION: interruptions of a split task


@dataclass(frozen=True, slots=True)
class FloatReason:
    """How far the task may slip, in minutes of its calendar, and what holds it.

    ``late_because`` is the constraint or deadline its late dates go back to, None: ``finish``, the project's (which is
    ``imposed`` where the plan is scheduled from a set finish). ``first`` is the successor that moves once the free
    float is used up.
    """

    total: Minutes
    free: Minutes
    critical: bool
    late_because: LateBecause | None
    finish: datetime
    imposed: bool = False
    first: TaskId | None = None


class Breaks(StrEnum):
    """What a task's dates do not respect."""

    LINK = "link"
    DEADLINE = "deadline"
    CONSTRAINT = "constraint"
    FLOAT = "negative float"  # nothing of its own, but what comes after it will be late


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing a task breaks, by how many working minutes, and what made it so."""

    task: TaskId
    breaks: Breaks
    minutes: Minutes
    link: LinkIn | None = None
    because: DrivenBy | None = None  # LINK: what fixed the successor
    constraint: Constraint | None = None
    date: datetime | None = None  # of the deadline or constraint
    source: TaskId | None = None  # FLOAT: whose constraint or deadline cannot be met; None: the project's finish


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about one task's dates. ``chain`` goes back from what drives it, nearest first."""

    task: TaskId
    start: Reason
    finish: Reason
    chain: tuple[Reason, ...]
    float: FloatReason | None  # None once it is completed, or where it counts for nothing
    violations: tuple[Violation, ...]


def explain(
    network: Network,
    result: Result,
    task: TaskId,
    project_start: datetime,
    calendar: WorkCalendar,
    *,
    project_finish: datetime | None = None,
    status_date: datetime | None = None,
    move_unstarted: bool = False,
    depth: int = 3,
) -> Explanation:
    """Why ``task`` has the dates that ``result`` gives it; the rest is what ``schedule`` was called with.

    ``depth`` is how many drivers are followed back. KeyError when there is no such task.
    """
    explainer = Explainer(
        network,
        result,
        project_start,
        calendar,
        project_finish=project_finish,
        status_date=status_date,
        move_unstarted=move_unstarted,
    )
    return explainer.explain(task, depth=depth)


class Explainer:
    """Explains many tasks of one schedule without looking anything up twice."""

    def __init__(
        self,
        network: Network,
        result: Result,
        project_start: datetime,
        calendar: WorkCalendar,
        *,
        project_finish: datetime | None = None,
        status_date: datetime | None = None,
        move_unstarted: bool = False,
    ) -> None:
        self.network, self.result, self.calendar = network, result, calendar
        self.project_start, self.project_finish, self.status_date = project_start, project_finish, status_date
        self.waits_for_status = move_unstarted and status_date is not None and status_date > project_start
        self.tasks: dict[TaskId, TaskIn] = {task.id: task for task in network.tasks}
        self.children: dict[TaskId, list[TaskId]] = {}
        for each in network.tasks:
            if each.parent is not None:
                self.children.setdefault(each.parent, []).append(each.id)
        self._into: dict[TaskId, list[LinkIn]] = {}
        self._out_of: dict[TaskId, list[LinkIn]] = {}
        for link in network.links:
            self._into.setdefault(link.successor, []).append(link)
            self._out_of.setdefault(link.predecessor, []).append(link)
        self._violations: dict[TaskId, tuple[Violation, ...]] | None = None

    def explain(self, task: TaskId, *, depth: int = 3) -> Explanation:
        start, finish = self.start(task), self.finish(task)
        chain = self._chain(start if start.because != Because.FINISH else finish, depth)
        return Explanation(task, start, finish, chain, self.float(task), self.violations().get(task, ()))

    # Dates

    def start(self, task: TaskId) -> Reason:
        given, out = self.tasks[task], self.result.tasks[task]
        reason = self._fixed(given, out, is_start=True)
        if reason is not None:
            return reason
        if self._finish_decides(given, out):
            return Reason(task, out.start, True, Because.FINISH, minutes=given.duration_minutes)
        match out.driven_by:
            case DrivenBy.LINK if out.driving_link is not None and out.driving_link.type in STARTS_HELD:
                return self._by_link(given, out, out.driving_link, is_start=True)
            case DrivenBy.CONSTRAINT:
                return self._by_constraint(given, out, is_start=True)
            case DrivenBy.LATE_DATES:
                first = self._first_held(task)
                return Reason(
                    task, out.start, True, Because.LATE_DATES, source=first, constraint=Constraint.ALAP,
                    date=self.result.finish,
                )  # fmt: skip
            case DrivenBy.STATUS_DATE | DrivenBy.LINK:
                # Its remaining work was held, which says nothing about the start: look at the links again.
                links = [link for link in self.links_into(task) if link.type in STARTS_HELD]
                held = [link for link in links if self._settled(given, self.bound(given, link)) == out.start]
                if held:
                    return self._by_link(given, out, held[0], is_start=True)
        return self._by_project_start(given, out)

    def finish(self, task: TaskId) -> Reason:
        given, out = self.tasks[task], self.result.tasks[task]
        reason = self._fixed(given, out, is_start=False)
        if reason is not None:
            return reason
        if self._finish_decides(given, out):
            if out.driven_by == DrivenBy.CONSTRAINT:
                return self._by_constraint(given, out, is_start=False)
            assert out.driving_link is not None
            return self._by_link(given, out, out.driving_link, is_start=False)
        if out.driven_by == DrivenBy.STATUS_DATE:
            return Reason(task, out.finish, False, Because.STATUS_DATE, date=self.status_date)
        if self._begun(given) and out.driven_by == DrivenBy.LINK and out.driving_link is not None:
            return self._by_link(given, out, out.driving_link, is_start=False)  # retained logic
        wait = self._wait(self.calendar_of(given), out.start, out.finish)
        pauses = max(0, len(out.parts) - 1)
        return Reason(
            task, out.finish, False, Because.DURATION, minutes=given.duration_minutes, wait=wait, pauses=pauses
        )

    def _fixed(self, given: TaskIn, out: TaskOut, *, is_start: bool) -> Reason | None:
        """Dates that no calculation moves: of summaries, inactive, actual and manual."""
        at = out.start if is_start else out.finish
        if out.driven_by == DrivenBy.INACTIVE:
            return Reason(given.id, at, is_start, Because.INACTIVE)
        if out.is_summary:
            if given.manual and given.manual_start is not None and given.manual_finish is not None:
                return Reason(given.id, at, is_start, Because.MANUAL)
            child = self._deciding_child(given.id, is_start=is_start)
            if child is None:
                return Reason(given.id, at, is_start, Because.PROJECT_START, date=self.project_start)
            held = self.result.tasks[child].start if is_start else self.result.tasks[child].finish
            return Reason(given.id, at, is_start, Because.CHILDREN, source=child, held=held)
        pairs = ((Because.ACTUAL, given.actual_start, given.actual_finish),)
        if given.actual_start is None and given.actual_finish is None and given.manual:
            pairs = ((Because.MANUAL, given.manual_start, given.manual_finish),)
        for because, start, finish in pairs:
            if (start if is_start else finish) is not None:
                return Reason(given.id, at, is_start, because)
            if is_start and finish is not None:
                return Reason(given.id, at, True, Because.FINISH, minutes=given.duration_minutes)
        return None

    def _finish_decides(self, given: TaskIn, out: TaskOut) -> bool:
        """Whether something holds the finish, and the start is counted back from there."""
        if given.actual_start is not None or (given.manual and given.manual_start is not None):
            return False
        if out.driven_by == DrivenBy.LINK and out.driving_link is not None:
            return out.driving_link.type not in STARTS_HELD
        if out.driven_by == DrivenBy.CONSTRAINT and given.constraint in FINISH_CONSTRAINTS:
            when = given.constraint_date
            return when is not None and self.calendar_of(given).between(when, out.finish) == 0
        return False

    def _by_link(self, given: TaskIn, out: TaskOut, link: LinkIn, *, is_start: bool) -> Reason:
        at = out.start if is_start else out.finish
        before = self.result.tasks[link.predecessor]
        held = before.finish if link.type in FROM_FINISH else before.start
        wait = self._wait(self.calendar_of(given), self.bound(given, link), at) if is_start else None
        return Reason(
            given.id, at, is_start, Because.LINK, link=link, source=link.predecessor, held=held, wait=wait
        )  # fmt: skip

    def _by_constraint(self, given: TaskIn, out: TaskOut, *, is_start: bool) -> Reason:
        at = out.start if is_start else out.finish
        whose = given
        if given.constraint <= Constraint.ALAP or (is_start and given.constraint in FINISH_CONSTRAINTS):
            above = [task for task in self._above(given) if task.constraint == Constraint.SNET and task.constraint_date]
            whose = max(above, key=lambda task: task.constraint_date or datetime.min, default=given)
        when = whose.constraint_date
        wait = self._wait(self.calendar_of(given), when, at) if is_start and when is not None else None
        return Reason(
            given.id, at, is_start, Because.CONSTRAINT, source=whose.id, constraint=Constraint(whose.constraint),
            date=when, wait=wait,
        )  # fmt: skip

    def _by_project_start(self, given: TaskIn, out: TaskOut) -> Reason:
        if self.waits_for_status:
            assert self.status_date is not None
            wait = self._wait(self.calendar_of(given), self.status_date, out.start)
            return Reason(given.id, out.start, True, Because.STATUS_DATE, date=self.status_date, wait=wait)
        begin = self.project_start if self.project_finish is None else self.result.start
        wait = self._wait(self.calendar_of(given), begin, out.start)
        return Reason(given.id, out.start, True, Because.PROJECT_START, date=begin, wait=wait)

    def _chain(self, reason: Reason, depth: int) -> tuple[Reason, ...]:
        """What holds the task this one waits for, what holds that one, and so on; at most ``depth`` steps."""
        steps: list[Reason] = []
        seen = {reason.task}
        while len(steps) < depth and reason.because in (Because.LINK, Because.CHILDREN) and reason.source is not None:
            before = reason.source
            if before in seen:
                break
            seen.add(before)
            acts = reason.is_start if reason.link is None else reason.link.type not in FROM_FINISH
            reason = self.start(before) if acts else self.finish(before)
            if reason.because == Because.DURATION:
                reason = self.start(before)
            elif reason.because == Because.FINISH:
                reason = self.finish(before)
            steps.append(reason)
        return tuple(steps)

    # Float

    def float(self, task: TaskId) -> FloatReason | None:
        out = self.result.tasks[task]
        if out.total_float is None or out.free_float is None:
            return None
        first = self._first_held(task) if out.free_float < out.total_float else None
        return FloatReason(
            out.total_float, out.free_float, out.critical, out.late_because,
            self.project_finish or self.result.finish, self.project_finish is not None, first,
        )  # fmt: skip

    def _first_held(self, task: TaskId) -> TaskId | None:
        """The successor whose dates leave this task the least room."""
        given, out = self.tasks[task], self.result.tasks[task]
        calendar = self.calendar_of(given)
        tightest: tuple[Minutes, TaskId] | None = None
        for owner in (given, *self._above(given)):
            for link in self._out_of.get(owner.id, ()):
                after = self.result.tasks[link.successor]
                if after.completed or after.driven_by == DrivenBy.INACTIVE:
                    continue
                mine = out.finish if link.type in FROM_FINISH else out.start
                bound = self._lagged(mine, link, self.tasks[link.successor])
                theirs = after.start if link.type in STARTS_HELD else after.finish
                room = calendar.between(bound, theirs)
                if tightest is None or room < tightest[0]:
                    tightest = room, link.successor
        return tightest[1] if tightest else None

    # What is not respected

    def violations(self) -> dict[TaskId, tuple[Violation, ...]]:
        """By task: links, deadlines and constraints it breaks, or the late date it pushes past."""
        if self._violations is None:
            found: dict[TaskId, list[Violation]] = {}
            for conflict in self.result.conflicts:
                broken = _of_conflict(conflict)
                found.setdefault(broken.task, []).append(broken)
            for given in self.network.tasks:
                out = self.result.tasks[given.id]
                if out.completed or out.driven_by == DrivenBy.INACTIVE:
                    continue
                own = self._broken_dates(given, out)
                late = out.late_because
                if not own and out.total_float is not None and out.total_float < 0 and not out.is_summary:
                    own = [
                        Violation(
                            given.id, Breaks.FLOAT, -out.total_float, constraint=late.constraint if late else None,
                            date=late.date if late else self.project_finish, source=late.task if late else None,
                        )
                    ]  # fmt: skip
                if own:
                    found.setdefault(given.id, []).extend(own)
            self._violations = {task: tuple(each) for task, each in found.items()}
        return self._violations

    def _broken_dates(self, given: TaskIn, out: TaskOut) -> list[Violation]:
        broken = []
        if given.deadline is not None and out.finish > given.deadline:
            late = self.calendar_of(given).between(given.deadline, out.finish)
            if late > 0:
                broken.append(Violation(given.id, Breaks.DEADLINE, late, date=given.deadline))
        when = given.constraint_date
        constraint = Constraint(given.constraint)
        ignored = given.manual or (out.is_summary and constraint != Constraint.FNLT)
        if when is None or constraint <= Constraint.ALAP or ignored:
            return broken
        at_finish = constraint in FINISH_CONSTRAINTS
        if not at_finish and self._begun(given):
            return broken  # it has started: that is history
        gap = self.calendar_of(given).between(when, out.finish if at_finish else out.start)
        is_broken = {
            Constraint.MSO: gap != 0,
            Constraint.MFO: gap != 0,
            Constraint.SNLT: gap > 0,
            Constraint.FNLT: gap > 0,
            Constraint.SNET: gap < 0,
            Constraint.FNET: gap < 0,
        }[constraint]
        if is_broken:
            broken.append(Violation(given.id, Breaks.CONSTRAINT, abs(gap), constraint=constraint, date=when))
        return broken

    # Looking things up

    def calendar_of(self, task: TaskIn) -> WorkCalendar:
        return calendar_of(task, self.network.calendars, self.calendar)

    def _begun(self, task: TaskIn) -> bool:
        return task.actual_start is not None or task.percent > 0

    def _above(self, task: TaskIn) -> list[TaskIn]:
        above = []
        while task.parent is not None:
            task = self.tasks[task.parent]
            above.append(task)
        return above

    def links_into(self, task: TaskId) -> list[LinkIn]:
        given = self.tasks[task]
        return [link for owner in (given, *self._above(given)) for link in self._into.get(owner.id, ())]

    def bound(self, given: TaskIn, link: LinkIn) -> datetime:
        """The date that this link sets for the task, before its calendar is asked."""
        before = self.result.tasks[link.predecessor]
        return self._lagged(before.finish if link.type in FROM_FINISH else before.start, link, given)

    def _lagged(self, held: datetime, link: LinkIn, successor: TaskIn) -> datetime:
        minutes, unit = link.lag, link.lag_unit
        before = self.tasks[link.predecessor]
        if unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT):
            elapsed = unit == LagUnit.ELAPSED_PERCENT or before.elapsed
            minutes, unit = before.duration_minutes * link.lag / 100, LagUnit.ELAPSED if elapsed else LagUnit.WORKING
            if self.result.tasks[before.id].is_summary:
                minutes = self.result.tasks[before.id].duration_minutes * link.lag / 100
        if not minutes:
            return held
        if unit == LagUnit.ELAPSED:
            return held + timedelta(minutes=minutes)
        calendar = self.calendar_of(successor)
        return calendar.add(held, minutes) if minutes > 0 else calendar.subtract(held, -minutes)

    def _settled(self, given: TaskIn, bound: datetime) -> datetime:
        calendar = self.calendar_of(given)
        if not given.duration_minutes and calendar.previous_working(bound) == bound:
            return bound
        return calendar.next_working(bound)

    def _deciding_child(self, summary: TaskId, *, is_start: bool) -> TaskId | None:
        out = self.result.tasks
        active = [child for child in self.children.get(summary, ()) if out[child].driven_by != DrivenBy.INACTIVE]
        if is_start:
            return min(active, key=lambda child: out[child].start, default=None)
        return max(active, key=lambda child: out[child].finish, default=None)

    def leaves_of(self, task: TaskId, *, at_start: bool) -> list[TaskId]:
        """The task, or where it is a summary, those below that give it its start (or its finish)."""
        out = self.result.tasks
        if not out[task].is_summary:
            return [task]
        found, waiting = [], list(self.children.get(task, ()))
        while waiting:
            child = waiting.pop()
            if out[child].is_summary:
                waiting += self.children.get(child, ())
            elif out[child].driven_by != DrivenBy.INACTIVE and (
                out[child].start == out[task].start if at_start else out[child].finish == out[task].finish
            ):
                found.append(child)
        return found

    def _wait(self, calendar: WorkCalendar, begin: datetime, end: datetime) -> Wait | None:
        if end <= begin:
            return None
        days = min((end.date() - begin.date()).days, LONGEST_LOOK)
        between = (begin.date() + timedelta(days=n) for n in range(days + 1))
        week = calendar.week
        off = tuple(day for day in between if week[day.weekday()] and not calendar.is_working_day(day))
        return Wait(begin, end, off)


def _of_conflict(conflict: Conflict) -> Violation:
    return Violation(
        conflict.task, Breaks.LINK, conflict.minutes, link=conflict.link, because=conflict.because,
        constraint=conflict.constraint,
    )  # fmt: skip
