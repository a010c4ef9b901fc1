"""Capacity, load and ranking: rules, and properties that must hold for any input."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from pmdm.worktime.engine import WorkCalendar, country_holidays, standard_calendar
from projects.team.engine import (
    Absent,
    Availability,
    Candidate,
    Demand,
    Hours,
    edges_of,
    rank,
    remaining_minutes,
    spread,
)

STANDARD = standard_calendar()
MONDAY = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)


def at(day, hour=8):
    return dt.datetime.combine(day, dt.time(hour))


# Capacity


def test_without_hours_the_standard_week_counts():
    assert Availability().days(MONDAY, MONDAY + 6 * DAY) == [480] * 5 + [0, 0]


def test_hours_hold_from_their_day_and_nothing_before_the_first():
    able = Availability([Hours(MONDAY + DAY, STANDARD, 50), Hours(MONDAY + 2 * DAY, STANDARD, 100)])
    assert able.days(MONDAY, MONDAY + 2 * DAY) == [0, 240, 480]


def test_holidays_are_days_off():
    german = WorkCalendar(STANDARD.week, holidays=country_holidays("DE"))
    assert Availability([Hours(dt.date(2026, 1, 1), german)]).on(dt.date(2026, 5, 1)) == 0


def test_absences_take_days_and_halves():
    able = Availability(
        absences=[
            Absent(MONDAY, MONDAY + DAY),
            Absent(MONDAY + 2 * DAY, MONDAY + 2 * DAY, "morning"),
            Absent(MONDAY + 3 * DAY, MONDAY + 3 * DAY, "morning"),
            Absent(MONDAY + 3 * DAY, MONDAY + 3 * DAY, "afternoon"),
        ]
    )
    assert able.days(MONDAY, MONDAY + 4 * DAY) == [0, 0, 240, 0, 480]
    assert able.before_absence(MONDAY) == 480


def test_a_long_absence_that_began_before_others_is_seen():
    able = Availability(absences=[Absent(MONDAY - 30 * DAY, MONDAY + DAY), Absent(MONDAY + 4 * DAY, MONDAY + 4 * DAY)])
    assert able.days(MONDAY, MONDAY + 4 * DAY) == [0, 0, 480, 480, 0]


days = st.integers(0, 60).map(lambda n: MONDAY + n * DAY)


@st.composite
def absences(draw):
    """Absences of one person: they never overlap."""
    found, day = [], MONDAY
    for gap, length, part in draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12), st.sampled_from(["day", "morning", "afternoon"])))
    ):
        day += gap * DAY
        last = day + length * DAY if part == "day" else day
        found.append(Absent(day, last, part))
        day = last + DAY
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(days, st.integers(0, 100)), max_size=4, unique_by=lambda row: row[0]), absences(), days)
def test_capacity_is_never_negative_and_never_more_than_the_hours(rows, away, day):
    able = Availability([Hours(begin, STANDARD, percent) for begin, percent in rows], away)
    assert 0 <= able.on(day) <= able.before_absence(day) <= 480
    assert able.weeks(MONDAY, 3) == [able.between(MONDAY + 7 * n * DAY, MONDAY + (7 * n + 6) * DAY) for n in range(3)]


# Load


def test_work_lies_evenly_on_working_time():
    demand = Demand(1, at(MONDAY), at(MONDAY + 11 * DAY, 17), 4800, STANDARD)
    assert spread(demand, edges_of(MONDAY, 3)) == [2400, 2400, 0]


def test_of_started_work_only_what_remains_counts_from_now_on():
    demand = Demand(1, at(MONDAY), at(MONDAY + 11 * DAY, 17), 1200, STANDARD)
    assert spread(demand, edges_of(MONDAY, 2), at(MONDAY + 7 * DAY)) == [0, 1200]


def test_overdue_work_lies_ahead_at_its_own_rate():
    demand = Demand(1, at(MONDAY), at(MONDAY + DAY, 17), 2400, STANDARD, units=50)
    assert spread(demand, edges_of(MONDAY, 4), at(MONDAY + 7 * DAY)) == [0, 1200, 1200, 0]


def test_what_remains_of_an_assignment():
    assert remaining_minutes(960, 50) == 480
    assert remaining_minutes(960, 50, percent=25) == 360
    assert remaining_minutes(960, 50, percent=25, remaining=480) == 240
    assert remaining_minutes(960, 50, work=100, percent=50) == 50
    assert remaining_minutes(960, 50, percent=100) == 0


@settings(deadline=None)
@given(
    start=st.integers(0, 40),
    length=st.integers(0, 60),
    minutes=st.integers(0, 20_000),
    units=st.floats(20, 400),
    now=st.none() | st.integers(0, 120),
    width=st.sampled_from([1, 7]),
)
def test_load_sums_to_the_work_whatever_the_stretches(start, length, minutes, units, now, width):
    begin = at(MONDAY + start * DAY)
    finish = at(MONDAY + (start + length) * DAY, 17)
    demand = Demand(1, begin, finish, minutes, STANDARD, units)
    whole = spread(demand, edges_of(MONDAY, 700 // width, width), None if now is None else at(MONDAY + now * DAY))
    assert sum(whole) == minutes
    assert min(whole) >= 0


# Ranking


def test_the_best_fit_comes_first_then_skill_then_free_time():
    week = [480] * 5
    fits = rank(
        [
            Candidate("busy", week, week, [480] * 5, 4),
            Candidate("learner", week, week, [0] * 5, 1),
            Candidate("expert", week, week, [200] * 5, 4),
            Candidate("away", week, [0] * 5, [0] * 5, 4),
        ],
        percent=50,
    )
    assert [fit.key for fit in fits] == ["expert", "learner", "busy", "away"]
    assert [fit.share for fit in fits] == [100, 100, 0, 0]


def test_a_free_friday_does_not_cover_a_full_monday():
    (fit,) = rank([Candidate("x", [480, 480], [480, 480], [480, 0])], percent=100)
    assert (fit.wanted, fit.covered, fit.free) == (960, 480, 480)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 900), min_size=3, max_size=3), st.lists(st.integers(0, 900), min_size=3, max_size=3)
        )
    ),
    st.integers(1, 100),
)
def test_never_more_is_covered_than_wanted_or_free(people, percent):
    fits = rank([Candidate(n, hours, hours, load) for n, (hours, load) in enumerate(people)], percent)
    for fit in fits:
        assert 0 <= fit.covered <= min(fit.wanted, fit.free)
    assert [fit.share for fit in fits] == sorted((fit.share for fit in fits), reverse=True)
