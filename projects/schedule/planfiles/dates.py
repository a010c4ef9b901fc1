"""Dates as tables write them; day and month are told apart by the whole column, never guessed."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from enum import Enum

DATE_ACCEPTED = "a date such as 2026-11-23 or 2026-11-23 08:00"
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?")
WEEKDAY = re.compile(r"[^\W\d]{2,12}\.?,?\s+")


class DateOrder(Enum):
    """What the first number of 03/04/2026 is."""

    UNKNOWN = ""
    DAY_FIRST = "day"
    MONTH_FIRST = "month"


def date_order(texts: Iterable[str]) -> DateOrder:
    """The order that a column's slashed dates show: one number above 12 decides."""
    for text in texts:
        match = SLASHED.match(WEEKDAY.sub("", text, count=1))
        if match:
            if int(match[1]) > 12:
                return DateOrder.DAY_FIRST
            if int(match[2]) > 12:
                return DateOrder.MONTH_FIRST
    return DateOrder.UNKNOWN


def parse_date(text: str, order: DateOrder, at: time) -> datetime:
    """The date with its time of day, or with ``at``; ValueError says what would be accepted."""
    text = WEEKDAY.sub("", text.strip(), count=1)
    if match := ISO.match(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := DOTTED.match(text):
        day, month, year = int(match[1]), int(match[2]), _year(match[3])
    elif match := SLASHED.match(text):
        if order is DateOrder.UNKNOWN and match[1] != match[2]:
            raise ValueError("a date that can be read in one way only, such as 2026-11-23")
        first, second = int(match[1]), int(match[2])
        day, month = (second, first) if order is DateOrder.MONTH_FIRST else (first, second)
        year = _year(match[3])
    else:
        raise ValueError(DATE_ACCEPTED)
    if not 1900 <= year <= 2299:
        raise ValueError("a date in the years 1900 to 2299")
    rest = text[match.end() :].lstrip("T ")
    try:
        return datetime.combine(date(year, month, day), _clock(rest) if rest else at)
    except ValueError:
        raise ValueError(DATE_ACCEPTED)


def _clock(text: str) -> time:
    match = CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(text)
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower() == "pm" else 0)
    return time(hour, int(match[2]), int(match[3] or 0))


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year if year < 70 else 1900 + year
