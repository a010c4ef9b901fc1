import datetime
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from projects.lifecycle.conditions import Wanted
from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db

SOON = datetime.date(2099, 5, 4)


def phase_of(project, kind):
    phase = project.phases.get(kind=kind)
    phase.project = project
    return phase


def tick_all(project, kind, by):
    for line in phase_of(project, kind).checklist.all():
        line.tick(by=by, evidence="Minutes of 3 March")


def states(project):
    return dict(project.phases.values_list("kind", "state"))


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    return people


def test_go_finishes_the_phase_and_starts_the_next(cast):
    tick_all(cast.project, "initiation", cast.alice)
    phase_of(cast.project, "initiation").decide("go", by=cast.sam)
    assert states(cast.project)["initiation"] == "done"
    assert states(cast.project)["planning"] == "active"
    decision = cast.project.gate_decisions.get()
    assert (decision.decision, decision.decided_by) == ("go", cast.sam)


def test_execution_and_monitoring_start_and_end_together(cast):
    for kind in ("initiation", "planning"):
        tick_all(cast.project, kind, cast.alice)
        phase_of(cast.project, kind).decide("go", by=cast.sam)
    assert states(cast.project)["execution"] == states(cast.project)["monitoring"] == "active"
    tick_all(cast.project, "execution", cast.alice)
    with pytest.raises(ValidationError, match="Status was reported"):
        phase_of(cast.project, "execution").decide("go", by=cast.sam)
    tick_all(cast.project, "monitoring", cast.alice)
    phase_of(cast.project, "execution").decide("go", by=cast.sam)
    now = states(cast.project)
    assert (now["execution"], now["monitoring"], now["closing"]) == ("done", "done", "active")


def test_monitoring_has_no_gate_of_its_own(cast):
    with pytest.raises(ValidationError, match="passes the gate of execution"):
        phase_of(cast.project, "monitoring").decide("go", by=cast.sam)


def test_unticked_required_lines_block_go_and_are_named(client, cast):
    client.force_login(cast.sam)
    url = f"{cast.project.get_absolute_url()}phases/initiation/decisions/"
    answer = client.post(url, {"decision": "go", "seen": 0})
    assert answer.status_code == 422
    assert "3 required lines are not ticked" in answer.text
    assert "Each objective has a measure and a target" in answer.context["decision_form"].errors["decision"][0]
    assert "client&#x27;s contact" not in str(answer.context["decision_form"].errors)
    assert states(cast.project)["planning"] == "pending"
    assert not cast.project.gate_decisions.exists()


def rows_of(*conditions):
    """The rows of the form, as a browser sends them."""
    sent = {"condition-TOTAL_FORMS": len(conditions) + 1, "condition-INITIAL_FORMS": 0}
    for number, (text, owner, due) in enumerate(conditions):
        sent |= {
            f"condition-{number}-text": text,
            f"condition-{number}-owner": owner.pk,
            f"condition-{number}-due": due,
        }
    return sent


def conditions_by(cast, *texts):
    return [Wanted(text, cast.bob, SOON) for text in texts]


def test_conditions_become_required_lines_of_the_next_gate(client, cast):
    client.force_login(cast.sam)
    url = f"{cast.project.get_absolute_url()}phases/initiation/decisions/"
    rows = rows_of(("Name a client contact", cast.bob, SOON), ("Cut the budget", cast.alice, SOON))
    answer = client.post(url, {"decision": "conditions", "seen": 0, **rows})
    assert answer.status_code == 302
    lines = phase_of(cast.project, "planning").checklist.filter(text__startswith="Condition")
    assert [line.text for line in lines] == [
        "Condition of the last gate: Name a client contact",
        "Condition of the last gate: Cut the budget",
    ]
    assert all(line.required for line in lines)
    assert states(cast.project)["planning"] == "active"


def test_conditions_must_be_named(client, cast):
    client.force_login(cast.sam)
    url = f"{cast.project.get_absolute_url()}phases/initiation/decisions/"
    assert client.post(url, {"decision": "conditions", "seen": 0}).status_code == 422


def test_hold_keeps_the_phase_and_needs_a_reason(cast):
    gate = phase_of(cast.project, "initiation")
    with pytest.raises(ValidationError, match="Say why"):
        gate.decide("hold", by=cast.sam)
    gate.decide("hold", by=cast.sam, note="Wait for the audit")
    assert states(cast.project)["initiation"] == "active"
    assert cast.project.gate_decisions.get().note == "Wait for the audit"


def test_stop_cancels_the_project_with_the_reason(cast):
    phase_of(cast.project, "initiation").decide("stop", by=cast.sam, note="No market")
    cast.project.refresh_from_db()
    assert cast.project.state == "cancelled"
    assert cast.project.state_changes.get().reason == "No market"


@pytest.mark.parametrize("name", ["alice", "bob", "dora", "stella", "cleo"])
def test_only_the_sponsor_decides(client, cast, name):
    client.force_login(getattr(cast, name))
    url = f"{cast.project.get_absolute_url()}phases/initiation/decisions/"
    assert client.post(url, {"decision": "hold", "note": "x", "seen": 0}).status_code == 403
    assert not cast.project.gate_decisions.exists()


def test_a_named_approver_decides_instead_of_the_sponsor(cast):
    gate = phase_of(cast.project, "initiation")
    gate.approver = cast.admin
    gate.save()
    with pytest.raises(PermissionDenied):
        phase_of(cast.project, "initiation").decide("hold", by=cast.sam, note="x")
    phase_of(cast.project, "initiation").decide("hold", by=cast.admin, note="x")


def test_the_second_decider_sees_who_was_first(client, cast):
    url = f"{cast.project.get_absolute_url()}phases/initiation/decisions/"
    client.force_login(cast.sam)
    assert client.post(url, {"decision": "hold", "note": "Not yet", "seen": 0}).status_code == 302
    client.force_login(cast.admin)
    answer = client.post(url, {"decision": "stop", "note": "My own words", "seen": 0})
    assert answer.status_code == 409
    assert "Sam was first: decided “Hold”" in answer.text
    assert "My own words" in answer.text
    assert cast.project.gate_decisions.count() == 1


def test_a_decision_sent_twice_is_one(client, cast):
    url = f"{cast.project.get_absolute_url()}phases/initiation/decisions/"
    client.force_login(cast.sam)
    form = {"decision": "conditions", "seen": 0, **rows_of(("One", cast.bob, SOON))}
    assert client.post(url, form).status_code == 302
    assert client.post(url, form).status_code == 409
    assert cast.project.gate_decisions.count() == 1
    assert phase_of(cast.project, "planning").checklist.filter(text__contains="One").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_deciders_at_once_make_one_decision():
    project = make_project()
    people = make_cast(project)
    start, outcomes = threading.Barrier(2), []

    def decide(decision):
        try:
            gate = phase_of(type(project).objects.get(pk=project.pk), "initiation")
            start.wait(5)
            gate.decide(decision, by=people.sam, conditions=conditions_by(people, "One"), note="Reason", seen=0)
            outcomes.append("decided")
        except ValidationError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[decision]) for decision in ("conditions", "stop")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["decided", "first"]
    assert project.gate_decisions.count() == 1


def test_no_decision_in_a_paused_project(cast):
    cast.project.pause(by=cast.alice, reason="Holidays")
    with pytest.raises(ValidationError, match="resume it"):
        phase_of(cast.project, "initiation").decide("hold", by=cast.sam, note="x")


def test_ticking_a_required_line_needs_evidence(client, cast):
    line = phase_of(cast.project, "initiation").checklist.filter(required=True).first()
    url = f"{cast.project.get_absolute_url()}phases/initiation/checklist/{line.pk}/"
    client.force_login(cast.alice)
    assert client.post(url, {"done": "on"}).status_code == 422
    assert client.post(url, {"done": "on", "evidence": "Charter v2"}).status_code == 302
    line.refresh_from_db()
    assert (line.done_by, line.evidence) == (cast.alice, "Charter v2")
    assert client.post(url, {}).status_code == 302
    line.refresh_from_db()
    assert (line.done_by, line.done_at, line.evidence) == (None, None, "Charter v2")


def test_the_checklist_of_a_passed_gate_is_kept(cast):
    tick_all(cast.project, "initiation", cast.alice)
    phase_of(cast.project, "initiation").decide("go", by=cast.sam)
    line = phase_of(cast.project, "initiation").checklist.first()
    with pytest.raises(ValidationError, match="passed its gate"):
        line.untick()


def test_bob_reads_the_gate_but_does_not_tick(client, cast):
    line = phase_of(cast.project, "initiation").checklist.first()
    url = f"{cast.project.get_absolute_url()}phases/initiation/"
    client.force_login(cast.bob)
    page = client.get(url)
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert client.post(f"{url}checklist/{line.pk}/", {"done": "on", "evidence": "x"}).status_code == 403


def test_a_line_of_another_project_is_not_found(client, cast):
    other = make_project()
    line = phase_of(other, "initiation").checklist.first()
    client.force_login(cast.alice)
    url = f"{cast.project.get_absolute_url()}phases/initiation/checklist/{line.pk}/"
    assert client.post(url, {"done": "on", "evidence": "x"}).status_code == 404


def test_adding_and_removing_lines(client, cast):
    url = f"{cast.project.get_absolute_url()}phases/initiation/checklist/"
    client.force_login(cast.alice)
    client.post(url, {"text": "Data protection agreed", "required": "on"})
    line = phase_of(cast.project, "initiation").checklist.get(text="Data protection agreed")
    assert client.post(url, {"text": ""}).status_code == 422
    assert client.get(f"{url}{line.pk}/removal/").status_code == 200
    client.post(f"{url}{line.pk}/removal/")
    assert not phase_of(cast.project, "initiation").checklist.filter(pk=line.pk).exists()


def test_planning_a_gate(client, cast):
    url = f"{cast.project.get_absolute_url()}phases/planning/plan/"
    client.force_login(cast.alice)
    page = client.get(url)
    offered = set(page.context["form"].fields["approver"].queryset)
    assert offered == {cast.sam, cast.admin}
    client.post(url, {"gate_due": "2026-03-27", "approver": cast.admin.pk})
    assert phase_of(cast.project, "planning").approver == cast.admin
    assert client.post(url, {"approver": cast.bob.pk}).status_code == 422
