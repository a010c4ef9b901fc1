"""When something comes back: plain dates from a rule. No database, no clock.

The arithmetic is dateutil's (RFC 5545 recurrence rules), on days without a time: neither zones nor summer time can move
one. ``count`` counts the days the rule names, those left out for a holiday included.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

DAY = datetime.timedelta(days=1)
FREQUENCY = {"day": DAILY, "week": WEEKLY, "month": MONTHLY, "year": YEARLY}
YEARS = 50  # no rule is followed further
LONGEST_HOLIDAYS = 366  # days looked ahead for one that is worked


@dataclass(frozen=True, kw_only=True)
class Rule:
    """``every`` is day, week, month or year; weekdays from 0 (Monday); ``nth`` 1..4 or -1 (last) of ``weekdays[0]``."""

    every: str
    start: datetime.date
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    month_day: int | None = None
    month: int | None = None
    until: datetime.date | None = None
    count: int | None = None
    holidays: str = "shift"


def days(rule: Rule) -> Iterator[datetime.date]:
    """The days the rule names, in order, at most fifty years on."""
    options: dict = {}
    if rule.every == "week":
        options["byweekday"] = rule.weekdays or (rule.start.weekday(),)
    elif rule.every in ("month", "year"):
        if rule.nth is not None:
            options["byweekday"] = weekday(rule.weekdays[0] if rule.weekdays else rule.start.weekday(), rule.nth)
        else:
            options["bymonthday"] = rule.month_day or rule.start.day
        if rule.every == "year":
            options["bymonth"] = rule.month or rule.start.month
    last = min(rule.until or datetime.date.max, _years_on(rule.start))
    if rule.count is not None:
        options["count"] = rule.count
    found = rrule(
        FREQUENCY[rule.every], dtstart=_midnight(rule.start), interval=rule.interval, wkst=0,
        until=None if rule.count is not None else _midnight(last), **options,
    )  # fmt: skip
    for moment in found:
        if moment.date() > last:
            return
        yield moment.date()


def planned(
    rule: Rule, is_working_day: Callable[[datetime.date], bool]
) -> Iterator[tuple[datetime.date, datetime.date | None]]:
    """Each day of the rule with the day on which the work is planned; None: left out.

    On a day off: kept, left out, or moved to the next working day. No day is planned twice: where two are moved onto
    one, the later of them is left out.
    """
    taken: set[datetime.date] = set()
    for day in days(rule):
        when: datetime.date | None = day
        if rule.holidays != "keep" and not is_working_day(day):
            when = _next_working(day, is_working_day) if rule.holidays == "shift" else None
        if when in taken:
            when = None
        if when is not None:
            taken.add(when)
        yield day, when


def _next_working(day, is_working_day) -> datetime.date | None:
    return next((day + n * DAY for n in range(1, LONGEST_HOLIDAYS) if is_working_day(day + n * DAY)), None)


def _years_on(day: datetime.date) -> datetime.date:
    return day + YEARS * 366 * DAY


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time())
