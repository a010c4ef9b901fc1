"""Who is free for some work: candidates ranked by how much of it fits, then by skill, then by what else they have."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person with the hours of each day (holidays taken off, absences not), the capacity left of them by absences,
    and the load, all in minutes by day of the period; and a skill level from 0 (none) to 4."""

    key: Hashable
    hours: Sequence[int]
    capacity: Sequence[int]
    load: Sequence[int]
    level: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a candidate fits. ``covered`` of ``wanted`` minutes fit into free time; ``free`` is all free time."""

    key: Hashable
    wanted: int
    covered: int
    free: int
    level: int

    @property
    def share(self) -> int:
        """Percent of the wanted work that fits, 0 to 100."""
        return 100 * self.covered // self.wanted if self.wanted else 0


def rank(candidates: Iterable[Candidate], percent: float) -> list[Fit]:
    """Best first: most of the work covered, then the higher level, then the more free time.

    The work wanted is ``percent`` of each day's hours of the candidate, so that an absence costs. The free minutes of
    one day never cover another day's, since the work is planned day by day.
    """
    fits = []
    for one in candidates:
        wanted = covered = free = 0
        for hours, capacity, load in zip(one.hours, one.capacity, one.load, strict=True):
            ask = round(hours * percent / 100)
            left = max(0, capacity - load)
            wanted, covered, free = wanted + ask, covered + min(ask, left), free + left
        fits.append(Fit(one.key, wanted, covered, free, one.level))
    return sorted(fits, key=lambda fit: (-fit.share, -fit.level, -fit.free))
