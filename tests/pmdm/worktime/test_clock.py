"""The service-level clock: business hours in a zone, true time over the change of clocks, pauses left out."""

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmdm.worktime.engine import ALWAYS, WorkCalendar, business_minutes, due, standard_calendar

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = standard_calendar()
NIGHTS = WorkCalendar((((0, 360), (1320, 1440)),) * 7)


def local(month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN, fold=fold)


def test_only_business_hours_count():
    assert business_minutes(local(1, 5, 16), local(1, 6, 9), OFFICE, BERLIN) == 120


def test_an_end_before_the_start_is_no_time():
    assert business_minutes(local(1, 6, 9), local(1, 5, 16), OFFICE, BERLIN) == 0


def test_instants_of_other_zones_are_the_same_instants():
    start, end = local(1, 5, 16), local(1, 6, 9)
    assert business_minutes(start.astimezone(UTC), end.astimezone(UTC), OFFICE, BERLIN) == 120


def test_due_skips_the_weekend():
    assert due(local(1, 9, 16), 240, OFFICE, BERLIN) == local(1, 12, 11)


def test_due_after_no_time_is_the_start():
    assert due(local(1, 10, 16), 0, OFFICE, BERLIN) == local(1, 10, 16)


def test_round_the_clock_loses_an_hour_in_spring_and_gains_one_in_autumn():
    assert business_minutes(local(3, 28, 12), local(3, 29, 12), ALWAYS, BERLIN) == 23 * 60
    assert business_minutes(local(10, 24, 12), local(10, 25, 12), ALWAYS, BERLIN) == 25 * 60


def test_a_shift_over_the_change_lasts_as_long_as_it_does():
    assert business_minutes(local(3, 28, 22), local(3, 29, 6), NIGHTS, BERLIN) == 7 * 60
    assert business_minutes(local(10, 24, 22), local(10, 25, 6), NIGHTS, BERLIN) == 9 * 60


def test_due_over_the_change_of_clocks():
    assert due(local(3, 28, 22), 7 * 60, NIGHTS, BERLIN) == local(3, 29, 6)
    assert due(local(10, 24, 22), 9 * 60, NIGHTS, BERLIN) == local(10, 25, 6)
    assert due(local(10, 25, 2, 30, fold=0), 60, ALWAYS, BERLIN) == local(10, 25, 2, 30, fold=1)


def test_office_hours_do_not_feel_the_change():
    assert business_minutes(local(3, 27, 16), local(3, 30, 9), OFFICE, BERLIN) == 120


def test_pauses_do_not_count():
    overlapping = [(local(1, 5, 10), local(1, 5, 11)), (local(1, 5, 10, 30), local(1, 5, 11, 30))]
    still_open = [(local(1, 5, 20), None)]
    assert business_minutes(local(1, 5, 9), local(1, 6, 9), OFFICE, BERLIN) == 480
    assert business_minutes(local(1, 5, 9), local(1, 6, 9), OFFICE, BERLIN, overlapping) == 390
    assert business_minutes(local(1, 5, 9), local(1, 6, 9), OFFICE, BERLIN, overlapping + still_open) == 330


def test_pauses_move_what_is_due():
    pauses = [(local(1, 5, 10), local(1, 5, 11))]
    assert due(local(1, 5, 9), 120, OFFICE, BERLIN, pauses) == local(1, 5, 12)
    assert due(local(1, 5, 9), 60, OFFICE, BERLIN, pauses) == local(1, 5, 10)


def test_nothing_is_due_while_a_pause_lasts():
    assert due(local(1, 5, 9), 120, OFFICE, BERLIN, [(local(1, 5, 10), None)]) is None
    assert due(local(1, 5, 9), 30, OFFICE, BERLIN, [(local(1, 5, 10), None)]) == local(1, 5, 9, 30)


def test_instants_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        business_minutes(datetime(2026, 1, 5), local(1, 5, 9), OFFICE, BERLIN)


tried = settings(max_examples=int(os.environ.get("PMDM_EXAMPLES", "60")), deadline=None)
instants = st.integers(0, 365 * 1440).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]).map(
    ZoneInfo
)
spans = st.lists(st.tuples(instants, st.integers(0, 5000)), max_size=4).map(
    lambda pairs: [(start, start + timedelta(minutes=length)) for start, length in pairs]
)


@tried
@given(st.sampled_from([OFFICE, NIGHTS, ALWAYS]), zones, instants, st.integers(1, 20_000), spans)
def test_what_is_due_has_exactly_its_minutes_before_it(calendar, zone, start, minutes, pauses):
    end = due(start, minutes, calendar, zone, pauses)
    assert end is not None
    assert business_minutes(start, end, calendar, zone, pauses) == minutes
    assert business_minutes(start, end - timedelta(minutes=1), calendar, zone, pauses) < minutes


@tried
@given(zones, instants, st.integers(0, 4 * 1440))
def test_round_the_clock_is_elapsed_time_in_every_zone(zone, start, minutes):
    end = start + timedelta(minutes=minutes)
    assert business_minutes(start, end, ALWAYS, zone) == minutes


@tried
@given(st.sampled_from([OFFICE, NIGHTS]), zones, instants, st.integers(1, 3 * 1440))
def test_the_clock_agrees_with_looking_at_every_minute(calendar, zone, start, minutes):
    end = start + timedelta(minutes=minutes)
    counted = 0
    for m in range(minutes):
        wall = (start + timedelta(minutes=m)).astimezone(zone).replace(tzinfo=None)
        counted += calendar.is_working(wall)
    assert business_minutes(start, end, calendar, zone) == counted
