"""Availability, MTTR and MTBF from outages, and availability from checks. Plain Python on instants.

reference/formulas.md, section 9. Availability here is over all time: planned maintenance is not excluded. Overlapping
outages of a product are merged before their time is added; an open one counts up to now. MTTR counts from the start
of the outage. Percentiles are linear between the nearest ranks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median

Interval = tuple[datetime, datetime | None]  # start, end; None while it lasts

NOT_LIVE = "not_live"
NO_FAILURES = "no_failures"
NONE_CLOSED = "none_closed"
NO_CHECKS = "no_checks"


def merged(outages: Iterable[Interval], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The outages within the window as intervals that do not overlap, in order."""
    clipped = sorted((max(begin, start), min(until or end, end)) for begin, until in outages)
    joined: list[tuple[datetime, datetime]] = []
    for begin, until in clipped:
        if until <= begin:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], until)
        else:
            joined.append((begin, until))
    return joined


@dataclass(frozen=True)
class Availability:
    """One window: share of time up in percent, what it came from, and reasons where a figure is missing."""

    start: datetime
    end: datetime
    percent: float | None
    down: timedelta
    failures: int
    reason: str = ""
    mttr: timedelta | None = None
    mttr_median: timedelta | None = None
    mttr_reason: str = ""
    mtbf: timedelta | None = None
    mtbf_reason: str = ""

    @property
    def window(self) -> timedelta:
        return max(self.end - self.start, timedelta())

    @property
    def up(self) -> timedelta:
        return self.window - self.down


def availability(outages: Iterable[Interval], start: datetime, end: datetime) -> Availability:
    """Availability from ``start`` to ``end``; n/a when the window is empty (not live yet).

    MTTR: mean of the outages that ended, from their own start to their own end. MTBF: time up / failures, where
    merged outages that began in the window are the failures.
    """
    outages = list(outages)
    if end <= start:
        return Availability(start, end, None, timedelta(), 0, NOT_LIVE, mttr_reason=NOT_LIVE, mtbf_reason=NOT_LIVE)
    down_times = merged(outages, start, end)
    down = sum((until - begin for begin, until in down_times), timedelta())
    window = end - start
    failures = sum(1 for begin, _until in down_times if begin > start) + sum(
        1 for begin, _until in down_times if begin == start and any(b == start for b, _u in outages)
    )
    repaired = [until - begin for begin, until in outages if until is not None and start < until <= end]
    seconds = [length.total_seconds() for length in repaired]
    mttr_reason = "" if repaired else NONE_CLOSED if down_times else NO_FAILURES
    return Availability(
        start=start,
        end=end,
        percent=100 * (1 - down / window),
        down=down,
        failures=failures,
        mttr=timedelta(seconds=mean(seconds)) if seconds else None,
        mttr_median=timedelta(seconds=median(seconds)) if seconds else None,
        mttr_reason=mttr_reason,
        mtbf=(window - down) / failures if failures else None,
        mtbf_reason="" if failures else NO_FAILURES,
    )


@dataclass(frozen=True)
class ServiceChecks:
    """Checks of one service: how many were up, and how fast those answered (milliseconds)."""

    checks: int
    up: int
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None

    @property
    def percent(self) -> float | None:
        """Availability by checks: up / all; None without a check."""
        return 100 * self.up / self.checks if self.checks else None


def by_checks(checks: Iterable[tuple[bool, int | None]]) -> ServiceChecks:
    """Availability of one service from (is up, response in ms) of each check."""
    checks = list(checks)
    times = sorted(ms for is_up, ms in checks if is_up and ms is not None)
    return ServiceChecks(
        checks=len(checks),
        up=sum(1 for is_up, _ms in checks if is_up),
        mean_ms=mean(times) if times else None,
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The percentile of sorted values, linear between nearest ranks; None without values."""
    if not ordered:
        return None
    position = (len(ordered) - 1) * share / 100
    low = int(position)
    if low + 1 >= len(ordered):
        return float(ordered[-1])
    return ordered[low] + (ordered[low + 1] - ordered[low]) * (position - low)
