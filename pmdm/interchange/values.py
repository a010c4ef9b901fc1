"""Cells of other tools' files as values. Plain Python: None for an empty cell, ValueError for the unreadable."""

import datetime
import re
from datetime import UTC

INSTANT = "a date such as 2026-11-23, 2026-11-23T16:38:15Z or 23/Nov/26 4:38 PM is accepted"
NUMBER = "a number is accepted"

# Months are words or the year comes first: 3/4/26 alone would be guessed, so it is refused.
FORMATS = (
    "%d/%b/%y %I:%M %p",
    "%d/%b/%y",
    "%d/%b/%Y %H:%M",
    "%d %b %Y",
    "%d %b %Y %H:%M",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d-%b-%y %I.%M.%S.%f %p",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
)
# 12/2/24 8:16, 31.12.2026, 1-2-2026 4:38 PM: which is the day only the reader of the file can know.
_NUMBERS = re.compile(
    r"(?P<one>\d{1,2})(?P<sign>[./-])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})"
    r"(?:,?[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_NANOSECONDS = re.compile(r"(\d{2}\.\d{6})\d{3}(?=\s|$)")


def instant(text: str, zone: datetime.tzinfo = UTC, order: str = "") -> datetime.datetime | None:
    """An instant; without a zone of its own it is of ``zone``. A bare date is its first moment.

    ``order`` says whether day or month comes first where all is numbers (DAY_FIRST, MONTH_FIRST); without it such a
    date is refused, not guessed.
    """
    text = text.strip()
    if not text:
        return None
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError:
        at = _by_numbers(text, order) or _by_format(text)
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    if not 1900 <= at.year <= 2299:
        raise ValueError(text)
    return at.astimezone(UTC)


def orders(texts) -> set[str]:
    """The orders that all dates of mere numbers among these allow: none without such a date, else one or both."""
    found = [said for text in texts if (said := _NUMBERS.fullmatch(text.strip()))]
    if not found:
        return set()
    fits = {DAY_FIRST: ("two", "one"), MONTH_FIRST: ("one", "two")}
    return {
        order
        for order, (month, day) in fits.items()
        if all(1 <= int(said[month]) <= 12 and 1 <= int(said[day]) <= 31 for said in found)
    }


def is_numbers(text: str) -> bool:
    """Whether this is a date of mere numbers that does not begin with the year."""
    return bool(_NUMBERS.fullmatch(text.strip()))


def _by_numbers(text: str, order: str) -> datetime.datetime | None:
    said = _NUMBERS.fullmatch(text) if order else None
    if said is None:
        return None
    day, month = (said["one"], said["two"]) if order == DAY_FIRST else (said["two"], said["one"])
    year, hour = int(said["year"]), int(said["hour"] or 0)
    if said["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if said["half"][0] in "Pp" else 0)
    # Two digits as everywhere: up to 68 is this century.
    year += 0 if year > 99 else 2000 if year < 69 else 1900
    return datetime.datetime(year, int(month), int(day), hour, int(said["minute"] or 0), int(said["second"] or 0))


def _by_format(text: str) -> datetime.datetime:
    text = _NANOSECONDS.sub(r"\1", text)
    for pattern in FORMATS:
        try:
            return datetime.datetime.strptime(text, pattern)
        except ValueError:
            continue
    raise ValueError(text)


def whole(text: str) -> int | None:
    """A whole number; '3.0' is 3."""
    text = text.strip()
    if not text:
        return None
    number = float(text)
    if number != number or number in (float("inf"), float("-inf")) or number != int(number):
        raise ValueError(text)
    return int(number)
