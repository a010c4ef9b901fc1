"""The door through which another app shows what came of a new need. This app knows no project."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pmdm.ui.parts import Text


@dataclass(frozen=True)
class Offer:
    """One click that asks for it: POST of ``fields`` to ``url``."""

    label: Text
    url: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Became:
    """What came of a new need, in words that its client may read; a link only for who may open it."""

    status: str  # ok, watch, act or na
    word: Text
    at: datetime.datetime | None = None
    label: str = ""
    url: str = ""


@dataclass(frozen=True)
class Need:
    """What came of it, and what may be done now."""

    became: Became
    offers: list[Offer] = field(default_factory=list)


Tell = Callable[[Any, Any, bool], Need]
_tellers: list[Tell] = []


def register(tell: Tell) -> None:
    """``tell(complaint, user, may_work)`` says what came of a complaint that is a new need."""
    if tell not in _tellers:
        _tellers.append(tell)


def need_of(complaint, user, *, may_work: bool) -> Need | None:
    """None where it is no new need, or nobody knows."""
    if complaint.verdict != complaint.Verdict.NEW_NEED:
        return None
    return next((tell(complaint, user, may_work) for tell in _tellers), None)
