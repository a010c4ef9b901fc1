"""Working periods laid end to end: instants to working seconds and back by bisection."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

DAY = 86_400  # seconds


class OutOfRange(ValueError):
    """A date left the years a calendar covers."""


# Bounds keep a hostile duration from growing a table without end.
FIRST_DAY = -25_567  # 1 January 1900, in days since 1970-01-01
LAST_DAY = 120_530  # 1 January 2300, exclusive
FIRST_STRETCH = 3 * 366  # days covered at the first look; doubled on demand

Period = tuple[int, int]  # start and end in seconds since 1970-01-01T00:00, end exclusive


class Table:
    """An immutable stretch of working periods.

    ``starts[i]`` is when period *i* begins, ``work[i]`` how many working seconds lie before it, counted from
    the stretch's anchor (so it is negative before the anchor). Both carry one closing entry.
    """

    __slots__ = ("_arrays", "first_day", "last_day", "lengths", "starts", "work")

    def __init__(self, first_day: int, last_day: int, periods: Iterable[Period], work_before: int) -> None:
        self.first_day, self.last_day = first_day, last_day
        periods = list(periods)
        self.lengths = [end - start for start, end in periods]
        self.lengths.append(0)
        self.starts = [start for start, _ in periods]
        self.starts.append(last_day * DAY)
        self.work = list(accumulate(self.lengths[:-1], initial=work_before))
        self._arrays: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    def covers(self, instant: int) -> bool:
        return self.first_day * DAY <= instant < self.last_day * DAY

    def index(self, instant: int) -> int:
        """Working seconds between the anchor and this instant."""
        i = bisect_right(self.starts, instant) - 1
        if i < 0:
            return self.work[0]
        into = instant - self.starts[i]
        length = self.lengths[i]
        return self.work[i] + (into if into < length else length)

    def start_of(self, work: int) -> int:
        """The instant at which working second number ``work`` begins."""
        i = bisect_right(self.work, work) - 1
        return self.starts[i] + work - self.work[i]

    def finish_of(self, work: int) -> int:
        """The instant at which ``work`` working seconds have just been done."""
        i = bisect_left(self.work, work) - 1
        return self.starts[i] + work - self.work[i]

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self._arrays is None:
            self._arrays = np.array(self.starts, np.int64), np.array(self.work, np.int64)
        return self._arrays

    def columns(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Starts, work before, and lengths of the periods."""
        return *self.arrays(), np.array(self.lengths, np.int64)


class GrowingTable:
    """A table that covers whatever is asked of it, within the years 1900 to 2299.

    Growth builds a new ``Table`` and swaps it in, so that threads may share one calendar.
    """

    __slots__ = ("_periods_between", "table")

    def __init__(self, periods_between: Callable[[int, int], list[Period]]) -> None:
        self._periods_between = periods_between
        self.table: Table | None = None

    def covering(self, instant: int) -> Table:
        table = self.table
        if table is not None and table.covers(instant):
            return table
        day = instant // DAY
        if not FIRST_DAY <= day < LAST_DAY:
            raise OutOfRange("The date lies outside the years 1900 to 2299.")
        if table is None:
            return self._stretch(day - FIRST_STRETCH // 3, day + FIRST_STRETCH)
        if day < table.first_day:
            return self._stretch(min(day - 7, 2 * table.first_day - table.last_day), table.last_day)
        return self._stretch(table.first_day, max(day + 7, 2 * table.last_day - table.first_day))

    def reaching(self, work: int) -> Table:
        """A table whose working seconds hold ``work`` strictly inside."""
        table = self.table
        assert table is not None, "working seconds are counted from an instant looked up before"
        while not table.work[0] < work < table.work[-1]:
            span = table.last_day - table.first_day
            if work <= table.work[0]:
                if table.first_day == FIRST_DAY:
                    raise OutOfRange("The work would begin before the year 1900.")
                table = self._stretch(table.first_day - span, table.last_day)
            else:
                if table.last_day == LAST_DAY:
                    raise OutOfRange("The work would end after the year 2299.")
                table = self._stretch(table.first_day, table.last_day + span)
        return table

    def _stretch(self, first_day: int, last_day: int) -> Table:
        first_day, last_day = max(first_day, FIRST_DAY), min(last_day, LAST_DAY)
        periods = self._periods_between(first_day, last_day)
        before = 0
        if (old := self.table) is not None and first_day < old.first_day:
            # Indexes handed out earlier must keep their meaning: the anchor stays where it was.
            edge = old.first_day * DAY
            before = old.work[0] - sum(min(end, edge) - start for start, end in periods if start < edge)
        elif old is not None:
            before = old.work[0]
        self.table = Table(first_day, last_day, periods, before)
        return self.table
