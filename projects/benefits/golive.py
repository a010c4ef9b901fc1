"""When a project goes live, and who looks after its product: told by whoever knows, since this app knows no product."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MONTHS = (3, 6, 12)  # after go-live, when nobody says otherwise


@dataclass(frozen=True)
class After:
    """What comes after a project: the day of go-live (None: not known) and the people who stay with the product."""

    go_live: datetime.date | None = None
    people: list[Any] = field(default_factory=list)


_tellers: list[Callable[[Any], After]] = []


def register(teller: Callable[[Any], After]) -> None:
    """``teller(project)`` says what it knows of the time after the project."""
    if teller not in _tellers:
        _tellers.append(teller)


def after(project) -> After:
    """What all tellers know; where nobody knows the day, the project's own forecast finish, else its target."""
    told = [teller(project) for teller in _tellers]
    known = [one.go_live for one in told if one.go_live]
    finish = project.computed_finish.date() if project.computed_finish else project.target_finish
    return After(max(known) if known else finish, [person for one in told for person in one.people])


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later, or the last of that month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    first_of_next = datetime.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - datetime.timedelta(days=1)).day
    return datetime.date(year, month + 1, min(day.day, last))
