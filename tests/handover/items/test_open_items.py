"""Every open thing is decided, goes to an owner who agrees, and arrives with all that was known."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from delivery.models import KnownGap
from handover.items import deciding, finding
from handover.items.deciding import Choice
from handover.models import Contract, RequirementLink
from handover.transfer import actions
from handover.transfer.locking import AlreadyMoved
from projects.models import Task
from tests import factories
from tests.handover.conftest import LATER, make_ready, meet_all


@pytest.fixture
def rich(project):
    """The project with an open task and a contract too."""
    Task.objects.create(project=project, uid=1, number=1, name="Write the manual", percent=40)
    Task.objects.create(project=project, uid=2, number=2, name="Done", percent=100)
    line = project.budget_lines.create(name="Services", category="services", planned=10, remaining=10)
    project.orders.create(
        line=line, supplier="Northern Lights", description="Lamps", amount=5, placed_by=project.people.alice
    )
    return project


def test_six_kinds_are_listed(rich):
    case = rich.test_cases.create(title="Search")
    session = rich.test_sessions.create(title="Round 1")
    people = rich.people
    session.runs.create(
        project=rich, case=case, result="fail", issue=rich.issues.get(), by=people.bob, at="2026-05-01T09:00Z"
    )
    record = actions.start(rich, by=people.alice)
    assert sorted(record.open_items.values_list("kind", flat=True)) == [
        "defect", "order", "requirement", "risk", "task"
    ]  # fmt: skip
    assert {str(item.source) for item in record.open_items.filter(kind="task")} == {str(rich.tasks.get(uid=1))}


def test_everything_arrives(rich):
    record = actions.start(rich, by=rich.people.alice)
    make_ready(record)
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    items = {item.kind: item for item in record.open_items.all()}
    risk = items["risk"].became_risk
    source = rich.risks.get()
    assert (risk.number, risk.control, risk.control_test_due, risk.owner) == (
        source.number, "A deputy", LATER, record.receiver,
    )  # fmt: skip
    assert [score[1:] for score in items["risk"].score_history] == [[3, 4]]
    assert items["task"].became_issue.type == "request"
    assert items["task"].became_issue.assignee == record.receiver
    contract = items["order"].became_contract
    assert (contract.product, contract.supplier, contract.owner) == (product, "Northern Lights", record.receiver)
    assert rich.orders.get().state == "open"
    assert all(item.consented_at for item in items.values())


def test_a_contract_that_is_closed_ends_in_the_project(rich):
    record = actions.start(rich, by=rich.people.alice)
    make_ready(record)
    item = record.open_items.get(kind="order")
    item.handover = record
    deciding.decide(item, by=record.giver, decision="close", reason="Delivered and paid")
    actions.submit(record, by=record.giver)
    actions.accept(record, by=record.receiver)
    order = rich.orders.get()
    assert (order.state, order.end_reason) == ("closed", "Delivered and paid")
    assert not Contract.objects.exists()


def test_a_known_gap_is_a_known_error_on_day_one(project):
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    item = record.open_items.get(kind="issue")
    item.handover = record
    deciding.decide(item, by=record.giver, decision="known_gap", reason="Rare", workaround="Search twice")
    actions.submit(record, by=record.giver)
    actions.accept(record, by=record.receiver)
    gap = KnownGap.objects.get()
    assert (gap.title, gap.workaround) == ("Search is slow", "Search twice")
    assert list(
        record.product.known_gaps.like("Search hangs")
        if record.product
        else gap.product.known_gaps.like("Search hangs")
    )


def test_an_issue_becomes_an_operational_risk_with_a_control(project):
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    item = record.open_items.get(kind="issue")
    item.handover = record
    with pytest.raises(ValidationError) as refused:
        deciding.decide(item, by=record.giver, decision="op_risk", reason="May come back")
    assert set(refused.value.message_dict) == {"control", "control_test_on"}
    deciding.decide(
        item, by=record.giver, decision="op_risk", reason="May come back", control="Weekly look", control_test_on=LATER
    )
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    assert {risk.title for risk in product.risks.all()} == {"Only one person knows the job", "Search is slow"}
    assert sorted(product.risks.values_list("number", flat=True)) == [1, 2]


def test_a_follow_on_project_takes_it(project):
    other = factories.make_project(by=project.people.alice, code="NEXT")
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    for item in record.open_items.all():
        item.handover = record
        deciding.decide(item, by=record.giver, decision="follow_on", reason="Second stage", follow_on=other)
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    assert other.risks.get().title == "Only one person knows the job"
    assert other.issues.get().title == "Search is slow"
    assert other.requirements.get().state == "draft"
    assert not product.issues.exists()
    assert "Sent to" in project.issues.get().resolution


def test_a_follow_on_project_that_ended_blocks(project):
    other = factories.make_project(by=project.people.alice)
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    item = record.open_items.get(kind="issue")
    item.handover = record
    deciding.decide(item, by=record.giver, decision="follow_on", reason="Later", follow_on=other)
    type(other).objects.filter(pk=other.pk).update(state="closed")
    with pytest.raises(ValidationError, match="has ended"):
        actions.submit(record, by=record.giver)


def test_another_owner_has_to_agree(client, project):
    bob = project.people.bob
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    item = record.open_items.get(kind="issue")
    item.handover = record
    deciding.decide(item, by=record.giver, decision="carry", new_owner=bob)
    actions.submit(record, by=record.giver)
    with pytest.raises(ValidationError, match="new owner's consent"):
        actions.accept(record, by=record.receiver)
    # Nobody agrees for somebody else.
    assert deciding.consent(record, [item.pk], by=record.receiver) == 0
    client.force_login(bob)
    page = client.get(reverse("handover:items", args=[project.code, 1])).content.decode()
    assert "You are asked to take 1 item" in page
    client.post(reverse("handover:consent", args=[project.code, 1]), {"row": str(item.pk)})
    product = actions.accept(record, by=record.receiver)
    item.refresh_from_db()
    assert item.became_issue.assignee == bob
    assert product.memberships.filter(user=bob, role="member").exists()


def test_who_declines_leaves_the_row_undecided(project):
    bob = project.people.bob
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    item = record.open_items.get(kind="issue")
    item.handover = record
    deciding.decide(item, by=record.giver, decision="carry", new_owner=bob)
    deciding.decline(item, by=bob, reason="I leave in May")
    assert item.decision == ""
    assert "I leave in May" in item.reason
    with pytest.raises(ValidationError, match="has no decision"):
        actions.submit(record, by=record.giver)


def test_a_new_owner_must_be_able_to_see_it(project):
    record = actions.start(project, by=project.people.alice)
    item = record.open_items.get(kind="issue")
    item.handover = record
    for who in ("charlie", "cleo"):
        with pytest.raises(ValidationError) as refused:
            deciding.decide(item, by=record.giver, decision="carry", new_owner=getattr(project.people, who))
        assert "new_owner" in refused.value.message_dict


def test_many_are_decided_together_or_none(project):
    record = actions.start(project, by=project.people.alice)
    seen = dict(record.open_items.values_list("pk", "version"))
    with pytest.raises(ValidationError) as refused:
        deciding.decide_many(record, seen, Choice("known_gap", reason="Rare"), by=record.giver)
    assert "decision" in refused.value.message_dict  # a risk is no gap
    assert not record.open_items.exclude(decision="").exists()
    deciding.decide_many(record, seen, Choice("close", reason="Over"), by=record.giver)
    assert not record.open_items.filter(decision="").exists()
    with pytest.raises(AlreadyMoved):
        deciding.decide_many(record, seen, Choice("carry"), by=record.giver)


def test_a_carried_risk_keeps_its_own_response_as_control(project):
    risk = project.risks.get()
    review = datetime.date(2099, 5, 1)
    type(risk).objects.filter(pk=risk.pk).update(response_plan="Train a deputy", review_on=review)
    record = actions.start(project, by=project.people.alice)
    seen = dict(record.open_items.values_list("pk", "version"))
    deciding.decide_many(record, seen, Choice("carry"), by=record.giver)
    item = record.open_items.get(kind="risk")
    assert (item.control, item.control_test_on) == ("Train a deputy", review)
    assert record.open_items.get(kind="issue").control == ""


# --- Releases ---------------------------------------------------------------------------------------------


def test_a_release_goes_over_while_the_project_runs(project):
    from handover.client import verbs as client

    type(project).objects.filter(pk=project.pk).update(state="active")
    project.state = "active"
    first = actions.start(project, by=project.people.alice, is_final=False, title="Release 1")
    assert set(first.open_items.values_list("kind", flat=True)) == {"issue", "risk"}
    with pytest.raises(ValidationError, match="No requirement is chosen"):
        actions.submit(first, by=first.giver)
    met = project.requirements.get(title="Report a claim")
    client.choose(first, [met], by=first.giver)
    for item in first.open_items.all():
        item.handover = first
        deciding.decide(item, by=first.giver, decision="keep", reason="The project works on it")
    meet_all(first)
    client.record_all(first, by=first.giver, protocol="Signed")
    actions.submit(first, by=first.giver)
    product = actions.accept(first, by=first.receiver)
    assert [row.title for row in product.requirements.all()] == ["Report a claim"]
    assert project.issues.open().count() == 1

    type(project).objects.filter(pk=project.pk).update(state="closed")
    project.state = "closed"
    last = actions.start(project, by=project.people.alice)
    assert last.product == product
    make_ready(last)
    actions.submit(last, by=last.giver)
    assert actions.accept(last, by=last.receiver) == product
    carried = {link.source.title: link.handover.number for link in RequirementLink.objects.all()}
    assert carried == {"Report a claim": 1, "Sign a settlement": 2}
    assert not project.issues.open().exists()


def test_nothing_stays_with_a_project_that_ends(record):
    item = record.open_items.get(kind="issue")
    item.handover = record
    with pytest.raises(ValidationError, match="choose one of"):
        deciding.decide(item, by=record.giver, decision="keep", reason="x")


def test_a_cancelled_project_hands_over_what_exists(project):
    type(project).objects.filter(pk=project.pk).update(state="cancelled")
    project.state = "cancelled"
    record = actions.start(project, by=project.people.alice)
    make_ready(record, decision="known_gap")
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    assert product.requirements.get(title="Report a claim").is_accepted
    assert product.known_gaps.filter(title="Sign a settlement").exists()


def test_a_release_of_an_ended_project_is_refused(project):
    with pytest.raises(ValidationError, match="has ended"):
        actions.start(project, by=project.people.alice, is_final=False)


def test_what_is_open_does_not_depend_on_the_list(project):
    record = actions.start(project, by=project.people.alice)
    before = dict(finding.find_open(record).kinds)
    finding.refresh(record)
    assert finding.find_open(record).kinds == before
