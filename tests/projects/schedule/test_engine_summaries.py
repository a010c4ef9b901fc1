"""Summary tasks: numbered, rolled up, and their links acting on all below."""

from datetime import datetime, timedelta

import pytest

from pmdm.worktime.engine import WorkCalendar, standard_calendar
from projects.schedule.engine import (
    Constraint,
    CycleError,
    DrivenBy,
    LagUnit,
    LateBecause,
    LinkIn,
    Network,
    TaskIn,
    schedule,
)

STANDARD = standard_calendar()
SEVEN_DAYS = WorkCalendar((((480, 720), (780, 1020)),) * 7)
DAY = 480
MONDAY = datetime(2026, 1, 5, 8)


def jan(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute)


def planned(tasks, links=(), **options):
    return schedule(Network(tasks, links, {"7d": SEVEN_DAYS}), MONDAY, STANDARD, **options)


def house():
    """Two summaries of two tasks each, one in the other's shadow."""
    return [
        TaskIn("build"),
        TaskIn("walls", 2 * DAY, parent="build"),
        TaskIn("roof", 3 * DAY, parent="build"),
        TaskIn("fit"),
        TaskIn("paint", DAY, parent="fit"),
        TaskIn("floors", 2 * DAY, parent="fit"),
    ]


def test_tasks_are_numbered_by_the_outline():
    result = planned([*house(), TaskIn("nails", DAY, parent="floors")])
    assert [task.wbs for task in result.tasks.values()] == ["1", "1.1", "1.2", "2", "2.1", "2.2", "2.2.1"]
    assert [task.outline_level for task in result.tasks.values()] == [1, 2, 2, 1, 2, 2, 3]
    assert [task.is_summary for task in result.tasks.values()] == [True, False, False, True, False, True, False]


def test_children_may_be_listed_before_their_parents():
    tasks = [TaskIn("x", DAY, parent="b"), TaskIn("b", parent="a"), TaskIn("a")]
    result = planned(tasks)
    assert [result.tasks[t].wbs for t in ("a", "b", "x")] == ["1", "1.1", "1.1.1"]
    assert result.tasks["a"].finish == jan(5, 17)


def test_a_summary_runs_from_the_first_start_to_the_last_finish():
    result = planned(house(), [LinkIn("walls", "roof")])
    build = result.tasks["build"]
    assert (build.start, build.finish, build.duration_minutes) == (jan(5, 8), jan(9, 17), 5 * DAY)
    assert (build.driven_by, build.driving_link) == (DrivenBy.CHILDREN, None)


def test_a_link_between_summaries_acts_on_all_below():
    result = planned(house(), [LinkIn("build", "fit")])
    assert result.tasks["paint"].start == result.tasks["floors"].start == jan(8, 8)
    assert result.tasks["paint"].driving_link.predecessor == "build"
    assert result.tasks["walls"].total_float == DAY
    assert result.tasks["walls"].free_float == DAY
    assert result.tasks["roof"].total_float == 0
    assert result.longest_path == ["roof", "floors"]


def test_summary_links_know_lags_types_and_percent():
    start = planned(house(), [LinkIn("build", "fit", "SS", DAY)]).tasks["paint"].start
    assert start == jan(6, 8)
    finish = planned(house(), [LinkIn("build", "fit", "FF", 0)]).tasks["paint"].finish
    assert finish == jan(7, 17)
    assert planned(house(), [LinkIn("build", "fit", "FS", 50, LagUnit.PERCENT)]).tasks["paint"].start == jan(9, 13)


def test_nested_summaries_pass_links_on():
    tasks = [
        TaskIn("top"),
        TaskIn("mid", parent="top"),
        TaskIn("deep", 2 * DAY, parent="mid"),
        TaskIn("side", DAY, parent="top"),
        TaskIn("after", DAY),
        TaskIn("before", DAY),
    ]
    result = planned(tasks, [LinkIn("before", "top"), LinkIn("top", "after")])
    assert result.tasks["deep"].start == result.tasks["side"].start == jan(6, 8)
    assert result.tasks["after"].start == jan(8, 8)
    assert result.tasks["side"].total_float == result.tasks["side"].free_float == DAY
    assert result.tasks["before"].free_float == 0


def test_links_of_summaries_cross_calendars():
    tasks = [
        TaskIn("a"),
        TaskIn("sat", 6 * DAY, parent="a", calendar="7d"),
        TaskIn("b"),
        TaskIn("sun", DAY, parent="b", calendar="7d"),
        TaskIn("mon", DAY, parent="b"),
    ]
    result = planned(tasks, [LinkIn("a", "b")])
    assert result.tasks["sat"].finish == jan(10, 17)
    # The link counts on the summary's calendar, the project's: it lets nobody start before Monday.
    assert result.tasks["mon"].start == jan(12, 8)
    assert result.tasks["sun"].start == jan(12, 8)


def test_start_no_earlier_on_a_summary_holds_all_below():
    tasks = house()
    tasks[3].constraint, tasks[3].constraint_date = Constraint.SNET, jan(8, 8)
    result = planned(tasks)
    assert result.tasks["paint"].start == result.tasks["floors"].start == jan(8, 8)
    assert result.tasks["paint"].driven_by == DrivenBy.CONSTRAINT


def test_a_deadline_on_a_summary_takes_float_from_all_below():
    tasks = house()
    tasks[0].deadline = jan(6, 17)
    result = planned(tasks)
    assert result.tasks["roof"].total_float == -DAY
    assert result.tasks["walls"].total_float == 0
    assert result.tasks["roof"].late_because == LateBecause("build", None, jan(6, 17))
    assert result.tasks["build"].total_float == -DAY


def test_finish_no_later_on_a_summary_caps_all_below():
    tasks = house()
    tasks[0].constraint, tasks[0].constraint_date = Constraint.FNLT, jan(6, 17)
    assert planned(tasks).tasks["roof"].late_because == LateBecause("build", Constraint.FNLT, jan(6, 17))


def test_a_summary_start_is_held_by_its_earliest_task_only():
    tasks = [*house(), TaskIn("end", 10 * DAY)]
    links = [LinkIn("build", "end", "SS"), LinkIn("walls", "roof")]
    result = planned(tasks, links)
    assert result.tasks["walls"].free_float == 0
    assert result.tasks["walls"].total_float == 0
    assert result.tasks["roof"].total_float == 5 * DAY


def test_percent_of_a_summary_is_weighted_by_duration():
    tasks = house()
    tasks[1].percent, tasks[1].actual_start, tasks[1].actual_finish = 100, jan(5, 8), jan(6, 17)
    result = planned(tasks)
    assert result.tasks["build"].percent == pytest.approx(40)
    assert not result.tasks["build"].completed
    tasks[2].percent, tasks[2].actual_start, tasks[2].actual_finish = 100, jan(5, 8), jan(7, 17)
    done = planned(tasks).tasks["build"]
    assert (done.percent, done.completed, done.total_float, done.critical) == (100, True, None, False)


def test_percent_of_a_summary_of_milestones_is_their_mean():
    tasks = [TaskIn("s"), TaskIn("m", 0, parent="s", percent=100), TaskIn("n", 0, parent="s")]
    assert planned(tasks).tasks["s"].percent == 50


def test_inactive_children_do_not_count():
    tasks = house()
    tasks[2].active = False
    result = planned(tasks, [LinkIn("build", "fit")])
    assert result.tasks["build"].finish == jan(6, 17)
    assert result.tasks["paint"].start == jan(7, 8)


def test_a_summary_with_nothing_active_below_stands_at_the_start():
    tasks = [TaskIn("s"), TaskIn("a", DAY, parent="s", active=False), TaskIn("b", DAY)]
    result = planned(tasks, [LinkIn("s", "b")])
    assert result.tasks["s"].start == jan(5, 8)
    assert result.tasks["b"].start == jan(5, 8)


def test_a_summary_linked_to_its_own_child_is_a_cycle():
    for link in (LinkIn("build", "roof"), LinkIn("roof", "build")):
        with pytest.raises(CycleError) as caught:
            planned(house(), [link])
        assert sorted(caught.value.tasks) == ["build", "roof"]


def test_a_cycle_through_summaries_names_them_once():
    with pytest.raises(CycleError) as caught:
        planned(house(), [LinkIn("build", "fit"), LinkIn("paint", "walls")])
    assert len(caught.value.tasks) == len(set(caught.value.tasks))
    assert {"build", "fit"} <= set(caught.value.tasks)


def test_a_summary_link_costs_one_edge_per_child():
    count = 2000
    tasks = [TaskIn("a"), TaskIn("b")]
    tasks += [TaskIn(("a", i), DAY, parent="a") for i in range(count)]
    tasks += [TaskIn(("b", i), DAY, parent="b") for i in range(count)]
    result = planned(tasks, [LinkIn("a", "b")])
    assert result.tasks["b", 7].start == jan(6, 8)
    assert result.finish == jan(6, 17)


def test_deep_outlines_need_no_recursion():
    tasks = [TaskIn(0)] + [TaskIn(i, DAY, parent=i - 1) for i in range(1, 1500)]
    result = planned(tasks)
    assert result.tasks[0].finish == MONDAY + timedelta(hours=9)
    assert result.tasks[1499].outline_level == 1500


def test_manual_summaries_keep_their_own_dates():
    tasks = house()
    tasks[0].manual, tasks[0].manual_start, tasks[0].manual_finish = True, jan(5, 8), jan(12, 17)
    result = planned(tasks, [LinkIn("build", "fit")])
    assert result.tasks["build"].finish == jan(12, 17)
    assert result.tasks["paint"].start == jan(13, 8)
