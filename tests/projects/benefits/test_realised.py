"""How much of a benefit is there: by hand, and what must hold for any numbers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from projects.benefits.realised import Goal, State

numbers = st.integers(-1_000_000, 1_000_000).map(lambda cents: Decimal(cents) / 100)


@pytest.mark.parametrize(
    ("before", "target", "higher", "value", "share", "state"),
    [
        (34, 10, False, 22, Fraction(1, 2), State.PARTLY),
        (34, 10, False, 10, 1, State.REALISED),
        (34, 10, False, 4, Fraction(5, 4), State.REALISED),
        (34, 10, False, 40, Fraction(-1, 4), State.MISSED),
        (34, 10, False, 34, 0, State.MISSED),
        (12, 55, True, 58, Fraction(46, 43), State.REALISED),
        (None, 55, True, 50, None, State.MISSED),
        (None, 55, True, 55, None, State.REALISED),
        (55, 55, True, 54, None, State.MISSED),  # to keep what there was
        (55, 55, True, 56, None, State.REALISED),
        (60, 55, True, 57, Fraction(3, 5), State.REALISED),  # not to fall below 55
        (60, 55, True, 50, 2, State.MISSED),  # twice the way, the wrong way
    ],
)
def test_by_hand(before, target, higher, value, share, state):
    goal = Goal(None if before is None else Decimal(before), Decimal(target), higher)
    assert goal.share(Decimal(value)) == share
    assert goal.state(Decimal(value)) == state


def test_nothing_measured():
    assert Goal(Decimal(1), Decimal(2)).state(None) == State.UNMEASURED


@given(numbers, numbers, numbers)
def test_turned_round_it_is_the_same(before, target, value):
    """Lower is better is higher is better with all signs turned."""
    up, down = Goal(before, target, True), Goal(-before, -target, False)
    assert up.share(value) == down.share(-value)
    assert up.state(value) == down.state(-value)


@given(numbers, numbers, numbers)
def test_realised_where_and_only_where_the_target_is_met(before, target, value):
    goal = Goal(before, target, True)
    assert (goal.state(value) == State.REALISED) == (value >= target)
    if before < target:
        assert (goal.share(value) >= 1) == (value >= target)


@given(numbers, numbers, numbers, numbers)
def test_a_better_value_has_no_smaller_share(before, target, value, more):
    assume(before < target)
    goal = Goal(before, target, True)
    assert (goal.share(value) <= goal.share(more)) == (value <= more)
