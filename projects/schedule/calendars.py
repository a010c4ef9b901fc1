"""The working calendars of a plan, from the database to the engine."""

import datetime
import json
from functools import lru_cache

from pmdm.prepared import PreparedRows
from pmdm.worktime.engine import WorkCalendar, calendar_from_json, standard_calendar
from projects.schedule.models import PlanCalendar

STANDARD = standard_calendar()

_imported = PreparedRows(lambda project: PlanCalendar.objects.filter(project=project, is_project_calendar=True))


def project_calendar(project, plan_calendars: list[PlanCalendar] | None = None) -> WorkCalendar:
    """What the plan works by: its own imported calendar, else the one chosen for the project, else the standard one."""
    if plan_calendars is None:
        plan_calendars = _imported(project.pk)
    for calendar in plan_calendars:
        if calendar.is_project_calendar:
            return work_calendar(calendar)
    if project.calendar_id:
        return work_calendar(project.calendar)
    return STANDARD


def work_calendar(calendar) -> WorkCalendar:
    """Arithmetic for a stored calendar; the same content is built once per process, whoever stores it."""
    return _built(
        json.dumps(calendar.week, sort_keys=True),
        json.dumps(calendar.exceptions, sort_keys=True),
        getattr(calendar, "country", ""),
        calendar.name,
    )


@lru_cache(maxsize=256)
def _built(week: str, exceptions: str, country: str, name: str) -> WorkCalendar:
    return calendar_from_json(json.loads(week), json.loads(exceptions), country=country, name=name)


def day_start(calendar: WorkCalendar, day: datetime.date) -> datetime.datetime:
    """When work begins on that day; on a day off, midnight."""
    hours = calendar.hours_on(day)
    return _at(day, hours[0][0] if hours else 0)


def day_end(calendar: WorkCalendar, day: datetime.date) -> datetime.datetime:
    """When work ends on that day; on a day off, the last moment before it."""
    hours = calendar.hours_on(day)
    return _at(day, hours[-1][1]) if hours else calendar.previous_working(_at(day, 0))


def _at(day: datetime.date, minutes: int) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(minutes=minutes)
