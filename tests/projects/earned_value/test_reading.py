"""Earned value read from the database: what it is worth, what is planned, earned and spent, and as of which day."""

import datetime
from decimal import Decimal as D

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.budget import verbs
from projects.budget.ledger import ledger
from projects.budget.orders import close_order, place_order
from projects.earned_value.models import EarningSettings, TaskEarning
from projects.earned_value.reading import Basis, cut_of, read, read_one
from projects.models import Task, TimeEntry
from projects.schedule import edits
from projects.schedule.baselines import activate_baseline, take_baseline
from tests.factories import make_project
from tests.projects.earned_value.conftest import told_at

pytestmark = pytest.mark.django_db
UTC = datetime.UTC
Day = datetime.date
WEDNESDAY = datetime.datetime(2026, 1, 14, 16, tzinfo=UTC)  # 17:00 in Berlin: eight working days gone


def leaves(reading):
    return {leaf.name: leaf for leaf in reading.leaves}


def book(project, people, task, cost, day):
    return TimeEntry.objects.create(project=project, task=task, user=people.bob, day=day, minutes=60, cost=D(cost))


def progress(plan, people, name, percent, at=WEDNESDAY):
    edits.change_task(plan[name], by=people.alice, percent=percent, actual_start=plan[name].start, at=at)


def test_each_task_is_planned_evenly_over_its_working_time(project, frozen):
    reading = read_one(project, Day(2026, 1, 14), now=WEDNESDAY)
    assert reading.basis is Basis.BASELINE
    assert {name: (leaf.bac, leaf.pv) for name, leaf in leaves(reading).items()} == {
        "A": (4000, 4000), "B": (6000, 3600), "C": (500, 500),
    }  # fmt: skip
    weekend = read_one(project, Day(2026, 1, 10), now=WEDNESDAY)
    assert (weekend.total.pv, weekend.total.bac) == (4500, 10500)  # a day off adds nothing


def test_progress_earns_and_bookings_cost(project, people, frozen):
    with told_at(datetime.datetime(2026, 1, 19, 9, tzinfo=UTC)):
        progress(frozen, people, "A", 100)
        progress(frozen, people, "B", 25)
        book(project, people, frozen["A"], "3000.10", Day(2026, 1, 7))
        book(project, people, frozen["B"], "999.90", Day(2026, 1, 15))  # not yet on Wednesday
        book(project, people, None, "50", Day(2026, 1, 8))
        line = verbs.plan_line(project, by=people.alice, name="x", category="services", planned=D(9000))
        spent = {"amount": D("70.25"), "description": "x", "spent_on": Day(2026, 1, 8)}
        verbs.book_expense(project, by=people.alice, line=line, **spent)
    reading = read_one(project, Day(2026, 1, 14), now=datetime.datetime(2026, 2, 2, tzinfo=UTC))
    assert (reading.total.ev, reading.total.ac) == (0, 0)  # known from Monday on only
    reading = read_one(project, now=WEDNESDAY)
    assert (reading.total.ev, reading.total.ac) == (5500, D("3120.35"))
    assert leaves(reading)["A"].value.cpi.value == D(4000) / D("3000.10")
    assert (reading.expenses, reading.loose) == (D("70.25"), D(50))


def test_without_costs_the_approved_budget_is_spread_by_duration(project, people, plan):
    Task.objects.filter(project=project).update(cost=None)
    take_baseline(project, by=people.alice)
    reading = read_one(project, now=WEDNESDAY)
    assert reading.basis is Basis.APPROVED
    assert [leaf.bac for leaf in reading.leaves] == [5000, 5000, 2000]
    Task.objects.filter(project=project, name="A").update(cost=10)
    assert read_one(project, now=WEDNESDAY).basis is Basis.TASKS
    project.approved_budget = None
    project.save(update_fields=["approved_budget"])
    Task.objects.filter(project=project).update(cost=None)
    nothing = read_one(project, now=WEDNESDAY)
    assert (nothing.basis, nothing.total.bac, bool(nothing.why)) == (Basis.NONE, 0, True)


def test_without_a_baseline_it_says_why(project, plan):
    reading = read_one(project, now=WEDNESDAY)
    assert (reading.leaves, reading.schedule, reading.total.bac) == ([], None, 0)
    assert str(reading.why).startswith("No baseline was active")


def test_rules_of_single_tasks_beat_the_project_s(project, people, frozen):
    progress(frozen, people, "A", 40)
    EarningSettings.objects.create(project=project, rule="50/50")
    assert leaves(read_one(project, now=WEDNESDAY))["A"].ev == 2000
    rule = TaskEarning.objects.create(project=project, task=frozen["A"], rule="units", units_total=8, units_done=3)
    assert leaves(read_one(project, now=WEDNESDAY))["A"].ev == 1500
    rule.rule = "milestones"
    rule.save()
    missing = leaves(read_one(project, now=WEDNESDAY))["A"]
    assert (missing.ev, missing.problem) == (0, "Weighted milestones need at least one weight above zero.")
    for name, weight, day in (("Drawn", 1, Day(2026, 1, 6)), ("Built", 3, None)):
        project.earning_steps.create(task=frozen["A"], name=name, weight=weight, reached_on=day)
    assert leaves(read_one(project, now=WEDNESDAY))["A"].ev == 1000
    rule.rule = "loe"
    rule.save()
    assert leaves(read_one(project, now=WEDNESDAY))["A"].ev == leaves(read_one(project, now=WEDNESDAY))["A"].pv == 4000


def test_the_figures_of_a_past_day_are_those_of_that_day(project, people, plan):
    """Everything that may change changes afterwards: the past stays."""
    days = [Day(2026, 1, 7), Day(2026, 1, 9), Day(2026, 1, 14), Day(2026, 1, 16)]
    then, line = {}, None
    for at, day in enumerate(days):
        noon = datetime.datetime.combine(day, datetime.time(11), UTC)
        with time_machine.travel(noon, tick=False), told_at(noon):
            if at == 0:
                take_baseline(project, by=people.alice, name="First")
                line = verbs.plan_line(
                    project, by=people.alice, name="x", category="services", planned=D(900), remaining=D(400)
                )
                TaskEarning.objects.create(project=project, task=plan["C"], rule="units", units_total=4, units_done=1)
            progress(plan, people, "A", 30 * (at + 1) if at < 3 else 100, at=noon)
            book(project, people, plan["A"], 100 * (at + 1), day)
            verbs.book_expense(project, by=people.alice, line=line, amount=D(10), description="x", spent_on=day)
            if at == 2:
                plan["C"].earning.delete()
                second = take_baseline(project, by=people.alice, name="Second")
                Task.objects.filter(project=project, name="B").update(cost=1)
                project.time_entries.filter(day=days[0]).update(cost=D(7))
            if at == 3:
                project.approved_budget = D(1)
                project.save(update_fields=["approved_budget"])
                project.expenses.filter(spent_on=days[1]).delete()
                activate_baseline(project.baselines.get(name="First"), by=people.alice)
                plan["C"].delete()
                assert second.pk
            reading = read_one(project, day)
            then[day] = _told(reading)
    assert len({str(value) for value in then.values()}) == 4
    now = datetime.datetime(2026, 3, 1, tzinfo=UTC)
    for day in days:
        assert _told(read_one(project, day, now=now)) == then[day], day
    assert read_one(project, Day(2026, 1, 5), now=now).baseline is None


def _told(reading):
    return (
        reading.baseline["name"], reading.total, reading.schedule, reading.forecast_finish, reading.basis,
        [leaf[:] for leaf in reading.leaves], reading.expenses, reading.loose, reading.etc,
    )  # fmt: skip


def test_as_many_queries_for_one_project_as_for_many(project, people, frozen):
    projects = [project]
    for _number in range(3):
        other = make_project(by=people.alice, target_start=Day(2026, 1, 5), approved_budget=D(100))
        edits.add_tasks(other, by=people.alice, rows=[{"name": "T", "level": 1, "duration": 480}], links=[])
        take_baseline(other, by=people.alice)
        projects.append(other)
    counts = []
    for some in (projects[:1], projects):
        with CaptureQueriesContext(connection) as queries:
            found = read([cut_of(one, Day(2026, 1, 9), now=datetime.datetime.now(UTC)) for one in some])
        assert len(found) == len(some)
        counts.append(len(queries))
    assert counts == [5, 5]


def test_the_breakdown_adds_up(project, people, frozen):
    progress(frozen, people, "A", 37)
    book(project, people, frozen["A"], "12.34", Day(2026, 1, 7))
    rows = {node.name: (depth, value) for node, depth, value in read_one(project, now=WEDNESDAY).breakdown}
    assert [(name, depth) for name, (depth, _value) in rows.items()] == [("Build", 0), ("A", 1), ("B", 1), ("C", 0)]
    assert rows["Build"][1] == rows["A"][1] + rows["B"][1]
    assert rows["Build"][1].ev == 1480


def test_the_status_date_is_the_moment_unless_a_day_is_asked_for(project, frozen):
    project.status_date = datetime.datetime(2026, 1, 7, 11, tzinfo=UTC)  # noon in Berlin, 2.5 of 5 days
    assert leaves(read_one(project, now=WEDNESDAY))["A"].pv == 2000
    assert read_one(project, now=WEDNESDAY).schedule.at == 2.5
    assert read_one(project, Day(2026, 1, 7), now=WEDNESDAY).schedule.at == 3


def test_what_is_ordered_is_never_left_out_of_the_new_estimate(project, people, frozen):
    """The same rest as the budget page says: the greater of what is stated and what open orders still claim."""
    friday = datetime.datetime(2026, 1, 16, 11, tzinfo=UTC)
    with told_at(datetime.datetime(2026, 1, 7, 11, tzinfo=UTC)):
        line = verbs.plan_line(
            project, by=people.alice, name="x", category="services", planned=D(900), remaining=D(100)
        )
        order = place_order(
            project,
            by=people.alice,
            line=line,
            supplier="x",
            description="x",
            amount=D(700),
            ordered_on=Day(2026, 1, 7),
        )
        spent = {"amount": D(200), "description": "x", "spent_on": Day(2026, 1, 8), "order": order}
        verbs.book_expense(project, by=people.alice, line=line, **spent)
    ordered = read_one(project, Day(2026, 1, 14), now=WEDNESDAY)
    assert ordered.etc == ledger(project).total.remaining == 500
    with told_at(friday):
        close_order(order, by=people.alice, reason="Nothing more comes")
    assert read_one(project, Day(2026, 1, 14), now=friday).etc == 500  # then it was open
    assert read_one(project, now=friday).etc == ledger(project).total.remaining == 100
