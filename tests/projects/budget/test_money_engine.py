"""Sums of money and lengths of time, on plain values."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.budget.engine import Line, format_minutes, parse_minutes, roll_up, time_cost

MONEY = st.decimals(0, 10**9, places=2)


def test_what_is_left_of_the_plan_is_still_to_come():
    by_line, total = roll_up([Line("a", D(1000), expenses=D(300), time=D("150.50"))])
    a = by_line["a"]
    assert (a.actual, a.remaining, a.forecast, a.variance) == (D("450.50"), D("549.50"), D(1000), D(0))
    assert a.spent == D("0.4505")
    assert total == a


def test_an_overspent_line_has_nothing_to_come():
    by_line, _ = roll_up([Line("a", D(100), expenses=D(130))])
    assert (by_line["a"].remaining, by_line["a"].forecast, by_line["a"].variance) == (D(0), D(130), D(-30))


def test_an_estimate_beats_the_rest_of_the_plan():
    by_line, _ = roll_up([Line("a", D(100), expenses=D(40), remaining=D(90))])
    assert (by_line["a"].forecast, by_line["a"].variance) == (D(130), D(-30))


def test_nothing_planned_has_no_share():
    by_line, total = roll_up([Line("a", D(0), expenses=D(5))])
    assert by_line["a"].spent is None
    assert roll_up([])[1].spent is None
    assert total.forecast == 5


@given(st.lists(st.tuples(MONEY, MONEY, MONEY, st.none() | MONEY), max_size=20))
def test_the_sum_is_the_sum_of_the_lines(rows):
    lines = [Line(n, *row) for n, row in enumerate(rows)]
    by_line, total = roll_up(lines)
    assert total.forecast == sum((amounts.forecast for amounts in by_line.values()), D(0))
    assert total.actual == sum((row[1] + row[2] for row in rows), D(0))
    assert total.variance == total.planned - total.forecast


@pytest.mark.parametrize(
    ("minutes", "hourly", "cost"), [(90, "95", "142.50"), (1, "100", "1.67"), (20, "0.075", "0.03"), (60, "0", "0.00")]
)
def test_time_costs_its_rate_rounded_once(minutes, hourly, cost):
    assert time_cost(minutes, D(hourly)) == D(cost)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1h 30m", 90),
        ("1h30", None),
        ("90m", 90),
        ("90 min", 90),
        ("1:30", 90),
        ("1.5", 90),
        ("1,5h", 90),
        ("2", 120),
        ("8h", 480),
        ("0:05", 5),
        ("", None),
        ("h", None),
        ("-1h", None),
        ("1:75", None),
        ("a while", None),
        ("1e3", None),
    ],
)
def test_lengths_of_time_as_people_type_them(text, minutes):
    assert parse_minutes(text) == minutes


@given(st.integers(1, 1440))
def test_what_is_shown_is_read_back(minutes):
    assert parse_minutes(format_minutes(minutes)) == minutes
