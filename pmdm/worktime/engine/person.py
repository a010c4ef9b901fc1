"""The calendar of one person: hours that change by date, a share of them, and absences."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .calendar import EPOCH_DAY, WorkCalendar
from .table import DAY, Period

Days = tuple[Period, ...]  # worked seconds of one day
MINUTE = 60


@dataclass(frozen=True, slots=True)
class HoursFrom:
    """From ``first`` on: the calendar's hours, ``percent`` (0 to 100) of each day's, from the morning on."""

    first: date
    calendar: WorkCalendar
    percent: int = 100


@dataclass(frozen=True, slots=True)
class Away:
    """From ``first`` to ``last``, both included; ``part`` is 'day', or 'morning' or 'afternoon' of a single day."""

    first: date
    last: date
    part: str = "day"


class PersonCalendar(WorkCalendar):
    """Works by the hours that hold on a day, less absences; nothing before the first hours.

    Half a day is half of that day's minutes, rounded as capacity is: what is left of an odd minute is worked. Absences
    must not overlap. ValueError without hours, NoWorkingTime when the last of them hold no work.
    """

    __slots__ = ("_away", "_away_from", "_from", "_hours")

    def __init__(self, hours: Sequence[HoursFrom], away: Sequence[Away] = (), name: str = "") -> None:
        if not hours:
            raise ValueError("A person's calendar needs hours from some day on.")
        self._hours = sorted(hours, key=lambda row: row.first)
        self._from = [row.first.toordinal() - EPOCH_DAY for row in self._hours]
        self._away = sorted(away, key=lambda row: (row.first, row.part != "morning"))
        self._away_from = [row.first.toordinal() - EPOCH_DAY for row in self._away]
        last = self._hours[-1]
        week = [_in_minutes(_share(_in_seconds(day), last.percent)) for day in last.calendar.week]
        super().__init__(week, name=name)

    def _hours_on(self, day: int) -> Days:
        at = bisect_right(self._from, day) - 1
        if at < 0:
            return ()
        hours = self._hours[at]
        worked = _share(hours.calendar._hours_on(day), hours.percent)
        parts = {row.part for row in self._away_on(day)} if worked else set()
        if "day" in parts or len(parts) == 2:
            return ()
        if not parts:
            return worked
        total = _minutes(worked)
        left = total - total // 2
        return _first(worked, left) if "afternoon" in parts else _without_first(worked, total - left)

    def _away_on(self, day: int) -> list[Away]:
        found = []
        at = bisect_right(self._away_from, day) - 1
        while at >= 0 and self._away[at].last.toordinal() - EPOCH_DAY >= day:
            found.append(self._away[at])
            at -= 1
        return found

    def is_away(self, day: date) -> bool:
        """Whether an absence takes all or half of that date."""
        return bool(self._away_on(day.toordinal() - EPOCH_DAY))

    def periods_between(self, first_day: int, last_day: int) -> list[Period]:
        periods = []
        for day in range(first_day, last_day):
            midnight = day * DAY
            periods += [(midnight + start, midnight + end) for start, end in self._hours_on(day)]
        return periods


def _share(day: Days, percent: int) -> Days:
    return day if percent >= 100 else _first(day, _minutes(day) * percent // 100)


def _first(day: Days, minutes: int) -> Days:
    left, kept = minutes * MINUTE, []
    for start, end in day:
        if left <= 0:
            break
        kept.append((start, min(end, start + left)))
        left -= end - start
    return tuple(kept)


def _without_first(day: Days, minutes: int) -> Days:
    gone, kept = minutes * MINUTE, []
    for start, end in day:
        if end - start > gone:
            kept.append((start + max(gone, 0), end))
        gone -= end - start
    return tuple(kept)


def _minutes(day: Days) -> int:
    return sum(end - start for start, end in day) // MINUTE


def _in_seconds(hours: Sequence[tuple[int, int]]) -> Days:
    return tuple((start * MINUTE, end * MINUTE) for start, end in hours)


def _in_minutes(day: Days) -> tuple[tuple[int, int], ...]:
    return tuple((start // MINUTE, end // MINUTE) for start, end in day)
