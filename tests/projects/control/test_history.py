"""What is kept of each week, and what changed on the critical path since the last one."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.control.changes import path_change
from projects.control.history import keep_week
from projects.models import MilestoneWeek, PlanWeek, Project
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from tests.factories import make_project

pytestmark = pytest.mark.django_db
UTC = datetime.UTC
SUNDAY = datetime.datetime(2026, 1, 11, 22, tzinfo=UTC)
NEXT = datetime.datetime(2026, 1, 14, 9, tzinfo=UTC)


def uids(plan, *names):
    return sorted(plan[name].uid for name in names)


def test_a_week_holds_the_plan_as_it_stood(project, people, plan):
    baseline = take_baseline(project, by=people.alice)
    edits.change_task(plan["A"], by=people.alice, percent=50, at=SUNDAY)
    keep_week(SUNDAY)
    week = PlanWeek.objects.get(project=project)
    project.refresh_from_db()
    assert (week.week, week.baseline, week.finish) == (datetime.date(2026, 1, 5), baseline, project.computed_finish)
    assert (week.tasks, week.done, week.earned_minutes) == (4, 0, Decimal(1200))
    assert week.critical == uids(plan, "A", "B", "Gate")
    milestone = week.milestones.get()
    assert (milestone.name, milestone.finish, milestone.is_done) == ("Gate", plan["Gate"].finish, False)


def test_it_is_written_again_until_the_week_is_over(project, people, plan):
    keep_week(SUNDAY - datetime.timedelta(days=2))
    edits.change_task(plan["A"], by=people.alice, duration=4800)
    keep_week(SUNDAY)
    keep_week(NEXT)
    first, second = PlanWeek.objects.filter(project=project)
    assert first.finish == second.finish == plan["Gate"].finish
    assert MilestoneWeek.objects.filter(week__project=project).count() == 2


def test_one_statement_for_all_projects(project, people, plan):
    with CaptureQueriesContext(connection) as one:
        keep_week(SUNDAY)
    for _ in range(3):
        other = make_project()
        edits.add_tasks(other, by=people.alice, rows=[{"name": "X", "duration": 480, "is_milestone": True}])
    with CaptureQueriesContext(connection) as many:
        assert keep_week(SUNDAY) == 4
    assert len(one) == len(many)


def test_what_is_over_or_empty_is_left_out(project, people, plan):
    make_project()
    Project.objects.filter(pk=project.pk).update(state="cancelled")
    assert keep_week(SUNDAY) == 0


def test_nothing_to_compare_with_is_no_warning(project, plan):
    keep_week(NEXT)
    assert not path_change(project, now=NEXT)


def test_tasks_that_came_and_left(project, people, plan):
    keep_week(SUNDAY)
    assert not path_change(project, now=NEXT)
    edits.change_task(plan["C"], by=people.alice, duration=480 * 15)
    change = path_change(project, now=NEXT)
    assert [task.name for task in change.came] == ["C"]
    assert [task.name for task in change.left] == ["A", "B", "Gate"]
    assert change.sentences[0] == "1 task came onto the critical path: C."
    assert change.since == SUNDAY


def test_what_is_done_did_not_leave_and_what_is_removed_did(project, people, plan):
    keep_week(SUNDAY)
    edits.change_task(plan["A"], by=people.alice, percent=100, at=SUNDAY)
    assert not path_change(project, now=NEXT).left
    edits.delete_task(plan["Gate"], by=people.alice)
    assert path_change(project, now=NEXT).removed == 1


def test_a_float_that_fell_below_zero(project, people, plan):
    keep_week(SUNDAY)
    edits.change_task(plan["Gate"], by=people.alice, deadline=plan["A"].finish)
    change = path_change(project, now=NEXT)
    assert [task.name for task in change.negative] == ["A", "B", "Gate"]
    keep_week(NEXT)
    assert not path_change(project, now=NEXT + datetime.timedelta(days=7)).negative
