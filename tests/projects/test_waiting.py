"""What of projects waits for whom: each row once, at whoever can do it, and gone when it is done."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pmdm.accounts.roles import Role
from projects import waiting
from projects.benefits.models import BenefitReview
from projects.changes.impact import compute
from projects.models import InitiationRequest, Resource, Timesheet
from projects.schedule.baselines import request_approval, take_baseline
from tests import factories
from tests.projects.changes.conftest import world

__all__ = ["world"]


def titles(rows):
    return [row.title for row in rows]


@pytest.fixture
def project(world):
    return world.project


@pytest.fixture
def people(world):
    return world.people


def put(project, user, *names):
    resource = Resource.objects.create(project=project, uid=90, name=user.name, user=user)
    for name in names:
        task = project.tasks.get(name=name)
        project.assignments.create(task=task, resource=resource)


def test_ones_unfinished_tasks_that_have_begun_or_soon_begin(project, people):
    put(project, people.bob, "A", "B", "Phase")
    assert titles(waiting.tasks(people.bob)) == ["A", "B"]
    assert waiting.tasks(people.bob)[0].due == datetime.date(2026, 1, 6)
    project.tasks.filter(name="A").update(percent=100)
    later = timezone.now() + datetime.timedelta(days=15)
    project.tasks.filter(name="B").update(start=later, finish=later + datetime.timedelta(days=2))
    assert waiting.tasks(people.bob) == []
    assert waiting.tasks(people.alice) == []


def test_nothing_of_a_project_that_is_over_or_that_one_left(project, people):
    put(project, people.bob, "A")
    factories.make_issue(project, title="Slow", owner=people.bob)
    project.memberships.filter(user=people.bob).delete()
    assert waiting.tasks(people.bob) == waiting.issues(people.bob) == []
    factories.join(project, people.bob, Role.MEMBER)
    assert titles(waiting.issues(people.bob)) == ["Slow"]
    type(project).objects.filter(pk=project.pk).update(state="closed")
    assert waiting.tasks(people.bob) == waiting.issues(people.bob) == []


def test_rows_one_answers_for_until_they_are_closed(project, people):
    day = datetime.date(2026, 3, 2)
    factories.make_risk(project, title="Reviewed some day", owner=people.bob)
    factories.make_risk(project, title="Flood", owner=people.bob, review_on=day)
    factories.make_issue(project, title="Slow", owner=people.bob, due=day)
    project.deliverables.create(title="Report", owner=people.bob, due=day)
    for source, title in ((waiting.risks, "Flood"), (waiting.issues, "Slow"), (waiting.deliverables, "Report")):
        (row,) = source(people.bob)
        assert (row.title, row.due) == (title, day)
        assert project.code in row.url
        assert source(people.alice) == []
    project.risks.get(title="Flood").close(by=people.bob, reason="Dry")
    project.issues.get().close(by=people.bob, resolution="Faster")
    assert waiting.risks(people.bob) == waiting.issues(people.bob) == []


def test_a_gate_waits_for_its_decider_once_all_that_it_requires_is_there(project, people):
    phase = project.phases.get(state="active", kind="initiation")
    phase.checklist.update(done_at=None, done_by=None, evidence="")
    assert waiting.gates(people.sam) == []
    for line in phase.checklist.filter(required=True):
        line.project = project
        line.tick(by=people.alice, evidence="Folder 3")
    assert titles(waiting.gates(people.sam)) == [f"Gate of {phase}"]
    assert waiting.gates(people.alice) == waiting.gates(people.pmo) == []
    phase.approver = people.admin
    phase.save(update_fields=["approver"])
    assert waiting.gates(people.sam) == []
    assert titles(waiting.gates(people.admin)) == [f"Gate of {phase}"]


def test_a_change_waits_for_its_assessment_then_for_its_decision(world, people):
    change = world.change(title="More")
    assert waiting.changes_to_assess(people.alice) == []
    change.submit(by=people.bob)
    assert titles(waiting.changes_to_assess(people.alice)) == ["More"]
    assert waiting.changes_to_decide(people.sam) == []
    change.assess(by=people.alice)
    assert titles(waiting.changes_to_assess(people.alice)) == ["More"]
    assert waiting.changes_to_decide(people.sam) == []
    compute(change, by=people.alice)
    assert waiting.changes_to_assess(people.alice) == []
    assert titles(waiting.changes_to_decide(people.sam)) == ["More"]
    compute(world.assessed(title="His own", requester=people.sam), by=people.alice)
    assert titles(waiting.changes_to_decide(people.sam)) == ["More"]


def test_a_baseline_waits_for_somebody_other_than_who_asked(project, people):
    baseline = take_baseline(project, by=people.alice, name="After the flood")
    assert waiting.baselines(people.sam) == []
    request_approval(baseline, by=people.alice)
    assert titles(waiting.baselines(people.sam)) == ["After the flood"]
    assert waiting.baselines(people.alice) == []


def test_hours_wait_for_whoever_approves_them_but_never_their_own(project, people):
    for user, weeks in ((people.bob, (5, 12)), (people.alice, (5,))):
        for day in weeks:
            week = datetime.date(2026, 1, day)
            sheet = Timesheet.objects.create(user=user, week=week)
            sheet.parts.create(project=project, user=user, week=week, state="submitted", submitted_at=timezone.now())
    assert titles(waiting.hours(people.alice)) == ["2 submitted weeks"]
    assert titles(waiting.hours(people.sam)) == ["3 submitted weeks"]
    assert waiting.hours(people.bob) == []


def test_a_benefit_waits_for_its_owner_also_after_the_project(project, people):
    objective = project.objectives.create(
        number=1, statement="Fewer calls", measure="Calls", unit="a day", target_value=10
    )
    benefit = factories.make_benefit(objective, owner=people.stella)
    BenefitReview.objects.create(project=project, benefit=benefit, due=datetime.date(2027, 1, 4))
    type(project).objects.filter(pk=project.pk).update(state="closed")
    (row,) = [row for row in waiting.benefits(people.stella) if row.due == datetime.date(2027, 1, 4)]
    assert row.title == "Fewer calls"
    assert waiting.benefits(people.alice) == []


def test_a_request_waits_for_its_reviewer_and_comes_back_to_who_asked(project, people):
    asked = InitiationRequest.objects.create(
        asked_by=people.bob, reviewer=people.pmo, name="New portal", state="submitted"
    )
    assert titles(waiting.requests(people.pmo)) == ["New portal"]
    assert waiting.requests(people.bob) == []
    InitiationRequest.objects.filter(pk=asked.pk).update(state="returned")
    assert waiting.requests(people.pmo) == []
    assert "returned" in waiting.requests(people.bob)[0].sub


def test_the_page_asks_as_often_for_sixty_rows_as_for_three(project, people, client):
    client.force_login(people.bob)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            answer = client.get("/my-work/")
        assert answer.status_code == 200
        return len(seen), answer.content.decode()

    factories.make_issue(project, title="First", owner=people.bob)
    put(project, people.bob, "A")
    queries()
    few, page = queries()
    assert "First" in page
    for number in range(20):
        factories.make_issue(project, title=f"Slow {number}", owner=people.bob)
        factories.make_risk(project, title=f"Flood {number}", owner=people.bob, review_on=datetime.date(2026, 3, 2))
        project.deliverables.create(title=f"Report {number}", owner=people.bob)
    many, page = queries()
    assert page.count("Slow ") >= 20
    assert many == few
