"""The client's word line by line, who may give it, and the mails about due dates."""

import datetime

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from handover.client import verbs
from handover.criteria import verbs as criteria
from handover.models import Reminder
from handover.reminders import verbs as reminders
from handover.transfer import actions
from handover.transfer.actions import Wanted
from handover.transfer.locking import AlreadyMoved
from pmdm.jobs import outbox
from tests import factories
from tests.handover.conftest import decide_all, make_ready, meet_all


@pytest.fixture
def asked(project):
    record = actions.start(project, by=project.people.alice)
    verbs.ask(record, by=record.giver)
    record.refresh_from_db()
    record.project = project
    return record


def line_of(record):
    line = verbs.to_decide(record).get()
    line.handover = record
    return line


def url(record, name="client", *args):
    return reverse(f"handover:{name}", args=[record.project.code, record.number, *args])


def test_the_client_accepts_on_their_page_and_reads_nothing_internal(client, asked):
    line = asked.criteria.first()
    criteria.comment(line, by=asked.receiver, text="canary: the client is difficult")
    cleo = asked.project.people.cleo
    client.force_login(cleo)
    door = client.get(reverse("handover:client-acceptance", args=[asked.project.code]))
    text = door.content.decode()
    assert "Report a claim" in text
    assert "Protocol 7" in text
    for hidden in ("canary", "Only one person knows the job", "Search is slow", line.text):
        assert hidden not in text
    row = line_of(asked)
    answer = client.post(url(asked, "client-decision", row.pk), {f"line-{row.pk}-seen": "", "accept": "1"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.result, row.decided_by) == ("accepted", cleo)


def test_before_being_asked_there_is_nothing(client, project):
    record = actions.start(project, by=project.people.alice)
    client.force_login(project.people.cleo)
    assert "Report a claim" not in client.get(url(record)).content.decode()
    row = verbs.to_decide(record).get()
    row.handover = record
    with pytest.raises(ValidationError, match="not been asked"):
        verbs.decide(row, by=project.people.cleo, accept=True)


def test_people_of_another_organisation_have_no_say(client, asked):
    rival = factories.make_user("Rita Rival", organisation=factories.make_organisation("Rival"))
    client.force_login(rival)
    assert client.get(url(asked)).status_code == 404
    # Even with a role by mistake, the word is the client's own.
    factories.join(asked.project, rival, "client")
    assert client.get(url(asked)).status_code == 200
    with pytest.raises(PermissionDenied):
        verbs.decide(line_of(asked), by=rival, accept=True)
    for who in ("sam", "alice", "dora"):
        with pytest.raises(PermissionDenied):
            verbs.decide(line_of(asked), by=getattr(asked.project.people, who), accept=True)


def test_a_rejection_says_why_and_becomes_an_open_item(asked):
    row, cleo = line_of(asked), asked.project.people.cleo
    with pytest.raises(ValidationError) as refused:
        verbs.decide(row, by=cleo, accept=False)
    assert "comment" in refused.value.message_dict
    verbs.decide(row, by=cleo, accept=False, comment="The total is wrong")
    item = asked.open_items.get(requirement=row.requirement)
    assert item.decision == ""
    meet_all(asked)
    with pytest.raises(ValidationError, match="no decision"):
        actions.submit(asked, by=asked.giver)
    decide_all(asked, by=asked.giver)
    actions.submit(asked, by=asked.giver)
    product = actions.accept(asked, by=asked.receiver)
    assert not product.requirements.get(title="Report a claim").is_accepted


def test_the_second_decision_is_told(asked):
    row, cleo = line_of(asked), asked.project.people.cleo
    verbs.decide(row, by=cleo, accept=True, seen="")
    with pytest.raises(AlreadyMoved):
        verbs.decide(row, by=cleo, accept=False, comment="No", seen="")


def test_without_the_clients_word_it_is_not_submitted(project):
    record = actions.start(project, by=project.people.alice)
    decide_all(record, by=record.giver)
    meet_all(record)
    with pytest.raises(ValidationError, match="has not been asked"):
        actions.submit(record, by=record.giver)
    verbs.ask(record, by=record.giver)
    with pytest.raises(ValidationError, match="has not decided on 1 requirement"):
        actions.submit(record, by=record.giver)


# --- Reminders --------------------------------------------------------------------------------------------


def fire_all(now):
    reminders.fire(now)
    outbox.drain()


def test_both_are_reminded_and_the_sponsor_hears_when_it_is_late(project, django_capture_on_commit_callbacks):
    record = actions.start(project, by=project.people.alice)
    due = timezone.localdate() + datetime.timedelta(days=10)
    record.target_date = due
    actions.revise(record, ["target_date"], by=record.giver, version=record.version)
    assert record.reminders.count() == 4
    morning = timezone.make_aware(datetime.datetime.combine(due, datetime.time(9)))
    fire_all(morning - datetime.timedelta(days=7))
    sent = {address for message in mail.outbox for address in message.to}
    assert sent == {record.giver.email, record.receiver.email}
    assert "criteria have no evidence" in mail.outbox[0].body
    count = len(mail.outbox)
    fire_all(morning - datetime.timedelta(days=7))
    assert len(mail.outbox) == count
    fire_all(morning + datetime.timedelta(days=4))
    assert project.people.sam.email in {address for message in mail.outbox[count:] for address in message.to}
    assert not Reminder.objects.filter(fired_at=None).exists()


def test_a_new_date_moves_the_reminders(project):
    record = actions.start(project, by=project.people.alice)
    for days in (10, 30):
        record.target_date = timezone.localdate() + datetime.timedelta(days=days)
        actions.revise(record, ["target_date"], by=record.giver, version=record.version)
    assert record.reminders.filter(fired_at=None).count() == 4
    assert record.reminders.earliest("due_at").due_at.date() > timezone.localdate() + datetime.timedelta(days=20)


def test_a_condition_is_a_task_with_an_owner_and_a_day(project):
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    actions.submit(record, by=record.giver)
    due = timezone.localdate() + datetime.timedelta(days=10)
    wanted = Wanted("Night roster", project.people.bob, due)
    actions.accept(record, by=record.receiver, conditions=[wanted])
    record.refresh_from_db()
    assert record.state == "conditions"
    condition = record.conditions.get()
    morning = timezone.make_aware(datetime.datetime.combine(due, datetime.time(9)))
    fire_all(morning)
    assert {address for message in mail.outbox for address in message.to} == {project.people.bob.email}
    actions.meet(condition, by=project.people.bob, evidence="Roster")
    condition.handover = record
    actions.confirm(condition, by=record.receiver, met=True)
    count = len(mail.outbox)
    fire_all(morning + datetime.timedelta(days=5))
    assert len(mail.outbox) == count


def test_conditions_are_for_our_own_people_and_days_to_come(project):
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    actions.submit(record, by=record.giver)
    today = timezone.localdate()
    for wanted in (
        Wanted("x", project.people.charlie, today),
        Wanted("x", project.people.cleo, today),
        Wanted("x", project.people.bob, today - datetime.timedelta(days=1)),
        Wanted(" ", project.people.bob, today),
    ):
        with pytest.raises(ValidationError):
            actions.accept(record, by=record.receiver, conditions=[wanted])
    record.refresh_from_db()
    assert record.state == "submitted"
