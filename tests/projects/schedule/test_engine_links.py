"""Links: four types, lags and leads in working, elapsed and percent, calendars on both ends, milestones."""

from datetime import datetime

import pytest

from pmdm.worktime.engine import WorkCalendar, standard_calendar
from projects.schedule.engine import (
    Constraint,
    CycleError,
    DrivenBy,
    LagUnit,
    LinkIn,
    LinkType,
    Network,
    NetworkError,
    TaskIn,
    schedule,
)

STANDARD = standard_calendar()
NIGHT = WorkCalendar((((0, 360), (1320, 1440)),) * 7, name="Night")
WEEKEND = WorkCalendar(((),) * 5 + (((540, 1020),),) * 2, name="Weekend")
DAY = 480
MONDAY = datetime(2026, 1, 5, 8)


def jan(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute)


def planned(tasks, links=(), start=MONDAY, **options):
    return schedule(Network(tasks, links, {"night": NIGHT, "weekend": WEEKEND}), start, STANDARD, **options)


def dates(result, task):
    return result.tasks[task].start, result.tasks[task].finish


def two(type=LinkType.FS, lag=0, unit=LagUnit.WORKING, first=DAY, second=DAY):
    result = planned([TaskIn("a", first), TaskIn("b", second)], [LinkIn("a", "b", type, lag, unit)])
    return dates(result, "b")


def test_a_task_without_links_starts_with_the_project():
    result = planned([TaskIn("a", DAY)])
    assert dates(result, "a") == (jan(5, 8), jan(5, 17))
    assert result.tasks["a"].driven_by == DrivenBy.PROJECT_START


def test_a_project_start_outside_working_time_moves_on():
    assert dates(planned([TaskIn("a", 60)], start=jan(4, 12)), "a") == (jan(5, 8), jan(5, 9))


@pytest.mark.parametrize(
    ("type", "lag", "expected"),
    [
        (LinkType.FS, 0, (jan(6, 8), jan(6, 17))),
        (LinkType.FS, DAY, (jan(7, 8), jan(7, 17))),
        (LinkType.FS, -240, (jan(5, 13), jan(6, 12))),
        (LinkType.SS, 0, (jan(5, 8), jan(5, 17))),
        (LinkType.SS, 240, (jan(5, 13), jan(6, 12))),
        (LinkType.FF, 0, (jan(5, 8), jan(5, 17))),
        (LinkType.FF, 60, (jan(5, 9), jan(6, 9))),
        (LinkType.SF, 2 * DAY, (jan(6, 8), jan(6, 17))),
    ],
)
def test_link_types_with_lag_and_lead(type, lag, expected):
    assert two(type, lag) == expected


def test_a_lead_never_goes_before_the_project_start():
    assert two(LinkType.FS, -10 * DAY) == (jan(5, 8), jan(5, 17))


def test_elapsed_lag_runs_through_nights_and_weekends():
    assert two(LinkType.FS, 5 * 1440, LagUnit.ELAPSED) == (jan(12, 8), jan(12, 17))
    assert two(LinkType.FS, 120, LagUnit.ELAPSED) == (jan(6, 8), jan(6, 17))


def test_percent_lag_is_of_the_predecessors_duration():
    assert two(LinkType.FS, 50, LagUnit.PERCENT) == (jan(6, 13), jan(7, 12))
    assert two(LinkType.FS, -50, LagUnit.PERCENT) == (jan(5, 13), jan(6, 12))
    assert two(LinkType.SS, 25, LagUnit.PERCENT) == (jan(5, 10), jan(6, 10))
    assert two(LinkType.FS, 50, LagUnit.ELAPSED_PERCENT) == (jan(6, 8), jan(6, 17))


def test_an_elapsed_duration_ignores_the_calendar():
    tasks = [TaskIn("paint", 5 * DAY), TaskIn("dry", 2 * 1440, elapsed=True), TaskIn("hang", 60)]
    result = planned(tasks, [LinkIn("paint", "dry"), LinkIn("dry", "hang")])
    assert dates(result, "dry") == (jan(9, 17), jan(11, 17))
    assert dates(result, "hang") == (jan(12, 8), jan(12, 9))


def test_each_task_works_on_its_own_calendar():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY, calendar="night"), TaskIn("c", DAY)]
    result = planned(tasks, [LinkIn("a", "b"), LinkIn("b", "c")])
    assert dates(result, "b") == (jan(5, 22), jan(6, 6))
    assert dates(result, "c") == (jan(6, 8), jan(6, 17))


def test_lag_counted_on_another_calendar_costs_no_float():
    tasks = [TaskIn("a", 30), TaskIn("m", 0, calendar="night")]
    result = planned(tasks, [LinkIn("a", "m", lag=480)])
    assert (result.tasks["m"].start, result.tasks["a"].total_float) == (jan(6, 6), 450)


def test_lag_counts_on_the_successors_calendar():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY, calendar="night")]
    assert dates(planned(tasks, [LinkIn("a", "b", lag=120)]), "b")[0] == jan(6, 0)


def test_a_milestone_stays_at_the_end_of_the_day_its_predecessor_ends():
    result = planned([TaskIn("a", DAY), TaskIn("m", 0), TaskIn("b", DAY)], [LinkIn("a", "m"), LinkIn("m", "b")])
    assert dates(result, "m") == (jan(5, 17), jan(5, 17))
    assert dates(result, "b") == (jan(6, 8), jan(6, 17))


def test_a_milestone_after_a_lag_is_where_the_lag_ends():
    result = planned([TaskIn("a", DAY), TaskIn("m", 0)], [LinkIn("a", "m", lag=DAY)])
    assert dates(result, "m") == (jan(6, 17), jan(6, 17))
    result = planned([TaskIn("a", DAY), TaskIn("m", 0)], [LinkIn("a", "m", LinkType.SS, DAY)])
    assert dates(result, "m") == (jan(5, 17), jan(5, 17))


def test_a_start_to_finish_successor_ends_when_the_other_starts():
    result = planned([TaskIn("a", DAY), TaskIn("b", DAY), TaskIn("c", DAY)], [LinkIn("a", "b"), LinkIn("b", "c", "SF")])
    assert dates(result, "c") == (jan(5, 8), jan(6, 8))


def test_the_strongest_link_drives_and_is_named():
    links = [LinkIn("a", "c"), LinkIn("b", "c"), LinkIn("a", "c", "SS", 60)]
    result = planned([TaskIn("a", DAY), TaskIn("b", 3 * DAY), TaskIn("c", DAY)], links)
    assert result.tasks["c"].driven_by == DrivenBy.LINK
    assert result.tasks["c"].driving_link is links[1]
    assert result.longest_path == ["b", "c"]


def test_floats_and_critical_path():
    tasks = [TaskIn("a", DAY), TaskIn("b", 3 * DAY), TaskIn("c", DAY), TaskIn("d", DAY)]
    result = planned(tasks, [LinkIn("a", "b"), LinkIn("a", "c"), LinkIn("b", "d"), LinkIn("c", "d")])
    c = result.tasks["c"]
    assert (c.total_float, c.free_float, c.critical) == (2 * DAY, 2 * DAY, False)
    assert (c.late_start, c.late_finish) == (jan(8, 8), jan(8, 17))
    assert result.critical == ["a", "b", "d"]
    assert (result.start, result.finish) == (jan(5, 8), jan(9, 17))


def test_free_float_is_what_no_successor_feels():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY), TaskIn("long", 5 * DAY)]
    result = planned(tasks, [LinkIn("a", "b")])
    assert (result.tasks["a"].total_float, result.tasks["a"].free_float) == (3 * DAY, 0)
    assert (result.tasks["b"].total_float, result.tasks["b"].free_float) == (3 * DAY, 3 * DAY)


def test_float_is_counted_on_the_tasks_own_calendar():
    tasks = [TaskIn("long", 5 * DAY), TaskIn("a", 1440, elapsed=True)]
    result = planned(tasks)
    assert result.tasks["a"].total_float == 4 * 1440 + 9 * 60 - 1440
    assert result.tasks["a"].late_finish == jan(9, 17)


def test_critical_is_a_limit_one_may_choose():
    tasks = [TaskIn("a", DAY), TaskIn("b", 2 * DAY)]
    assert planned(tasks).critical == ["b"]
    assert planned(tasks, critical_limit_minutes=DAY).critical == ["a", "b"]


def test_a_cycle_is_refused_and_its_tasks_are_named():
    tasks = [TaskIn(i, DAY, name=name) for i, name in enumerate(["Start", "Dig", "Pour", "Cure", "End"])]
    links = [LinkIn(0, 1), LinkIn(1, 2), LinkIn(2, 3), LinkIn(3, 1), LinkIn(3, 4)]
    with pytest.raises(CycleError) as caught:
        planned(tasks, links)
    assert sorted(caught.value.tasks) == [1, 2, 3]
    for name in ("Dig", "Pour", "Cure"):
        assert name in str(caught.value)
    assert "Start" not in str(caught.value)
    assert "End" not in str(caught.value)


def test_a_cycle_through_other_calendars_is_found_too():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY, calendar="night")]
    with pytest.raises(CycleError):
        planned(tasks, [LinkIn("a", "b"), LinkIn("b", "a", "SS", 60, LagUnit.ELAPSED)])


@pytest.mark.parametrize(
    ("tasks", "links", "words"),
    [
        ([TaskIn("a"), TaskIn("a")], [], "Two tasks have the id a"),
        ([TaskIn("a", -5)], [], "negative duration"),
        ([TaskIn("a", parent="x")], [], "under x"),
        ([TaskIn("a", calendar="moon")], [], "calendar moon"),
        ([TaskIn("a", constraint=4)], [], "without a date"),
        ([TaskIn("a")], [LinkIn("a", "b")], "names task b"),
        ([TaskIn("a")], [LinkIn("a", "a")], "linked to itself"),
        ([TaskIn("a", parent="b"), TaskIn("b", parent="a")], [], "above and below"),
    ],
)
def test_an_impossible_network_is_refused_in_words(tasks, links, words):
    with pytest.raises(NetworkError, match=words):
        planned(tasks, links)


def test_nothing_to_schedule_is_no_error():
    result = planned([])
    assert (result.tasks, result.start, result.finish, result.critical) == ({}, MONDAY, MONDAY, [])
    assert result.longest_path == []


def test_a_chain_of_thousands_needs_no_recursion():
    count = 5000
    result = planned([TaskIn(i, 1) for i in range(count)], [LinkIn(i, i + 1) for i in range(count - 1)])
    assert result.tasks[count - 1].finish == STANDARD.add(MONDAY, count)
    assert len(result.longest_path) == count


def test_a_finish_pushed_over_a_weekend_costs_the_pusher_no_float():
    """Finish Sunday 17:00 and finish next Saturday 09:00 are one working instant of a weekend calendar."""
    a = TaskIn("a", DAY, constraint=Constraint.SNET, constraint_date=jan(19, 8))
    tasks = [a, TaskIn("b", 60, calendar="weekend"), TaskIn("c", 60, calendar="weekend")]
    links = [LinkIn("a", "b", "SF", -480, LagUnit.ELAPSED), LinkIn("b", "c", "SS", 120)]
    result = planned(tasks, links)
    assert dates(result, "b") == (jan(18, 16), jan(24, 9))
    assert min(task.total_float for task in result.tasks.values()) == 0
