import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmdm.charts.scale import Scale, date_ticks, named_axis, px, smooth_path, straight_path, value_axis, value_ticks


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (3.04, "3"), (3.06, "3.1"), (-0.01, "0"), (-2.5, "-2.5"), (100, "100")]
)
def test_coordinates_are_short(value, text):
    assert px(value) == text


@given(st.floats(-1e9, 1e9), st.floats(1, 1e9))
def test_ticks_hold_the_values_between_them(low, span):
    ticks = value_ticks(low, low + span)
    hair = 1e-6 * (span + abs(low))
    assert ticks[0] <= low + hair
    assert ticks[-1] >= low + span - hair
    assert 2 <= len(ticks) <= 13
    assert ticks == sorted(set(ticks))


def test_ticks_are_round():
    assert value_ticks(0, 810) == [0, 200, 400, 600, 800, 1000]
    assert value_ticks(78, 90) == [75, 80, 85, 90]


def test_the_axis_ends_at_the_value_when_the_next_tick_is_far():
    assert value_axis(0, 810) == ([0, 200, 400, 600, 800], 810)
    assert value_axis(0, 990) == ([0, 200, 400, 600, 800, 1000], 1000)


def test_a_scale_without_span_stays_at_its_start():
    assert Scale(5, 5, 10, 90)(5) == 10


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        (dt.date(2026, 11, 2), dt.date(2026, 11, 6), ["2 Nov", "3 Nov", "4 Nov", "5 Nov", "6 Nov"]),
        (dt.date(2026, 10, 15), dt.date(2027, 3, 2), ["Nov", "Dec", "Jan ’27", "Feb", "Mar"]),
        (dt.date(2026, 1, 1), dt.date(2027, 3, 31), ["Jan", "Mar", "May", "Jul", "Sep", "Nov", "Jan ’27", "Mar"]),
        (dt.date(2026, 5, 5), dt.date(2026, 5, 5), ["5 May"]),
    ],
)  # fmt: skip
def test_time_ticks_say_the_year_when_it_changes(first, last, names):
    assert [name for _place, name in date_ticks(first, last, 8)] == names


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.integers(0, 9000), st.integers(3, 9))
def test_time_ticks_fit_their_number_and_lie_inside(first, days, count):
    last = first + dt.timedelta(days=days)
    ticks = date_ticks(first, last, count)
    assert 1 <= len(ticks) <= count + 1
    assert all(first.toordinal() <= place <= last.toordinal() or len(ticks) == 1 for place, _name in ticks)


@given(st.lists(st.tuples(st.floats(0.1, 50), st.floats(-100, 100)), min_size=3, max_size=20))
def test_a_smooth_path_stays_between_its_points(steps):
    points, at = [], 0.0
    for step, height in steps:
        at += step
        points.append((at, height))
    numbers = [float(part) for part in smooth_path(points).replace("M", " ").replace("C", " ").split()]
    heights = numbers[1::2]
    assert min(heights) >= min(y for _x, y in points) - 0.1
    assert max(heights) <= max(y for _x, y in points) + 0.1


def test_paths_of_few_points():
    assert smooth_path([]) == straight_path([]) == ""
    assert smooth_path([(1, 2), (3, 4)]) == "M1 2L3 4"


@pytest.mark.parametrize(("high", "names"), [(1, ["0", "1"]), (2, ["0", "1", "2"]), (3, ["0", "1", "2", "3"])])
def test_counts_are_named_by_whole_numbers(high, names):
    assert named_axis(0, high, "{:.0f}".format, 4)[1] == names


@given(st.integers(1, 10**7), st.integers(0, 3))
def test_no_two_ticks_are_named_alike(high, digits):
    ticks, names, top = named_axis(0, high, f"{{:.{digits}f}}".format)
    assert len(names) == len(set(names)) == len(ticks)
    assert top >= high
