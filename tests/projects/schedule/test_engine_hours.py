"""Whose hours a task is worked in: the project's, its own, its people's, or what both allow."""

from datetime import date, datetime

import pytest

from pmdm.worktime.engine import STANDARD_WEEK, WorkCalendar
from projects.schedule.engine import Explainer, LinkIn, Network, NetworkError, TaskIn, schedule
from tests.projects.schedule.networks import STANDARD, START

DAY = 480
CALENDARS = {
    "mornings": WorkCalendar((((480, 720),),) * 5 + ((), ())),
    "afternoons": WorkCalendar((((780, 1020),),) * 5 + ((), ())),
    "ann": WorkCalendar(STANDARD_WEEK, {date(2026, 1, 6): (), date(2026, 1, 7): ()}),
    "weekend": WorkCalendar(((),) * 5 + (((480, 1020),),) * 2),
}


def jan(day, hour=8):
    return datetime(2026, 1, day, hour)


def planned(task, *others, links=()):
    return schedule(Network([task, *others], links, CALENDARS), START, STANDARD)


def test_work_stops_while_its_only_person_is_away():
    result = planned(TaskIn("a", 2 * DAY, resource_calendars=("ann",)))
    assert (result.tasks["a"].start, result.tasks["a"].finish) == (jan(5), jan(8, 17))


def test_it_goes_on_while_one_of_several_is_there():
    result = planned(TaskIn("a", DAY, resource_calendars=("mornings", "afternoons")))
    assert result.tasks["a"].finish == jan(5, 17)
    result = planned(TaskIn("a", DAY, resource_calendars=("mornings",)))
    assert result.tasks["a"].finish == jan(6, 12)


def test_a_tasks_own_calendar_and_its_people_both_count():
    result = planned(TaskIn("a", DAY, calendar="mornings", resource_calendars=("ann",)))
    assert result.tasks["a"].finish == jan(8, 12)


def test_hours_that_never_meet_are_refused_by_name():
    with pytest.raises(NetworkError, match=r"Dig \(a\) has no working time in common"):
        planned(TaskIn("a", DAY, "Dig", calendar="weekend", resource_calendars=("ann",)))
    with pytest.raises(NetworkError, match=r"Dig \(a\) is worked by the calendar bob, which does not exist"):
        planned(TaskIn("a", DAY, "Dig", resource_calendars=("bob",)))


def test_elapsed_tasks_and_milestones():
    assert planned(TaskIn("a", 60 * 24, elapsed=True, resource_calendars=("ann",))).tasks["a"].finish == jan(6)
    result = planned(TaskIn("a", DAY), TaskIn("m", 0, resource_calendars=("ann",)), links=[LinkIn("a", "m")])
    assert result.tasks["m"].start == jan(5, 17)


def test_floats_and_reasons_count_on_these_hours():
    tasks = [TaskIn("a", DAY, resource_calendars=("ann",)), TaskIn("b", 4 * DAY)]
    network = Network(tasks, (), CALENDARS)
    result = schedule(network, START, STANDARD)
    assert result.tasks["a"].total_float == DAY  # two of the three days that are left she is away
    reason = Explainer(network, result, START, STANDARD).finish("a")
    assert reason.minutes == DAY
    longer = Network([TaskIn("a", 2 * DAY, resource_calendars=("ann",))], (), CALENDARS)
    reason = Explainer(longer, schedule(longer, START, STANDARD), START, STANDARD).finish("a")
    assert reason.wait.days_off == (date(2026, 1, 6), date(2026, 1, 7))
