"""What became of a requirement after the project: told by whoever knows, since this app knows no product."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Onward:
    """One place to go on to; ``word`` is what it is to the requirement."""

    word: Any
    label: str
    url: str
    note: str = ""


Tell = Callable[[Any, Any], Iterable[Onward]]
_tellers: list[Tell] = []


def register(tell: Tell) -> None:
    """``tell(requirement, user)`` gives the places that this reader may open."""
    if tell not in _tellers:
        _tellers.append(tell)


def onward(requirement, user) -> list[Onward]:
    """From all who know, in the order in which they registered."""
    return [place for tell in _tellers for place in tell(requirement, user)]
