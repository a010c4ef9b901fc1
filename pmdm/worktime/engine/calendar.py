"""Working calendars: which minutes of which days are worked, and arithmetic on them.

Work that ends exactly with a period ends there (17:00); work that would begin there begins with the next period
(08:00 of the next working day).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from .table import DAY, GrowingTable, OutOfRange, Period, Table

__all__ = ["ALWAYS", "STANDARD_WEEK", "NoWorkingTime", "OutOfRange", "WorkCalendar", "standard_calendar"]

Hours = Sequence[tuple[int, int]]  # worked minutes of one day as (start, end), 0 to 1440
Minutes = int | float  # whole unless seconds are involved

EPOCH = datetime(1970, 1, 1)
EPOCH_DAY = EPOCH.toordinal()
SECOND = timedelta(seconds=1)

_OFFICE = ((480, 720), (780, 1020))
STANDARD_WEEK: tuple[Hours, ...] = (_OFFICE,) * 5 + ((), ())


class NoWorkingTime(ValueError):
    """A week without a single working minute can hold no work."""


class WorkCalendar:
    """Seven weekdays of hours (Monday first), exceptions by date, and public holidays.

    An exception replaces the hours of its date; ``()`` makes it a day off. ``holidays`` gives the days off of a
    year; exceptions win over it. Instants are naive local datetimes, to the second.
    """

    __slots__ = ("_exceptions", "_growing", "_holidays", "_week", "clocks", "name")

    def __init__(
        self,
        week: Sequence[Hours],
        exceptions: Mapping[date, Hours] | None = None,
        *,
        holidays: Callable[[int], Collection[date]] | None = None,
        name: str = "",
    ) -> None:
        if len(week) != 7:
            raise ValueError("A week has seven days, Monday first.")
        self.name = name
        self._week = tuple(_seconds(hours) for hours in week)
        self._exceptions = {day.toordinal() - EPOCH_DAY: _seconds(h) for day, h in (exceptions or {}).items()}
        self._holidays = holidays
        self._growing = GrowingTable(self.periods_between)
        self.clocks: dict[str, object] = {}  # one per time zone, see clock.py
        if not any(self._week):
            raise NoWorkingTime("The working week needs at least one period of work.")

    def __repr__(self) -> str:
        return f"<WorkCalendar {self.name or self.week_minutes}>"

    def derive(
        self,
        week: Mapping[int, Hours] | None = None,
        exceptions: Mapping[date, Hours] | None = None,
        *,
        name: str = "",
    ) -> "WorkCalendar":
        """A calendar like this one except for the weekdays (0 = Monday) and dates given."""
        own = dict(enumerate(self.week))
        own.update(week or {})
        merged = {**self.exceptions, **(exceptions or {})}
        return WorkCalendar([own[d] for d in range(7)], merged, holidays=self._holidays, name=name)

    @property
    def week(self) -> tuple[Hours, ...]:
        """Worked minutes of each weekday, Monday first."""
        return tuple(_minutes_of(periods) for periods in self._week)

    @property
    def exceptions(self) -> dict[date, Hours]:
        return {date.fromordinal(day + EPOCH_DAY): _minutes_of(periods) for day, periods in self._exceptions.items()}

    @property
    def week_minutes(self) -> int:
        """Worked minutes of an ordinary week."""
        return sum(end - start for day in self._week for start, end in day) // 60

    # Datetimes in, datetimes out

    def next_working(self, t: datetime) -> datetime:
        """The first instant at or after ``t`` at which work can begin."""
        return from_seconds(self.start_of(self.index(to_seconds(t))))

    def previous_working(self, t: datetime) -> datetime:
        """The last instant at or before ``t`` at which work can end."""
        return from_seconds(self.finish_of(self.index(to_seconds(t))))

    def add(self, t: datetime, minutes: Minutes) -> datetime:
        """When ``minutes`` of work begun at ``t`` are done; none: when they could begin."""
        if minutes < 0:
            return self.subtract(t, -minutes)
        work = self.index(to_seconds(t))
        if not minutes:
            return from_seconds(self.start_of(work))
        return from_seconds(self.finish_of(work + round(minutes * 60)))

    def subtract(self, t: datetime, minutes: Minutes) -> datetime:
        """When ``minutes`` of work done at ``t`` have to begin; none: when they could end."""
        if minutes < 0:
            return self.add(t, -minutes)
        work = self.index(to_seconds(t))
        if not minutes:
            return from_seconds(self.finish_of(work))
        return from_seconds(self.start_of(work - round(minutes * 60)))

    def between(self, a: datetime, b: datetime) -> Minutes:
        """Working minutes from ``a`` to ``b``, negative when ``b`` is earlier."""
        return in_minutes(self.index(to_seconds(b)) - self.index(to_seconds(a)))

    def is_working(self, t: datetime) -> bool:
        """Whether work can be going on at ``t``."""
        instant = to_seconds(t)
        return self.start_of(self.index(instant)) == instant

    def is_working_day(self, day: date) -> bool:
        return bool(self._hours_on(day.toordinal() - EPOCH_DAY))

    def hours_on(self, day: date) -> Hours:
        """Worked periods of that date as (start minute, end minute)."""
        return _minutes_of(self._hours_on(day.toordinal() - EPOCH_DAY))

    def working_days(self, first: date, last: date) -> int:
        """Dates with any work from ``first`` to ``last``, both included."""
        days = range(first.toordinal() - EPOCH_DAY, last.toordinal() - EPOCH_DAY + 1)
        return sum(1 for day in days if self._hours_on(day))

    # Seconds since 1970 in, working seconds out: what the schedule engine computes with

    def index(self, instant: int) -> int:
        """Working seconds from the calendar's anchor to this instant; only differences have meaning."""
        return self._growing.covering(instant).index(instant)

    def start_of(self, work: int) -> int:
        """The instant at which work number ``work`` begins."""
        return self._growing.reaching(work).start_of(work)

    def finish_of(self, work: int) -> int:
        """The instant at which ``work`` is done."""
        return self._growing.reaching(work).finish_of(work)

    def instants_of(self, work: NDArray[np.int64], starting: NDArray[np.bool_]) -> NDArray[np.int64]:
        """``start_of`` where ``starting``, else ``finish_of``, for many at once."""
        if not len(work):
            return work
        self._growing.reaching(int(work.min()))
        starts, done = self._growing.reaching(int(work.max())).arrays()
        where = np.where(starting, done.searchsorted(work, "right"), done.searchsorted(work, "left")) - 1
        return starts[where] + work - done[where]

    def indexes_of(self, instants: NDArray[np.int64]) -> NDArray[np.int64]:
        """``index`` of many instants at once."""
        if not len(instants):
            return instants
        self._growing.covering(int(instants.min()))
        starts, done, lengths = self._growing.covering(int(instants.max())).columns()
        where = np.maximum(starts.searchsorted(instants, "right") - 1, 0)
        return done[where] + np.clip(instants - starts[where], 0, lengths[where])

    def table(self) -> Table | None:
        """The stretch of periods built so far."""
        return self._growing.table

    def _hours_on(self, day: int) -> tuple[Period, ...]:
        if (own := self._exceptions.get(day)) is not None:
            return own
        if self._holidays is not None:
            when = date.fromordinal(day + EPOCH_DAY)
            if when in self._holidays(when.year):
                return ()
        return self._week[(day + 3) % 7]  # 1 January 1970 was a Thursday

    def periods_between(self, first_day: int, last_day: int) -> list[Period]:
        """Worked periods of the days from ``first_day`` to before ``last_day``, in seconds since 1970."""
        special = self._exceptions
        if self._holidays is not None:
            years = range(_year(first_day), _year(last_day) + 1)
            off = (day.toordinal() - EPOCH_DAY for year in years for day in self._holidays(year))
            special = dict.fromkeys(off, ()) | special
        week = self._week
        periods = []
        for day in range(first_day, last_day):
            hours = special[day] if day in special else week[(day + 3) % 7]
            midnight = day * DAY
            for start, end in hours:
                periods.append((midnight + start, midnight + end))
        return periods


def standard_calendar(name: str = "Standard") -> WorkCalendar:
    """Monday to Friday, 08:00-12:00 and 13:00-17:00."""
    return WorkCalendar(STANDARD_WEEK, name=name)


def to_seconds(t: datetime) -> int:
    """Seconds since 1970-01-01T00:00 on the same wall clock; fractions are cut off."""
    gone = t - EPOCH
    return gone.days * DAY + gone.seconds


def from_seconds(instant: int) -> datetime:
    return EPOCH + instant * SECOND


def in_minutes(seconds: int) -> Minutes:
    """Whole minutes as an int, others as a float."""
    return seconds / 60 if seconds % 60 else seconds // 60


def _seconds(hours: Hours) -> tuple[Period, ...]:
    before = 0
    for start, end in hours:
        if not before <= start < end <= 1440:
            raise ValueError(f"Working hours must rise within the day (0 to 1440 minutes), not {list(hours)}.")
        before = end
    return tuple((start * 60, end * 60) for start, end in hours)


def _minutes_of(periods: tuple[Period, ...]) -> Hours:
    return tuple((start // 60, end // 60) for start, end in periods)


def _year(day: int) -> int:
    return date.fromordinal(day + EPOCH_DAY).year


ALWAYS = WorkCalendar((((0, 1440),),) * 7, name="24 hours")
"""Round the clock: what elapsed durations and lags count on."""
