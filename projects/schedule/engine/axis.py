"""Positions on a calendar as single integers, so that the passes only add, subtract and compare.

A position is twice the working seconds plus a side: even is 'work just done' (Friday 17:00), odd is 'work about
to begin' (Monday 08:00). Both are the same working instant, yet the even one is earlier on the clock; milestones
and links between calendars need to know which one is meant.
"""

from datetime import datetime

from pmdm.worktime.engine import WorkCalendar
from pmdm.worktime.engine.calendar import to_seconds

NEVER = -(1 << 60)  # before everything: no lower bound
ALWAYS_LATE = 1 << 60  # after everything: no upper bound
MINUTE = 60


class Axis:
    """Positions of one calendar."""

    __slots__ = ("calendar",)

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar

    def at_or_after(self, instant: int) -> int:
        """The lowest position that is not before ``instant``."""
        if not bounded(instant):
            return instant
        work = self.calendar.index(instant)
        return 2 * work + (self.calendar.finish_of(work) != instant)

    def at_or_before(self, instant: int) -> int:
        """The highest position that is not after ``instant``."""
        if not bounded(instant):
            return instant
        work = self.calendar.index(instant)
        return 2 * work + (self.calendar.start_of(work) == instant)

    def startable_by(self, instant: int) -> int:
        """The last position at which work of some length starts no later than ``instant``."""
        position = self.at_or_before(instant)
        if not bounded(instant) or position & 1:
            return position
        return position - 2 * MINUTE + 1

    def latest_start(self, t: datetime, *, has_length: bool) -> int:
        """Where 'start no later than t' ends; a date at the end of a period also allows the next period's start."""
        position = self.before(t)
        if not has_length or position & 1:
            return position
        instant = to_seconds(t)
        return position + 1 if self.instant(position) == instant else self.startable_by(instant)

    def instant(self, position: int) -> int:
        if not bounded(position):
            return position
        work = position >> 1
        return self.calendar.start_of(work) if position & 1 else self.calendar.finish_of(work)

    def after(self, t: datetime) -> int:
        return self.at_or_after(to_seconds(t))

    def before(self, t: datetime) -> int:
        return self.at_or_before(to_seconds(t))


def bounded(value: int) -> bool:
    return -(1 << 59) < value < 1 << 59
