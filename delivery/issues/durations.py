"""Targets as people write them: '4h', '2d', '1d 4h', '30m', '1w'. A day is a day of service hours."""

import re

PART = re.compile(r"\s*(\d{1,6}(?:\.\d{1,2})?)\s*([mhdw])", re.IGNORECASE)
MAX_MINUTES = 60 * 24 * 366


class NotADuration(ValueError):
    """The text is no duration; the message says what would be."""


def parse(text: str, minutes_per_day: int, days_per_week: int = 5) -> int:
    """Minutes of service time. A bare number means hours; NotADuration for anything else."""
    text = text.strip().replace(",", ".")
    if re.fullmatch(r"\d{1,6}(\.\d{1,2})?", text):
        text += "h"
    units = {"m": 1, "h": 60, "d": minutes_per_day, "w": minutes_per_day * days_per_week}
    position, total = 0, 0.0
    while match := PART.match(text, position):
        total += float(match[1]) * units[match[2].lower()]
        position = match.end()
    minutes = round(total)
    if position != len(text) or not 0 < minutes <= MAX_MINUTES:
        raise NotADuration(f"{text!r} is not a time: write 30m, 4h, 2d, 1w or 1d 4h.")
    return minutes


def words(minutes: int, minutes_per_day: int) -> str:
    """'4h', '1d 4h', '30m': what ``parse`` reads back to the same minutes."""
    days, rest = divmod(minutes, minutes_per_day)
    hours, rest = divmod(rest, 60)
    parts = [f"{count}{unit}" for count, unit in ((days, "d"), (hours, "h"), (rest, "m")) if count]
    return " ".join(parts) or "0m"
