"""What the schedule engine is given and what it gives back: plain values, no database, no clock."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from pmdm.worktime.engine import WorkCalendar

TaskId = Hashable
Minutes = int | float  # whole unless seconds are involved


class LinkType(StrEnum):
    """Which end of the predecessor holds which end of the successor."""

    FS = "FS"
    SS = "SS"
    FF = "FF"
    SF = "SF"


class LagUnit(StrEnum):
    """What a lag counts: working or elapsed minutes, or percent of the predecessor's duration."""

    WORKING = "working"
    ELAPSED = "elapsed"
    PERCENT = "percent"
    ELAPSED_PERCENT = "elapsed percent"


class Constraint(IntEnum):
    """Constraint types with their Microsoft Project codes."""

    ASAP = 0
    ALAP = 1
    MSO = 2
    MFO = 3
    SNET = 4
    SNLT = 5
    FNET = 6
    FNLT = 7

    @property
    def title(self) -> str:
        return CONSTRAINT_TITLES[self]


CONSTRAINT_TITLES = {
    Constraint.ASAP: "As soon as possible",
    Constraint.ALAP: "As late as possible",
    Constraint.MSO: "Must start on",
    Constraint.MFO: "Must finish on",
    Constraint.SNET: "Start no earlier than",
    Constraint.SNLT: "Start no later than",
    Constraint.FNET: "Finish no earlier than",
    Constraint.FNLT: "Finish no later than",
}


class DrivenBy(StrEnum):
    """What fixed a task's dates."""

    PROJECT_START = "project start"
    LINK = "link"
    CONSTRAINT = "constraint"
    LATE_DATES = "late dates"  # as late as possible
    MANUAL = "manual dates"
    ACTUAL = "actual dates"
    STATUS_DATE = "status date"
    CHILDREN = "children"  # a summary task
    INACTIVE = "inactive"


@dataclass(slots=True)
class TaskIn:
    """One task. Durations are working minutes, or elapsed minutes when ``elapsed``.

    A task that is some other task's ``parent`` is a summary: its own duration and mode are not used, of its
    constraints only SNET and FNLT are, and its dates come from its children. ``splits`` are the interruptions of
    a split task as (minutes worked before it, minutes it lasts).
    """

    id: TaskId
    duration_minutes: Minutes = 0
    name: str = ""
    parent: TaskId | None = None
    elapsed: bool = False
    calendar: Hashable | None = None  # a key of Network.calendars; None is the project's
    constraint: Constraint = Constraint.ASAP
    constraint_date: datetime | None = None
    deadline: datetime | None = None
    manual: bool = False
    manual_start: datetime | None = None
    manual_finish: datetime | None = None
    percent: float = 0
    actual_start: datetime | None = None
    actual_finish: datetime | None = None
    remaining_minutes: Minutes | None = None
    is_milestone: bool = False
    splits: tuple[tuple[Minutes, Minutes], ...] = ()
    active: bool = True
    resource_calendars: tuple[Hashable, ...] = ()  # keys of Network.calendars: the hours of those who work on it


@dataclass(slots=True)
class LinkIn:
    """A dependency; a negative lag is a lead. ``lag`` counts minutes or percent, as ``lag_unit`` says."""

    predecessor: TaskId
    successor: TaskId
    type: LinkType = LinkType.FS
    lag: Minutes = 0
    lag_unit: LagUnit = LagUnit.WORKING


@dataclass(slots=True)
class Network:
    """Tasks in outline order, links, and the calendars that tasks name."""

    tasks: Sequence[TaskIn]
    links: Sequence[LinkIn] = ()
    calendars: Mapping[Hashable, WorkCalendar] = field(default_factory=dict)


@dataclass(slots=True)
class TaskOut:
    """The schedule of one task. Floats are minutes of the task's calendar; None once it is completed."""

    id: TaskId
    wbs: str
    outline_level: int  # 1 at the top
    is_summary: bool
    start: datetime
    finish: datetime
    early_start: datetime
    early_finish: datetime
    late_start: datetime | None
    late_finish: datetime | None
    total_float: Minutes | None
    free_float: Minutes | None
    critical: bool
    completed: bool
    duration_minutes: Minutes  # of a summary: working time from start to finish
    percent: float  # of a summary: its tasks' percents weighted by duration
    driven_by: DrivenBy
    driving_link: LinkIn | None  # set when driven by a link, which may be a link on a summary above
    late_because: "LateBecause | None"  # None: the project's finish
    parts: tuple[tuple[datetime, datetime], ...]  # several for a split task


@dataclass(frozen=True, slots=True)
class LateBecause:
    """What a task's late dates go back to: the constraint or deadline of ``task``."""

    task: TaskId
    constraint: Constraint | None  # None: its deadline
    date: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """A link that the successor's constraint, manual or actual dates do not respect."""

    link: LinkIn
    because: DrivenBy
    constraint: Constraint | None
    minutes: Minutes  # working time by which the successor is too early
    task: TaskId = None  # the task that is too early: the link's successor, or one below where that is a summary


@dataclass(slots=True)
class Result:
    """A computed schedule; ``tasks`` keeps the network's order."""

    start: datetime
    finish: datetime
    tasks: dict[TaskId, TaskOut]
    conflicts: list[Conflict]

    @property
    def critical(self) -> list[TaskId]:
        """Critical tasks without summaries, by start."""
        chosen = [task for task in self.tasks.values() if task.critical and not task.is_summary]
        return [task.id for task in sorted(chosen, key=lambda task: (task.start, task.finish))]

    def driving_path(self, task: TaskId) -> list[TaskId]:
        """The chain of driving links that ends in ``task``, first task first."""
        path = [task]
        seen = {task}
        while (link := self.tasks[path[-1]].driving_link) is not None:
            before = link.predecessor
            if self.tasks[before].is_summary:
                before = self._deciding_leaf(before, at_start=link.type in (LinkType.SS, LinkType.SF))
            if before in seen:
                break
            seen.add(before)
            path.append(before)
        return path[::-1]

    @property
    def longest_path(self) -> list[TaskId]:
        """The driving chain that ends in the task that finishes last."""
        leaves = [task for task in self.tasks.values() if not task.is_summary]
        return self.driving_path(max(leaves, key=lambda task: task.finish).id) if leaves else []

    def _deciding_leaf(self, summary: TaskId, *, at_start: bool) -> TaskId:
        prefix = self.tasks[summary].wbs + "."
        leaves = [t for t in self.tasks.values() if not t.is_summary and t.wbs.startswith(prefix)]
        if at_start:
            return min(leaves, key=lambda task: task.start).id
        return max(leaves, key=lambda task: task.finish).id


class NetworkError(ValueError):
    """A network that cannot be scheduled; ``problems`` are sentences that name the tasks."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


class CycleError(NetworkError):
    """Links that lead back to where they began; ``tasks`` are the ids round the cycle."""

    def __init__(self, tasks: Sequence[TaskId], names: Sequence[str]) -> None:
        chain = " → ".join([*names, names[0]])
        super().__init__([f"The links form a cycle: {chain}. Remove one of them."])
        self.tasks = list(tasks)
