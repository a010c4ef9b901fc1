"""How far the exit of hypercare is away: one meter for each threshold. Plain Python on instants.

A meter says the value now, the target, whether it is met, and in how many days it will be at the earliest: if nothing
bad happens any more and what is open is closed this moment. The sum of it, 'days until eligible', is the longest of
them. What nobody can foresee (answers of customers) has no number of days.

- Free of critical issues: whole days since the last moment at which one was open, n days needed.
- Issues a day: issues opened in the last ``window_days`` days by their number, judged once hypercare is that old.
- Satisfaction: share of 4 and 5 among valid answers since the start, in percent (formulas.md, section 7).
- Availability: share of time up since the start, in percent (formulas.md, section 9).
- Period: the agreed last day has been reached.
"""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

from delivery.performance.availability import merged
from delivery.satisfaction.indices import csat

DAY = datetime.timedelta(days=1)
PERIOD, CRITICAL, ISSUES, SATISFACTION, AVAILABILITY = "period", "critical", "issues", "satisfaction", "availability"
NO_ANSWERS, TOO_YOUNG = "no_answers", "too_young"


@dataclass(frozen=True)
class Thresholds:
    """None: not asked for. Percentages are 0-100; ``window_days`` >= 1."""

    critical_free_days: int | None = None
    issues_per_day: float | None = None
    window_days: int = 7
    satisfaction: float | None = None
    availability: float | None = None


@dataclass(frozen=True)
class Facts:
    """What happened from ``start`` to ``now``."""

    start: datetime.datetime
    now: datetime.datetime
    until: datetime.datetime
    critical: Sequence[tuple[datetime.datetime, datetime.datetime | None]] = ()  # opened, resolved or None
    opened: Sequence[datetime.datetime] = ()  # each issue's creation, in order
    answers: dict[int, int] | None = None  # how often 1-5 was given
    outages: Sequence[tuple[datetime.datetime, datetime.datetime | None]] = ()


@dataclass(frozen=True)
class Meter:
    key: str
    value: float | None
    target: float
    is_met: bool
    days: int | None  # until it is met at the earliest; 0 when it is; None when nobody can say
    share: float  # how full the meter is, 0..1
    reason: str = ""


def meters(facts: Facts, asked: Thresholds) -> list[Meter]:
    """The meters of the thresholds that are asked for, the period first."""
    found = [_period(facts)]
    if asked.critical_free_days is not None:
        found.append(_critical(facts, asked.critical_free_days))
    if asked.issues_per_day is not None:
        found.append(_issues(facts, asked.issues_per_day, asked.window_days))
    if asked.satisfaction is not None:
        found.append(_satisfaction(facts, asked.satisfaction))
    if asked.availability is not None:
        found.append(_availability(facts, asked.availability))
    return found


def days_until_eligible(found: Sequence[Meter]) -> int | None:
    """The longest of the meters' days; None when one of them can't be foreseen."""
    days = [meter.days for meter in found]
    return None if None in days else max((day for day in days if day is not None), default=0)


def _whole_days(length: datetime.timedelta) -> int:
    """Days up to the next whole one, never negative."""
    return max(0, math.ceil(length / DAY))


def _period(facts: Facts) -> Meter:
    days = _whole_days(facts.until - facts.now)
    whole = facts.until - facts.start
    share = 1.0 if whole <= datetime.timedelta() else min(1.0, max(0.0, (facts.now - facts.start) / whole))
    return Meter(PERIOD, max(0, (facts.now - facts.start) // DAY), max(0, round(whole / DAY)), days == 0, days, share)


def _critical(facts: Facts, needed: int) -> Meter:
    ends = [until or facts.now for _begin, until in facts.critical]
    free = facts.now - max([facts.start, *(min(end, facts.now) for end in ends)])
    is_open = any(until is None or until > facts.now for _begin, until in facts.critical)
    days = _whole_days(needed * DAY - free)
    met = not is_open and days == 0
    share = min(1.0, free / (needed * DAY)) if needed else float(met)
    # One that is open keeps even a threshold of no days from being met.
    return Meter(CRITICAL, free // DAY, needed, met, days if not is_open else max(days, 1), share)


def _issues(facts: Facts, most: float, window: int) -> Meter:
    length = window * DAY
    recent = sorted(moment for moment in facts.opened if facts.now - length < moment <= facts.now)
    age = facts.now - facts.start
    rate = len(recent) / window
    room = math.floor(most * window + 1e-9)
    leaves = recent[len(recent) - room - 1] + length - facts.now if len(recent) > room else datetime.timedelta()
    days = max(_whole_days(leaves), _whole_days(length - age))
    share = 1.0 if rate <= most else most / rate
    reason = TOO_YOUNG if age < length else ""
    return Meter(ISSUES, rate, most, days == 0, days, min(share, max(0.0, age / length)), reason)


def _satisfaction(facts: Facts, least: float) -> Meter:
    index = csat(facts.answers or {})
    if index.value is None:
        return Meter(SATISFACTION, None, least, False, None, 0.0, NO_ANSWERS)
    met = index.value >= least
    return Meter(
        SATISFACTION, index.value, least, met, 0 if met else None, min(1.0, index.value / least) if least else 1.0
    )


def _availability(facts: Facts, least: float) -> Meter:
    window = facts.now - facts.start
    if window <= datetime.timedelta():
        return Meter(AVAILABILITY, None, least, False, 1, 0.0, TOO_YOUNG)
    down = sum((b - a for a, b in merged(facts.outages, facts.start, facts.now)), datetime.timedelta())
    value = 100 * (1 - down / window)
    allowed = 1 - least / 100
    if down <= window * allowed + datetime.timedelta(microseconds=1):
        return Meter(AVAILABILITY, value, least, True, 0, 1.0)
    days = _whole_days(down / allowed - window) if allowed > 0 else None
    return Meter(AVAILABILITY, value, least, False, days if days is None else max(days, 1), allowed * window / down)
