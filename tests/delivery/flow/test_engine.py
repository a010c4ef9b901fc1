"""The plain arithmetic of support flow."""

import datetime
import itertools

from hypothesis import given
from hypothesis import strategies as st

from delivery.flow.engine import AGES, age_bucket, percentile, share, weeks

NOW = datetime.datetime(2026, 6, 8, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def test_nothing_to_divide_by_is_no_zero():
    assert share(0, 0) is None
    assert percentile([], 50) is None
    assert share(1, 4) == 0.25


def test_the_linear_percentile_by_hand():
    assert percentile([1, 2, 3, 4], 50) == 2.5
    assert percentile([10, 20, 30, 40, 50], 90) == 46
    assert percentile([7], 90) == 7


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0, 100), st.floats(0, 100))
def test_percentiles_lie_between_the_ends_and_grow(values, p, q):
    low, high = sorted((p, q))
    assert min(values) <= percentile(values, low) <= percentile(values, high) + 1e-6
    assert percentile(values, high) <= max(values) + 1e-6


def test_ages_fall_into_the_bucket_that_begins_with_them():
    assert [age_bucket(DAY * days) for days in (0, 0.99, 1, 6.9, 7, 30, 89, 90, 900)] == [0, 0, 1, 2, 3, 4, 4, 5, 5]
    assert len(AGES) == 5


def test_the_flow_of_three_weeks_by_hand():
    created = [NOW - 30 * DAY, NOW - 10 * DAY, NOW - 2 * DAY, NOW - DAY]
    resolved = [NOW - 9 * DAY, NOW - DAY]
    assert [(week.came, week.solved, week.open) for week in weeks(created, resolved, NOW, 3)] == [
        (0, 0, 1), (1, 1, 1), (2, 1, 2),
    ]  # fmt: skip


moments = st.integers(0, 60 * 24).map(lambda hours: NOW - datetime.timedelta(hours=hours))


@given(st.lists(st.tuples(moments, st.integers(0, 500)), max_size=40), st.integers(1, 12))
def test_the_backlog_is_what_came_less_what_was_solved(rows, count):
    created = [at for at, _hours in rows]
    resolved = [end for at, hours in rows if (end := at + datetime.timedelta(hours=hours)) <= NOW]
    found = weeks(created, resolved, NOW, count)
    assert found[-1].open == len(created) - len(resolved)
    for before, after in itertools.pairwise(found):
        assert after.open == before.open + after.came - after.solved
    assert all(week.open >= 0 for week in found)
