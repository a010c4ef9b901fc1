"""Satisfaction indices from counts of answers. Plain Python; reference/formulas.md, section 7.

Blanks, 'don't know' and codes off the scale are not answers: they never reach these functions. Without a valid answer
there is no index, and with fewer than ``MINIMUM`` a split is not shown, so that nobody can be picked out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

MINIMUM = 5
Z95 = 1.96

SATISFACTION = range(1, 6)  # 1-5
RECOMMENDATION = range(11)  # 0-10

NO_ANSWERS = "no_answers"
TOO_FEW = "too_few"


@dataclass(frozen=True)
class Index:
    """A value with what it came from, or None with the reason (NO_ANSWERS, TOO_FEW)."""

    value: float | None
    n: int
    margin: float | None = None  # 95 %, same unit as the value
    reason: str = ""


@dataclass(frozen=True)
class Nps:
    """Net promoter score, -100 to +100 (not a percentage), with the three groups."""

    score: Index
    promoters: int = 0
    passives: int = 0
    detractors: int = 0


def csat(counts: Mapping[int, int], *, minimum: int = 1) -> Index:
    """Top-2-box: share of 4 and 5 among valid answers on 1-5, in percent, with its 95 % margin.

    ``counts`` maps the answer to how often it was given.
    """
    n = _valid(counts, SATISFACTION)
    if refused := _refusal(n, minimum):
        return refused
    share = (counts.get(4, 0) + counts.get(5, 0)) / n
    return Index(100 * share, n, Z95 * 100 * sqrt(share * (1 - share) / n))


def mean(counts: Mapping[int, int], *, minimum: int = 1, scale: range = SATISFACTION) -> Index:
    """Mean of the valid answers, on their scale, with its 95 % margin (none for a single answer)."""
    n = _valid(counts, scale)
    if refused := _refusal(n, minimum):
        return refused
    average = sum(value * count for value, count in counts.items() if value in scale) / n
    if n == 1:
        return Index(average, n)
    variance = sum((value - average) ** 2 * count for value, count in counts.items() if value in scale) / (n - 1)
    return Index(average, n, Z95 * sqrt(variance / n))


def nps(counts: Mapping[int, int], *, minimum: int = 1) -> Nps:
    """% promoters (9-10) minus % detractors (0-6); margin = 1.96 x 100 x sqrt((p + d - (p - d)^2) / n)."""
    n = _valid(counts, RECOMMENDATION)
    promoters = counts.get(9, 0) + counts.get(10, 0)
    passives = counts.get(7, 0) + counts.get(8, 0)
    detractors = n - promoters - passives
    if refused := _refusal(n, minimum):
        # With too few answers the groups would say as much as the score.
        return Nps(refused)
    p, d = promoters / n, detractors / n
    margin = Z95 * 100 * sqrt(max(0.0, p + d - (p - d) ** 2) / n)
    return Nps(Index(100 * (p - d), n, margin), promoters, passives, detractors)


def response_rate(answered: int, delivered: int) -> Index:
    """Answers to delivered invitations in percent; n/a when nobody was invited."""
    return Index(100 * answered / delivered, delivered) if delivered else Index(None, 0, reason=NO_ANSWERS)


def _valid(counts: Mapping[int, int], scale: range) -> int:
    return sum(count for value, count in counts.items() if value in scale)


def _refusal(n: int, minimum: int) -> Index | None:
    if n == 0:
        return Index(None, 0, reason=NO_ANSWERS)
    return Index(None, n, reason=TOO_FEW) if n < minimum else None
