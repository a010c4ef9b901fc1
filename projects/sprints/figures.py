"""A sprint in figures: what it holds, what its people can do, and its burn-up from the history of its tasks."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from pmdm.charts.figure import Figure
from pmdm.charts.lines import burn_up
from pmdm.ui import format as fmt
from projects.schedule.calendars import day_start, project_calendar
from projects.schedule.localtime import to_wall
from projects.schedule.models import Resource
from projects.sprints.models import Sprint, SprintTask

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """A task's time in the sprint, as days of the project's wall clock; ``minutes`` of planned duration."""

    minutes: int
    added: datetime.date
    removed: datetime.date | None  # the first day without it
    done: datetime.date | None


def with_tasks(sprints):
    """Annotate how many ``tasks`` are in each, how many of them are ``done``, and their ``work`` in minutes."""
    inside = Q(entries__removed_at=None)
    return sprints.annotate(
        tasks=Count("entries", filter=inside),
        done=Count("entries", filter=inside & Q(entries__task__percent=100)),
        work=Sum("entries__task__duration", filter=inside),
    )


def lines_of(sprint: Sprint) -> list[Line]:
    project = sprint.project
    rows = SprintTask.objects.filter(sprint=sprint).values_list(
        "task__duration", "added_at", "removed_at", "task__percent", "task__actual_finish"
    )
    found = []
    for minutes, added, removed, percent, finish in rows:
        if removed is not None and sprint.closed_at and removed >= sprint.closed_at:
            removed = None  # what was left at the end was in it to the end
        done = to_wall(finish, project).date() if percent == 100 and finish else None
        found.append(
            Line(minutes, to_wall(added, project).date(), to_wall(removed, project).date() if removed else None, done)
        )
    return found


def burn(lines: list[Line], first: datetime.date, last: datetime.date, today: datetime.date):
    """(scope, done) in minutes for each day; what was taken in before the first day counts from it on."""
    scope, done = [], []
    day = first
    while day <= last:
        inside = [line for line in lines if line.added <= day and (line.removed is None or line.removed > day)]
        if day <= today:
            scope.append((day, float(sum(line.minutes for line in inside))))
            done.append((day, float(sum(line.minutes for line in inside if line.done and line.done <= day))))
        day += DAY
    return scope, done


def chart(sprint: Sprint, today: datetime.date) -> Figure:
    """Its burn-up, in working days."""
    per_day = sprint.project.minutes_per_day
    scope, done = burn(lines_of(sprint), sprint.start, sprint.finish, today)
    scope = [(day, round(value / per_day, 2)) for day, value in scope]
    done = [(day, round(value / per_day, 2)) for day, value in done]
    if not scope:
        text = _("The burn-up begins with the first day of the sprint, %(day)s.") % {"day": fmt.day(sprint.start)}
    elif not any(value for _day, value in scope):
        text = _("Nothing was in the sprint on any of its days so far.")
        scope = done = []
    else:
        text = _("%(done)s of %(scope)s working days were done by %(day)s; the sprint ends on %(end)s.") % {
            "done": fmt.number(done[-1][1]), "scope": fmt.number(scope[-1][1]),
            "day": fmt.day(done[-1][0]), "end": fmt.day(sprint.finish),
        }  # fmt: skip
    if scope and scope[-1][0] < sprint.finish:
        scope.append((sprint.finish, scope[-1][1]))  # as it stands
    return burn_up(
        id="burn-up",
        title=_("Burn-up"),
        description=text,
        scope=scope,
        done=done,
        names=(_("Scope"), _("Done")),
        form=lambda value: fmt.number(value),
        x_label=_("Day"),
        today=today if scope and sprint.start <= today <= sprint.finish else None,
    )


@dataclass(frozen=True)
class Capacity:
    """Working minutes; ``people`` is 0 where the sprint itself says what it can take."""

    planned: int
    minutes: int | None
    people: int

    @property
    def over(self) -> bool:
        return self.minutes is not None and self.planned > self.minutes

    @property
    def percent(self) -> int | None:
        return round(100 * self.planned / self.minutes) if self.minutes else None


def capacity(sprint: Sprint) -> Capacity:
    """What is in it beside what can be done: as the sprint says, else the hours of the people of the plan."""
    planned = sum(SprintTask.objects.filter(sprint=sprint, removed_at=None).values_list("task__duration", flat=True))
    if sprint.capacity is not None:
        return Capacity(planned, sprint.capacity, 0)
    units = list(
        Resource.objects.filter(project=sprint.project, kind=Resource.Kind.WORK).values_list("max_units", flat=True)
    )
    if not units:
        return Capacity(planned, None, 0)
    calendar = project_calendar(sprint.project)
    worked = calendar.between(
        day_start(calendar, sprint.start), datetime.datetime.combine(sprint.finish + DAY, datetime.time())
    )
    return Capacity(planned, round(float(worked) * float(sum(units)) / 100), len(units))
