import datetime

import pytest
from django.core.exceptions import ValidationError

from projects.lifecycle.models import Project
from tests.factories import make_cast, make_issue, make_project, make_requirement, make_risk

pytestmark = pytest.mark.django_db

GATES = {"gates": "All decided by word of mouth"}


@pytest.fixture
def cast():
    project = make_project(approved_budget=1000)
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "closure/"
    return people


def kinds(project):
    return {matter.kind: matter.count for matter in project.open_matters()}


def test_everything_open_is_listed_kind_by_kind(cast):
    project = cast.project
    make_risk(project)
    make_risk(project).close(by=cast.alice, reason="Over")
    make_issue(project)
    project.tasks.create(uid=1, number=1, name="Half", percent=50)
    project.tasks.create(uid=2, number=2, name="Whole", percent=100)
    project.tasks.create(uid=3, number=3, name="Sum", percent=50, is_summary=True)
    make_requirement(project, state="approved", approved_by=cast.sam, approved_at=project.created_at)
    make_requirement(project)
    project.time_entries.create(user=cast.bob, minutes=60)
    assert kinds(project) == {"gates": 4, "tasks": 1, "requirements": 1, "issues": 1, "risks": 1, "hours": 1}


def test_closing_with_open_things_needs_a_word_for_each_kind(client, cast):
    make_risk(cast.project, title="Certification slips")
    client.force_login(cast.alice)
    page = client.get(cast.url)
    assert "Certification slips" in page.text
    answer = client.post(cast.url, {"report": "Done"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"gates", "risks"}
    cast.project.refresh_from_db()
    assert cast.project.state == "active"


def test_risks_stay_open_only_when_they_go_to_the_handover(cast):
    make_risk(cast.project)
    with pytest.raises(ValidationError, match="confirm that they go to the handover"):
        cast.project.close(by=cast.alice, decisions={**GATES, "risks": "They live on"})
    cast.project.close(by=cast.alice, decisions={**GATES, "risks": "They live on"}, handed_over={"risks"})
    kept = cast.project.closure.left_open["risks"]
    assert kept == {"count": 1, "refs": ["R-1"], "to_handover": True, "reason": "They live on"}


def test_closing_freezes_the_result_and_finishes_the_phases(client, cast):
    client.force_login(cast.alice)
    answer = client.post(cast.url, {"gates": "Decided in the board", "report": "All reached."})
    assert answer.status_code == 302
    project = Project.objects.get(pk=cast.project.pk)
    assert project.state == "closed"
    closure = project.closure
    assert closure.closed_by == cast.alice
    assert closure.result
    assert all({"value", "status", "inputs"} <= set(figure) for figure in closure.result.values())
    assert set(project.phases.values_list("kind", "state")) >= {("initiation", "done"), ("planning", "pending")}
    page = client.get(cast.url)
    assert "All reached." in page.text
    assert "Decided in the board" in page.text
    assert client.post(cast.url, {"gates": "again"}).status_code == 403


def test_the_result_stays_as_it_was(client, cast):
    cast.project.close(by=cast.alice, decisions=GATES)
    before = cast.project.closure.result
    from pmdm.kpis.recompute import recompute

    Project.objects.filter(pk=cast.project.pk).update(target_finish=datetime.date(2020, 1, 1), target_start=None)
    recompute("project", [cast.project.pk])
    assert Project.objects.get(pk=cast.project.pk).closure.result == before


def test_bob_sees_the_result_without_money(client, cast):
    cast.project.close(by=cast.alice, decisions=GATES)
    client.force_login(cast.bob)
    shown = {figure.kpi.code for figure in client.get(cast.url).context["figures"]}
    client.force_login(cast.sam)
    everything = {figure.kpi.code for figure in client.get(cast.url).context["figures"]}
    assert shown < everything


def test_closing_in_the_past_keeps_that_time(cast):
    at = datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.UTC)
    cast.project.close(by=cast.alice, decisions=GATES, at=at)
    assert cast.project.closure.closed_at == at
    assert cast.project.state_changes.get().at == at


def test_reopening_goes_on_where_closing_ended(cast):
    cast.project.close(by=cast.alice, decisions=GATES)
    project = Project.objects.get(pk=cast.project.pk)
    project.reopen(by=cast.alice, reason="A gap was found")
    assert project.state == "active"
    assert dict(project.phases.values_list("kind", "state"))["initiation"] == "active"
    assert not hasattr(Project.objects.get(pk=project.pk), "closure")
    project.close(by=cast.alice, decisions=GATES)


def test_a_paused_project_is_resumed_before_it_is_closed(cast):
    cast.project.pause(by=cast.alice, reason="Audit")
    with pytest.raises(ValidationError, match="resume it first"):
        cast.project.close(by=cast.alice, decisions=GATES)


def test_closing_twice_changes_nothing(cast):
    again = Project.objects.get(pk=cast.project.pk)
    cast.project.close(by=cast.alice, decisions=GATES)
    with pytest.raises(ValidationError):
        again.close(by=cast.alice, decisions=GATES)
    assert cast.project.state_changes.count() == 1


@pytest.mark.parametrize(
    ("name", "status"), [("bob", 403), ("sam", 403), ("dora", 403), ("cleo", 403), ("charlie", 404)]
)
def test_only_the_manager_closes(client, cast, name, status):
    client.force_login(getattr(cast, name))
    assert client.post(cast.url, {"gates": "x"}).status_code == status
