"""The service-level clock: business minutes between instants of a time zone, pauses left out.

Hours are local wall time, elapsed time is true: a shift over the night clocks go back lasts an hour longer.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .calendar import EPOCH, Minutes, WorkCalendar, in_minutes, to_seconds
from .table import DAY, GrowingTable, Period

Pause = tuple[datetime, datetime | None]  # from, until; None while it lasts


class ServiceClock:
    """Counts the business time of one calendar in one zone. All instants are aware."""

    def __init__(self, calendar: WorkCalendar, tz: ZoneInfo) -> None:
        self._calendar, self._tz = calendar, tz
        self._growing = GrowingTable(self._periods_between)

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> Minutes:
        """Business minutes from ``start`` to ``end`` without the pauses; 0 when ``end`` is earlier."""
        first, last = _utc(start), _utc(end)
        if last <= first:
            return 0
        worked = self._index(last) - self._index(first)
        for a, b in _merged(pauses):
            a, b = max(a, first), last if b is None else min(b, last)
            if a < b:
                worked -= self._index(b) - self._index(a)
        return in_minutes(worked)

    def due(self, start: datetime, minutes: Minutes, pauses: Iterable[Pause] = ()) -> datetime | None:
        """When ``minutes`` of business time are over; None while a pause without end holds the clock."""
        first = _utc(start)
        begin = self._index(first)
        wanted = begin + round(minutes * 60)
        at = self._finish(wanted) if wanted > begin else first
        for a, b in _merged(pauses):
            a = max(a, first)
            if a >= at:
                break
            if b is None:
                return None
            if b > a:
                wanted += self._index(b) - self._index(a)
                at = self._finish(wanted) if wanted > begin else first
        return (EPOCH.replace(tzinfo=UTC) + timedelta(seconds=at)).astimezone(self._tz)

    def _index(self, instant: int) -> int:
        return self._growing.covering(instant).index(instant)

    def _finish(self, work: int) -> int:
        return self._growing.reaching(work).finish_of(work)

    def _periods_between(self, first_day: int, last_day: int) -> list[Period]:
        # A zone shifts days by hours: look a day further on both sides, then cut at the edges.
        low, high = first_day * DAY, last_day * DAY
        periods = []
        for start, end in self._calendar.periods_between(first_day - 1, last_day + 1):
            a, b = max(self._to_utc(start), low), min(self._to_utc(end), high)
            if a < b:  # also drops hours that fall wholly into a spring gap: they do not exist
                periods.append((a, b))
        return periods

    def _to_utc(self, wall: int) -> int:
        offset = (EPOCH + timedelta(seconds=wall)).replace(tzinfo=self._tz).utcoffset()
        assert offset is not None
        return wall - offset.days * DAY - offset.seconds


def clock_of(calendar: WorkCalendar, tz: ZoneInfo) -> ServiceClock:
    """The calendar's clock in this zone, built once."""
    clock = calendar.clocks.get(tz.key)
    if clock is None:
        clock = calendar.clocks[tz.key] = ServiceClock(calendar, tz)
    assert isinstance(clock, ServiceClock)
    return clock


def business_minutes(
    start: datetime, end: datetime, calendar: WorkCalendar, tz: ZoneInfo, pauses: Iterable[Pause] = ()
) -> Minutes:
    """Business minutes from ``start`` to ``end`` on the calendar's hours in ``tz``, without the pauses."""
    return clock_of(calendar, tz).elapsed(start, end, pauses)


def due(
    start: datetime, minutes: Minutes, calendar: WorkCalendar, tz: ZoneInfo, pauses: Iterable[Pause] = ()
) -> datetime | None:
    """When ``minutes`` of business time after ``start`` are over; None while an open pause lasts."""
    return clock_of(calendar, tz).due(start, minutes, pauses)


def _utc(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError("The service clock needs instants with a time zone.")
    return to_seconds(instant.astimezone(UTC).replace(tzinfo=None))


def _merged(pauses: Iterable[Pause]) -> list[tuple[int, int | None]]:
    """Pauses in order without overlaps."""
    spans = sorted(((_utc(a), None if b is None else _utc(b)) for a, b in pauses), key=lambda span: span[0])
    merged: list[tuple[int, int | None]] = []
    for a, b in spans:
        if merged and (merged[-1][1] is None or a <= merged[-1][1]):
            last = merged[-1][1]
            merged[-1] = merged[-1][0], None if last is None or b is None else max(last, b)
        else:
            merged.append((a, b))
    return merged
