"""How like a lesson's project and a new one are, and why: plain Python on plain values.

A shared word counts by its inverse document frequency, ln((N + 1) / n) for a word in n of N lessons (Spärck Jones,
1972, in the smoothed form), so that "project" counts little and "permit" much; the best eight words of a lesson count,
so that a long text is not like everything. A tag that the charter speaks of was chosen by a person and counts like a
rare word and more; the same client or department counts on its own.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TAG = 3.0
CLIENT = DEPARTMENT = 2.0
BEST_WORDS = 8
# At least a tag, or a department or client and a word, or some rare words.
THRESHOLD = 2.5
# Lessons of high impact come first among those that are alike.
WEIGHT = {1: 1.25, 2: 1.0, 3: 0.8}


@dataclass(frozen=True)
class Found:
    """What a lesson shares with the new project. ``words`` are (word, number of lessons that have it)."""

    lesson: int
    impact: int
    words: Sequence[tuple[str, int]] = ()
    tags: Sequence[str] = ()
    same_client: bool = False
    same_department: bool = False


@dataclass(frozen=True)
class Likeness:
    lesson: int
    score: float
    words: tuple[str, ...]  # that count, the rarest first
    tags: tuple[str, ...]
    same_client: bool
    same_department: bool


def rarity(lessons_with_it: int, lessons: int) -> float:
    """ln((N + 1) / n), never below zero."""
    return max(0.0, math.log((lessons + 1) / lessons_with_it)) if lessons_with_it else 0.0


def judge(found: Found, lessons: int) -> Likeness:
    """The score of one lesson among so many."""
    weighed = sorted(((rarity(n, lessons), word) for word, n in found.words), key=lambda pair: (-pair[0], pair[1]))
    best = weighed[:BEST_WORDS]
    score = sum(weight for weight, _word in best) + TAG * len(found.tags)
    score += CLIENT * found.same_client + DEPARTMENT * found.same_department
    return Likeness(
        found.lesson,
        score * WEIGHT.get(found.impact, 1.0),
        tuple(word for weight, word in best if weight > 0),
        tuple(found.tags),
        found.same_client,
        found.same_department,
    )


def most_alike(found: Iterable[Found], lessons: int, limit: int) -> list[Likeness]:
    """The best of them above the threshold, the best first; of equals the later lesson."""
    judged = [judge(one, lessons) for one in found]
    enough = [one for one in judged if one.score >= THRESHOLD]
    return sorted(enough, key=lambda one: (-one.score, -one.lesson))[:limit]
