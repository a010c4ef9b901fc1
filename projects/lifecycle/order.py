"""In which order phases begin and end: plain Python over the phases of one project, in their order.

A phase with a gate begins when the gate before it is passed. Monitoring has no gate: it begins with the first
phase of execution and passes the gate of the last one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BESIDE, RUNS_WITH = "monitoring", "execution"


@dataclass(frozen=True)
class Place:
    """One phase of a project: its key, and where it belongs in the life cycle."""

    key: str
    kind: str


def has_gate(kind: str) -> bool:
    return kind != BESIDE


def begins(places: Sequence[Place]) -> list[str]:
    """What is in progress from the first day."""
    return [place.key for place in places if has_gate(place.kind)][:1]


def ends_with(places: Sequence[Place], key: str) -> list[str]:
    """The phases that pass with the gate of this one: itself, and monitoring with the last of execution."""
    beside = [place.key for place in places if place.kind == BESIDE]
    last = [place.key for place in places if place.kind == RUNS_WITH][-1:]
    return [key, *(beside if key in last else [])]


def opens(places: Sequence[Place], key: str) -> list[str]:
    """The phases that begin when this one passes its gate, the one with a gate first; nothing after the last."""
    gated = [place for place in places if has_gate(place.kind)]
    at = next(number for number, place in enumerate(gated) if place.key == key)
    following = gated[at + 1 : at + 2]
    first = next((place.key for place in gated if place.kind == RUNS_WITH), "")
    beside = [place.key for place in places if place.kind == BESIDE]
    return [place.key for place in following] + (beside if following and following[0].key == first else [])


def shares(places: Sequence[Place], key: str) -> str:
    """The phase whose lines count at the same gate: monitoring for the last of execution, and back; '' for others."""
    beside = next((place.key for place in places if place.kind == BESIDE), "")
    last = next((place.key for place in reversed(places) if place.kind == RUNS_WITH), "")
    return last if beside and key == beside else beside if key == last else ""
