"""The figures of single tasks: exact shares of an amount, and a budget split without losing a cent.

Every amount of a task is rounded once, to a millionth; from there on amounts are only added. So a sum is the same
whatever the order or grouping, all tasks done are exactly the budget, and no roll-up differs from its leaves.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from projects.budget.engine.evm import Progress, Rule, earned_share

PLACES = 6
MILLIONTH = Decimal(1).scaleb(-PLACES)
CENT = Decimal("0.01")


def share_of(amount: Decimal, part: int, whole: int) -> Decimal:
    """``amount`` × part / whole to a millionth, half to even; part within 0 and whole, which is above zero."""
    if part <= 0:
        return Decimal(0)
    if part >= whole:
        return amount
    units = int(amount.scaleb(PLACES))
    low, rest = divmod(units * part, whole)
    if 2 * rest > whole or (2 * rest == whole and low % 2):
        low += 1
    return Decimal(low).scaleb(-PLACES)


def earned(amount: Decimal, rule: Rule, progress: Progress) -> Decimal:
    """What a task with this budget has earned, to a millionth. ValueError as ``earned_share``."""
    if rule is Rule.PERCENT:  # by far the most; the same as below, without a division in decimals
        return amount if progress.finished else share_of(amount, int(progress.percent), 100)
    return (amount * earned_share(rule, progress)).quantize(MILLIONTH, ROUND_HALF_EVEN)


def split(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """An amount of whole cents spread by weight in whole cents that add up to it; all zero where no weight is.

    Each part is within a cent of its exact share: what is rounded off one goes to the next.
    """
    whole = sum(weights)
    if whole <= 0:
        return [Decimal(0)] * len(weights)
    cents = int(amount / CENT)
    parts, given, seen = [], 0, 0
    for weight in weights:
        seen += weight
        upto = (2 * cents * seen + whole) // (2 * whole)
        parts.append(Decimal(upto - given).scaleb(-2))
        given = upto
    return parts
