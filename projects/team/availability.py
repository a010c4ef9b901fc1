"""Hours, absences and demand from the database to the engine: a constant number of queries, however many people."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from pmdm.worktime.models import Absence, Calendar, WorkingHours
from projects.lifecycle.models import Project
from projects.schedule.calendars import STANDARD, work_calendar
from projects.schedule.localtime import zone
from projects.schedule.models import Assignment, PlanCalendar, Resource
from projects.team.engine import Absent, Availability, Demand, Hours, remaining_minutes


def availability_of(people: Iterable[int], first: datetime.date, last: datetime.date) -> dict[int, Availability]:
    """Capacity of these people (primary keys) for the days from ``first`` to ``last``: two queries."""
    people = list(people)
    hours: dict[int, list[Hours]] = defaultdict(list)
    absences: dict[int, list[Absent]] = defaultdict(list)
    for row in WorkingHours.objects.filter(user__in=people, valid_from__lte=last).select_related("calendar"):
        calendar = work_calendar(row.calendar) if row.calendar else STANDARD
        hours[row.user_id].append(Hours(row.valid_from, calendar, row.percent))
    # Somebody whose first hours begin later does not work yet; without this row the standard week would count.
    later = WorkingHours.objects.filter(user__in=set(people) - set(hours), valid_from__gt=last)
    for user, day in later.values_list("user", "valid_from"):
        hours[user].append(Hours(day, STANDARD))
    rows = Absence.objects.filter(user__in=people, last__gte=first, first__lte=last)
    for user, begin, end, part in rows.values_list("user", "first", "last", "part"):
        absences[user].append(Absent(begin, end, part))
    return {user: Availability(hours[user], absences[user]) for user in people}


@dataclass(frozen=True, slots=True)
class Assigned:
    """One assignment with work left, and whom it belongs to: a person of ours or a resource that is nobody yet."""

    demand: Demand
    user_id: int | None
    resource_id: int
    project_id: int
    task_id: int
    task_uid: int
    task_number: int
    task_name: str
    units: float
    start: datetime.datetime
    finish: datetime.datetime
    # Now, on the wall clock of the plan: work lies ahead of it.
    now: datetime.datetime

    @property
    def overdue(self) -> bool:
        return self.finish < self.now


_FIELDS = (
    "pk", "units", "work", "resource_id", "resource__user_id", "project_id",
    "task_id", "task__uid", "task__number", "task__name", "task__start", "task__finish", "task__percent",
    "task__duration", "task__duration_elapsed", "task__remaining", "task__calendar_id",
)  # fmt: skip


def assigned(where: Q, *, now: datetime.datetime | None = None) -> list[Assigned]:
    """What assignments of running projects still hold, for those that ``where`` keeps: four queries."""
    now = now or timezone.now()
    rows = list(
        Assignment.objects.filter(
            where,
            project__state=Project.State.ACTIVE,
            resource__kind=Resource.Kind.WORK,
            task__is_active=True,
            task__is_summary=False,
            task__percent__lt=100,
            task__start__isnull=False,
            task__finish__isnull=False,
        )
        .order_by("project_id", "task__number")
        .values_list(*_FIELDS)
    )
    if not rows:
        return []
    projects = {row[5] for row in rows}
    calendars = _Calendars(projects)
    found = []
    for row in rows:
        (pk, units, work, resource, user, project, task, uid, number, name, start, finish, percent, duration,
         elapsed, remaining, own) = row  # fmt: skip
        tz, calendar = calendars.zone[project], calendars.of(project, own)
        begin, end, today = (m.astimezone(tz).replace(tzinfo=None, microsecond=0) for m in (start, finish, now))
        length = calendar.between(begin, end) if elapsed else duration
        left = remaining_minutes(length, float(units), percent=percent, work=work, remaining=remaining)
        if not left:
            continue
        demand = Demand(pk, begin, end, left, calendar, float(units))
        found.append(
            Assigned(demand, user, resource, project, task, uid, number, name, float(units), begin, end, today)
        )
    return found


class _Calendars:
    """Time zones and calendars of some plans: three queries for all of them."""

    def __init__(self, projects: set[int]) -> None:
        rows = list(Project.objects.filter(pk__in=projects).values_list("pk", "time_zone", "calendar_id"))
        stored = Calendar.objects.in_bulk({calendar for _pk, _zone, calendar in rows if calendar})
        self.zone = {pk: zone(name) for pk, name, _calendar in rows}
        self._project: dict[int, Any] = {
            pk: work_calendar(stored[calendar]) if calendar else STANDARD for pk, _zone, calendar in rows
        }
        self._own: dict[int | None, Any] = {}
        for row in PlanCalendar.objects.filter(project__in=projects):
            self._own[row.pk] = work_calendar(row)
            if row.is_project_calendar:
                self._project[row.project_id] = self._own[row.pk]

    def of(self, project: int, own: int | None):
        """The calendar of a task: its own, else that of its plan."""
        return self._own[own] if own in self._own else self._project[project]
