"""The calendar of a person: the same minutes a day as their capacity, laid on the clock."""

import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmdm.worktime.engine import STANDARD_WEEK, NoWorkingTime, WorkCalendar
from pmdm.worktime.engine.person import Away, HoursFrom, PersonCalendar
from projects.team.engine import Absent, Availability, Hours

STANDARD = WorkCalendar(STANDARD_WEEK)
EARLY = WorkCalendar([((360, 735),)] * 4 + [()] * 3)  # an odd number of minutes
FIRST = datetime.date(2026, 5, 4)  # a Monday
DAY = datetime.timedelta(days=1)

hours = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([STANDARD, EARLY]), st.integers(1, 100)),
    min_size=1, max_size=3, unique_by=lambda row: row[0],
)  # fmt: skip
absences = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["day", "morning", "afternoon"])), max_size=6,
    unique_by=lambda row: row[0],
)  # fmt: skip


@given(hours, absences)
def test_minutes_a_day_are_those_of_the_capacity(own, away):
    calendar = PersonCalendar(
        [HoursFrom(FIRST + DAY * at, week, percent) for at, week, percent in own],
        [Away(FIRST + DAY * at, FIRST + DAY * at, part) for at, part in away],
    )
    capacity = Availability(
        [Hours(FIRST + DAY * at, week, percent) for at, week, percent in own],
        [Absent(FIRST + DAY * at, FIRST + DAY * at, part) for at, part in away],
    )
    for offset in range(-3, 50):
        day = FIRST + DAY * offset
        worked = calendar.hours_on(day)
        assert sum(end - start for start, end in worked) == capacity.on(day)
        assert all(a < b <= c < d for (a, b), (c, d) in pairwise(worked))


def test_work_waits_for_the_absence_and_halves_count():
    calendar = PersonCalendar(
        [HoursFrom(datetime.date.min, STANDARD)],
        [Away(FIRST + DAY, FIRST + DAY * 2), Away(FIRST + DAY * 3, FIRST + DAY * 3, "morning")],
    )
    assert calendar.add(datetime.datetime(2026, 5, 4, 8), 600) == datetime.datetime(2026, 5, 7, 15)
    assert [calendar.is_away(FIRST + DAY * n) for n in range(5)] == [False, True, True, True, False]


def test_a_share_of_the_hours_is_worked_from_the_morning_on():
    calendar = PersonCalendar([HoursFrom(FIRST, STANDARD, 100), HoursFrom(FIRST + DAY * 7, STANDARD, 50)])
    assert calendar.hours_on(FIRST - DAY * 3) == (), "nothing before the first hours"
    assert calendar.hours_on(FIRST) == ((480, 720), (780, 1020))
    assert calendar.hours_on(FIRST + DAY * 7) == ((480, 720),)


def test_hours_that_end_hold_no_work():
    with pytest.raises(NoWorkingTime):
        PersonCalendar([HoursFrom(FIRST, STANDARD, 0)])
    with pytest.raises(ValueError, match="hours from some day"):
        PersonCalendar([])
