"""Topics, proofs and what they mean for the record."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover import hooks
from handover.knowledge import matrix, verbs
from handover.models import Handover, Proof, Topic
from handover.transfer import actions
from pmdm.accounts.roles import Role
from tests import factories


def test_an_uncovered_critical_topic_blocks_the_acceptance(record, topic, sue):
    actions.submit(record, by=record.giver)
    with pytest.raises(ValidationError, match="Restore"):
        actions.accept(record, by=record.receiver)
    verbs.prove(topic, sue, by=record.giver, passed=True)
    actions.accept(record, by=record.receiver)
    record.refresh_from_db()
    assert record.accepted_at


def test_one_that_is_not_critical_does_not(record, sue):
    verbs.add_topic(record, by=record.giver, title="Nice to know", is_critical=False, needed=1)
    assert [one for one in hooks.blockers(record, "accept") if one.key == "knowledge"] == []


def test_a_blocker_says_what_and_where(record, topic):
    blocker = next(one for one in hooks.blockers(record, "accept") if one.key == "knowledge")
    assert "Restore" in str(blocker.sentence)
    assert blocker.stage == "accept"
    assert f"/{record.number}/knowledge/" in blocker.url


def test_a_failed_repetition_takes_the_proof_back(record, topic, sue):
    verbs.prove(topic, sue, by=record.giver, passed=True)
    verbs.prove(topic, sue, by=record.giver, passed=False)
    assert matrix.of_handover(record).blocking


def test_nobody_judges_or_records_themselves(record, topic, sue):
    for by, judge in ((sue, record.giver), (record.giver, sue)):
        with pytest.raises(ValidationError, match="judges themselves"):
            verbs.prove(topic, sue, by=by, judged_by=judge, passed=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proof.objects.create(
            project=record.project,
            handover=record,
            topic=topic,
            person=sue,
            passed=True,
            judged_by=sue,
            recorded_by=sue,
        )


def test_only_the_receiving_team_proves(record, topic):
    with pytest.raises(ValidationError, match="not of the receiving team"):
        verbs.prove(topic, factories.make_user("Otto Other"), by=record.giver, passed=True)


def test_a_proof_is_never_changed_nor_removed(record, topic, sue):
    proof = verbs.prove(topic, sue, by=record.giver, passed=False)
    for change in (lambda: Proof.objects.filter(pk=proof.pk).update(passed=True), proof.delete):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic():
            change()
    with pytest.raises(ValidationError, match="it stays"):
        verbs.remove_topic(topic, by=record.giver)


def test_topics_stay_as_they_were_signed(record, topic):
    """Neither a verb nor a statement makes a topic harmless after submission."""
    actions.submit(record, by=record.giver)
    with pytest.raises(actions.AlreadyMoved):
        verbs.remove_topic(topic, by=record.giver)
    for change in (
        lambda: Topic.objects.filter(pk=topic.pk).update(is_critical=False),
        lambda: Topic.objects.filter(pk=topic.pk).delete(),
        lambda: Topic.objects.create(project=record.project, handover=record, title="Slipped in"),
    ):
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            change()


def test_the_database_refuses_to_accept_around_it(record, topic):
    actions.submit(record, by=record.giver)
    product = factories.make_product()
    with pytest.raises(IntegrityError, match="critical topic"), transaction.atomic():
        Handover.objects.filter(pk=record.pk).update(state="accepted", accepted_at=timezone.now(), product=product)


STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.booleans()), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    critical=st.lists(st.booleans(), min_size=3, max_size=3),
    needed=st.lists(st.integers(1, 2), min_size=3, max_size=3),
    steps=STEPS,
)
def test_no_path_to_accepted_around_an_uncovered_critical_topic(record, critical, needed, steps):
    """Whatever topics, needs and proofs there are: accepted if, and only if, every critical topic is covered."""
    with transaction.atomic():
        people = [factories.make_user(f"Learner {n}") for n in range(2)]
        for user in people:
            verbs.add_learner(record, user, by=record.giver)
        topics = [
            verbs.add_topic(record, by=record.giver, title=f"T{n}", is_critical=critical[n], needed=needed[n])
            for n in range(3)
        ]
        actions.submit(record, by=record.giver)
        last = {}
        for topic, person, passed in steps:
            verbs.prove(topics[topic], people[person], by=record.giver, passed=passed)
            last[topic, person] = passed
        should = all(
            not critical[n] or sum(last.get((n, person), False) for person in range(2)) >= needed[n] for n in range(3)
        )
        try:
            actions.accept(record, by=record.receiver)
            accepted = True
        except ValidationError:
            accepted = False
        assert accepted == should
        transaction.set_rollback(True)
    record.refresh_from_db()


def test_the_receiving_team_becomes_the_products_team(record, topic, sue):
    verbs.prove(topic, sue, by=record.giver, passed=True)
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    assert product.memberships.get(user=sue).role == Role.SUPPORT
    assert not matrix.of_product(product).blocking


def test_coverage_decays_when_people_leave(record, topic, sue):
    verbs.prove(topic, sue, by=record.giver, passed=True)
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    product.remove_member(product.memberships.get(user=sue), by=record.receiver)
    assert [row.topic for row in matrix.of_product(product).blocking] == [topic]
    nina = factories.make_user("Nina New")
    product.add_member(nina, Role.SUPPORT, by=record.receiver)
    verbs.prove(topic, nina, by=record.receiver, passed=True)
    assert not matrix.of_product(product).blocking


@pytest.mark.parametrize("n", [3, 60])
def test_the_matrix_costs_the_same_at_any_size(record, django_assert_num_queries, n):
    topics = [Topic(project=record.project, handover=record, title=f"T{i}") for i in range(n)]
    Topic.objects.bulk_create(topics)
    for _i in range(3):
        user = factories.make_user()
        verbs.add_learner(record, user, by=record.giver)
        Proof.objects.bulk_create(
            Proof(
                project=record.project, handover=record, topic=topic, person=user, passed=True,
                judged_by=record.giver, recorded_by=record.giver,
            )
            for topic in topics
        )  # fmt: skip
    with django_assert_num_queries(4):
        assert matrix.of_handover(record).percent == 100
