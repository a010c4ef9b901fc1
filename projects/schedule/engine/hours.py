"""Which calendar a task is worked on: its own, its people's, or the project's."""

from collections.abc import Hashable, Mapping
from functools import lru_cache

from pmdm.worktime.engine import ALWAYS, WorkCalendar
from pmdm.worktime.engine.combine import common, united

from .network import TaskIn


def calendar_of(task: TaskIn, calendars: Mapping[Hashable, WorkCalendar], project: WorkCalendar) -> WorkCalendar:
    """The calendar on which a task's work and floats are counted.

    Elapsed tasks go on round the clock. People's calendars stand in for the project's: work goes on while one of them
    is there, and where the task has a calendar of its own as well, only in hours both allow (as Microsoft Project
    does). KeyError for calendars that are not in ``calendars``, NoWorkingTime where no hour is left.
    """
    if task.elapsed:
        return ALWAYS
    if not task.resource_calendars:
        return project if task.calendar is None else calendars[task.calendar]
    people = tuple(dict.fromkeys(calendars[key] for key in task.resource_calendars))
    return _together(people, None if task.calendar is None else calendars[task.calendar])


@lru_cache(maxsize=1024)
def _together(people: tuple[WorkCalendar, ...], own: WorkCalendar | None) -> WorkCalendar:
    """Built once for each combination, so that tasks that share one also share its table."""
    together = united(people)
    return together if own is None else common([own, together])
