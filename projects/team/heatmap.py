"""People × weeks: what each has to do across all projects, against what they can do.

Hours from projects that the reader may not see are counted as 'elsewhere': never named, never left out.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from pmdm.accounts.models import Skill, User
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from projects.lifecycle.models import Project
from projects.schedule.models import Resource
from projects.team.availability import Assigned, assigned, availability_of
from projects.team.engine import Availability, edges_of, spread
from projects.team.models import Membership

DAY = datetime.timedelta(days=1)
WEEK = 7 * DAY
# People of these roles do the work; sponsors, stakeholders and clients do not appear unless a task names them.
WORKING_ROLES = (Role.MANAGER, Role.MEMBER)


def monday_of(day: datetime.date) -> datetime.date:
    return day - DAY * day.weekday()


@dataclass(slots=True)
class Cell:
    """One week of one person, in minutes."""

    week: datetime.date
    capacity: int
    load: int = 0
    elsewhere: int = 0
    absent: bool = False

    @property
    def percent(self) -> int | None:
        """Load as a percentage of capacity; None where there is no capacity."""
        return round(100 * self.load / self.capacity) if self.capacity else None

    @property
    def over(self) -> bool:
        return self.load > self.capacity

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.load)

    @property
    def level(self) -> str:
        """Class of the colour: none, low, mid, full or over."""
        if self.over:
            return "over"
        if not self.load:
            return "none"
        percent = self.percent or 0
        return "low" if percent <= 50 else "mid" if percent <= 85 else "full"


@dataclass(slots=True)
class Row:
    """A person (``user``), or a resource that is nobody yet (``resource``), with a cell for each week."""

    cells: list[Cell]
    user: User | None = None
    resource: Resource | None = None

    @property
    def key(self) -> str:
        return f"u{self.user.pk}" if self.user else f"r{self.resource.pk if self.resource else 0}"

    @property
    def load(self) -> int:
        return sum(cell.load for cell in self.cells)

    @property
    def capacity(self) -> int:
        return sum(cell.capacity for cell in self.cells)

    @property
    def over(self) -> int:
        """How many weeks hold more than they can."""
        return sum(cell.over for cell in self.cells)


@dataclass(slots=True)
class Cause:
    """A task behind a cell. Without a project the reader may not see where it comes from."""

    minutes: int
    project: Project | None = None
    item: Assigned | None = None


@dataclass
class HeatMap:
    weeks: list[datetime.date]
    rows: list[Row]
    projects: dict[int, Project]
    causes: dict[tuple[str, datetime.date], list[Cause]] = field(default_factory=dict)

    @property
    def overloaded(self) -> int:
        return sum(1 for row in self.rows if row.over)


@dataclass(frozen=True)
class Choice:
    """What the reader asks for."""

    first: datetime.date
    weeks: int = 12
    project: Project | None = None
    skill: Skill | None = None
    department: Any = None
    only_over: bool = False
    person: User | None = None  # this one alone, whatever they work on


def seen_by(user) -> dict[int, Project]:
    """Running projects whose team and plan this reader may see."""
    both = Project.objects.allowing(user, P.TEAM_VIEW).filter(state=Project.State.ACTIVE)
    return {project.pk: project for project in both.only("pk", "code", "name", "calendar_id", "time_zone")}


def heat_map(reader, choice: Choice, *, extra: tuple[Assigned, ...] = (), now=None) -> HeatMap:
    """The map as this reader may see it; ``extra`` adds assignments that are not saved yet (what if).

    A constant number of queries: people, hours, absences, assignments with their calendars, projects.
    """
    now = now or timezone.now()
    seen = seen_by(reader)
    chosen = {choice.project.pk: choice.project} if choice.project else seen
    if choice.project:
        seen = {**seen, choice.project.pk: choice.project}
    people = {user.pk: user for user in _people(chosen, choice)}
    nobody = {resource.pk: resource for resource in _nobody(chosen, choice)}
    items = [*assigned(Q(resource__user__in=people) | Q(resource__in=nobody), now=now), *extra]
    return build(people, nobody, items, seen, choice)


def build(people, nobody, items, seen, choice: Choice) -> HeatMap:
    """The map of these people and resources from their assignments."""
    weeks = [choice.first + WEEK * number for number in range(choice.weeks)]
    last = weeks[-1] + WEEK - DAY
    able = availability_of(people, choice.first, last)
    rows: dict[str, Row] = {}
    for user in people.values():
        rows[f"u{user.pk}"] = Row(_cells(able[user.pk], weeks), user=user)
    for resource in nobody.values():
        rows[f"r{resource.pk}"] = Row(_units(resource, weeks), resource=resource)
    edges = edges_of(choice.first, choice.weeks)
    causes: dict[tuple[str, datetime.date], list[Cause]] = defaultdict(list)
    for item in items:
        key = f"u{item.user_id}" if item.user_id else f"r{item.resource_id}"
        row = rows.get(key)
        if row is None:
            continue
        for cell, minutes in zip(row.cells, spread(item.demand, edges, item.now), strict=True):
            if not minutes:
                continue
            cell.load += minutes
            project = seen.get(item.project_id)
            if project is None:
                cell.elsewhere += minutes
            causes[key, cell.week].append(Cause(minutes, project, item if project else None))
    shown = [row for row in rows.values() if row.over or not choice.only_over]
    shown.sort(key=lambda row: (row.user is None, str(row.user or row.resource).casefold()))
    return HeatMap(weeks, shown, seen, dict(causes))


def causes_of(heat: HeatMap, key: str, week: datetime.date) -> tuple[list[Cause], int]:
    """The tasks behind one cell, heaviest first, and the minutes of those that the reader may not see."""
    found = heat.causes.get((key, week), [])
    named = sorted((cause for cause in found if cause.project), key=lambda cause: -cause.minutes)
    return named, sum(cause.minutes for cause in found if not cause.project)


def _cells(able: Availability, weeks: list[datetime.date]) -> list[Cell]:
    sums = able.weeks(weeks[0], len(weeks))
    return [
        Cell(week, minutes, absent=bool(able.absences_between(week, week + WEEK - DAY)))
        for week, minutes in zip(weeks, sums, strict=True)
    ]


def _units(resource: Resource, weeks: list[datetime.date]) -> list[Cell]:
    """A resource that is nobody yet can do its units of the standard week."""
    share = float(resource.max_units) / 100
    able = Availability()
    sums = able.weeks(weeks[0], len(weeks))
    return [Cell(week, round(minutes * share)) for week, minutes in zip(weeks, sums, strict=True)]


def _people(projects, choice: Choice):
    """Our own people who work on these projects or are assigned there."""
    if choice.person:
        return User.objects.filter(pk=choice.person.pk)
    working = Membership.objects.filter(project__in=projects, role__in=WORKING_ROLES).values("user")
    named = Resource.objects.filter(project__in=projects, kind=Resource.Kind.WORK, user__isnull=False).values("user")
    people = User.objects.filter(Q(pk__in=working) | Q(pk__in=named), is_active=True, organisation=None)
    if choice.skill:
        people = people.filter(skills__skill=choice.skill)
    if choice.department:
        people = people.filter(department=choice.department)
    return people.select_related("department").order_by("name")


def _nobody(projects, choice: Choice):
    """Generic resources with something to do."""
    if choice.department or choice.person:
        return Resource.objects.none()
    resources = Resource.objects.filter(
        project__in=projects, project__state=Project.State.ACTIVE, kind=Resource.Kind.WORK, user=None
    ).exclude(assignments=None)
    if choice.skill:
        resources = resources.filter(skill=choice.skill)
    return resources.select_related("project", "skill")
