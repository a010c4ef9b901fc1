"""What stands against capacity: the work that assignments still hold, spread over the time in which it is planned.

As Microsoft Project's flat contour does, the work of an assignment lies evenly on the working time between the task's
start and finish. Of a task under way only what remains counts, from now on. What should be over by now and is not
lies ahead of now, at the rate of the assignment: it still has to be done.

The load stays where the plan has it, also on days on which the person is absent: that is what the reader must see.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from pmdm.worktime.engine import WorkCalendar
from pmdm.worktime.engine.calendar import to_seconds


@dataclass(frozen=True, slots=True)
class Demand:
    """Work still to do of one assignment: ``minutes`` of it; ``units`` is the planned rate in percent of the calendar.

    ``start`` and ``finish`` are naive local times of the plan.
    """

    key: Hashable
    start: datetime
    finish: datetime
    minutes: int
    calendar: WorkCalendar
    units: float = 100.0


def remaining_minutes(
    duration: float, units: float, *, percent: int = 0, work: int | None = None, remaining: float | None = None
) -> int:
    """Work still to do, in minutes: of ``work`` where the plan says it, else of duration × units / 100.

    ``remaining`` is the duration left where somebody said it; else ``percent`` of the task is done.
    """
    whole = work if work is not None else duration * units / 100
    if percent >= 100:
        return 0
    left = remaining / duration if remaining is not None and duration else (100 - percent) / 100
    return max(0, round(whole * left))


def edges_of(first: date, count: int, days: int = 7) -> list[datetime]:
    """The ``count`` + 1 midnights between ``count`` stretches of ``days`` days from ``first`` on."""
    midnight = datetime.combine(first, time())
    return [midnight + timedelta(days=days * number) for number in range(count + 1)]


def spread(demand: Demand, edges: Sequence[datetime], now: datetime | None = None) -> list[int]:
    """Minutes of the demand between each two neighbouring ``edges`` (rising).

    What lies outside the edges is left out; over edges that hold all of it, the sum is exactly ``demand.minutes``.
    """
    count = len(edges) - 1
    if demand.minutes <= 0:
        return [0] * count
    calendar = demand.calendar
    begin = calendar.index(to_seconds(max(demand.start, now) if now else demand.start))
    end = calendar.index(to_seconds(demand.finish))
    if end <= begin:
        # Nothing of the planned time is left: at the planned rate from now on.
        rate = demand.units if demand.units > 0 else 100.0
        end = begin + max(60, round(demand.minutes * 6000 / rate))
    span = end - begin
    sums = []
    for edge in edges:
        gone = calendar.index(to_seconds(edge)) - begin
        # Whole minutes that add up: each edge is rounded once, a stretch is the difference of two edges.
        sums.append(demand.minutes * min(max(gone, 0), span) // span)
    return [after - before for before, after in pairwise(sums)]
