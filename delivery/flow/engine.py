"""Figures of support flow. Plain Python: moments and counts in, shares and buckets out.

reference/formulas.md, section 8. Shares are None where there is nothing to divide by, never 0.
"""

import datetime
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DAY = datetime.timedelta(days=1)
# Upper ends of the age of open issues, in days; the last bucket has none.
AGES = (1, 3, 7, 30, 90)


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def percentile(values: Iterable[float], p: float) -> float | None:
    """The linear percentile (0-100) between closest ranks, as spreadsheets reckon it; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    rank = (len(ordered) - 1) * p / 100
    low, high = math.floor(rank), math.ceil(rank)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def age_bucket(age: datetime.timedelta) -> int:
    """Which bucket of AGES an age falls into: 0 for less than a day, len(AGES) for the oldest."""
    return bisect_right([DAY * days for days in AGES], age)


@dataclass(frozen=True)
class Week:
    """One week of the flow: what came, what was solved, what was open when it ended."""

    until: datetime.datetime
    came: int
    solved: int
    open: int


def weeks(
    created: Sequence[datetime.datetime], resolved: Sequence[datetime.datetime], now: datetime.datetime, count: int
) -> list[Week]:
    """The last ``count`` weeks up to now, the oldest first. Backlog = opened − closed, cumulated.

    ``resolved`` holds the moments that count now: what was opened again is open, its earlier resolution is not there.
    """
    came, gone = sorted(created), sorted(resolved)
    found = []
    for back in range(count - 1, -1, -1):
        until = now - back * 7 * DAY
        since = until - 7 * DAY
        before_in, before_out = bisect_right(came, since), bisect_right(gone, since)
        all_in, all_out = bisect_right(came, until), bisect_right(gone, until)
        found.append(Week(until, all_in - before_in, all_out - before_out, all_in - all_out))
    return found
