"""Hours and absences of the people on a plan, as calendars of its tasks; a constant number of queries.

Only where the plan asks for it (``PlanSettings.people_hours``), and only for people with hours or absences of their
own: everybody else works by the calendar of the plan.
"""

import datetime
from collections import defaultdict
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import connection

from pmdm.worktime.engine import NoWorkingTime, WorkCalendar
from pmdm.worktime.engine.person import Away, HoursFrom, PersonCalendar
from pmdm.worktime.models import Absence, WorkingHours
from projects.schedule.calendars import STANDARD, work_calendar
from projects.schedule.models import Resource

if TYPE_CHECKING:
    from projects.schedule.plan import Plan

NOBODY = 0  # a resource that is no person yet
PLAN = "plan"  # key of the plan's calendar, for those who have none of their own


class PeopleHours:
    """Who of the people on a plan works by which calendar."""

    def __init__(self, plan: "Plan") -> None:
        self.plan = plan
        self.of: dict[int, PersonCalendar] = {}  # by user
        self._known: set[int] = set()

    def calendars(self) -> dict[Hashable, WorkCalendar]:
        """Calendars by the keys that ``keys`` gives."""
        users = {row.user_id for row in self.plan.resources.values() if row.user_id}
        self._read(users - self._known)
        people: dict[Hashable, WorkCalendar] = {("person", user): calendar for user, calendar in self.of.items()}
        return people | {PLAN: self.plan.calendar}

    def keys(self, task_id: int) -> tuple[Hashable, ...]:
        """Keys of the calendars of those who work on a task; () where it is the plan's alone."""
        users = self._users(task_id)
        if not any(user in self.of for user in users):
            return ()
        return tuple(("person", user) if user in self.of else PLAN for user in users)

    def absent(self, task_id: int, day: datetime.date) -> list[str]:
        """Names of those on a task who are away on that day."""
        calendars = [self.of[user] for user in self._users(task_id) if user in self.of]
        return [calendar.name for calendar in calendars if calendar.is_away(day)]

    def _before(self, hours: list[HoursFrom]) -> list[HoursFrom]:
        """What holds before the first hours: the plan's calendar; from the plan's start on nothing, they come later.

        Before the start nothing is planned, but what is counted backwards may reach there and must find working time.
        """
        usual = HoursFrom(datetime.date.min, self.plan.calendar)
        start = self.plan.start().date()
        if not hours or hours[0].first <= start:
            return [usual]
        return [usual, HoursFrom(start, self.plan.calendar, 0)]

    def _users(self, task_id: int) -> list[int]:
        plan = self.plan
        people = plan.people if "people" in plan.__dict__ else plan.stored_people
        resources = [plan.resources.get(key) for key in people.get(task_id, ())]
        return [row.user_id or NOBODY for row in resources if row is not None and row.kind == Resource.Kind.WORK]

    def _read(self, users: Iterable[int]) -> None:
        users = set(users)
        if not users:
            return
        self._known |= users
        hours: dict[int, list[HoursFrom]] = defaultdict(list)
        away: dict[int, list[Away]] = defaultdict(list)
        names: dict[int, str] = {}
        for row in (
            WorkingHours.objects.filter(user__in=users).select_related("calendar", "user").order_by("valid_from")
        ):
            calendar = work_calendar(row.calendar) if row.calendar else STANDARD
            hours[row.user_id].append(HoursFrom(row.valid_from, calendar, row.percent))
            names[row.user_id] = str(row.user)
        for absence in Absence.objects.filter(user__in=users).select_related("user").order_by("first", "pk"):
            away[absence.user_id].append(Away(absence.first, absence.last, absence.part))
            names[absence.user_id] = str(absence.user)
        for user, name in names.items():
            own = (*self._before(hours[user]), *hours[user])
            try:
                self.of[user] = _built(own, tuple(away[user]), name)
            except NoWorkingTime:
                continue  # no longer works at all: the task waits for somebody else, not for ever


@lru_cache(maxsize=512)
def _built(hours: tuple[HoursFrom, ...], away: tuple[Away, ...], name: str) -> PersonCalendar:
    """Built once per process for the same content, with its table of working time."""
    return PersonCalendar(hours, away, name)


# Everything about people that moves a plan: when it differs from what the last computation saw, the plan would move.
_HASH = """
SELECT encode(sha256(convert_to(coalesce(string_agg(doc, E'\\n' ORDER BY doc), ''), 'UTF8')), 'hex') FROM (
    SELECT 'hours' || jsonb_build_array(h.user_id, h.valid_from, h.percent, c.week, c.exceptions,
        c.country)::text AS doc
    FROM worktime_workinghours h LEFT JOIN worktime_calendar c ON c.id = h.calendar_id
    WHERE h.user_id IN (SELECT r.user_id FROM projects_resource r WHERE r.project_id = s.project_id)
    UNION ALL
    SELECT 'away' || jsonb_build_array(a.user_id, a.first, a.last, a.part)::text
    FROM worktime_absence a
    WHERE a.user_id IN (SELECT r.user_id FROM projects_resource r WHERE r.project_id = s.project_id)
) docs
"""


def remember(project) -> None:
    """The plan has been computed with the hours and absences as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE projects_plansettings s SET people_seen = ({_HASH})"  # noqa: S608 – a constant
            f" WHERE s.project_id = %s AND s.people_hours AND s.people_seen IS DISTINCT FROM ({_HASH})",
            [project.pk],
        )


def have_changed(project) -> bool:
    """Whether hours or absences of the plan's people differ from those it was computed with: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM projects_plansettings s"  # noqa: S608 – a constant
            f" WHERE s.project_id = %s AND s.people_hours AND s.people_seen IS DISTINCT FROM ({_HASH})",
            [project.pk],
        )
        return cursor.fetchone() is not None
