"""Calendars put together, checked minute by minute against those they are made of."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmdm.worktime.engine import STANDARD_WEEK, NoWorkingTime, WorkCalendar, common, country_holidays, united

CALENDARS = [
    WorkCalendar(STANDARD_WEEK, {date(2026, 1, 6): (), date(2026, 1, 10): ((540, 600),)}),
    WorkCalendar(STANDARD_WEEK, holidays=country_holidays("DE", "BY")),
    WorkCalendar((((360, 840),),) * 6 + ((),), holidays=country_holidays("GB")),
    WorkCalendar((((0, 360), (600, 660), (1320, 1440)),) * 7),
]
some = st.lists(st.sampled_from(CALENDARS), min_size=1, max_size=3)
moments = st.integers(0, 366 * 96).map(lambda n: datetime(2025, 12, 20) + timedelta(minutes=15 * n))


@settings(deadline=None)
@given(some, moments)
def test_united_hours_are_those_of_any_and_common_those_of_all(calendars, moment):
    assert united(calendars).is_working(moment) == any(each.is_working(moment) for each in calendars)
    assert common(calendars).is_working(moment) == all(each.is_working(moment) for each in calendars)


@settings(deadline=None)
@given(some, moments, st.integers(1, 5_000))
def test_arithmetic_on_them_comes_back(calendars, moment, minutes):
    for calendar in (united(calendars), common(calendars)):
        assert calendar.between(moment, calendar.add(moment, minutes)) == minutes


def test_a_holiday_of_one_is_worked_by_the_others():
    """Epiphany is a holiday in Bavaria, not in Britain."""
    bavaria, britain = CALENDARS[1], CALENDARS[2]
    epiphany = date(2026, 1, 6)
    assert united([bavaria, britain]).hours_on(epiphany) == ((360, 840),)
    assert common([bavaria, britain]).hours_on(epiphany) == ()


def test_one_calendar_stays_itself_and_none_is_refused():
    assert united([CALENDARS[0]]) is common([CALENDARS[0], CALENDARS[0]]) is CALENDARS[0]
    weekend = WorkCalendar(((),) * 5 + (((480, 1020),),) * 2)
    with pytest.raises(NoWorkingTime):
        common([CALENDARS[0], weekend])
    with pytest.raises(NoWorkingTime):
        united([])
