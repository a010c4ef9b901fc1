"""A criterion is shown by one person, judged by another, or waived until a day by somebody who may."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from delivery.models import Issue
from handover.criteria import library, shipped, sweep, verbs
from handover.criteria.models import Category, Criterion, LibraryCriterion
from handover.models import Handover
from handover.transfer import actions
from handover.transfer.locking import AlreadyMoved
from tests.handover.conftest import make_ready

TOMORROW = timezone.localdate() + datetime.timedelta(days=1)


@pytest.fixture
def line(record):
    line = record.criteria.filter(owner=record.giver, is_required=True).first()
    line.handover = record
    return line


def test_every_kind_of_product_gets_a_template_of_all_categories_it_needs(db):
    for kind in Handover.Kind.values:
        found = set(library.template_of(kind).values_list("category", flat=True))
        assert found == set(Category.values), kind


def test_shipped_keys_are_unique_and_filling_twice_changes_nothing(db):
    keys = [line.key for line in shipped.lines()]
    assert len(keys) == len(set(keys))
    library.fill()
    LibraryCriterion.objects.filter(key=keys[0]).update(text="Our own words")
    library.fill()
    assert LibraryCriterion.objects.count() == len(keys)
    assert LibraryCriterion.objects.get(key=keys[0]).text == "Our own words"


def test_nobody_verifies_what_they_answer_for(line):
    with pytest.raises(PermissionDenied):
        verbs.judge(line, by=line.owner, met=True)
    with pytest.raises(ValidationError, match="other than the owner"):
        verbs.revise(line, by=line.owner, verifier=line.owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Criterion.objects.filter(pk=line.pk).update(verifier=line.owner)


def test_only_the_verifier_judges(line):
    with pytest.raises(PermissionDenied, match="Only Dora"):
        verbs.judge(line, by=line.handover.project.people.bob, met=True)


def test_met_needs_evidence_and_not_met_a_reason(project):
    record = actions.start(project, by=project.people.alice)
    line = record.criteria.filter(owner=record.giver).first()
    line.handover = record
    with pytest.raises(ValidationError) as refused:
        verbs.judge(line, by=record.receiver, met=True)
    assert "evidence" in refused.value.message_dict
    with pytest.raises(ValidationError) as refused:
        verbs.judge(line, by=record.receiver, met=False)
    assert "verdict" in refused.value.message_dict


def test_evidence_that_changes_is_judged_anew(line):
    assert line.state == "met"
    verbs.provide(line, by=line.owner, evidence="Folder 4")
    line.refresh_from_db()
    assert (line.state, line.verified_by) == ("open", None)
    line.handover.__dict__.pop("_criteria", None)
    assert any("waits to be verified" in text for text in actions.obstacles(line.handover))


def test_who_judges_a_line_that_changed_is_told(line):
    verbs.provide(line, by=line.owner, evidence="Folder 4")
    with pytest.raises(AlreadyMoved):
        verbs.judge(line, by=line.verifier, met=True, seen=line.version - 1)


def waive(line, *, until=TOMORROW, **options):
    approver = options.pop("approver", line.handover.project.people.sam)
    verbs.ask_waiver(
        line, by=line.handover.giver, reason="No test machines yet", expires=until, approver=approver, **options
    )
    verbs.answer_waiver(line, by=approver, approve=True)


def test_a_waiver_is_asked_for_and_approved_by_somebody_who_may(line):
    giver = line.handover.giver
    with pytest.raises(ValidationError) as refused:
        verbs.ask_waiver(line, by=giver, reason="x", expires=TOMORROW, approver=giver)
    assert "approver" in refused.value.message_dict
    with pytest.raises(ValidationError) as refused:
        waive(line, until=timezone.localdate())
    assert "expires" in refused.value.message_dict
    sam = line.handover.project.people.sam
    verbs.ask_waiver(line, by=giver, reason="No test machines yet", expires=TOMORROW, approver=sam)
    line.handover.__dict__.pop("_criteria", None)
    assert any("waits for an answer" in text for text in actions.obstacles(line.handover))
    with pytest.raises(PermissionDenied):
        verbs.answer_waiver(line, by=giver, approve=True)
    verbs.answer_waiver(line, by=sam, approve=True)
    assert line.state == "waived"
    line.handover.__dict__.pop("_criteria", None)
    assert not actions.obstacles(line.handover)


def test_a_refused_waiver_leaves_its_reason_as_a_comment(line):
    sam = line.handover.project.people.sam
    verbs.ask_waiver(line, by=line.handover.giver, reason="Later", expires=TOMORROW, approver=sam)
    verbs.answer_waiver(line, by=sam, approve=False, note="It is needed at night")
    assert line.state == "open"
    assert "It is needed at night" in line.comments.get().text


def test_a_waiver_that_ends_before_acceptance_blocks(line):
    waive(line)
    Criterion.objects.filter(pk=line.pk).update(waiver_expires=timezone.localdate() - datetime.timedelta(days=1))
    line.handover.__dict__.pop("_criteria", None)
    assert any("has expired" in text for text in actions.obstacles(line.handover))


def test_a_waiver_that_ends_opens_one_issue_in_operations(line):
    record = line.handover
    waive(line)
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    now = timezone.now()
    assert sweep.expire(now) == 0
    later = now + datetime.timedelta(days=2)
    assert sweep.expire(later) == 1
    assert sweep.expire(later) == 0
    line.refresh_from_db()
    issue = product.issues.get(title__startswith="Waiver has ended")
    assert line.waiver_issue == issue
    assert issue.assignee == record.receiver
    assert "No test machines yet" in issue.description


def test_what_was_settled_in_operations_opens_nothing(line):
    record = line.handover
    waive(line)
    actions.submit(record, by=record.giver)
    actions.accept(record, by=record.receiver)
    line.handover = Handover.objects.get(pk=record.pk)
    verbs.settle(line, by=record.receiver, evidence="Load test of Monday")
    assert sweep.expire(timezone.now() + datetime.timedelta(days=9)) == 0
    assert not Issue.objects.filter(title__startswith="Waiver has ended").exists()


def test_lines_do_not_change_once_submitted(line):
    record = line.handover
    actions.submit(record, by=record.giver)
    for verb in (
        lambda: verbs.provide(line, by=record.giver, evidence="x"),
        lambda: verbs.judge(line, by=record.receiver, met=False, verdict="x"),
        lambda: waive(line),
        lambda: verbs.remove(line, by=record.giver),
        lambda: verbs.add(record, by=record.giver, category="legal", text="x"),
    ):
        with pytest.raises(AlreadyMoved):
            verb()
    # Words are no content: both sides go on talking.
    verbs.comment(line, by=record.receiver, text="I look at it tomorrow")


def test_another_kind_of_product_brings_its_lines_and_leaves_what_was_touched(project):
    record = actions.start(project, by=project.people.alice)
    touched = record.criteria.get(source__key="rollback")
    touched.handover = record
    verbs.comment(touched, by=record.receiver, text="Please keep this")
    record.kind_of_product = "equipment"
    actions.revise(record, ["kind_of_product"], by=record.giver, version=record.version)
    keys = set(record.criteria.values_list("source__key", flat=True))
    assert "spare-parts" in keys
    assert "licences" not in keys
    assert "rollback" in keys


def test_a_new_receiver_takes_the_former_ones_places(project):
    record = actions.start(project, by=project.people.alice)
    record.receiver = project.people.bob
    actions.revise(record, ["receiver"], by=record.giver, version=record.version)
    assert not record.criteria.filter(verifier=project.people.dora).exists()
    assert record.criteria.filter(verifier=project.people.bob).exists()


def test_the_library_shows_what_was_waived_and_sent_back(record):
    line = record.criteria.filter(owner=record.giver, is_required=True).first()
    line.handover = record
    waive(line)
    other = record.criteria.exclude(pk=line.pk).first()
    actions.submit(record, by=record.giver)
    actions.remark(record, by=record.receiver, text="Out of date", criterion=other)
    actions.give_back(record, by=record.receiver)
    rows = {row.pk: row for row in library.with_figures()}
    assert (rows[line.source_id].used, rows[line.source_id].waived, rows[line.source_id].share) == (1, 1, 100)
    assert (rows[other.source_id].returned, rows[other.source_id].failed) == (1, 0)
    # One handover says little yet.
    assert not library.is_marked(rows[line.source_id])


@pytest.mark.parametrize("who", ["cleo", "charlie"])
def test_clients_and_strangers_read_no_criteria_and_no_library(client, record, who):
    client.force_login(getattr(record.project.people, who))
    url = reverse("handover:criteria", args=[record.project.code, record.number])
    assert client.get(url).status_code in (403, 404)
    assert client.get(reverse("handover:library")).status_code == 404


def test_a_verifier_without_the_right_to_edit_judges_on_the_page(client, project):
    record = actions.start(project, by=project.people.alice)
    line = record.criteria.filter(owner=record.giver).first()
    line.handover = record
    verbs.revise(line, by=record.giver, verifier=project.people.bob)
    verbs.provide(line, by=record.giver, evidence="Folder 3")
    client.force_login(project.people.bob)
    url = reverse("handover:criterion", args=[project.code, record.number, line.pk])
    page = client.get(url).content.decode()
    assert "You verify this line" in page
    assert "Show that it is met" not in page
    answer = client.post(url, {"do": "judge", "judge-seen": line.version, "met": "1"})
    assert answer.status_code == 302
    line.refresh_from_db()
    assert line.verified_by == project.people.bob
    assert client.post(url, {"do": "provide", "provide-seen": line.version}).status_code == 422


def test_the_pmo_keeps_the_library(client, record):
    client.force_login(record.project.people.pmo)
    new = reverse("handover:library-new")
    data = {"category": "legal", "text": "Insurance is informed", "kinds": ["equipment"], "provided_by": "giver"}
    assert client.post(new, data).status_code == 302
    row = LibraryCriterion.objects.get(text="Insurance is informed")
    edit = reverse("handover:library-edit", args=[row.pk])
    assert client.post(edit, {**data, "text": "Insurer is informed", "version": row.version}).status_code == 302
    assert client.post(edit, {**data, "text": "Second", "version": row.version}).status_code == 409
    client.post(reverse("handover:library-retirement", args=[row.pk]))
    row.refresh_from_db()
    assert row.retired_at
    assert row not in library.template_of("equipment")


def test_ready_records_have_no_required_line_open(project):
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    assert not record.criteria.filter(is_required=True).exclude(state="met").exists()
