"""What a calendar shows: tasks, milestones and deadlines as days, of one project or of everything that is one's own.

Days are those of each project's wall clock. Nothing here tells cost, notes or who does it. What else is due to a person
on a day, beyond the plans, is registered by the story that knows it (``register_dues``).
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from pmdm.accounts.roles import Permission as P
from pmdm.worktime.models import Absence
from projects.lifecycle.models import Project
from projects.schedule.localtime import to_wall
from projects.schedule.models import Task

TASK, MILESTONE, DEADLINE, ABSENCE = "task", "milestone", "deadline", "absence"
KINDS = (MILESTONE, DEADLINE, TASK)
DAY = datetime.timedelta(days=1)
MOST = 2000
FIELDS = (
    "uid", "name", "wbs", "percent", "is_milestone", "start", "finish", "deadline", "is_critical", "version",
    "actual_start", "mode", "project__code", "project__name", "project__time_zone",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One thing on some days, the last included."""

    kind: str
    task: Task
    first: datetime.date
    last: datetime.date
    late: bool = False

    @property
    def done(self) -> bool:
        return self.task.percent == 100

    @property
    def order(self) -> tuple:
        return self.first, KINDS.index(self.kind), -self.last.toordinal(), self.task.project.code, self.task.wbs


@dataclass(frozen=True)
class Away:
    """A person who does not work on some days, the last included; why is theirs to know."""

    name: str
    first: datetime.date
    last: datetime.date
    part: str  # '' or which half of the day
    kind: str = ABSENCE
    done: bool = False
    late: bool = False

    @property
    def order(self) -> tuple:
        return self.first, len(KINDS), -self.last.toordinal(), self.name, ""


@dataclass(frozen=True)
class Due:
    """Something of another story that is due to one person: shown among the deadlines. ``source`` and ``number``
    name it for good."""

    source: str
    number: int
    name: str
    project: Project
    first: datetime.date
    url: str = ""  # '' where its person may not open it
    late: bool = False
    kind: str = DEADLINE
    task: None = None
    done: bool = False

    @property
    def last(self) -> datetime.date:
        return self.first

    @property
    def order(self) -> tuple:
        return (
            self.first,
            KINDS.index(DEADLINE),
            -self.first.toordinal(),
            self.project.code,
            f"{self.source} {self.number}",
        )


FindDues = Callable[[Any, datetime.date | None, datetime.date | None, datetime.datetime], Iterable[Due]]
_dues: dict[str, FindDues] = {}


def register_dues(name: str, find: FindDues) -> None:
    """``find(user, first, last, now)`` gives what is open and due to them then (None: no bound). A name once."""
    if name in _dues:
        raise ValueError(f"{name!r} is registered already.")
    _dues[name] = find


def dues(
    user, first: datetime.date | None, last: datetime.date | None, kinds: Iterable[str] = KINDS, now=None
) -> list[Due]:
    """What other stories have due to this person on these days."""
    if DEADLINE not in kinds:
        return []
    now = now or timezone.now()
    return [due for find in _dues.values() for due in find(user, first, last, now)]


def absences(users, first: datetime.date, last: datetime.date) -> list[Away]:
    """When these people (a queryset) are away on these days."""
    rows = Absence.objects.filter(user__in=users, user__is_active=True, first__lte=last, last__gte=first)
    return [
        Away(row.user.name, row.first, row.last, "" if row.part == Absence.Part.DAY else row.get_part_display())
        for row in rows.select_related("user").order_by("first", "pk")[:MOST]
    ]


def of_project(project, first: datetime.date | None, last: datetime.date | None, kinds=KINDS, now=None) -> list[Entry]:
    """The project's entries of these days, in order of time."""
    return _entries(Task.objects.filter(project=project), first, last, kinds, now)


def of_person(user, first: datetime.date | None, last: datetime.date | None, kinds=KINDS, now=None) -> list[Entry]:
    """Across open projects: tasks the person is on, with their deadlines, and milestones of projects they belong to."""
    projects = Project.objects.allowing(user, P.SCHEDULE_VIEW).open()
    mine = Q(assignments__resource__user=user) | Q(is_milestone=True, project__memberships__user=user)
    tasks = Task.objects.filter(project__in=projects).filter(mine)
    return _entries(Task.objects.filter(pk__in=tasks.values("pk")), first, last, kinds, now)


def _entries(tasks, first, last, kinds: Iterable[str], now) -> list[Entry]:
    now = now or timezone.now()
    tasks = tasks.filter(is_summary=False, is_active=True, start__isnull=False, finish__isnull=False)
    if first is not None or last is not None:
        inside = during = Q()
        if first is not None:  # a day more on both sides: the zone of the project decides below
            inside &= Q(finish__gte=_midnight(first - DAY))
            during &= Q(deadline__gte=_midnight(first - DAY))
        if last is not None:
            inside &= Q(start__lte=_midnight(last + 2 * DAY))
            during &= Q(deadline__lte=_midnight(last + 2 * DAY))
        tasks = tasks.filter(inside | during)
    entries = []
    for task in tasks.select_related("project").only(*FIELDS).order_by("start", "pk")[:MOST]:
        entries += _of_task(task, now)
    return sorted(
        (
            entry
            for entry in entries
            if entry.kind in kinds
            and (first is None or entry.last >= first)
            and (last is None or entry.first <= last)
        ),
        key=lambda entry: entry.order,
    )  # fmt: skip


def _of_task(task: Task, now: datetime.datetime) -> list[Entry]:
    project = task.project
    start, finish = to_wall(task.start, project).date(), to_wall(task.finish, project).date()
    late = task.percent < 100 and task.finish < now
    found = [
        Entry(MILESTONE if task.is_milestone else TASK, task, finish if task.is_milestone else start, finish, late)
    ]
    if task.deadline:
        day = to_wall(task.deadline, project).date()
        found.append(Entry(DEADLINE, task, day, day, task.percent < 100 and task.deadline < task.finish))
    return found


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)
