"""Which topics the receiving people have proven to know. Plain Python.

A topic is covered when at least ``needed`` of the people named hold a passed proof of it; of several proofs of one
person the last counts, so a failed repetition takes the earlier one back. Who has left is in nobody's list, and the
coverage falls by itself.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """A topic: its id, whether the service can't be run without it, and how many people must know it (>= 1)."""

    id: int
    is_critical: bool
    needed: int


@dataclass(frozen=True)
class Cover:
    """A topic with those who have proven it."""

    need: Need
    people: frozenset[int]

    @property
    def is_covered(self) -> bool:
        return len(self.people) >= self.need.needed

    @property
    def missing(self) -> int:
        """How many people more are needed."""
        return max(0, self.need.needed - len(self.people))

    @property
    def blocks(self) -> bool:
        """Critical and not covered."""
        return self.need.is_critical and not self.is_covered


def coverage(
    needs: Iterable[Need], proofs: Iterable[tuple[int, int, bool]], people: Collection[int]
) -> dict[int, Cover]:
    """Each topic's cover by its id. ``proofs``: (topic, person, passed) in the order in which they were given."""
    last = {(topic, person): passed for topic, person, passed in proofs}
    proven: dict[int, set[int]] = {}
    for (topic, person), passed in last.items():
        if passed and person in people:
            proven.setdefault(topic, set()).add(person)
    return {need.id: Cover(need, frozenset(proven.get(need.id, ()))) for need in needs}


def percent(covers: Collection[Cover]) -> float | None:
    """Covered topics of all topics, in percent; None without a topic."""
    return 100 * sum(cover.is_covered for cover in covers) / len(covers) if covers else None
