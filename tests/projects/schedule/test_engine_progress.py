"""Progress: what has happened stays, what remains waits for predecessors and the status date; split tasks."""

from datetime import datetime

from pmdm.worktime.engine import standard_calendar
from projects.schedule.engine import DrivenBy, LinkIn, Network, TaskIn, schedule

STANDARD = standard_calendar()
DAY = 480
MONDAY = datetime(2026, 1, 5, 8)


def jan(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute)


def planned(tasks, links=(), **options):
    return schedule(Network(tasks, links), MONDAY, STANDARD, **options)


def test_an_actual_start_fixes_the_start():
    a = planned([TaskIn("a", 2 * DAY, percent=50, actual_start=jan(7, 8))]).tasks["a"]
    assert (a.start, a.finish, a.driven_by) == (jan(7, 8), jan(8, 17), DrivenBy.ACTUAL)


def test_actual_dates_are_kept_to_the_minute_even_at_night():
    done = TaskIn("a", DAY, percent=100, actual_start=jan(6, 2, 13), actual_finish=jan(10, 23, 7))
    result = planned([done, TaskIn("b", DAY)], [LinkIn("a", "b")])
    assert (result.tasks["a"].start, result.tasks["a"].finish) == (jan(6, 2, 13), jan(10, 23, 7))
    assert result.tasks["b"].start == jan(12, 8)


def test_a_completed_task_has_no_float_and_is_not_critical():
    a = planned([TaskIn("a", DAY, percent=100, actual_start=jan(5, 8), actual_finish=jan(5, 17))]).tasks["a"]
    assert a.completed
    assert (a.total_float, a.free_float, a.critical, a.late_start, a.late_finish) == (None, None, False, None, None)


def test_remaining_work_starts_at_the_status_date():
    task = TaskIn("a", 4 * DAY, percent=50, actual_start=jan(5, 8))
    on_time = planned([task], status_date=jan(6, 17)).tasks["a"]
    behind = planned([task], status_date=jan(12, 8)).tasks["a"]
    assert on_time.finish == jan(8, 17)
    assert (behind.finish, behind.driven_by) == (jan(13, 17), DrivenBy.STATUS_DATE)


def test_retained_logic_remaining_work_waits_for_the_predecessor():
    tasks = [TaskIn("a", 5 * DAY), TaskIn("b", 2 * DAY, percent=50, actual_start=jan(5, 8))]
    b = planned(tasks, [LinkIn("a", "b")]).tasks["b"]
    assert (b.start, b.finish, b.driven_by) == (jan(5, 8), jan(12, 17), DrivenBy.LINK)


def test_started_work_has_the_float_of_its_finish():
    tasks = [TaskIn("long", 5 * DAY), TaskIn("a", 2 * DAY, percent=50, actual_start=jan(5, 8))]
    a = planned(tasks).tasks["a"]
    assert (a.total_float, a.critical, a.late_finish) == (3 * DAY, False, jan(9, 17))
    assert a.late_start == jan(5, 8)


def test_remaining_minutes_beat_the_percentage():
    a = planned(
        [TaskIn("a", 4 * DAY, percent=50, actual_start=jan(5, 8), remaining_minutes=DAY)], status_date=jan(12, 8)
    )
    assert a.tasks["a"].finish == jan(12, 17)


def test_unstarted_work_moves_behind_the_status_date_only_when_asked():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY)]
    links = [LinkIn("a", "b")]
    assert planned(tasks, links, status_date=jan(14, 8)).finish == jan(6, 17)
    assert planned(tasks, links, status_date=jan(14, 8), move_unstarted=True).finish == jan(15, 17)


def test_a_finished_task_asks_nothing_of_those_before_it():
    tasks = [
        TaskIn("a", DAY),
        TaskIn("b", DAY, percent=100, actual_start=jan(5, 8), actual_finish=jan(5, 17)),
        TaskIn("long", 4 * DAY),
    ]
    result = planned(tasks, [LinkIn("a", "b")])
    assert result.tasks["a"].total_float == result.tasks["a"].free_float == 3 * DAY


def test_a_finish_without_a_start_takes_it_from_the_duration():
    a = planned([TaskIn("a", DAY, percent=100, actual_finish=jan(7, 17))]).tasks["a"]
    assert (a.start, a.finish) == (jan(7, 8), jan(7, 17))


def test_a_split_task_keeps_its_parts():
    task = TaskIn("a", 5 * DAY, splits=((2 * DAY, 3 * DAY),))
    result = planned([task, TaskIn("b", DAY)], [LinkIn("a", "b")])
    a = result.tasks["a"]
    assert (a.start, a.finish, a.duration_minutes) == (jan(5, 8), jan(14, 17), 5 * DAY)
    assert a.parts == ((jan(5, 8), jan(6, 17)), (jan(12, 8), jan(14, 17)))
    assert result.tasks["b"].start == jan(15, 8)


def test_unsplit_tasks_list_no_parts():
    assert planned([TaskIn("a", DAY)]).tasks["a"].parts == ()


def test_inactive_tasks_hold_nobody():
    tasks = [TaskIn("a", 10 * DAY, active=False), TaskIn("b", DAY)]
    result = planned(tasks, [LinkIn("a", "b")])
    assert result.tasks["b"].start == jan(5, 8)
    assert result.finish == jan(5, 17)
    assert (result.tasks["a"].driven_by, result.tasks["a"].critical, result.tasks["a"].total_float) == (
        DrivenBy.INACTIVE,
        False,
        None,
    )


def test_a_percentage_without_a_start_is_work_begun_where_the_plan_puts_it():
    tasks = [TaskIn("a", DAY), TaskIn("b", 2 * DAY, percent=50)]
    links = [LinkIn("a", "b")]
    b = planned(tasks, links).tasks["b"]
    assert (b.start, b.finish) == (jan(6, 8), jan(7, 17))
    assert planned(tasks, links, status_date=jan(12, 8)).tasks["b"].finish == jan(12, 17)
