"""A queue of events in time order: each is done by somebody, at its moment, through the verbs that people use.

Events may add later events. Whatever lies after now does not happen. Between the events the figures of each week's end
are computed and kept, by the same code that does it at night.
"""

import datetime
import heapq
import itertools
import random
from collections.abc import Callable
from contextlib import contextmanager

import pghistory

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
WEEK = 7 * DAY


class Timeline:
    def __init__(self, now: datetime.datetime, *, seed: int):
        self.now = now
        self.dice = random.Random(seed)
        self.done = 0
        self._queue: list = []
        self._order = itertools.count()

    def at(self, when: datetime.datetime, by, do: Callable, *args, **kwargs) -> None:
        """``do(*args, by=by, at=when, **kwargs)`` happens at ``when``, unless that is still to come."""
        if when <= self.now:
            heapq.heappush(self._queue, (when, next(self._order), by, do, args, kwargs))

    def run(self, *, every_week: Callable[[datetime.date], None] = lambda day: None, say=lambda text: None) -> None:
        """Let everything happen; ``every_week(day)`` is called at the end of each Sunday on the way."""
        if not self._queue:
            return
        first = self._queue[0][0]
        sunday = _end_of_week(first)
        while self._queue:
            when = self._queue[0][0]
            while sunday < when:
                every_week(sunday.date())
                sunday += WEEK
                if sunday.day <= 7:
                    say(f"{sunday:%B %Y}: {self.done} events")
            when, _order, by, do, args, kwargs = heapq.heappop(self._queue)
            with acting(by, when):
                do(*args, by=by, at=when, **kwargs)
            self.done += 1
        while sunday <= self.now:
            every_week(sunday.date())
            sunday += WEEK

    def morning(self, day: datetime.datetime, *, spread: float = 3.0) -> datetime.datetime:
        """A moment in office hours of that day (or the next weekday)."""
        start = day.replace(hour=8, minute=0, second=0, microsecond=0)
        while start.weekday() > 4:
            start += DAY
        return start + datetime.timedelta(minutes=int(self.dice.random() * spread * 60))


def _end_of_week(when: datetime.datetime) -> datetime.datetime:
    day = when.replace(hour=23, minute=55, second=0, microsecond=0)
    return day + (6 - when.weekday()) * DAY


@contextmanager
def acting(by, when: datetime.datetime):
    """Audit rows name this person and this moment; what one person did in one moment is told as one."""
    user = by.pk if by else None
    with pghistory.context(user=user, request=f"demo-{when:%Y%m%d%H%M%S%f}-{user or 0}", at=when.isoformat()):
        yield
