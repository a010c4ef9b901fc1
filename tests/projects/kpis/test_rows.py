"""The rows behind a figure are those that its value counts."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from pmdm.kpis import figures, recompute, registry
from projects.models import Baseline, BaselineTask, ScopeBaseline, ScopeBaselineItem, Task
from tests.factories import make_project, make_requirement, make_risk, make_user, make_version

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def alice():
    return make_user("Alice Manager")


@pytest.fixture
def project(alice):
    """Five tasks of which three were due and two are done; money on two lines; three requirements and one more."""
    now = timezone.now()
    project = make_project(by=alice, approved_budget=1000, at=now - 90 * DAY)
    tasks = [
        Task.objects.create(
            project=project, uid=n, number=n, name=f"Task {n}", start=now - 20 * DAY, finish=now + n * DAY,
            percent=100 if n <= 2 else 0,
        )
        for n in range(1, 6)
    ]  # fmt: skip
    baseline = Baseline.objects.create(project=project, number=0, start=now - 20 * DAY, finish=now + 5 * DAY)
    for n, task in enumerate(tasks, start=1):
        BaselineTask.objects.create(baseline=baseline, task=task, finish=now - DAY if n <= 3 else now + DAY)
    first = project.budget_lines.create(name="Build", category="services", planned=600)
    project.budget_lines.create(name="Travel", category="travel", planned=100, remaining=50)
    project.expenses.create(line=first, amount=150, description="Invoice", booked_by=alice, spent_on=now.date())
    project.time_entries.create(user=alice, minutes=60, cost=80, day=now.date(), note="Review")
    frozen = ScopeBaseline.objects.create(project=project, number=1, frozen_by=alice)
    for n in range(3):
        requirement = make_requirement(
            project, title=f"Promise {n}", state="verified" if n == 0 else "approved",
            verified_at=now - DAY if n == 0 else None, approved_at=now - 9 * DAY, approved_by=alice,
        )  # fmt: skip
        ScopeBaselineItem.objects.create(
            baseline=frozen, requirement=requirement, version=make_version(requirement), title="x", priority="must"
        )
    make_requirement(project, title="Wish", state="approved", approved_at=now, approved_by=alice)
    make_risk(project, title="Certification slips", probability=5, impact=4)
    recompute.recompute("project", [project.pk])
    return project


def open_(project, code):
    figure = next(
        one
        for one in figures.for_subjects("project", [project.pk], cost_ids=[project.pk])[project.pk]
        if one.kpi.code == code
    )
    return figure, figure.kpi.rows(project, figure.inputs)


def first_cells(table):
    return [str(row[0].text) for row in table.rows]


def test_due_tasks_the_undone_first(project):
    figure, table = open_(project, "on_time")
    assert figure.inputs["due"] == table.total == 3
    assert first_cells(table)[0] == "3 Task 3"


def test_driving_tasks_are_those_still_open(project):
    _figure, table = open_(project, "on_time_forecast")
    assert first_cells(table) == ["5 Task 5", "4 Task 4", "3 Task 3"]


def test_costs_add_up_to_the_actual(project):
    figure, table = open_(project, "on_budget")
    assert figure.inputs["actual"] == 230
    assert table.total == 2
    assert {row[3].text for row in table.rows} == {"€150.00", "€80.00"}


def test_lines_show_what_is_still_to_come(project):
    figure, table = open_(project, "on_budget_forecast")
    # 600 - 150 by plan, 50 stated; 80 booked on no line.
    assert figure.inputs["to_come"] == 500
    assert [row[3].text for row in table.rows] == ["€450", "€50", "–"]
    assert figure.inputs["at_completion"] == 730


@pytest.mark.parametrize("code", ["scope_delivered", "scope_forecast"])
def test_scope_lists_the_undelivered_first_and_the_added_last(project, code):
    figure, table = open_(project, code)
    assert figure.inputs["items"] == 3
    assert figure.inputs["added"] == 1
    assert table.total == 4
    names = first_cells(table)
    assert "Promise 0" in names[2]
    assert "Wish" in names[3]


def test_risks_link_to_their_pages(project):
    _figure, table = open_(project, "high_risks")
    assert table.rows[0][0].url == reverse("projects:risk-detail", args=[project.code, 1])


@pytest.mark.parametrize("code", [kpi.code for kpi in registry.of("project")])
def test_the_page_opens_with_rows(client, project, alice, code):
    client.force_login(alice)
    page = client.get(reverse("projects:figure", args=[project.code, code]))
    assert page.status_code == 200
    assert "<tbody>" in page.content.decode()


@pytest.mark.parametrize("code", [kpi.code for kpi in registry.of("project")])
def test_every_input_has_a_label(project, code):
    figure, _table = open_(project, code)
    assert set(figure.inputs) - set(figure.kpi.labels) <= {"currency"}
    assert figure.sentence
