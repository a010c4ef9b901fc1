"""A plan as read from a file, whatever wrote it: neutral values, nothing computed, nothing saved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from pmdm.worktime.engine.calendar import Hours
from projects.schedule.engine import Constraint, LagUnit, LinkType
from projects.schedule.notation import TimeUnits

Minutes = int
PROGRAMS = ("mspdi", "xer", "pmxml")  # sources that say more than tables do
MAX_LEVEL = 20  # of an outline; people lose their way long before
MAX_OUTLINE_NUMBER = 60  # characters of 1.2.3 and so on


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """Why a file is refused: where, what was found, what would be accepted."""

    where: str  # such as "Task 5 (Design), Duration"
    value: str
    accepted: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = self.where
        if self.line is not None:
            place = f"Line {self.line}" + (f", column {self.column}" if self.column else "") + f": {self.where}"
        found = f"“{self.value}” is not accepted" if self.value else "missing"
        return f"{place}: {found}; give {self.accepted}."


class PlanFileError(ValueError):
    """A file that cannot become a plan; ``problems`` says why, one by one."""

    def __init__(self, problems: Sequence[PlanProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """Something in the file that does not come along, or was read in a way worth knowing."""

    where: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(slots=True)
class PlanProject:
    name: str = ""
    title: str = ""
    author: str = ""
    company: str = ""
    start: datetime | None = None
    finish: datetime | None = None
    from_finish: bool = False  # scheduled backwards from its finish
    calendar_uid: int | None = None
    status_date: datetime | None = None
    default_start: time = time(8)
    default_finish: time = time(17)
    minutes_per_day: int = 480
    minutes_per_week: int = 2_400
    days_per_month: int = 20
    critical_slack_minutes: int = 0
    honour_constraints: bool = True
    currency_code: str = ""
    currency_symbol: str = ""

    @property
    def units(self) -> TimeUnits:
        return TimeUnits(self.minutes_per_day, self.minutes_per_week, self.days_per_month)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How an exception repeats, in the codes of Microsoft's schema."""

    kind: int  # 2 yearly by day, 3 yearly by position, 4 and 5 the same by month, 6 weekly, 7 every n days
    first: date
    last: date
    period: int = 1
    weekdays: int = 0  # 1 = Sunday, 2 = Monday, 4 = Tuesday …
    item: int = 0
    position: int = 0
    month: int = 1  # 1 = January
    month_day: int = 1
    times: int | None = None  # at most so many


@dataclass(slots=True)
class PlanException:
    """Dates whose hours differ from the week; recurring ones come expanded, one entry per run of days."""

    name: str
    first: date
    last: date
    hours: Hours = ()
    rule: Recurrence | None = None  # shared by the entries it was expanded to


@dataclass(slots=True)
class PlanCalendar:
    """A base calendar, or one derived from ``base_uid`` that holds only what differs."""

    uid: int
    name: str
    base_uid: int | None = None
    is_base: bool = True
    week: dict[int, Hours] = field(default_factory=dict)  # 0 = Monday; days the calendar itself defines
    exceptions: list[PlanException] = field(default_factory=list)


@dataclass(slots=True)
class PlanBaseline:
    number: int  # 0 to 10
    start: datetime | None = None
    finish: datetime | None = None
    duration_minutes: Minutes | None = None
    elapsed: bool = False
    work_minutes: Minutes | None = None
    cost: Decimal | None = None


@dataclass(slots=True)
class PlanTask:
    """A task as the file has it; the ``stored_`` values are what the writing program had computed."""

    uid: int
    id: int | None = None  # its row number in the writing program
    name: str = ""
    outline_level: int = 1
    outline_number: str = ""
    parent_uid: int | None = None
    wbs: str = ""
    type: int = 0  # 0 fixed units, 1 fixed duration, 2 fixed work
    summary: bool = False
    milestone: bool = False
    manual: bool = False
    active: bool = True
    recurring: bool = False
    duration_minutes: Minutes = 0
    planned_minutes: Minutes | None = None  # the duration planned at first, where the file has both
    elapsed: bool = False
    duration_unit: str = "d"
    estimated: bool = False
    constraint: Constraint = Constraint.ASAP
    constraint_date: datetime | None = None
    deadline: datetime | None = None
    manual_start: datetime | None = None
    manual_finish: datetime | None = None
    percent_complete: int = 0
    physical_percent_complete: int = 0
    actual_start: datetime | None = None
    actual_finish: datetime | None = None
    remaining_minutes: Minutes | None = None
    splits: tuple[tuple[Minutes, Minutes], ...] = ()
    calendar_uid: int | None = None
    ignore_resource_calendar: bool = False
    priority: int = 500
    work_minutes: Minutes | None = None
    cost: Decimal | None = None
    fixed_cost: Decimal | None = None
    notes: str = ""
    baselines: list[PlanBaseline] = field(default_factory=list)
    stored_start: datetime | None = None
    stored_finish: datetime | None = None
    stored_early_start: datetime | None = None
    stored_early_finish: datetime | None = None
    stored_late_start: datetime | None = None
    stored_late_finish: datetime | None = None
    stored_critical: bool | None = None
    stored_total_slack: float | None = None  # minutes
    stored_free_slack: float | None = None
    line: int | None = None


@dataclass(slots=True)
class PlanLink:
    predecessor_uid: int
    successor_uid: int
    type: LinkType = LinkType.FS
    lag: float = 0  # minutes, or percent
    lag_unit: LagUnit = LagUnit.WORKING
    shown_in: str = "d"  # the unit in which the lag was typed: m, h, d, w or mo
    line: int | None = None


@dataclass(slots=True)
class PlanResource:
    uid: int
    id: int | None = None
    name: str = ""
    initials: str = ""
    group: str = ""
    email: str = ""
    type: str = "work"  # work, material or cost
    max_units: Decimal = Decimal(1)
    rate: Decimal | None = None  # per hour, or per unit of material
    overtime_rate: Decimal | None = None
    cost_per_use: Decimal | None = None
    cost: Decimal | None = None
    calendar_uid: int | None = None
    generic: bool = False
    notes: str = ""


@dataclass(slots=True)
class PlanAssignment:
    uid: int
    task_uid: int
    resource_uid: int
    units: Decimal = Decimal(1)
    work_minutes: Minutes | None = None
    actual_work_minutes: Minutes | None = None
    cost: Decimal | None = None
    start: datetime | None = None
    finish: datetime | None = None


@dataclass(slots=True)
class Plan:
    """All of a plan file. ``project_task`` is the writing program's project summary row, which is no task."""

    source: str  # "mspdi", "xer", "pmxml" or "csv"
    project: PlanProject
    calendars: list[PlanCalendar] = field(default_factory=list)
    tasks: list[PlanTask] = field(default_factory=list)
    links: list[PlanLink] = field(default_factory=list)
    resources: list[PlanResource] = field(default_factory=list)
    assignments: list[PlanAssignment] = field(default_factory=list)
    project_task: PlanTask | None = None
    warnings: list[PlanWarning] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)  # all that the file holds, where it may hold several
