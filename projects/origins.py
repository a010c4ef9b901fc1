"""What a request or a change came from, where it came from outside the projects: told by whoever knows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Origin:
    """One place that it came from; without a URL the reader may not go there."""

    label: str
    url: str = ""


Tell = Callable[[Any, Any], Iterable[Origin]]
_tellers: list[Tell] = []


def register(tell: Tell) -> None:
    """``tell(row, user)`` gives the origins of an initiation request or a change request."""
    if tell not in _tellers:
        _tellers.append(tell)


def origins(row, user) -> list[Origin]:
    """From all who know, in the order in which they registered."""
    return [origin for tell in _tellers for origin in tell(row, user)]
