"""Time blocked: intervals merged before they are added."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from delivery.departments.engine import blocked, merged

START = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
END = START + 100 * HOUR


def at(hours):
    return START + hours * HOUR


def test_overlaps_count_once_and_open_ones_until_the_end():
    rows = [(at(10), at(20)), (at(15), at(30)), (at(30), at(31)), (at(-5), at(2)), (at(90), None), (at(200), None)]
    assert merged(rows, START, END) == [(START, at(2)), (at(10), at(31)), (at(90), END)]
    assert blocked(rows, START, END) == 33 * HOUR
    assert blocked([], START, END) == 0 * HOUR


intervals = st.lists(
    st.tuples(st.integers(-50, 150), st.one_of(st.none(), st.integers(0, 100))).map(
        lambda row: (at(row[0]), None if row[1] is None else at(row[0] + row[1]))
    ),
    max_size=20,
)


@given(intervals)
def test_it_is_what_counting_hour_by_hour_gives(rows):
    hours = sum(any(first <= at(h) and (last is None or last >= at(h + 1)) for first, last in rows) for h in range(100))
    # An hour may be covered by two that meet in it: whole hours only, so merging and counting agree.
    assert blocked(rows, START, END) == hours * HOUR


@given(intervals, intervals)
def test_more_roadblocks_never_block_less_and_never_more_than_the_time(some, more):
    assert blocked(some, START, END) <= blocked(some + more, START, END) <= END - START
