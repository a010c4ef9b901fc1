"""Booked time as people type it: '1h 30m', '90m', '1:30', '1.5h', '2'."""

import re

_PARTS = re.compile(
    r"(?:(?P<hours>\d{1,3}(?:[.,]\d{1,4})?)\s*h)?\s*(?:(?P<minutes>\d{1,4})\s*m(?:in)?)?", re.IGNORECASE
)
_CLOCK = re.compile(r"(?P<hours>\d{1,2}):(?P<minutes>[0-5]\d)")
_HOURS = re.compile(r"\d{1,2}(?:[.,]\d{1,4})?")


def parse_minutes(text: str) -> int | None:
    """Minutes that the text says, or None where it says none. A bare number counts hours: '1.5' is 90."""
    text = text.strip()
    if match := _CLOCK.fullmatch(text):
        return int(match["hours"]) * 60 + int(match["minutes"])
    if _HOURS.fullmatch(text):
        return round(_number(text) * 60)
    match = _PARTS.fullmatch(text)
    if match is None or not (match["hours"] or match["minutes"]):
        return None
    return round(_number(match["hours"] or "0") * 60) + int(match["minutes"] or 0)


def format_minutes(minutes: int) -> str:
    """The text that ``parse_minutes`` reads back: 90 is '1h 30m'."""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours}h" if hours else "", f"{rest}m" if rest or not hours else "") if part)


def _number(text: str) -> float:
    return float(text.replace(",", "."))
