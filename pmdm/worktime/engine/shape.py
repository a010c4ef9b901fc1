"""Calendars as stored: the JSON shape, its check and its way into arithmetic.

``week``: {"0": [["08:00", "12:00"], ["13:00", "17:00"]], ...}, Monday is "0", a missing day is free.
``exceptions``: [{"from": "2026-12-24", "to": "2026-12-26", "name": "Closed", "hours": []}, ...]; without
``to`` it is one day, later entries win.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .calendar import Hours, WorkCalendar
from .holidays import country_holidays

MAX_EXCEPTION_DAYS = 3_660
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a stored calendar: where, what was found, what would be accepted."""

    where: str
    value: str
    accepted: str

    def __str__(self) -> str:
        return f"{self.where}: {self.value} is not accepted; give {self.accepted}."


class CalendarShapeError(ValueError):
    """A stored calendar that cannot be used; ``problems`` says why, one by one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


def calendar_from_json(
    week: object, exceptions: object = (), *, country: str = "", subdivision: str = "", name: str = ""
) -> WorkCalendar:
    """The calendar that a stored week, exceptions and country describe; CalendarShapeError if unusable."""
    hours, special, problems = _read(week, exceptions)
    holidays = None
    if country:
        try:
            holidays = country_holidays(country, subdivision)
        except ValueError:
            problems.append(Problem("country", repr(country), "a country code with known holidays, such as GB"))
    if problems:
        raise CalendarShapeError(problems)
    return WorkCalendar(hours, special, holidays=holidays, name=name)


def check_calendar(week: object, exceptions: object = ()) -> list[Problem]:
    """Everything wrong with a stored week and exceptions; empty when usable."""
    return _read(week, exceptions)[2]


def calendar_to_json(calendar: WorkCalendar) -> dict[str, Any]:
    """``{"week": ..., "exceptions": ...}``; neighbouring dates with equal hours share an entry."""
    week = {str(day): _texts(hours) for day, hours in enumerate(calendar.week) if hours}
    exceptions: list[dict[str, Any]] = []
    last = None
    for day, hours in sorted(calendar.exceptions.items()):
        texts = _texts(hours)
        if last and exceptions[-1]["hours"] == texts and day - last == timedelta(days=1):
            exceptions[-1]["to"] = day.isoformat()
        else:
            exceptions.append({"from": day.isoformat(), "to": day.isoformat(), "name": "", "hours": texts})
        last = day
    return {"week": week, "exceptions": exceptions}


def _read(week: object, exceptions: object) -> tuple[list[Hours], dict[date, Hours], list[Problem]]:
    problems: list[Problem] = []
    hours: list[Hours] = [()] * 7
    if not isinstance(week, Mapping):
        problems.append(Problem("week", _shown(week), 'an object such as {"0": [["08:00", "17:00"]]}'))
        week = {}
    for key, day in week.items():
        if key not in {"0", "1", "2", "3", "4", "5", "6"}:
            problems.append(Problem("week", _shown(key), 'a weekday from "0" (Monday) to "6" (Sunday)'))
            continue
        hours[int(key)] = _hours(day, DAY_NAMES[int(key)], problems)
    if not problems and not any(hours):
        problems.append(Problem("week", _shown(week), "working hours on at least one weekday"))
    special: dict[date, Hours] = {}
    if not isinstance(exceptions, Sequence) or isinstance(exceptions, str):
        problems.append(Problem("exceptions", _shown(exceptions), "a list"))
        exceptions = ()
    for number, entry in enumerate(exceptions, start=1):
        _read_exception(entry, f"exception {number}", special, problems)
    return hours, special, problems


def _read_exception(entry: object, where: str, special: dict[date, Hours], problems: list[Problem]) -> None:
    if not isinstance(entry, Mapping):
        problems.append(Problem(where, _shown(entry), 'an object with "from", "to", "name" and "hours"'))
        return
    first = _date(entry.get("from"), f"{where}, from", problems)
    last = _date(entry["to"], f"{where}, to", problems) if entry.get("to") else first
    worked = _hours(entry.get("hours", []), f"{where}, hours", problems)
    if first is None or last is None:
        return
    if not first <= last <= first + timedelta(days=MAX_EXCEPTION_DAYS):
        accepted = f"a date from {first} to at most {MAX_EXCEPTION_DAYS} days later"
        problems.append(Problem(f"{where}, to", str(last), accepted))
        return
    for offset in range((last - first).days + 1):
        special[first + timedelta(days=offset)] = worked


def _hours(value: object, where: str, problems: list[Problem]) -> Hours:
    accepted = 'rising periods that do not overlap, such as [["08:00", "12:00"], ["13:00", "17:00"]]'
    if not isinstance(value, Sequence) or isinstance(value, str):
        problems.append(Problem(where, _shown(value), accepted))
        return ()
    periods: list[tuple[int, int]] = []
    before = 0
    for period in value:
        pair = list(period) if isinstance(period, Sequence) and not isinstance(period, str) else []
        minutes = [_minute(text) for text in pair]
        match minutes:
            case [int(start), int(end)] if before <= start < end:
                periods.append((start, end))
                before = end
            case _:
                problems.append(Problem(where, _shown(period), accepted))
                return ()
    return tuple(periods)


def _minute(text: object) -> int | None:
    if not isinstance(text, str) or not TIME.fullmatch(text):
        return None
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _date(value: object, where: str, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        problems.append(Problem(where, _shown(value), "a date such as 2026-12-24"))
        return None


def _texts(hours: Hours) -> list[list[str]]:
    return [[f"{minute // 60:02}:{minute % 60:02}" for minute in period] for period in hours]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
