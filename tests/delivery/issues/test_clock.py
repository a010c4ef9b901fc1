"""The service-level clock by hand: office hours, pauses, at risk, breached."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from delivery.issues import durations
from delivery.issues.clock import ClockState, ServiceHours, due_at, pauses_from_json, read
from pmdm.worktime.engine import WorkCalendar

OFFICE = ServiceHours(WorkCalendar((((540, 1020),),) * 5 + ((), ())), ZoneInfo("Europe/Berlin"), 480)
BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY_15 = datetime(2026, 6, 5, 15, tzinfo=BERLIN)
ALWAYS = ServiceHours()


def monday(hour, minute=0):
    return datetime(2026, 6, 8, hour, minute, tzinfo=BERLIN)


def test_a_due_date_skips_the_weekend():
    assert due_at(FRIDAY_15, 240, OFFICE, []) == monday(11)
    assert due_at(FRIDAY_15, 240, ALWAYS, []) == FRIDAY_15 + timedelta(hours=4)


def test_a_pause_moves_the_due_date_by_its_business_time():
    pause = (monday(9), monday(10))
    assert due_at(FRIDAY_15, 240, OFFICE, [pause]) == monday(12)
    # Waiting over the weekend costs nothing.
    weekend = (FRIDAY_15 + timedelta(hours=2), monday(9))
    assert due_at(FRIDAY_15, 240, OFFICE, [weekend]) == monday(11)
    assert due_at(FRIDAY_15, 240, OFFICE, [(monday(9), None)]) is None


@pytest.mark.parametrize(
    ("now", "done", "pauses", "state"),
    [
        (monday(9), None, [], ClockState.RUNNING),
        (monday(10), None, [], ClockState.AT_RISK),  # 3 of 4 hours
        (monday(9, 59), None, [], ClockState.RUNNING),
        (monday(11), None, [], ClockState.AT_RISK),  # due, not past due
        (monday(11, 1), None, [], ClockState.BREACHED),
        (monday(12), monday(11), [], ClockState.MET),
        (monday(12), monday(11, 1), [], ClockState.BREACHED),
        (monday(16), None, [(monday(9), None)], ClockState.PAUSED),
        (monday(16), None, [(monday(12), None)], ClockState.BREACHED),  # it was late before it waited
    ],
)
def test_states(now, done, pauses, state):
    reading = read(created=FRIDAY_15, done=done, target=240, hours=OFFICE, pauses=pauses, now=now)
    assert reading.state == state


def test_a_reading_tells_what_is_gone():
    reading = read(created=FRIDAY_15, done=None, target=240, hours=OFFICE, pauses=[], now=monday(9, 30))
    assert (reading.elapsed, reading.left, reading.share, reading.due) == (150, 90, 0.625, monday(11))


def test_without_a_target_there_is_nothing_to_breach():
    reading = read(created=FRIDAY_15, done=None, target=None, hours=OFFICE, pauses=[], now=monday(16))
    assert (reading.state, reading.share, reading.left) == (ClockState.NONE, None, None)


def test_stored_pauses():
    assert pauses_from_json([["2026-06-08T09:00:00+00:00", None]]) == [(datetime(2026, 6, 8, 9, tzinfo=UTC), None)]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("30m", 30), ("4h", 240), ("2d", 960), ("1d 4h", 720), ("1w", 2400), ("4", 240), ("1,5h", 90), ("1D4H", 720)],
)
def test_durations(text, minutes):
    assert durations.parse(text, 480) == minutes
    assert durations.parse(durations.words(minutes, 480), 480) == minutes


@pytest.mark.parametrize("text", ["", "soon", "0h", "-2h", "4x", "h", "999999w", "2d later"])
def test_what_is_no_duration(text):
    with pytest.raises(durations.NotADuration):
        durations.parse(text, 480)
