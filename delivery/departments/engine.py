"""How long something was blocked. Plain Python: intervals in, time out.

Overlapping roadblocks count once, as overlapping outages do (reference/formulas.md, section 9: merge the intervals).
"""

import datetime
from collections.abc import Iterable

Interval = tuple[datetime.datetime, datetime.datetime | None]  # from, until; None while it lasts


def merged(intervals: Iterable[Interval], start: datetime.datetime, end: datetime.datetime) -> list[
    tuple[datetime.datetime, datetime.datetime]
]:  # fmt: skip
    """The intervals cut to start..end, sorted, without overlap; open ones reach to the end."""
    cut = sorted(
        (max(first, start), min(last or end, end)) for first, last in intervals if first < end and (last or end) > start
    )
    found: list[tuple[datetime.datetime, datetime.datetime]] = []
    for first, last in cut:
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def blocked(intervals: Iterable[Interval], start: datetime.datetime, end: datetime.datetime) -> datetime.timedelta:
    """Time within start..end in which at least one interval lasted."""
    return sum((last - first for first, last in merged(intervals, start, end)), datetime.timedelta())
