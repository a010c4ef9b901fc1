"""A person's week as a grid of task × day, read in a constant number of queries."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from pmdm.accounts.roles import Permission as P
from projects.budget.engine import format_minutes
from projects.budget.models import TimeEntry
from projects.lifecycle.models import Project
from projects.schedule.models import Task
from projects.team.availability import availability_of
from projects.timesheets.models import Timesheet, TimesheetPart
from projects.timesheets.verbs import NOTE_BETWEEN, WEEK

DAY = datetime.timedelta(days=1)
# So many of one's open tasks are offered without being asked for.
OFFERED = 12


@dataclass(slots=True)
class Cell:
    key: str
    day: datetime.date
    label: str  # for screen readers: task and day
    minutes: int = 0
    note: str = ""
    open: bool = True
    # What was typed and could not be saved, and why.
    typed: str | None = None
    typed_note: str | None = None
    error: str = ""

    @property
    def text(self) -> str:
        return self.typed if self.typed is not None else format_minutes(self.minutes) if self.minutes else ""

    @property
    def note_text(self) -> str:
        return self.typed_note if self.typed_note is not None else self.note


@dataclass(slots=True)
class Row:
    key: str
    project: Project
    task: Task | None
    cells: list[Cell]
    part: TimesheetPart | None = None
    offered: bool = False

    @property
    def minutes(self) -> int:
        return sum(cell.minutes for cell in self.cells)


@dataclass
class Group:
    """The rows of one project, which are submitted and decided together."""

    project: Project
    part: TimesheetPart | None
    rows: list[Row] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return sum(row.minutes for row in self.rows)


@dataclass
class Grid:
    week: datetime.date
    days: list[datetime.date]
    groups: list[Group]
    hours: list[int]  # what the person should work each day
    sheet: Timesheet | None
    bookable: dict[int, Project]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def cells(self) -> dict[str, Cell]:
        return {cell.key: cell for row in self.rows for cell in row.cells}

    @property
    def day_minutes(self) -> list[int]:
        return [sum(row.cells[at].minutes for row in self.rows) for at in range(7)]

    @property
    def minutes(self) -> int:
        return sum(self.day_minutes)

    @property
    def hours_minutes(self) -> int:
        return sum(self.hours)

    @property
    def to_submit(self) -> bool:
        """Something here has not been submitted yet, or the week as a whole has not."""
        if self.sheet is None or self.sheet.submitted_at is None:
            return True
        return any(group.minutes and not (group.part and group.part.is_locked) for group in self.groups)

    @property
    def to_save(self) -> bool:
        return any(cell.open for cell in self.cells.values())

    @property
    def to_withdraw(self) -> bool:
        submitted = any(group.part and group.part.state == "submitted" for group in self.groups)
        empty = bool(self.sheet and self.sheet.submitted_at) and not self.groups
        return submitted or empty


def row_key(project_id: int, task_id: int | None) -> str:
    return f"{project_id}-{task_id or 0}"


def read_grid(user, week: datetime.date, today: datetime.date | None = None) -> Grid:
    """The week that begins on this Monday: what is booked, what was chosen, and the person's own open tasks."""
    today = today or timezone.localdate()
    days = [week + DAY * number for number in range(7)]
    bookable = {
        project.pk: project
        for project in Project.objects.allowing(user, P.TIME_BOOK)
        .filter(state__in=Project.OPEN_STATES)
        .order_by("name")
    }
    sheet = Timesheet.objects.filter(user=user, week=week).first()
    entries = list(TimeEntry.objects.filter(user=user, day__gte=week, day__lt=week + WEEK).order_by("pk"))
    parts = {
        part.project_id: part
        for part in TimesheetPart.objects.filter(user=user, week=week).select_related("decided_by")
    }
    wanted: dict[tuple[int, int | None], bool] = {(entry.project_id, entry.task_id): False for entry in entries}
    for project, task in sheet.rows if sheet else ():
        wanted.setdefault((project, task), False)
    for project, task in _own_tasks(user, week, bookable):
        wanted.setdefault((project, task), True)
    projects = {**bookable, **Project.objects.in_bulk({key[0] for key in wanted} - set(bookable))}
    tasks = Task.objects.only("pk", "number", "name", "uid", "project_id").in_bulk(
        {task for _p, task in wanted if task}
    )
    booked: dict[tuple[int, int | None, datetime.date], list[TimeEntry]] = defaultdict(list)
    for entry in entries:
        booked[entry.project_id, entry.task_id, entry.day].append(entry)
    groups: dict[int, Group] = {}
    for (project_id, task_id), offered in wanted.items():
        project, task = projects.get(project_id), tasks.get(task_id) if task_id else None
        if project is None or (task_id and task is None):
            continue  # gone since it was chosen
        part = parts.get(project_id)
        open_ = project_id in bookable and not (part and part.is_locked)
        cells = []
        for day in days:
            there = booked.get((project_id, task_id, day), ())
            cells.append(
                Cell(
                    f"{row_key(project_id, task_id)}-{day}",
                    day,
                    f"{task.name if task else project.name}, {day:%a %d %b}",
                    sum(entry.minutes for entry in there),
                    NOTE_BETWEEN.join(entry.note for entry in there if entry.note)[:300],
                    open_ and day <= today + DAY,
                )
            )
        group = groups.setdefault(project_id, Group(project, part))
        group.rows.append(Row(row_key(project_id, task_id), project, task, cells, part, offered))
    for group in groups.values():
        group.rows.sort(key=lambda row: row.task.number if row.task else 0)
    able = availability_of([user.pk], week, days[-1])[user.pk]
    ordered = sorted(groups.values(), key=lambda group: group.project.name.casefold())
    return Grid(week, days, ordered, able.days(week, days[-1]), sheet, bookable)


def _own_tasks(user, week, bookable):
    """Open tasks of this person that the plan puts into this week, or that have begun."""
    return (
        Task.objects.filter(
            Q(percent__gt=0) | Q(start__date__lt=week + WEEK, finish__date__gte=week),
            assignments__resource__user=user,
            project__in=bookable,
            is_active=True,
            is_summary=False,
            is_milestone=False,
            percent__lt=100,
            start__date__lt=week + WEEK,
        )
        .order_by("finish", "pk")
        .distinct()
        .values_list("project_id", "pk")[:OFFERED]
    )


def tasks_to_add(bookable: dict[int, Project]) -> list[tuple[Project, list[Task]]]:
    """What a row may be added for: every project one may book on, with its open tasks."""
    below: dict[int, list[Task]] = defaultdict(list)
    tasks = Task.objects.filter(project__in=bookable, is_summary=False, is_active=True, percent__lt=100)
    for task in tasks.order_by("project_id", "number").only("pk", "number", "name", "project_id"):
        below[task.project_id].append(task)
    return [(project, below[pk]) for pk, project in bookable.items()]
