"""Stored calendars: what is read, what is written, what is refused and how it is said."""

from datetime import date, datetime

import pytest

from pmdm.worktime.engine import (
    CalendarShapeError,
    calendar_from_json,
    calendar_to_json,
    check_calendar,
)

WEEK = {str(day): [["08:00", "12:00"], ["13:00", "17:00"]] for day in range(5)}


def test_a_stored_calendar_works():
    closed = {"from": "2026-12-24", "to": "2026-12-26", "name": "Closed", "hours": []}
    calendar = calendar_from_json(WEEK, [closed])
    assert calendar.week_minutes == 2400
    assert calendar.add(datetime(2026, 12, 23, 16), 120) == datetime(2026, 12, 28, 9)


def test_hours_may_end_at_midnight():
    assert calendar_from_json({"0": [["22:00", "24:00"]]}).week[0] == ((1320, 1440),)


def test_an_exception_without_an_end_is_one_day_and_later_ones_win():
    exceptions = [{"from": "2026-01-05"}, {"from": "2026-01-05", "hours": [["08:00", "09:00"]]}]
    assert calendar_from_json(WEEK, exceptions).hours_on(date(2026, 1, 5)) == ((480, 540),)


def test_holidays_of_a_country_are_days_off():
    calendar = calendar_from_json(WEEK, country="DE")
    assert not calendar.is_working_day(date(2026, 10, 3))
    assert not calendar.is_working_day(date(2026, 12, 25))


def test_what_is_written_reads_back():
    exceptions = [{"from": "2026-12-24", "to": "2026-12-26", "name": "", "hours": []}]
    calendar = calendar_from_json(WEEK, exceptions)
    assert calendar_to_json(calendar) == {"week": WEEK, "exceptions": exceptions}


@pytest.mark.parametrize(
    ("week", "exceptions", "where", "value"),
    [
        ([], [], "week", "[]"),
        ({}, [], "week", "{}"),
        ({"7": []}, [], "week", "'7'"),
        ({"0": [["8:00", "12:00"]]}, [], "Monday", "['8:00', '12:00']"),
        ({"0": [["12:00", "08:00"]]}, [], "Monday", "['12:00', '08:00']"),
        ({"0": [["08:00", "12:00"], ["11:00", "13:00"]]}, [], "Monday", "['11:00', '13:00']"),
        ({"1": [["08:00", "25:00"]]}, [], "Tuesday", "['08:00', '25:00']"),
        ({"1": "08:00-12:00"}, [], "Tuesday", "'08:00-12:00'"),
        (WEEK, "none", "exceptions", "'none'"),
        (WEEK, [17], "exception 1", "17"),
        (WEEK, [{"from": "2026-13-01"}], "exception 1, from", "'2026-13-01'"),
        (WEEK, [{"to": "2026-01-01"}], "exception 1, from", "None"),
        (WEEK, [{"from": "2026-01-02", "to": "2026-01-01"}], "exception 1, to", "2026-01-01"),
        (WEEK, [{"from": "2026-01-02", "to": "2126-01-01"}], "exception 1, to", "2126-01-01"),
        (WEEK, [{"from": "2026-01-02", "hours": [["09:00"]]}], "exception 1, hours", "['09:00']"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_accepted(week, exceptions, where, value):
    problem = check_calendar(week, exceptions)[0]
    assert (problem.where, problem.value) == (where, value)
    assert problem.accepted
    with pytest.raises(CalendarShapeError, match="give"):
        calendar_from_json(week, exceptions)


def test_an_unknown_country_is_refused():
    with pytest.raises(CalendarShapeError, match="country"):
        calendar_from_json(WEEK, country="XX")
