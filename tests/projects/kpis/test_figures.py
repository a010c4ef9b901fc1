"""Figures of projects: each value by hand, each 'n/a' with its reason."""

import datetime
from decimal import Decimal

import pytest

from pmdm.kpis.models import Value
from pmdm.kpis.recompute import recompute
from projects.models import (
    Baseline,
    BaselineTask,
    BudgetLine,
    Expense,
    ScopeBaseline,
    ScopeBaselineItem,
    Task,
    TimeEntry,
)
from tests.factories import make_project, make_requirement, make_risk, make_user, make_version

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def alice():
    return make_user("Alice Manager")


@pytest.fixture
def project(alice):
    return make_project(
        by=alice, approved_budget=1000, currency="EUR", at=NOW - 100 * DAY,
        target_start=datetime.date(2026, 3, 1), target_finish=datetime.date(2026, 8, 1),
    )  # fmt: skip


def figure(project, code, now=NOW):
    recompute("project", [project.pk], as_of=now)
    return Value.objects.get(subject_type="project", subject_id=project.pk, kpi=code)


def make_task(project, number, **fields):
    fields.setdefault("start", NOW - 10 * DAY)
    fields.setdefault("finish", NOW + 10 * DAY)
    return Task.objects.create(project=project, uid=number, number=number, name=f"Task {number}", **fields)


def take_baseline(project, rows, **fields):
    baseline = Baseline.objects.create(project=project, number=0, **fields)
    BaselineTask.objects.bulk_create(
        BaselineTask(baseline=baseline, task=task, start=task.start, finish=finish) for task, finish in rows
    )
    return baseline


# --- Time -------------------------------------------------------------------------------------------------


def test_on_time_is_finished_over_due(project):
    tasks = [make_task(project, n, percent=100 if n <= 3 else 0) for n in range(1, 6)]
    take_baseline(project, [(task, NOW - DAY if n < 4 else NOW + DAY) for n, task in enumerate(tasks)])
    on_time = figure(project, "on_time")
    assert on_time.value == Decimal("0.75")
    assert on_time.status == "act"
    assert on_time.inputs["due"] == 4
    assert on_time.inputs["overdue"] == 1


def test_tasks_added_after_the_baseline_are_counted_apart(project):
    old, new = make_task(project, 1, percent=100), make_task(project, 2, percent=100)
    take_baseline(project, [(old, NOW - DAY)])
    on_time = figure(project, "on_time")
    assert on_time.value == 1
    assert on_time.inputs["added"] == 1
    assert new.percent == 100


def test_without_baseline_on_time_says_so(project):
    make_task(project, 1)
    on_time = figure(project, "on_time")
    assert (on_time.value, on_time.status, on_time.reason) == (None, "na", "no_baseline")


def test_nothing_due_is_not_zero(project):
    take_baseline(project, [(make_task(project, 1), NOW + DAY)])
    assert figure(project, "on_time").reason == "nothing_due"


def test_summaries_do_not_count(project):
    summary, leaf = make_task(project, 1, is_summary=True), make_task(project, 2, percent=100)
    take_baseline(project, [(summary, NOW - DAY), (leaf, NOW - DAY)])
    assert figure(project, "on_time").value == 1


def test_forecast_is_measured_against_the_baseline(project):
    task = make_task(project, 1, start=NOW + DAY, finish=NOW + 40 * DAY)
    take_baseline(project, [(task, NOW + 30 * DAY)], start=NOW - 70 * DAY, finish=NOW + 30 * DAY)
    late = figure(project, "on_time_forecast")
    assert late.value == 10
    assert late.status == "watch"  # 10 of 100 days
    assert late.inputs["due_from"] == "baseline"


def test_forecast_without_baseline_uses_the_target(project):
    make_task(project, 1, start=NOW, finish=datetime.datetime(2026, 8, 1, 17, tzinfo=datetime.UTC))
    late = figure(project, "on_time_forecast")
    assert round(late.value) == 0
    assert late.status == "ok"
    assert late.inputs["due"] == "2026-08-01"


def test_remaining_work_is_not_before_today(project):
    # 20 days, half done, should have been finished 5 days ago: the other half takes 10 more days from now.
    task = make_task(project, 1, start=NOW - 25 * DAY, finish=NOW - 5 * DAY, percent=50)
    take_baseline(project, [(task, NOW - 5 * DAY)], start=NOW - 25 * DAY, finish=NOW - 5 * DAY)
    assert figure(project, "on_time_forecast").value == 15


def test_float_takes_up_a_slip(project):
    late = make_task(project, 1, start=NOW - 3 * DAY, finish=NOW - DAY, percent=0, total_float=5 * 480)
    last = make_task(project, 2, start=NOW + 20 * DAY, finish=NOW + 30 * DAY)
    take_baseline(project, [(late, NOW), (last, NOW + 30 * DAY)], start=NOW, finish=NOW + 30 * DAY)
    # It slips 3 days, its float is a week: the finish stays.
    assert figure(project, "on_time_forecast").value == 0


def test_once_all_is_done_the_last_actual_finish_counts(project):
    task = make_task(
        project, 1, percent=100, actual_start=NOW - 20 * DAY, actual_finish=NOW - 2 * DAY, finish=NOW - 2 * DAY
    )
    take_baseline(project, [(task, NOW - 6 * DAY)], start=NOW - 26 * DAY, finish=NOW - 6 * DAY)
    late = figure(project, "on_time_forecast")
    assert late.value == 4
    assert late.inputs["finished"] is True


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"target_finish": None}, "no_due_date"), ({}, "no_tasks")],
)
def test_forecast_says_what_is_missing(project, fields, reason):
    type(project).objects.filter(pk=project.pk).update(**fields)
    if reason == "no_due_date":
        make_task(project, 1)
    assert figure(project, "on_time_forecast").reason == reason


def test_dates_not_computed(project):
    make_task(project, 1, start=None, finish=None)
    assert figure(project, "on_time_forecast").reason == "no_dates"


# --- Money ------------------------------------------------------------------------------------------------


def spend(project, alice, amount, line):
    return Expense.objects.create(
        project=project, line=line, amount=amount, description="x", booked_by=alice, spent_on=NOW.date()
    )


@pytest.fixture
def line(project):
    return BudgetLine.objects.create(project=project, name="Build", category="services", planned=1000)


def test_budget_spent(project, alice, line):
    make_task(project, 1, percent=30)
    spend(project, alice, 250, line)
    TimeEntry.objects.create(project=project, user=alice, minutes=60, cost=100, day=NOW.date())
    spent = figure(project, "on_budget")
    assert spent.value == 35
    assert spent.status == "ok"  # 5 points ahead of 30 % done
    assert Decimal(str(spent.inputs["actual"])) == 350


def test_spending_ahead_of_work_is_amber_then_red(project, alice, line):
    task = make_task(project, 1, percent=30)
    spend(project, alice, 380, line)
    assert figure(project, "on_budget").status == "watch"
    Task.objects.filter(pk=task.pk).update(percent=20)
    assert figure(project, "on_budget").status == "act"


def test_hours_without_a_rate_are_said(project, alice, line):
    spend(project, alice, 100, line)
    TimeEntry.objects.create(project=project, user=alice, minutes=90, cost=None, day=NOW.date())
    spent = figure(project, "on_budget")
    assert spent.value == 10
    assert spent.reason == "unpriced"
    assert spent.inputs["unpriced_minutes"] == 90


def test_work_without_cost_is_not_a_saving(project):
    make_task(project, 1, percent=50)
    assert figure(project, "on_budget").reason == "no_cost"


def test_nothing_done_and_nothing_spent_is_zero(project):
    assert figure(project, "on_budget").value == 0


@pytest.mark.parametrize(("budget", "reason"), [(None, "no_budget"), (0, "zero_budget")])
@pytest.mark.parametrize("kpi", ["on_budget", "on_budget_forecast"])
def test_no_budget_no_share(project, kpi, budget, reason):
    type(project).objects.filter(pk=project.pk).update(approved_budget=budget)
    assert figure(project, kpi).reason == reason


def test_forecast_adds_what_is_still_to_come(project, alice, line):
    other = BudgetLine.objects.create(project=project, name="Travel", category="travel", planned=100, remaining=300)
    make_task(project, 1, percent=30)
    spend(project, alice, 400, line)  # 600 of its plan left
    spend(project, alice, 50, other)  # 300 stated
    forecast = figure(project, "on_budget_forecast")
    assert forecast.value == 35
    assert forecast.status == "act"


def test_an_overspent_line_has_nothing_to_come(project, alice, line):
    spend(project, alice, 1100, line)
    assert figure(project, "on_budget_forecast").value == 10


def test_after_the_last_task_only_what_is_stated_comes(project, alice, line):
    make_task(project, 1, percent=100)
    spend(project, alice, 900, line)
    assert figure(project, "on_budget_forecast").value == -10


def test_no_lines_no_forecast(project, alice):
    assert figure(project, "on_budget_forecast").reason == "no_lines"
    TimeEntry.objects.create(project=project, user=alice, minutes=60, cost=100, day=NOW.date())
    assert figure(project, "on_budget_forecast").reason == "no_lines"
    assert figure(project, "on_budget").value == 10


# --- Scope ------------------------------------------------------------------------------------------------


def freeze(project, alice, requirements):
    baseline = ScopeBaseline.objects.create(project=project, number=1, frozen_by=alice, frozen_at=NOW - 50 * DAY)
    ScopeBaselineItem.objects.bulk_create(
        ScopeBaselineItem(
            baseline=baseline, requirement=one, version=make_version(one), title=one.title, priority="must"
        )
        for one in requirements
    )


def verified(project, at=NOW - DAY):
    return make_requirement(project, state="verified", verified_at=at, created_at=NOW - 60 * DAY)


def test_scope_divides_by_the_baseline(project, alice):
    mine = [verified(project), *(make_requirement(project, created_at=NOW - 60 * DAY) for _ in range(3))]
    freeze(project, alice, mine)
    verified(project)  # added later: creep, not delivery
    scope = figure(project, "scope_delivered")
    assert scope.value == 25
    assert scope.inputs["added"] == 1
    assert (scope.status, scope.reason) == ("na", "no_plan")


def test_scope_is_judged_by_what_was_due(project, alice):
    freeze(project, alice, [verified(project), make_requirement(project, created_at=NOW - 60 * DAY)])
    tasks = [make_task(project, n) for n in (1, 2, 3, 4)]
    take_baseline(project, [(task, NOW - DAY if n < 3 else NOW + DAY) for n, task in enumerate(tasks)])
    scope = figure(project, "scope_delivered")
    assert (scope.value, scope.status) == (50, "watch")  # 75 % were due
    assert scope.inputs["behind_points"] == 25


def test_scope_forecast_goes_by_the_pace(project, alice):
    due = datetime.datetime.combine(project.target_finish, datetime.time(), datetime.UTC) + DAY
    now = due - 28 * DAY
    requirements = [verified(project, now - DAY) for _ in range(4)]
    requirements += [make_requirement(project, created_at=NOW - 60 * DAY) for _ in range(6)]
    freeze(project, alice, requirements)
    forecast = figure(project, "scope_forecast", now)
    # 4 in 8 weeks, 4 weeks left: 2 more.
    assert forecast.value == 60
    assert forecast.status == "act"


def test_no_pace_no_forecast(project, alice):
    freeze(project, alice, [make_requirement(project)])
    assert figure(project, "scope_forecast").reason == "no_pace"


def test_scope_without_baseline(project):
    verified(project)
    assert figure(project, "scope_delivered").reason == "no_scope_baseline"
    assert figure(project, "scope_forecast").reason == "no_scope_baseline"


def test_an_empty_baseline_is_not_all_delivered(project, alice):
    freeze(project, alice, [])
    assert figure(project, "scope_delivered").reason == "empty_scope_baseline"


# --- Risk -------------------------------------------------------------------------------------------------


def test_high_risks(project):
    raised = {"raised_at": NOW - DAY}
    make_risk(project, probability=5, impact=5, **raised)
    make_risk(project, probability=2, impact=2, **raised)
    make_risk(project, probability=None, impact=None, **raised)
    make_risk(project, probability=5, impact=5, state="closed", closed_at=NOW - DAY, **raised)
    high = figure(project, "high_risks")
    assert (high.value, high.status, high.reason) == (1, "ok", "some_unscored")


def test_unanalysed_risks_are_not_zero(project):
    make_risk(project, probability=None, impact=None, raised_at=NOW - DAY)
    assert figure(project, "high_risks").reason == "unscored"


def test_no_risk_recorded(project):
    assert figure(project, "high_risks").reason == "no_risks"


# --- States -----------------------------------------------------------------------------------------------


def test_a_cancelled_project_has_no_forecast(project, alice, line):
    make_task(project, 1, percent=50)
    spend(project, alice, 500, line)
    type(project).objects.filter(pk=project.pk).update(state="cancelled")
    assert figure(project, "on_time_forecast").reason == "cancelled"
    assert figure(project, "on_budget_forecast").reason == "cancelled"
    assert figure(project, "on_budget").value == 50


def test_a_closed_project_keeps_the_figures_of_its_closure(project, alice, line):
    from projects.models import Closure

    make_task(project, 1, percent=50)
    spend(project, alice, 500, line)
    frozen = figure(project, "on_budget")
    result = {
        row.kpi: {
            "value": None if row.value is None else str(row.value), "unit": row.unit, "target": None,
            "status": row.status, "reason": row.reason, "inputs": row.inputs,
        }
        for row in Value.objects.filter(subject_id=project.pk)
    }  # fmt: skip
    Closure.objects.create(project=project, closed_by=alice, closed_at=NOW, result=result)
    type(project).objects.filter(pk=project.pk).update(state="closed")
    spend(project, alice, 400, line)
    later = figure(project, "on_budget", NOW + 400 * DAY)
    assert (later.value, later.status, later.inputs) == (frozen.value, frozen.status, frozen.inputs)
    assert (
        figure(project, "on_time_forecast", NOW + 400 * DAY).value
        == Value.objects.get(subject_id=project.pk, kpi="on_time_forecast").value
    )
