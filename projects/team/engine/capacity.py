"""How much of a day a person can work: working hours − holidays − absences, in whole minutes."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from pmdm.worktime.engine import WorkCalendar, standard_calendar

DAY = timedelta(days=1)
STANDARD = standard_calendar()


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``valid_from`` on: the calendar's hours, ``percent`` (0 to 100) of them."""

    valid_from: date
    calendar: WorkCalendar
    percent: int = 100


@dataclass(frozen=True, slots=True)
class Absent:
    """From ``first`` to ``last``, both included; ``part`` is 'day', or 'morning' or 'afternoon' of a single day."""

    first: date
    last: date
    part: str = "day"


class Availability:
    """Capacity of one person by day. Absences of one person do not overlap; hours may come in any order.

    Without any hours the person works by ``default``; with hours, nothing before the first of them.
    """

    __slots__ = ("_absences", "_from", "_hours", "_whole")

    def __init__(
        self, hours: Iterable[Hours] = (), absences: Iterable[Absent] = (), *, default: WorkCalendar = STANDARD
    ) -> None:
        self._hours = sorted(hours, key=lambda row: row.valid_from) or [Hours(date.min, default)]
        self._from = [row.valid_from for row in self._hours]
        self._absences = sorted(absences, key=lambda row: (row.first, row.part != "morning"))
        self._whole = [row.first for row in self._absences]

    def hours_of(self, day: date) -> Hours | None:
        """The hours that hold on this day; None before the first."""
        at = bisect_right(self._from, day) - 1
        return self._hours[at] if at >= 0 else None

    def before_absence(self, day: date) -> int:
        """Minutes of the day by hours and holidays alone."""
        hours = self.hours_of(day)
        return minutes_on(hours.calendar, day) * hours.percent // 100 if hours else 0

    def absent_halves(self, day: date) -> int:
        """How much of the day the person is absent: 0, 1 or 2 halves."""
        halves = 0
        at = bisect_right(self._whole, day) - 1
        while at >= 0 and halves < 2:
            row = self._absences[at]
            if row.last < day:
                break  # they do not overlap, so the earlier ones ended before
            halves += 2 if row.part == "day" else 1
            at -= 1
        return min(halves, 2)

    def on(self, day: date) -> int:
        """Minutes the person can work on this day; never negative."""
        minutes = self.before_absence(day)
        return minutes - minutes * self.absent_halves(day) // 2 if minutes else 0

    def between(self, first: date, last: date) -> int:
        """Minutes from ``first`` to ``last``, both included."""
        return sum(self.days(first, last))

    def days(self, first: date, last: date) -> list[int]:
        """Minutes of each day from ``first`` to ``last``, both included."""
        return [self.on(first + DAY * offset) for offset in range((last - first).days + 1)]

    def weeks(self, first: date, count: int) -> list[int]:
        """Minutes of ``count`` weeks of seven days, the first beginning on ``first``."""
        days = self.days(first, first + DAY * (7 * count - 1))
        return [sum(days[at : at + 7]) for at in range(0, len(days), 7)]

    def absences_between(self, first: date, last: date) -> Sequence[Absent]:
        """Absences that touch the days from ``first`` to ``last``."""
        return [row for row in self._absences if row.first <= last and row.last >= first]


@lru_cache(maxsize=65_536)
def minutes_on(calendar: WorkCalendar, day: date) -> int:
    """Worked minutes of a date by a calendar; many people share one calendar, so it is kept."""
    return sum(end - start for start, end in calendar.hours_on(day))
