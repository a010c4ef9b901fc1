"""The verbs of a handover: what each needs, what it does, and who comes second."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from delivery.models import Product
from handover.items import deciding, finding
from handover.models import Handover, RequirementLink
from handover.transfer import actions
from handover.transfer.content import content
from pmdm.accounts.roles import Role
from tests import factories
from tests.closing import while_open
from tests.handover.conftest import make_ready


def test_starting_lists_everything_that_is_open(project):
    handover = actions.start(project, by=project.people.alice)

    kinds = sorted(handover.open_items.values_list("kind", flat=True))
    assert kinds == ["issue", "requirement", "risk"]
    assert handover.giver == project.people.alice
    assert handover.receiver == project.people.dora
    assert handover.criteria.filter(is_required=True).count() >= 10


def test_a_project_has_one_open_handover(project):
    actions.start(project, by=project.people.alice)
    with pytest.raises(ValidationError, match="is open already"):
        actions.start(project, by=project.people.alice)


def test_a_risk_is_no_gap(project):
    handover = actions.start(project, by=project.people.alice)
    item = handover.open_items.get(requirement=None, issue=None)
    with pytest.raises(ValidationError, match="choose one of"):
        deciding.decide(item, by=project.people.alice, decision="known_gap", reason="x")


@pytest.mark.parametrize("decision", ["close", "known_gap"])
def test_what_is_not_carried_over_needs_a_reason(project, decision):
    handover = actions.start(project, by=project.people.alice)
    item = handover.open_items.exclude(issue=None).get()
    with pytest.raises(ValidationError) as refused:
        deciding.decide(item, by=project.people.alice, decision=decision)
    assert "reason" in refused.value.message_dict
    item.refresh_from_db()
    assert item.decision == ""


def test_undecided_rows_block_the_submission(record):
    item = record.open_items.first()
    type(item).objects.filter(pk=item.pk).update(
        decision="", decided_by=None, decided_at=None, consented_at=None, new_owner=None
    )
    with pytest.raises(ValidationError, match="1 open item has no decision"):
        actions.submit(record, by=record.giver)
    record.refresh_from_db()
    assert record.state == "draft"
    assert not record.signatures.exists()


def test_what_was_opened_meanwhile_blocks_the_submission(record):
    factories.make_risk(record.project, title="New")
    with pytest.raises(ValidationError, match="look again"):
        actions.submit(record, by=record.giver)


def test_an_open_project_cannot_be_handed_over(record):
    type(record.project).objects.update(state="active")
    with pytest.raises(ValidationError, match="not closed"):
        actions.submit(record, by=record.giver)


def test_looking_again_keeps_decisions_and_drops_what_was_closed(record):
    decided = record.open_items.exclude(issue=None).get()
    # Opened again for a moment: a closed project takes no changes.
    type(record.project).objects.update(state="active")
    record.open_items.exclude(risk=None).get().risk.close(by=record.giver, reason="Over")
    type(record.project).objects.update(state="closed")
    factories.make_issue(record.project, title="New")
    finding.refresh(record)
    assert record.open_items.filter(risk=None).count() == record.open_items.count()
    decided.refresh_from_db()
    assert decided.decision == "carry"
    assert record.open_items.filter(decision="").count() == 1


def test_evidence_files_come_along(project):
    """Whoever runs the product reads them without a role on the project."""
    line = project.requirements.get(title="Report a claim").criteria.get()
    with while_open(project):
        line.record("pass", by=project.people.alice, file=SimpleUploadedFile("protocol.pdf", b"%PDF-1.7 protocol"))
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    assert line.file.sha256 in json.dumps(content(record))  # both sign it
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    file = product.requirements.get(title="Report a claim").checks.get().files.get()
    assert (file.subject_type, file.subject_id, file.name) == ("product", product.pk, "protocol.pdf")
    assert file.sha256 == line.file.sha256


def test_accepting_moves_everything_at_one_instant(record):
    project = record.project
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)

    record.refresh_from_db()
    assert record.state == "accepted"
    assert record.product == product
    assert product.stage == "early_life"
    assert product.memberships.get(role=Role.DELIVERY_MANAGER).user == record.receiver
    assert list(product.clients.all()) == [project.client]
    assert product.memberships.filter(role=Role.CLIENT).count() == 1

    promises = {row.title: row for row in product.requirements.all()}
    assert promises["Report a claim"].is_accepted
    assert promises["Report a claim"].conformance == "met"
    assert promises["Report a claim"].checks.get().evidence == "Protocol 7"
    assert not promises["Sign a settlement"].is_accepted
    assert RequirementLink.objects.filter(project=project).count() == 2

    risk = product.risks.get()
    assert (risk.title, risk.probability, risk.impact) == ("Only one person knows the job", 3, 4)
    assert {issue.title for issue in product.issues.all()} == {"Search is slow", "Sign a settlement"}
    assert not project.risks.open().exists()
    assert not project.issues.open().exists()
    for item in record.open_items.all():
        assert item.became is not None


def test_a_known_gap_becomes_one(project):
    handover = actions.start(project, by=project.people.alice)
    make_ready(handover, decision="known_gap")
    actions.submit(handover, by=project.people.alice)
    product = actions.accept(handover, by=project.people.dora)
    assert {gap.title for gap in product.known_gaps.all()} == {"Search is slow", "Sign a settlement"}
    assert not product.issues.exists()


def test_only_the_receiver_accepts(record):
    actions.submit(record, by=record.giver)
    with pytest.raises(ValidationError, match="Only Dora"):
        actions.accept(record, by=record.giver)
    assert not Product.objects.exists()


def test_accepting_twice_makes_one_product(record):
    actions.submit(record, by=record.giver)
    actions.accept(record, by=record.receiver)
    with pytest.raises(actions.AlreadyMoved, match="accepted now"):
        actions.accept(record, by=record.receiver)
    assert Product.objects.count() == 1


def test_a_change_after_signing_voids_the_signature(record):
    actions.submit(record, by=record.giver)
    Handover.objects.filter(pk=record.pk).update(scope="Something else")
    with pytest.raises(ValidationError, match="changed after"):
        actions.accept(record, by=record.receiver)


def test_returning_names_reasons_and_voids_the_signature(record):
    actions.submit(record, by=record.giver)
    with pytest.raises(ValidationError):
        actions.give_back(record, by=record.receiver, reason=" ")
    actions.give_back(record, by=record.receiver, reason="The manual names a dead server")
    record.refresh_from_db()
    assert record.state == "returned"
    assert record.signatures.get().voided_at
    actions.submit(record, by=record.giver)
    assert record.signatures.filter(voided_at=None).count() == 1


def test_after_withdrawal_a_new_one_can_be_opened(record):
    actions.withdraw(record, by=record.giver)
    again = actions.start(record.project, by=record.giver)
    assert again.number == record.number + 1


def test_a_code_that_is_taken_blocks(record):
    factories.make_product(code="NCP")
    with pytest.raises(ValidationError, match="exists; choose it"):
        actions.submit(record, by=record.giver)


def test_handing_over_into_a_product_of_somebody_else_is_refused(record):
    other = factories.make_user("Mira Other")
    product = Product.launch(by=other, delivery_manager=other, code="OLD", name="Old one")
    record.product = product
    record.save_changes(["product"])
    with pytest.raises(ValidationError, match="belongs to"):
        actions.submit(record, by=record.giver)
