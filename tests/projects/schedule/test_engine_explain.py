"""Reasons for dates: what drives a start and a finish, how far a task may slip, and what it breaks."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmdm.worktime.engine import STANDARD_WEEK, WorkCalendar
from projects.schedule.engine import (
    Because,
    Breaks,
    Constraint,
    DrivenBy,
    Explainer,
    LinkIn,
    LinkType,
    Network,
    TaskIn,
    explain,
    schedule,
)
from tests.projects.schedule.networks import STANDARD, START, lived_in, moments, tried

DAY = 480
HOLIDAYS = WorkCalendar(STANDARD_WEEK, {date(2026, 1, 8): (), date(2026, 1, 9): ()})


def jan(day, hour=8):
    return datetime(2026, 1, day, hour)


def explained(tasks, links, task, calendar=STANDARD, **options):
    network = Network(tasks, links)
    result = schedule(network, START, calendar, **options)
    return explain(network, result, task, START, calendar, **options)


def test_a_task_that_nothing_holds_starts_with_the_project():
    found = explained([TaskIn("a", DAY)], [], "a")
    assert (found.start.because, found.start.date, found.chain) == (Because.PROJECT_START, START, ())
    assert (found.finish.because, found.finish.minutes) == (Because.DURATION, DAY)


def test_a_link_names_its_predecessor_and_the_chain_goes_back_from_it():
    links = [LinkIn("a", "b"), LinkIn("b", "c", lag=2 * DAY)]
    found = explained([TaskIn("a", DAY), TaskIn("b", DAY), TaskIn("c", DAY)], links, "c")
    assert (found.start.because, found.start.link, found.start.source) == (Because.LINK, links[1], "b")
    assert (found.start.held, found.start.at) == (jan(6, 17), jan(9))
    assert [(step.task, step.because) for step in found.chain] == [
        ("b", Because.LINK),
        ("a", Because.PROJECT_START),
    ]
    assert len(explained([TaskIn("a", DAY), TaskIn("b", DAY), TaskIn("c", DAY)], links, "c").chain) == 2


def test_days_off_between_what_allows_a_start_and_the_start_are_named():
    found = explained([TaskIn("a", 3 * DAY), TaskIn("b", DAY)], [LinkIn("a", "b")], "b", HOLIDAYS)
    assert found.start.at == jan(12)
    assert found.start.wait.days_off == (date(2026, 1, 8), date(2026, 1, 9))
    assert found.start.wait.skips_a_day


def test_days_off_within_the_work_explain_its_finish():
    found = explained([TaskIn("a", 4 * DAY)], [], "a", HOLIDAYS)
    assert found.finish.wait.days_off == (date(2026, 1, 8), date(2026, 1, 9))


@pytest.mark.parametrize("type", [LinkType.FF, LinkType.SF])
def test_a_link_that_holds_the_finish_explains_the_finish(type):
    found = explained([TaskIn("a", 3 * DAY), TaskIn("b", DAY)], [LinkIn("a", "b", type, 2 * DAY)], "b")
    assert found.start.because == Because.FINISH
    assert (found.finish.because, found.finish.source) == (Because.LINK, "a")
    assert found.finish.held == (jan(7, 17) if type == LinkType.FF else jan(5))
    assert [step.task for step in found.chain] == ["a"]


@pytest.mark.parametrize(
    ("constraint", "at_start"),
    [
        (Constraint.SNET, True),
        (Constraint.MSO, True),
        (Constraint.FNET, False),
        (Constraint.MFO, False),
    ],
)
def test_a_constraint_explains_the_end_it_holds(constraint, at_start):
    when = jan(7, 8 if at_start else 17)
    found = explained([TaskIn("a", DAY, constraint=constraint, constraint_date=when)], [], "a")
    reason = found.start if at_start else found.finish
    assert (reason.because, reason.constraint, reason.date, reason.source) == (
        Because.CONSTRAINT,
        constraint,
        when,
        "a",
    )
    assert found.start.because == (Because.CONSTRAINT if at_start else Because.FINISH)


def test_a_constraint_of_the_summary_above_is_named_as_its():
    tasks = [TaskIn("s", constraint=Constraint.SNET, constraint_date=jan(7)), TaskIn("a", DAY, parent="s")]
    found = explained(tasks, [], "a")
    assert (found.start.because, found.start.source, found.start.date) == (Because.CONSTRAINT, "s", jan(7))


def test_as_late_as_possible_names_the_successor_it_makes_room_for():
    tasks = [TaskIn("a", DAY, constraint=Constraint.ALAP), TaskIn("b", DAY), TaskIn("c", 5 * DAY)]
    found = explained(tasks, [LinkIn("a", "b")], "a")
    assert (found.start.because, found.start.source) == (Because.LATE_DATES, "b")


def test_manual_actual_and_status_dates():
    tasks = [
        TaskIn("manual", DAY, manual=True, manual_start=jan(7)),
        TaskIn("begun", 2 * DAY, percent=50, actual_start=jan(5)),
        TaskIn("done", DAY, percent=100, actual_start=jan(5), actual_finish=jan(5, 17)),
        TaskIn("counted", DAY, percent=100, actual_finish=jan(6, 17)),
        TaskIn("off", DAY, active=False),
    ]
    network = Network(tasks)
    result = schedule(network, START, STANDARD, status_date=jan(9))
    tell = Explainer(network, result, START, STANDARD, status_date=jan(9))
    assert tell.start("manual").because == Because.MANUAL
    assert tell.finish("manual").because == Because.DURATION
    assert (tell.start("begun").because, tell.finish("begun").because) == (Because.ACTUAL, Because.STATUS_DATE)
    assert tell.finish("begun").date == jan(9)
    assert (tell.start("done").because, tell.finish("done").because) == (Because.ACTUAL, Because.ACTUAL)
    assert (tell.start("counted").because, tell.finish("counted").because) == (Because.FINISH, Because.ACTUAL)
    assert tell.start("off").because == Because.INACTIVE
    assert tell.float("done") is None
    assert tell.float("off") is None


def test_unstarted_work_that_waits_for_the_status_date_says_so():
    found = explained([TaskIn("a", DAY)], [], "a", status_date=jan(7), move_unstarted=True)
    assert (found.start.because, found.start.date) == (Because.STATUS_DATE, jan(7))


def test_what_remains_of_started_work_names_the_link_it_waits_for():
    tasks = [TaskIn("a", 3 * DAY), TaskIn("b", 2 * DAY, percent=50, actual_start=jan(5))]
    found = explained(tasks, [LinkIn("a", "b")], "b")
    assert found.start.because == Because.ACTUAL
    assert (found.finish.because, found.finish.source) == (Because.LINK, "a")


def test_a_summary_names_the_tasks_that_decide_it():
    tasks = [TaskIn("s"), TaskIn("a", DAY, parent="s"), TaskIn("b", 2 * DAY, parent="s")]
    found = explained(tasks, [LinkIn("a", "b")], "s")
    assert (found.start.because, found.start.source) == (Because.CHILDREN, "a")
    assert (found.finish.because, found.finish.source) == (Because.CHILDREN, "b")


def test_float_names_who_moves_first():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY), TaskIn("c", 5 * DAY), TaskIn("d", DAY)]
    found = explained(tasks, [LinkIn("a", "b"), LinkIn("a", "d", lag=DAY)], "a").float
    assert (found.total, found.free, found.first, found.critical) == (2 * DAY, 0, "b", False)


def test_negative_float_names_the_constraint_it_comes_from():
    tasks = [TaskIn("a", 3 * DAY), TaskIn("b", DAY, constraint=Constraint.MFO, constraint_date=jan(6, 17))]
    found = explained(tasks, [LinkIn("a", "b")], "a")
    assert found.float.total == -2 * DAY
    assert (found.float.late_because.task, found.float.late_because.constraint) == ("b", Constraint.MFO)
    (broken,) = found.violations
    assert (broken.breaks, broken.minutes, broken.source) == (Breaks.FLOAT, 2 * DAY, "b")
    (broken,) = explained(tasks, [LinkIn("a", "b")], "b").violations
    assert (broken.breaks, broken.because, broken.constraint) == (Breaks.LINK, DrivenBy.CONSTRAINT, Constraint.MFO)


def test_an_imposed_finish_that_cannot_be_met_is_not_blamed_on_a_task():
    tasks = [TaskIn("a", 3 * DAY, constraint=Constraint.SNET, constraint_date=jan(5))]
    found = explained(tasks, [], "a", project_finish=jan(6, 17))
    assert found.float.imposed
    assert found.float.total == -DAY
    assert (found.violations[0].breaks, found.violations[0].source) == (Breaks.FLOAT, None)


def test_a_missed_deadline_and_a_constraint_that_yields():
    tasks = [
        TaskIn("a", 3 * DAY, deadline=jan(6, 17)),
        TaskIn("b", DAY, constraint=Constraint.SNLT, constraint_date=jan(6)),
    ]
    (late,) = explained(tasks, [], "a").violations
    assert (late.breaks, late.minutes, late.date) == (Breaks.DEADLINE, DAY, jan(6, 17))
    network = Network(tasks, [LinkIn("a", "b")])
    result = schedule(network, START, STANDARD, honour_constraints=False)
    (late,) = explain(network, result, "b", START, STANDARD).violations
    assert (late.breaks, late.constraint, late.minutes) == (Breaks.CONSTRAINT, Constraint.SNLT, 2 * DAY)


def test_a_conflict_on_a_summarys_link_is_told_of_the_task_below():
    tasks = [TaskIn("a", 3 * DAY), TaskIn("s"), TaskIn("b", DAY, parent="s", manual=True, manual_start=jan(5))]
    (broken,) = explained(tasks, [LinkIn("a", "s")], "b").violations
    assert (broken.task, broken.link.successor, broken.because) == ("b", "s", DrivenBy.MANUAL)


@tried
@given(
    lived_in(),
    st.fixed_dictionaries(
        {}, optional={"status_date": moments, "move_unstarted": st.booleans(), "project_finish": moments}
    ),
)
def test_every_date_of_any_plan_has_a_reason_that_agrees_with_it(network, options):
    result = schedule(network, START, STANDARD, **options)
    tell = Explainer(network, result, START, STANDARD, **options)
    for task in network.tasks:
        out = result.tasks[task.id]
        found = tell.explain(task.id)
        assert (found.start.at, found.finish.at) == (out.start, out.finish)
        assert found.start.is_start
        assert not found.finish.is_start
        for reason in (found.start, found.finish, *found.chain):
            if reason.because == Because.LINK:
                before = result.tasks[reason.source]
                assert reason.held in (before.start, before.finish)
                assert reason.link.predecessor == reason.source
        if out.total_float is None:
            assert found.float is None
        else:
            assert (found.float.total, found.float.free) == (out.total_float, out.free_float)
            is_late = out.total_float < 0 and not out.is_summary
            assert not is_late or found.violations
        assert len({step.task for step in found.chain}) == len(found.chain) <= 3
