"""Weeks of days with their entries as bars: what the page draws. Plain values, no database."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

DAY = datetime.timedelta(days=1)
ROWS = 5  # bars above each other in a month's week; what is more is one link


class Spanning(Protocol):
    """Whatever lasts from one day to another, both included; `order` sorts within a day."""

    @property
    def first(self) -> datetime.date: ...
    @property
    def last(self) -> datetime.date: ...
    @property
    def order(self) -> Any: ...


@dataclass(frozen=True)
class Day:
    date: datetime.date
    is_inside: bool  # of the month shown
    is_today: bool
    hidden: int = 0  # entries that found no room

    @property
    def is_weekend(self) -> bool:
        return self.date.weekday() > 4


@dataclass(frozen=True)
class Bar:
    """An entry's part of one week: from column 1 (Monday) to 7, so many days long."""

    entry: Any  # Spanning
    column: int
    span: int
    comes: bool  # begun before this week
    goes: bool  # goes on after it


@dataclass
class Week:
    days: list[Day]
    bars: list[Bar] = field(default_factory=list)


def monday_of(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.weekday())


def span_of(view: str, on: datetime.date) -> tuple[datetime.date, datetime.date]:
    """First and last day shown: whole weeks."""
    if view == "week":
        return monday_of(on), monday_of(on) + 6 * DAY
    first = on.replace(day=1)
    after = (first + 32 * DAY).replace(day=1)
    return monday_of(first), monday_of(after - DAY) + 6 * DAY


def neighbours(view: str, on: datetime.date) -> tuple[datetime.date, datetime.date]:
    """A day of the week or month before, and of the one after."""
    if view == "week":
        return on - 7 * DAY, on + 7 * DAY
    first = on.replace(day=1)
    return (first - DAY).replace(day=1), (first + 32 * DAY).replace(day=1)


def weeks(entries: Sequence[Spanning], view: str, on: datetime.date, today: datetime.date) -> list[Week]:
    """The weeks shown. A bar lies in the first row that is free on all its days; a month keeps to ROWS of them."""
    first, last = span_of(view, on)
    made = []
    monday = first
    while monday <= last:
        made.append(_week(entries, monday, view, on, today))
        monday += 7 * DAY
    return made


def _week(entries, monday, view, on, today) -> Week:
    sunday = monday + 6 * DAY
    taken: list[set[int]] = []
    bars: list[tuple[int, Bar]] = []
    hidden = [0] * 7
    for entry in entries:
        if entry.last < monday or entry.first > sunday:
            continue
        begin, end = max(entry.first, monday), min(entry.last, sunday)
        columns = range((begin - monday).days, (end - monday).days + 1)
        row = next((n for n, used in enumerate(taken) if used.isdisjoint(columns)), len(taken))
        if view == "month" and row >= ROWS:
            for column in columns:
                hidden[column] += 1
            continue
        if row == len(taken):
            taken.append(set())
        taken[row].update(columns)
        bars.append((row, Bar(entry, columns[0] + 1, len(columns), entry.first < monday, entry.last > sunday)))
    days = [
        Day(
            date := monday + number * DAY,
            is_inside=view == "week" or (date.year, date.month) == (on.year, on.month),
            is_today=date == today,
            hidden=hidden[number],
        )
        for number in range(7)
    ]
    bars.sort(key=lambda pair: (pair[0], pair[1].column))
    return Week(days, [bar for _row, bar in bars])


def by_day[T: Spanning](entries: Sequence[T], first: datetime.date) -> list[tuple[datetime.date, list[T]]]:
    """The same as a list: each entry once, on the first of its days shown."""
    keyed = sorted(entries, key=lambda entry: (max(entry.first, first), entry.order))
    return [(day, list(group)) for day, group in groupby(keyed, key=lambda entry: max(entry.first, first))]
