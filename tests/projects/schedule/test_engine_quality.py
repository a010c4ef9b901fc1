"""The 14-point assessment: each point on a plan that fails it, on one that passes, and where it can't be computed."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.schedule.engine import Constraint, LinkIn, LinkType, Network, TaskIn, schedule
from projects.schedule.engine.quality import Baselined, Check, Hint, Missing, Unit, assess
from tests.projects.schedule.networks import STANDARD, START, lived_in, moments, tried

DAY = 480


def jan(day, hour=8):
    return datetime(2026, 1, day, hour)


def assessed(tasks, links=(), *, calendar=STANDARD, **options):
    network = Network(tasks, links)
    passed = {key: value for key, value in options.items() if key in ("status_date", "honour_constraints")}
    result = schedule(network, START, calendar, **passed)
    return assess(network, result, START, calendar, **options)


def chain(count, days=2, **fields):
    tasks = [TaskIn(i, days * DAY, **fields) for i in range(count)]
    return tasks, [LinkIn(i, i + 1) for i in range(count - 1)]


def offenders(point):
    return [(offender.task, offender.hint) for offender in point.offenders]


def test_there_are_fourteen_points_in_order():
    quality = assessed(*chain(3))
    assert [point.number for point in quality.points] == list(range(1, 15))
    assert [point.check for point in quality.points] == list(Check)


def test_a_plain_chain_passes_what_can_be_computed():
    quality = assessed(*chain(5), resourced=range(5), status_date=START)
    assert {point.check for point in quality.points if point.passed is None} == {Check.MISSED, Check.CPLI, Check.BEI}
    assert quality.passed == quality.available == 11
    assert quality.offenders == {}


def test_missing_logic_exempts_one_beginning_and_one_end():
    tasks, links = chain(4)
    tasks += [TaskIn("alone", DAY), TaskIn("open", DAY), TaskIn("late", DAY)]
    links += [LinkIn(0, "open"), LinkIn("late", 3)]
    point = assessed(tasks, links)[Check.LOGIC]
    assert offenders(point) == [
        ("alone", Hint.ADD_BOTH),
        ("open", Hint.ADD_SUCCESSOR),
        ("late", Hint.ADD_PREDECESSOR),
    ]
    assert (point.value, point.found, point.of, point.passed) == (3 / 7, 3, 7, False)


def test_a_link_on_a_summary_is_logic_for_all_below():
    tasks = [TaskIn("a", DAY), TaskIn("s"), TaskIn(1, DAY, parent="s"), TaskIn(2, DAY, parent="s"), TaskIn("z", DAY)]
    assert assessed(tasks, [LinkIn("a", "s"), LinkIn("s", "z")])[Check.LOGIC].found == 0


def test_leads_lags_and_types_name_their_links():
    tasks, links = chain(5)
    links[1].lag, links[2].lag, links[3].type = -DAY, DAY, LinkType.SS
    quality = assessed(tasks, links)
    lead, lag, types = quality[Check.LEADS], quality[Check.LAGS], quality[Check.LINK_TYPES]
    assert (lead.unit, lead.value, lead.passed, lead.offenders[0].link) == (Unit.COUNT, 1, False, links[1])
    assert (lag.value, lag.passed, lag.offenders[0].task) == (0.25, False, 3)
    assert (types.value, types.threshold, types.passed, types.found) == (0.75, 0.9, False, 3)
    assert types.offenders[0].link is links[3]


@pytest.mark.parametrize("constraint", [Constraint.MSO, Constraint.MFO, Constraint.SNLT, Constraint.FNLT])
def test_hard_constraints_are_found(constraint):
    tasks, links = chain(3)
    tasks[1].constraint, tasks[1].constraint_date = constraint, jan(20, 17)
    assert offenders(assessed(tasks, links)[Check.HARD_CONSTRAINTS]) == [(1, Hint.SOFTEN_CONSTRAINT)]
    tasks[1].constraint = Constraint.SNET
    assert assessed(tasks, links)[Check.HARD_CONSTRAINTS].passed


def test_float_and_duration_over_two_months():
    tasks = [TaskIn("long", 45 * DAY), TaskIn("edge", 44 * DAY), TaskIn("short", 0.5 * DAY)]
    quality = assessed(tasks)
    assert offenders(quality[Check.HIGH_DURATION]) == [("long", Hint.SPLIT_TASK)]
    assert offenders(quality[Check.HIGH_FLOAT]) == [("short", Hint.CHECK_LOGIC)]
    assert quality[Check.HIGH_DURATION].value == pytest.approx(1 / 3)


def test_negative_float_names_every_task_that_is_too_late():
    tasks, links = chain(3)
    tasks[2].deadline = jan(9, 17)
    point = assessed(tasks, links)[Check.NEGATIVE_FLOAT]
    assert (point.value, point.passed) == (3, False)
    assert {offender.hint for offender in point.offenders} == {Hint.RECOVER}


def test_dates_on_the_wrong_side_of_the_status_date():
    tasks = [
        TaskIn("past", DAY),
        TaskIn("future", DAY, percent=10, actual_start=jan(20)),
        TaskIn("fine", 20 * DAY, percent=50, actual_start=jan(5)),
    ]
    point = assessed(tasks, status_date=jan(12))[Check.INVALID_DATES]
    assert offenders(point) == [("past", Hint.RESCHEDULE), ("future", Hint.CORRECT_ACTUAL)]
    assert assessed(tasks)[Check.INVALID_DATES].missing == Missing.NO_STATUS_DATE


def test_tasks_of_a_day_need_somebody():
    tasks = [TaskIn("a", DAY), TaskIn("b", 2 * DAY), TaskIn("short", 240), TaskIn("milestone", 0)]
    point = assessed(tasks, resourced={"a"})[Check.RESOURCES]
    assert (offenders(point), point.value) == ([("b", Hint.ASSIGN)], 0.5)
    assert assessed(tasks)[Check.RESOURCES].missing == Missing.NO_RESOURCES


def baseline_of(tasks, links):
    result = schedule(Network(tasks, links), START, STANDARD)
    return {i: Baselined(out.start, out.finish) for i, out in result.tasks.items()}


def test_bei_and_missed_tasks_by_the_formulas():
    tasks, links = chain(4)
    baseline = baseline_of(tasks, links)
    tasks[0].percent, tasks[0].actual_start, tasks[0].actual_finish = 100, jan(5), jan(6, 17)
    tasks[1].percent, tasks[1].actual_start, tasks[1].actual_finish = 100, jan(7), jan(9, 17)  # a day late
    quality = assessed(tasks, links, status_date=jan(12), baseline=baseline)
    bei, missed = quality[Check.BEI], quality[Check.MISSED]
    assert (bei.value, bei.found, bei.of, bei.passed) == (1, 2, 2, True)
    assert (missed.value, offenders(missed)) == (0.5, [(1, Hint.EXPLAIN_SLIP)])
    quality = assessed(tasks, links, status_date=jan(12, 17), baseline=baseline)
    assert (quality[Check.BEI].value, quality[Check.BEI].passed) == (2 / 3, False)
    quality = assessed(tasks, links, status_date=jan(14, 17), baseline=baseline)
    assert (quality[Check.BEI].value, quality[Check.BEI].of) == (2 / 4, 4)
    assert offenders(quality[Check.BEI]) == [(2, Hint.EXPLAIN_SLIP), (3, Hint.EXPLAIN_SLIP)]


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({"status_date": jan(12)}, Missing.NO_BASELINE),
        ({"baseline": {0: Baselined(jan(5), jan(6, 17))}}, Missing.NO_STATUS_DATE),
        ({"status_date": jan(5), "baseline": {0: Baselined(jan(5), jan(6, 17))}}, Missing.NOTHING_DUE),
    ],
)
def test_bei_says_what_it_lacks(options, missing):
    quality = assessed(*chain(2), **options)
    assert (quality[Check.BEI].value, quality[Check.BEI].passed, quality[Check.BEI].missing) == (None, None, missing)
    assert quality[Check.MISSED].missing == missing


def test_cpli_is_length_plus_float_over_length():
    tasks, links = chain(5)  # ten days, 5 to 16 January
    ahead = assessed(tasks, links, target_finish=jan(20, 17))[Check.CPLI]
    assert (ahead.value, ahead.passed) == (1.2, True)
    behind = assessed(tasks, links, target_finish=jan(15, 17))[Check.CPLI]
    assert (behind.value, behind.passed) == (0.9, False)
    assert offenders(behind) == [(i, Hint.RECOVER) for i in range(5)]
    half = assessed(tasks, links, status_date=jan(12), target_finish=jan(15, 17))[Check.CPLI]
    assert half.value == 0.8
    tasks[4].deadline = jan(14, 17)
    assert assessed(tasks, links)[Check.CPLI].value == 0.8
    assert assessed(*chain(5))[Check.CPLI].missing == Missing.NO_TARGET


def test_cpli_without_anything_left_is_not_available():
    done = [TaskIn(0, DAY, percent=100, actual_start=jan(5), actual_finish=jan(5, 17))]
    assert assessed(done, target_finish=jan(9, 17))[Check.CPLI].missing == Missing.NO_TASKS


def test_a_delay_on_the_critical_path_has_to_arrive():
    tasks, links = chain(4)
    point = assessed(tasks, links)[Check.CRITICAL_PATH_TEST]
    assert (point.value, point.passed, point.offenders) == (1, True, ())
    tasks[0].percent, tasks[0].actual_start, tasks[0].actual_finish = 100, jan(5), jan(6, 17)
    tasks[1].percent, tasks[1].actual_start, tasks[1].remaining_minutes = 50, jan(7), DAY
    assert assessed(tasks, links)[Check.CRITICAL_PATH_TEST].value == 1


def test_a_hard_constraint_that_stops_the_delay_is_named():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY, constraint=Constraint.MFO, constraint_date=jan(30, 17))]
    point = assessed(tasks, [LinkIn("a", "b")])[Check.CRITICAL_PATH_TEST]
    assert (point.value, point.passed, offenders(point)) == (0, False, [("b", Hint.REMOVE_HOLD)])


def test_a_limit_on_the_way_stops_the_delay_and_is_named():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY), TaskIn("c", DAY, constraint=Constraint.SNLT, constraint_date=jan(7))]
    point = assessed(tasks, [LinkIn("a", "b"), LinkIn("b", "c")])[Check.CRITICAL_PATH_TEST]
    assert (point.passed, offenders(point)) == (False, [("c", Hint.REMOVE_HOLD)])


def test_an_empty_plan_has_nothing_to_assess():
    quality = assessed([])
    assert quality.available == 0
    assert {point.missing for point in quality.points} <= {
        Missing.NO_TASKS,
        Missing.NO_LINKS,
        Missing.NO_STATUS_DATE,
        Missing.NO_BASELINE,
        Missing.NO_RESOURCES,
        Missing.NO_TARGET,
    }


@tried
@given(lived_in(), st.none() | moments, st.booleans())
def test_any_plan_can_be_assessed(network, status_date, baselined):
    result = schedule(network, START, STANDARD, status_date=status_date)
    baseline = None
    if baselined:
        baseline = {i: Baselined(out.start, out.finish - timedelta(days=2)) for i, out in result.tasks.items()}
    quality = assess(network, result, START, STANDARD, status_date=status_date, baseline=baseline, resourced=())
    for point in quality.points:
        assert (point.value is None) == (point.missing is not None) == (point.passed is None)
        if point.unit == Unit.SHARE and point.value is not None:
            assert 0 <= point.value <= 1
        for offender in point.offenders:
            out = result.tasks[offender.task]
            assert not out.completed or point.check in (Check.INVALID_DATES, Check.MISSED)
    assert quality.passed <= quality.available <= 14
