"""Which releases are in each other's way: at the same time on the same place or the same part. Plain Python."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

type Key = Any  # hashable


@dataclass(frozen=True)
class Planned:
    """One release: from when to when (aware; the end itself is free again), where, and which parts it changes."""

    key: Key
    start: datetime.datetime
    end: datetime.datetime
    places: frozenset[Key] = field(default_factory=frozenset)
    parts: frozenset[Key] = field(default_factory=frozenset)
    # Parts that stand still or work with less while those it changes are down.
    hit: frozenset[Key] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Clash:
    """Two releases and what they share; ``hit`` are parts of one that the other's work takes along."""

    one: Key
    other: Key
    places: frozenset[Key]
    parts: frozenset[Key]
    hit: frozenset[Key]


def clashes(releases: Iterable[Planned]) -> list[Clash]:
    """Every pair that overlaps in time and shares a place or a part, or of which one takes down a part of the other.

    Sorted by start; each pair once, the earlier first. Windows that only touch do not overlap.
    """
    rows: Sequence[Planned] = sorted(releases, key=lambda row: (row.start, row.end))
    found = []
    running: list[Planned] = []
    for row in rows:
        running = [other for other in running if other.end > row.start]
        for other in running:
            places, parts = other.places & row.places, other.parts & row.parts
            hit = ((other.parts & row.hit) | (other.hit & row.parts)) - parts
            if places or parts or hit:
                found.append(Clash(other.key, row.key, places, parts, hit))
        running.append(row)
    return found


def overlap(start: datetime.datetime, end: datetime.datetime, other_start, other_end) -> bool:
    """Whether two windows share a moment; each ends just before its end."""
    return start < other_end and other_start < end
