"""Sharing money over months and summing trees: nothing is lost, whatever the numbers."""

import datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.budget.engine import Amounts, months_between, roll_up_tree, scale, spread_even

DAYS = st.dates(datetime.date(2000, 1, 1), datetime.date(2060, 12, 31))
MONEY = st.decimals(0, 10**11, places=2)


@given(MONEY, DAYS, st.integers(0, 4000))
def test_an_even_spread_sums_to_the_cent(amount, first, days):
    last = first + datetime.timedelta(days=days)
    months = spread_even(amount, first, last)
    assert sum(months.values()) == amount
    assert list(months) == months_between(first, last)
    for month, share in months.items():
        assert share >= 0
        begin = max(month, first)
        end = min((month + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1), last)
        exact = amount * ((end - begin).days + 1) / (days + 1)
        assert abs(share - exact) <= D("0.01")


def test_an_even_spread_goes_by_days():
    months = spread_even(D(59), datetime.date(2026, 1, 1), datetime.date(2026, 2, 28))
    assert months == {datetime.date(2026, 1, 1): D("31.00"), datetime.date(2026, 2, 1): D("28.00")}


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="comes before"):
        spread_even(D(1), datetime.date(2026, 2, 1), datetime.date(2026, 1, 1))


@given(st.lists(MONEY, min_size=1, max_size=60).filter(any), MONEY)
def test_a_scaled_shape_sums_to_the_cent(shape, amount):
    months = dict(zip(months_between(datetime.date(2026, 1, 1), datetime.date(2031, 1, 1)), shape, strict=False))
    scaled = scale(months, amount)
    assert sum(scaled.values()) == amount
    assert list(scaled) == list(months)
    assert all(share >= 0 for share in scaled.values())


def test_nothing_has_no_shape():
    with pytest.raises(ValueError, match="no shape"):
        scale({datetime.date(2026, 1, 1): D(0)}, D(5))


@given(st.data())
def test_a_tree_sums_to_its_leaves_at_every_node(data):
    count = data.draw(st.integers(1, 40))
    parents = [None] + [data.draw(st.none() | st.integers(0, n - 1)) for n in range(1, count)]
    amounts = st.builds(Amounts, planned=MONEY, expenses=MONEY, time=MONEY, remaining=MONEY)
    own = data.draw(st.dictionaries(st.integers(0, count - 1), amounts))
    branches = {branch.key: branch for branch in roll_up_tree(enumerate(parents), own)}

    def below(key):
        return sum((below(child) for child, parent in enumerate(parents) if parent == key), own.get(key, Amounts()))

    for key, branch in branches.items():
        assert branch.total == below(key)
        assert branch.level == (1 if parents[key] is None else branches[parents[key]].level + 1)
    roots = sum((branch.total for branch in branches.values() if branch.level == 1), Amounts())
    assert roots == sum(own.values(), Amounts())


def test_amounts_on_a_node_that_is_not_there_are_refused():
    with pytest.raises(KeyError):
        roll_up_tree([(1, None)], {2: Amounts()})
