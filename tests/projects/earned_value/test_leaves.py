"""No rounding loss: shares are exact, splits add up, and a roll-up is the sum of its leaves in any order."""

import random
from decimal import Decimal as D
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from projects.budget.engine.evm import EarnedValue, Progress, Rule, earned_share, total
from projects.earned_value.engine import earned, share_of, split
from projects.earned_value.engine.leaves import MILLIONTH

MONEY = st.decimals(0, 10**11, places=2)
RULES = [Rule.ZERO_HUNDRED, Rule.FIFTY_FIFTY, Rule.TWENTY_EIGHTY, Rule.PERCENT]


@given(MONEY, st.integers(-5, 10**9), st.integers(1, 10**9))
def test_a_share_is_within_half_a_millionth_of_the_exact_one(amount, part, whole):
    found = share_of(amount, part, whole)
    exact = Fraction(amount) * min(max(part, 0), whole) / whole
    assert abs(Fraction(found) - exact) <= Fraction(MILLIONTH) / 2
    assert share_of(amount, whole, whole) == amount


@given(MONEY, st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_a_split_adds_up_to_the_cent(amount, weights):
    parts = split(amount, weights)
    assert sum(parts) == (amount if sum(weights) else 0)
    for part, weight in zip(parts, weights, strict=True):
        assert part >= 0
        if sum(weights):
            assert abs(Fraction(part) - Fraction(amount) * weight / sum(weights)) <= Fraction(1, 100)


@given(MONEY, st.sampled_from(RULES), st.integers(0, 100))
def test_earned_is_the_share_of_the_rule(amount, rule, percent):
    progress = Progress(started=percent > 0, finished=percent == 100, percent=D(percent))
    assert abs(earned(amount, rule, progress) - amount * earned_share(rule, progress)) <= MILLIONTH
    assert earned(amount, rule, Progress(started=True, finished=True, percent=D(100))) == amount


@given(st.lists(st.tuples(MONEY, st.integers(0, 999), st.integers(0, 100), MONEY), max_size=40), st.randoms())
def test_a_roll_up_is_the_sum_of_its_leaves_however_they_are_grouped(tasks, dice: random.Random):
    leaves = [
        EarnedValue(share_of(bac, part, 999), earned(bac, Rule.PERCENT, Progress(percent=D(percent))), ac, bac)
        for bac, part, percent, ac in tasks
    ]
    groups: dict[int, list[EarnedValue]] = {}
    for leaf in leaves:
        groups.setdefault(dice.randrange(5), []).append(leaf)
    shuffled = list(groups.values())
    dice.shuffle(shuffled)
    whole = total(total(group) for group in shuffled)
    for name in ("pv", "ev", "ac", "bac"):
        assert Fraction(getattr(whole, name)) == sum(Fraction(getattr(leaf, name)) for leaf in leaves)
