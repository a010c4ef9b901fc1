"""Constraints, deadlines, manual tasks: what holds a task, what it costs in float, what is in conflict."""

from datetime import datetime

import pytest

from pmdm.worktime.engine import standard_calendar
from projects.schedule.engine import (
    Constraint,
    DrivenBy,
    LateBecause,
    LinkIn,
    Network,
    TaskIn,
    schedule,
)

STANDARD = standard_calendar()
DAY = 480
MONDAY = datetime(2026, 1, 5, 8)


def jan(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute)


def planned(tasks, links=(), **options):
    return schedule(Network(tasks, links), MONDAY, STANDARD, **options)


def chain(constraint, date, **options):
    """Two days, then a constrained day, then a day; all after each other from Monday."""
    tasks = [TaskIn("a", 2 * DAY), TaskIn("b", DAY, constraint=constraint, constraint_date=date), TaskIn("c", DAY)]
    return planned(tasks, [LinkIn("a", "b"), LinkIn("b", "c")], **options)


@pytest.mark.parametrize(
    ("constraint", "date", "start"),
    [
        (Constraint.SNET, jan(9, 8), jan(9, 8)),
        (Constraint.SNET, jan(5, 8), jan(7, 8)),
        (Constraint.SNET, jan(10, 8), jan(12, 8)),
        (Constraint.FNET, jan(9, 17), jan(9, 8)),
        (Constraint.FNET, jan(5, 17), jan(7, 8)),
        (Constraint.MSO, jan(9, 8), jan(9, 8)),
        (Constraint.MFO, jan(9, 17), jan(9, 8)),
        (Constraint.SNLT, jan(9, 8), jan(7, 8)),
        (Constraint.FNLT, jan(9, 17), jan(7, 8)),
    ],
)
def test_what_a_constraint_allows(constraint, date, start):
    assert chain(constraint, date).tasks["b"].start == start


@pytest.mark.parametrize(
    ("constraint", "date"),
    [
        (Constraint.MSO, jan(6, 8)),
        (Constraint.MFO, jan(6, 17)),
        (Constraint.SNLT, jan(6, 8)),
        (Constraint.FNLT, jan(6, 17)),
    ],
)
def test_dates_beat_links_and_the_conflict_is_reported(constraint, date):
    result = chain(constraint, date)
    a, b = result.tasks["a"], result.tasks["b"]
    assert (b.start, b.finish, b.driven_by) == (jan(6, 8), jan(6, 17), DrivenBy.CONSTRAINT)
    assert a.total_float == -DAY
    assert a.critical
    assert a.free_float == 0
    assert a.late_because == LateBecause("b", constraint, date)
    [conflict] = result.conflicts
    assert (conflict.link.predecessor, conflict.link.successor) == ("a", "b")
    assert (conflict.because, conflict.constraint, conflict.minutes) == (DrivenBy.CONSTRAINT, constraint, DAY)


@pytest.mark.parametrize(
    ("constraint", "date"),
    [
        (Constraint.SNLT, jan(6, 8)),
        (Constraint.FNLT, jan(6, 17)),
        (Constraint.MSO, jan(6, 8)),
        (Constraint.MFO, jan(6, 17)),
    ],
)
def test_links_win_when_asked_and_float_still_shows_the_miss(constraint, date):
    result = chain(constraint, date, honour_constraints=False)
    assert result.tasks["b"].start == jan(7, 8)
    assert result.tasks["b"].total_float == -DAY
    assert result.conflicts == []


def test_must_start_on_leaves_no_float():
    b = chain(Constraint.MSO, jan(9, 8)).tasks["b"]
    assert (b.total_float, b.late_start) == (0, jan(9, 8))
    assert b.late_because is None or b.late_because.constraint == Constraint.MSO


def test_no_later_than_takes_float():
    tasks = [TaskIn("long", 10 * DAY), TaskIn("b", DAY, constraint=Constraint.FNLT, constraint_date=jan(7, 17))]
    b = planned(tasks).tasks["b"]
    assert (b.total_float, b.late_finish) == (2 * DAY, jan(7, 17))
    assert b.late_because == LateBecause("b", Constraint.FNLT, jan(7, 17))


def test_a_deadline_takes_float_and_moves_nothing():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY, deadline=jan(5, 17))]
    result = planned(tasks, [LinkIn("a", "b")])
    assert result.tasks["b"].start == jan(6, 8)
    assert result.tasks["a"].total_float == result.tasks["b"].total_float == -DAY
    assert result.tasks["a"].late_because == LateBecause("b", None, jan(5, 17))
    assert result.conflicts == []


def test_a_deadline_after_the_finish_changes_nothing():
    assert planned([TaskIn("a", DAY, deadline=jan(9, 17))]).tasks["a"].total_float == 0


def test_as_late_as_possible_takes_the_float_and_moves_no_finish():
    tasks = [TaskIn("a", DAY, constraint=Constraint.ALAP), TaskIn("b", DAY), TaskIn("long", 5 * DAY)]
    result = planned(tasks, [LinkIn("a", "b")])
    a, b = result.tasks["a"], result.tasks["b"]
    assert (a.start, a.early_start, a.total_float) == (jan(8, 8), jan(5, 8), 0)
    assert (b.start, b.total_float) == (jan(9, 8), 0)
    assert a.driven_by == DrivenBy.LATE_DATES
    assert result.finish == jan(9, 17)


def test_from_the_finish_everything_hangs_from_the_end():
    tasks = [TaskIn("a", DAY, constraint=Constraint.ALAP), TaskIn("b", DAY, constraint=Constraint.ALAP)]
    result = planned([*tasks, TaskIn("c", DAY)], [LinkIn("a", "b")], project_finish=jan(16, 17))
    assert (result.tasks["a"].start, result.tasks["b"].finish) == (jan(15, 8), jan(16, 17))
    assert result.tasks["c"].start == jan(15, 8)
    assert (result.start, result.finish) == (jan(15, 8), jan(16, 17))


def test_a_manual_task_keeps_its_dates_and_drives_others():
    manual = TaskIn("b", DAY, manual=True, manual_start=jan(5, 8), manual_finish=jan(5, 17))
    result = planned([TaskIn("a", 2 * DAY), manual, TaskIn("c", DAY)], [LinkIn("a", "b"), LinkIn("b", "c")])
    assert (result.tasks["b"].start, result.tasks["b"].finish) == (jan(5, 8), jan(5, 17))
    assert result.tasks["c"].start == jan(6, 8)
    [conflict] = result.conflicts
    assert (conflict.because, conflict.minutes) == (DrivenBy.MANUAL, 2 * DAY)


def test_a_manual_task_may_lie_outside_working_time():
    manual = TaskIn("a", 60, manual=True, manual_start=jan(10, 9), manual_finish=jan(10, 11))
    result = planned([manual, TaskIn("b", 60)], [LinkIn("a", "b")])
    assert (result.tasks["a"].start, result.tasks["a"].finish) == (jan(10, 9), jan(10, 11))
    assert result.tasks["b"].start == jan(12, 8)


def test_a_manual_task_without_dates_is_placed_by_its_links():
    result = planned([TaskIn("a", DAY), TaskIn("b", DAY, manual=True)], [LinkIn("a", "b")])
    assert result.tasks["b"].start == jan(6, 8)


def test_a_manual_task_with_one_date_takes_the_other_from_its_duration():
    tasks = [
        TaskIn("a", DAY, manual=True, manual_start=jan(6, 8)),
        TaskIn("b", DAY, manual=True, manual_finish=jan(7, 17)),
    ]
    result = planned(tasks)
    assert result.tasks["a"].finish == jan(6, 17)
    assert result.tasks["b"].start == jan(7, 8)


def test_start_no_later_than_a_saturday_means_friday():
    task = TaskIn("a", DAY, constraint=Constraint.SNLT, constraint_date=jan(10, 12))
    result = planned([task, TaskIn("long", 20 * DAY)])
    assert result.tasks["a"].late_start == jan(9, 16, 59)


def test_the_cause_of_negative_float_is_traced_through_the_chain():
    tasks = [TaskIn(i, DAY) for i in range(5)]
    tasks[4].constraint, tasks[4].constraint_date = Constraint.FNLT, jan(6, 17)
    result = planned(tasks, [LinkIn(i, i + 1) for i in range(4)])
    causes = {task.late_because for task in result.tasks.values()}
    assert causes == {LateBecause(4, Constraint.FNLT, jan(6, 17))}
