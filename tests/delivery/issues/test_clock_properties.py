"""What must hold of the service-level clock on any calendar, in any zone, with any pauses; and nights done by hand."""

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.issues.clock import ClockState, ServiceHours, at_risk_at, due_at, read
from pmdm.worktime.engine import WorkCalendar, calendar_from_json

BERLIN, NEW_YORK, LORD_HOWE = (ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"))
WEEK = (((540, 1020),),) * 5 + ((), ())
OFFICE = ServiceHours(WorkCalendar(WEEK), BERLIN, 480)
NIGHTS = WorkCalendar((((0, 360), (1320, 1440)),) * 7)  # 22:00 to 06:00
ALWAYS = ServiceHours()


# --- By hand ----------------------------------------------------------------------------------------------


def berlin(*parts):
    return datetime(*parts, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("created", "minutes", "hours", "due"),
    [
        # The night clocks go forward has seven hours of 22 to 06; the night they go back has nine.
        (berlin(2026, 3, 28, 22), 480, ServiceHours(NIGHTS, BERLIN), berlin(2026, 3, 29, 23)),
        (berlin(2026, 10, 24, 22), 480, ServiceHours(NIGHTS, BERLIN), berlin(2026, 10, 25, 5)),
        # Round the clock counts true time: 24 hours over the short night end an hour later on the wall.
        (berlin(2026, 3, 28, 12), 1440, ServiceHours(zone=BERLIN), berlin(2026, 3, 29, 13)),
        (berlin(2026, 10, 24, 12), 1440, ServiceHours(zone=BERLIN), berlin(2026, 10, 25, 11)),
        # Office hours do not see the change of Sunday.
        (berlin(2026, 3, 27, 16), 120, OFFICE, berlin(2026, 3, 30, 10)),
        # Lord Howe moves its clocks by half an hour: the night of 4 April 2026 has 8.5 hours.
        (
            datetime(2026, 4, 4, 22, tzinfo=LORD_HOWE),
            510,
            ServiceHours(NIGHTS, LORD_HOWE),
            datetime(2026, 4, 5, 6, tzinfo=LORD_HOWE),
        ),
        # A leap day is a working day like any other: Monday 28 February 2028 to Wednesday 1 March is two days.
        (berlin(2028, 2, 28, 9), 961, OFFICE, berlin(2028, 3, 1, 9, 1)),
        # 2027 has none.
        (berlin(2027, 2, 26, 9), 481, OFFICE, berlin(2027, 3, 1, 9, 1)),
        # Reported in the evening, on a Saturday: counts from the next morning of service.
        (berlin(2026, 6, 5, 22, 30), 60, OFFICE, berlin(2026, 6, 8, 10)),
        # A target that ends with the day is due that evening, not the next morning.
        (berlin(2026, 6, 8, 9), 480, OFFICE, berlin(2026, 6, 8, 17)),
    ],
)
def test_nights_and_days_by_hand(created, minutes, hours, due):
    assert due_at(created, minutes, hours, []) == due.astimezone(UTC)


def test_holidays_of_the_country_and_days_of_our_own_do_not_count():
    week = {str(day): [["09:00", "17:00"]] for day in range(5)}
    closed = [{"from": "2026-12-28", "to": "2026-12-31", "name": "Closed"}, {"from": "2026-12-24", "hours": []}]
    hours = ServiceHours(calendar_from_json(week, closed, country="DE"), BERLIN, 480)
    # Wednesday 23 December 16:00 and two hours: 24 (ours), 25 (Christmas), weekend, 28 to 31 (ours), 1 January,
    # weekend; then Monday 4 January.
    assert due_at(berlin(2026, 12, 23, 16), 120, hours, []) == berlin(2027, 1, 4, 10)


def test_a_shift_across_midnight_belongs_to_both_days():
    hours = ServiceHours(NIGHTS, NEW_YORK)
    friday = datetime(2026, 6, 5, 23, tzinfo=NEW_YORK)
    assert due_at(friday, 420, hours, []) == datetime(2026, 6, 6, 6, tzinfo=NEW_YORK)
    assert due_at(friday, 421, hours, []) == datetime(2026, 6, 6, 22, 1, tzinfo=NEW_YORK)


def test_at_risk_by_hand():
    # 8 hours from Friday 15:00: six are gone on Monday at 13:00.
    assert at_risk_at(berlin(2026, 6, 5, 15), 480, OFFICE, []) == berlin(2026, 6, 8, 13)
    # Asked at 10:00 (three hours gone), answered at 12:00: two hours later.
    waited = [(berlin(2026, 6, 8, 10), berlin(2026, 6, 8, 12))]
    assert at_risk_at(berlin(2026, 6, 5, 15), 480, OFFICE, waited) == berlin(2026, 6, 8, 15)
    # Asked after the moment: the moment stays where it was, though the due date is held.
    late = [(berlin(2026, 6, 8, 14), None)]
    assert at_risk_at(berlin(2026, 6, 5, 15), 480, OFFICE, late) == berlin(2026, 6, 8, 13)
    assert due_at(berlin(2026, 6, 5, 15), 480, OFFICE, late) is None


# --- Always -----------------------------------------------------------------------------------------------

tried = settings(max_examples=int(os.environ.get("PMDM_EXAMPLES", "60")), deadline=None)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]).map(
    ZoneInfo
)
some_hours = st.builds(
    ServiceHours, st.sampled_from([WorkCalendar(WEEK), NIGHTS, ALWAYS.calendar]), zones, st.just(480)
)
# Two years around the leap day of 2028.
instants = st.integers(0, 2 * 366 * 1440).map(
    lambda minute: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
targets = st.integers(1, 10_000)
waits = st.lists(st.tuples(instants, st.integers(0, 5_000)), max_size=4).map(
    lambda pairs: [(start, start + timedelta(minutes=length)) for start, length in pairs]
)


def state(created, target, hours, pauses, now, done=None):
    return read(created=created, done=done, target=target, hours=hours, pauses=pauses, now=now).state


@tried
@given(some_hours, instants, targets, waits)
def test_it_is_at_risk_from_its_moment_to_its_due_and_breached_after(hours, created, target, pauses):
    risk, due = at_risk_at(created, target, hours, pauses), due_at(created, target, hours, pauses)
    assert created <= risk <= due
    second = timedelta(seconds=1)
    assert state(created, target, hours, pauses, risk) == ClockState.AT_RISK
    assert state(created, target, hours, pauses, due) == ClockState.AT_RISK
    assert state(created, target, hours, pauses, due + second) == ClockState.BREACHED
    if risk - second >= created:
        assert state(created, target, hours, pauses, risk - second) == ClockState.RUNNING
    assert state(created, target, hours, pauses, due + 90 * second, done=due) == ClockState.MET


@tried
@given(some_hours, instants, targets, waits, instants)
def test_what_was_reached_does_not_change_any_more(hours, created, target, pauses, done):
    done = max(done, created)
    first, later = (state(created, target, hours, pauses, done + timedelta(days=days), done=done) for days in (0, 400))
    assert first == later
    assert first in (ClockState.MET, ClockState.BREACHED)


@tried
@given(some_hours, instants, targets, targets)
def test_a_longer_target_is_never_due_earlier(hours, created, one, other):
    assert due_at(created, min(one, other), hours, []) <= due_at(created, max(one, other), hours, [])


@tried
@given(some_hours, instants, targets, waits, instants, st.integers(0, 5_000))
def test_waiting_never_makes_it_due_earlier(hours, created, target, pauses, start, length):
    more = [*pauses, (start, start + timedelta(minutes=length))]
    assert due_at(created, target, hours, more) >= due_at(created, target, hours, pauses)


@tried
@given(some_hours, instants, targets, instants)
def test_an_open_pause_holds_what_is_not_over_yet(hours, created, target, start):
    plain, held = due_at(created, target, hours, []), due_at(created, target, hours, [(start, None)])
    assert held == (plain if max(start, created) >= plain else None)
    now = max(start, created) + timedelta(days=900)
    expected = ClockState.PAUSED if held is None else ClockState.BREACHED
    assert state(created, target, hours, [(start, None)], now) == expected


@tried
@given(some_hours, instants, targets, waits)
def test_the_order_in_which_pauses_are_kept_does_not_matter(hours, created, target, pauses):
    assert due_at(created, target, hours, pauses) == due_at(created, target, hours, pauses[::-1] + pauses)


def test_the_leap_day_is_in_the_range():
    assert date(2028, 2, 29) < date(2027, 1, 1) + timedelta(days=2 * 366)
