"""Calendars put together: the hours in which somebody works, and those in which all do."""

from collections.abc import Callable, Sequence

from .calendar import NoWorkingTime, WorkCalendar
from .table import DAY, Period

Days = tuple[Period, ...]  # worked seconds of one day


def united(calendars: Sequence[WorkCalendar], name: str = "") -> WorkCalendar:
    """Works whenever one of them does; their exceptions and holidays included."""
    return _combined(calendars, _any_of, name)


def common(calendars: Sequence[WorkCalendar], name: str = "") -> WorkCalendar:
    """Works when all of them do; NoWorkingTime when their ordinary weeks have no hour in common."""
    return _combined(calendars, _all_of, name)


def _combined(calendars: Sequence[WorkCalendar], join: Callable[[Sequence[Days]], Days], name: str) -> WorkCalendar:
    different = list(dict.fromkeys(calendars))
    if not different:
        raise NoWorkingTime("Hours can only be put together from at least one calendar.")
    return different[0] if len(different) == 1 else _Combined(different, join, name)


class _Combined(WorkCalendar):
    """A calendar that asks others, day by day."""

    __slots__ = ("_calendars", "_join")

    def __init__(self, calendars: Sequence[WorkCalendar], join: Callable[[Sequence[Days]], Days], name: str) -> None:
        self._calendars, self._join = calendars, join
        weeks = [calendar.week for calendar in calendars]
        week = [_minutes(join([_seconds(week[day]) for week in weeks])) for day in range(7)]
        special = {day for calendar in calendars for day in calendar.exceptions}
        exceptions = {
            day: _minutes(join([_seconds(calendar.hours_on(day)) for calendar in calendars])) for day in special
        }
        super().__init__(week, exceptions, name=name or " + ".join(calendar.name for calendar in calendars))

    def _hours_on(self, day: int) -> Days:
        return self._join([calendar._hours_on(day) for calendar in self._calendars])

    def periods_between(self, first_day: int, last_day: int) -> list[Period]:
        periods = []
        for day in range(first_day, last_day):
            midnight = day * DAY
            periods += [(midnight + start, midnight + end) for start, end in self._hours_on(day)]
        return periods


def _any_of(days: Sequence[Days]) -> Days:
    merged: list[Period] = []
    for start, end in sorted(period for day in days for period in day):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def _all_of(days: Sequence[Days]) -> Days:
    shared = days[0]
    for day in days[1:]:
        shared = tuple((max(a, c), min(b, d)) for a, b in shared for c, d in day if max(a, c) < min(b, d))
    return shared


def _seconds(hours: Sequence[tuple[int, int]]) -> Days:
    return tuple((start * 60, end * 60) for start, end in hours)


def _minutes(day: Days) -> tuple[tuple[int, int], ...]:
    return tuple((start // 60, end // 60) for start, end in day)
