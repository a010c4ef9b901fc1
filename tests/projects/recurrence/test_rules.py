"""Days of a rule: never two for one, first Mondays, holidays, summer time."""

import datetime
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.recurrence.rules import Rule, days, planned

D = datetime.date
# A busy machine decides nothing.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WEEKDAY = lambda day: day.weekday() < 5  # noqa: E731

rules = st.builds(
    Rule,
    every=st.sampled_from(["day", "week", "month", "year"]),
    start=st.dates(D(2000, 1, 1), D(2060, 1, 1)),
    interval=st.integers(1, 5),
    weekdays=st.lists(st.integers(0, 6), unique=True, max_size=7).map(tuple),
    nth=st.sampled_from([None, 1, 2, 3, 4, -1]),
    month_day=st.none() | st.integers(1, 31) | st.just(-1),
    month=st.none() | st.integers(1, 12),
    count=st.none() | st.integers(1, 40),
    holidays=st.sampled_from(["keep", "skip", "shift"]),
)


def first(rule, n=40):
    return list(itertools.islice(days(rule), n))


@calm
@given(rules)
def test_days_rise_and_keep_to_the_rule(rule):
    found = first(rule)
    assert found == sorted(set(found))
    assert all(day >= rule.start for day in found)
    if rule.count is not None:
        assert len(found) <= rule.count
    if rule.every in ("month", "year") and rule.nth is not None:
        weekday = rule.weekdays[0] if rule.weekdays else rule.start.weekday()
        for day in found:
            assert day.weekday() == weekday
            week = (day.day - 1) // 7 + 1
            last = (day + datetime.timedelta(days=7)).month != day.month
            assert last if rule.nth == -1 else week == rule.nth
    if rule.every == "week":
        assert {day.weekday() for day in found} <= set(rule.weekdays or (rule.start.weekday(),))


@calm
@given(rules, st.sets(st.dates(D(2000, 1, 1), D(2062, 1, 1)), max_size=30))
def test_never_two_on_one_day_and_never_on_a_day_off(rule, holidays):
    def works(day):
        return day.weekday() < 5 and day not in holidays

    found = list(itertools.islice(planned(rule, works), 40))
    when = [day for _nominal, day in found if day]
    assert len(when) == len(set(when))
    for nominal, day in found:
        if rule.holidays == "keep":
            assert day == nominal
        elif day is not None:
            assert works(day)
            assert day >= nominal
            if rule.holidays == "skip" or works(nominal):
                assert day == nominal


def test_first_mondays():
    rule = Rule(every="month", start=D(2026, 1, 1), nth=1, weekdays=(0,))
    assert first(rule, 4) == [D(2026, 1, 5), D(2026, 2, 2), D(2026, 3, 2), D(2026, 4, 6)]


def test_last_fridays_every_other_month():
    rule = Rule(every="month", start=D(2026, 1, 1), interval=2, nth=-1, weekdays=(4,))
    assert first(rule, 3) == [D(2026, 1, 30), D(2026, 3, 27), D(2026, 5, 29)]


def test_the_31st_leaves_short_months_out_and_the_last_day_does_not():
    assert first(Rule(every="month", start=D(2026, 1, 31)), 3) == [D(2026, 1, 31), D(2026, 3, 31), D(2026, 5, 31)]
    rule = Rule(every="month", start=D(2026, 1, 31), month_day=-1)
    assert first(rule, 3) == [D(2026, 1, 31), D(2026, 2, 28), D(2026, 3, 31)]


def test_29_february_comes_in_leap_years():
    assert first(Rule(every="year", start=D(2024, 2, 29)), 2) == [D(2024, 2, 29), D(2028, 2, 29)]


def test_weeks_pass_summer_time_as_any_other():
    """The clocks in Berlin changed on 29 March and 25 October 2026."""
    for start in (D(2026, 3, 22), D(2026, 10, 18)):
        rule = Rule(every="week", start=start, weekdays=(6,))
        assert first(rule, 3) == [start + datetime.timedelta(days=7 * n) for n in range(3)]


@pytest.mark.parametrize(("holidays", "when"), [("keep", D(2026, 1, 3)), ("skip", None), ("shift", D(2026, 1, 5))])
def test_a_saturday(holidays, when):
    rule = Rule(every="month", start=D(2026, 1, 3), holidays=holidays)
    assert next(planned(rule, WEEKDAY)) == (D(2026, 1, 3), when)


def test_a_weekend_moved_onto_monday_is_one():
    rule = Rule(every="day", start=D(2026, 1, 2), count=5)
    assert [when for _day, when in planned(rule, WEEKDAY)] == [D(2026, 1, 2), D(2026, 1, 5), None, None, D(2026, 1, 6)]


def test_no_day_at_all_ends():
    assert first(Rule(every="year", start=D(2026, 1, 1), month=2, month_day=30)) == []
    assert list(
        planned(Rule(every="week", start=D(2026, 1, 1), until=D(2026, 1, 20), holidays="skip"), lambda d: False)
    )
