"""The pages of knowledge transfer, by role."""

import pytest
from django.urls import reverse

from handover.knowledge import verbs
from handover.models import Material, Proof, TrainingSession
from handover.transfer import actions
from tests import factories


@pytest.fixture
def url(record):
    return lambda name, *args: reverse(f"handover:{name}", args=[record.project.code, record.number, *args])


def test_the_manager_builds_it_up(client, record, url, sue):
    client.force_login(record.giver)
    client.post(url("knowledge"))
    assert record.topics.filter(is_critical=True).count() == 4
    topic = record.topics.first()
    answer = client.post(url("material-new"), {"kind": "runbook", "title": "Restore", "link": "", "note": ""})
    assert answer.status_code == 422
    assert "nothing to read" in answer.content.decode()
    client.post(url("material-new"), {"kind": "runbook", "title": "Restore", "link": "https://wiki.example/restore"})
    assert Material.objects.get().title == "Restore"
    data = {
        "kind": "shadow",
        "held_on": "2026-05-04",
        "leader": record.giver.pk,
        "topics": topic.pk,
        "attendees": sue.pk,
    }
    client.post(url("training-session-new"), data)
    assert TrainingSession.objects.get().attendees.get() == sue
    client.post(
        url("topic-proof", topic.pk, sue.pk),
        {"kind": "quiz", "passed": "yes", "score": "90", "judged_by": record.giver.pk},
    )
    assert Proof.objects.get().score == 90
    page = client.get(url("knowledge")).content.decode()
    assert "Quiz" in page
    assert "https://wiki.example/restore" in page


def test_a_stale_topic_is_a_conflict(client, record, url, topic):
    client.force_login(record.giver)
    data = {"title": "Restore", "description": "Mine", "needed": 1, "version": topic.version}
    assert client.post(url("topic-edit", topic.pk), data).status_code == 302
    answer = client.post(url("topic-edit", topic.pk), {**data, "description": "Theirs"})
    assert answer.status_code == 409
    assert "Theirs" in answer.content.decode()


def test_a_member_reads_only(client, record, url, topic, sue):
    client.force_login(record.project.people.bob)
    assert "Restore" in client.get(url("knowledge")).content.decode()
    assert client.post(url("knowledge")).status_code == 403
    assert client.post(url("topic-proof", topic.pk, sue.pk), {}).status_code == 403


def test_a_client_sees_nothing_of_it(client, record, url, topic):
    client.force_login(record.project.people.cleo)
    assert client.get(url("knowledge")).status_code == 403


def test_the_product_says_what_its_team_knows(client, record, topic, sue):
    verbs.prove(topic, sue, by=record.giver, passed=True)
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    client.force_login(record.receiver)
    page = client.get(reverse("handover:product-knowledge", args=[product.code])).content.decode()
    assert "1 of 1 topics covered" in page
    product.remove_member(product.memberships.get(user=sue), by=record.receiver)
    page = client.get(reverse("handover:product-knowledge", args=[product.code])).content.decode()
    assert "Critical knowledge is missing" in page
    nina = factories.make_user("Nina New")
    product.add_member(nina, "support", by=record.receiver)
    proof = reverse("handover:product-topic-proof", args=[product.code, topic.pk, nina.pk])
    client.post(proof, {"kind": "teach_back", "passed": "yes", "judged_by": record.receiver.pk})
    assert Proof.objects.filter(person=nina, passed=True).count() == 1
