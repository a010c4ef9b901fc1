"""The 5x5 risk matrix: probability x impact on scales of 1-5. Plain Python.

The level comes from a stored matrix, not from the product alone, so that it need not be symmetric.
Bands as commonly used with ISO 31000: 1-4 low, 5-9 medium, 10-16 high, 17-25 extreme.
"""

from enum import StrEnum


class Level(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    EXTREME = "extreme"


def _band(score: int) -> Level:
    if score <= 4:
        return Level.LOW
    if score <= 9:
        return Level.MEDIUM
    if score <= 16:
        return Level.HIGH
    return Level.EXTREME


# MATRIX[probability][impact], both 1-5.
MATRIX = {p: {i: _band(p * i) for i in range(1, 6)} for p in range(1, 6)}


def level_of(probability: int | None, impact: int | None) -> Level | None:
    """The level of a cell; None while either score is missing. Scores outside 1-5 raise KeyError."""
    if probability is None or impact is None:
        return None
    return MATRIX[probability][impact]
