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
_NANOSECONDS = re.compile(r"(\d{2}\.\d{6})\d{3}(?=\s|$)")


def instant(text: str, zone: datetime.tzinfo = UTC) -> datetime.datetime | None:
    """An instant; without a zone of its own it is of ``zone``. A bare date is its first moment."""
    text = text.strip()
    if not text:
        return None
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError:
        at = _by_format(text)
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    if not 1900 <= at.year <= 2299:
        raise ValueError(text)
    return at.astimezone(UTC)


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
