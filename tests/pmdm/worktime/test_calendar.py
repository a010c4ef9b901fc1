"""Working time: 8 to 12 and 13 to 17 from Monday to Friday, and calendars made at random."""

import os
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmdm.worktime.engine import (
    ALWAYS,
    NoWorkingTime,
    OutOfRange,
    WorkCalendar,
    country_holidays,
    standard_calendar,
)

STANDARD = standard_calendar()
MONDAY = datetime(2026, 1, 5)
MINUTE = timedelta(minutes=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of the week that starts on Monday 5 January 2026; day 0 is that Monday."""
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def test_work_that_fills_a_day_ends_at_its_end():
    assert STANDARD.add(at(0, 8), 480) == at(0, 17)


def test_work_that_would_begin_at_the_end_of_a_day_begins_the_next_morning():
    assert STANDARD.add(at(0, 17), 60) == at(1, 9)
    assert STANDARD.next_working(at(0, 17)) == at(1, 8)


def test_work_skips_lunch_and_weekend():
    assert STANDARD.add(at(0, 11), 120) == at(0, 14)
    assert STANDARD.add(at(4, 16), 120) == at(7, 9)


def test_no_work_begins_at_the_next_working_instant():
    assert STANDARD.add(at(5, 10), 0) == at(7, 8)


def test_work_backwards_begins_where_forward_work_would_end():
    assert STANDARD.subtract(at(1, 9), 60) == at(1, 8)
    assert STANDARD.subtract(at(0, 17), 480) == at(0, 8)
    assert STANDARD.subtract(at(7, 8), 60) == at(4, 16)
    assert STANDARD.previous_working(at(7, 8)) == at(4, 17)


def test_negative_amounts_turn_round():
    assert STANDARD.add(at(1, 9), -60) == STANDARD.subtract(at(1, 9), 60)
    assert STANDARD.subtract(at(1, 9), -60) == STANDARD.add(at(1, 9), 60)


def test_between_counts_working_minutes_and_is_signed():
    assert STANDARD.between(at(0, 0), at(7, 0)) == 2400
    assert STANDARD.between(at(7, 0), at(0, 0)) == -2400
    assert STANDARD.between(at(0, 12), at(0, 13)) == 0


def test_seconds_count():
    start = at(0, 8) + timedelta(seconds=30)
    assert STANDARD.add(start, 1.5) == at(0, 8, 2)
    assert STANDARD.between(start, at(0, 8, 1)) == 0.5


def test_an_exception_replaces_the_hours_of_its_day():
    calendar = WorkCalendar(STANDARD.week, {date(2026, 1, 6): (), date(2026, 1, 10): ((540, 600),)})
    assert calendar.add(at(0, 16), 120) == at(2, 9)
    assert calendar.add(at(4, 16), 120) == at(5, 10)
    assert calendar.working_days(date(2026, 1, 5), date(2026, 1, 11)) == 5
    assert calendar.hours_on(date(2026, 1, 10)) == ((540, 600),)
    assert not calendar.is_working_day(date(2026, 1, 6))


def test_round_the_clock_is_plain_time():
    assert ALWAYS.add(at(5, 3), 1440) == at(6, 3)
    assert ALWAYS.between(at(0, 0), at(7, 0)) == 7 * 1440


def test_a_night_shift_runs_over_midnight():
    night = WorkCalendar((((0, 360), (1320, 1440)),) * 7)
    assert night.add(at(0, 22), 480) == at(1, 6)
    assert night.subtract(at(1, 6), 480) == at(0, 22)


def test_a_derived_calendar_keeps_what_it_does_not_change():
    base = WorkCalendar(STANDARD.week, {date(2026, 1, 6): ()})
    derived = base.derive({4: ()}, {date(2026, 1, 7): ((480, 540),)})
    assert derived.week[3] == STANDARD.week[3]
    assert [derived.is_working_day(date(2026, 1, day)) for day in range(5, 10)] == [True, False, True, True, False]


def test_public_holidays_are_days_off_unless_an_exception_says_otherwise():
    days_off = country_holidays("GB", "ENG")
    calendar = WorkCalendar(STANDARD.week, {date(2026, 4, 6): ((480, 720),)}, holidays=days_off)
    assert not calendar.is_working_day(date(2026, 4, 3))  # Good Friday
    assert calendar.is_working_day(date(2026, 4, 6))  # Easter Monday, worked in the morning
    assert calendar.add(datetime(2026, 4, 2, 16), 120) == datetime(2026, 4, 6, 9)


def test_an_unknown_country_is_named():
    with pytest.raises(ValueError, match="Atlantis"):
        country_holidays("Atlantis")


def test_a_week_without_work_is_refused():
    with pytest.raises(NoWorkingTime):
        WorkCalendar([()] * 7)


@pytest.mark.parametrize("hours", [((600, 540),), ((0, 1441),), ((480, 720), (700, 800))])
def test_impossible_hours_are_refused(hours):
    with pytest.raises(ValueError, match="rise within"):
        WorkCalendar([hours] * 7)


def test_years_beyond_1900_to_2299_are_refused_and_do_not_fill_memory():
    with pytest.raises(OutOfRange):
        STANDARD.add(at(0, 8), 10**12)
    with pytest.raises(OutOfRange):
        STANDARD.subtract(at(0, 8), 10**12)
    with pytest.raises(OutOfRange):
        STANDARD.add(datetime(3000, 1, 1), 1)


def test_looking_further_away_does_not_move_what_was_said_before():
    calendar = standard_calendar()
    near = calendar.index(1_800_000_000), calendar.add(at(0, 8), 480)
    calendar.add(datetime(1950, 1, 2), 480)
    calendar.add(datetime(2200, 1, 2), 480)
    assert (calendar.index(1_800_000_000), calendar.add(at(0, 8), 480)) == near


tried = settings(max_examples=int(os.environ.get("PMDM_EXAMPLES", "60")), deadline=None)
periods = st.lists(st.integers(0, 48), min_size=0, max_size=6, unique=True).map(
    lambda cuts: tuple(zip([30 * c for c in sorted(cuts)[::2]], [30 * c for c in sorted(cuts)[1::2]], strict=False))
)
weeks = st.lists(periods, min_size=7, max_size=7).filter(any)
calendars = st.builds(
    WorkCalendar, weeks, st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 1, 31)), periods, max_size=4)
)
moments = st.integers(0, 14 * 1440).map(lambda minutes: MONDAY + minutes * MINUTE)


def working_minutes(calendar: WorkCalendar, first: datetime, days: int) -> list[datetime]:
    """Every minute worked, found the slow way; each stands for the minute that begins there."""
    minutes = []
    for offset in range(days):
        day = first.date() + timedelta(days=offset)
        hours = calendar.exceptions.get(day, calendar.week[day.weekday()])
        midnight = datetime.combine(day, datetime.min.time())
        minutes += [midnight + m * MINUTE for start, end in hours for m in range(start, end)]
    return minutes


@tried
@given(calendars, moments, st.integers(1, 3000))
def test_arithmetic_agrees_with_counting_every_minute(calendar, t, amount):
    later = [m for m in working_minutes(calendar, t, 40) if m >= t]
    earlier = [m for m in working_minutes(calendar, t - timedelta(days=40), 41) if m < t]
    if later:
        assert calendar.next_working(t) == later[0]
    if len(later) >= amount:
        assert calendar.add(t, amount) == later[amount - 1] + MINUTE
        assert calendar.between(t, calendar.add(t, amount)) == amount
    if earlier:
        assert calendar.previous_working(t) == earlier[-1] + MINUTE
    if len(earlier) >= amount:
        assert calendar.subtract(t, amount) == earlier[-amount]
        assert calendar.between(calendar.subtract(t, amount), t) == amount


@tried
@given(calendars, moments, moments, moments)
def test_stretches_of_time_add_up(calendar, a, b, c):
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
