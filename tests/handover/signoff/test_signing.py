"""Signatures: who, in which order, over which content; and that no way leads around one."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover import hooks
from handover.models import Handover, Signer, SignOff
from handover.signoff import verbs
from handover.signoff.standing import standings
from handover.signoff.text import canonical, signed_hash, signed_text
from handover.transfer import actions
from handover.transfer.content import content, content_hash
from tests import factories


def sign(signer, by=None, **kwargs):
    return verbs.sign(signer, by=by or signer.user, seen=content_hash(signer.handover), **kwargs)


def fresh(record):
    return Handover.objects.select_related("project", "giver", "receiver", "product").get(pk=record.pk)


def test_acceptance_waits_for_every_signature(record, signers):
    actions.submit(record, by=record.giver)
    for signer in signers:
        with pytest.raises(ValidationError, match="has not signed"):
            actions.accept(record, by=record.receiver)
        signer.handover = fresh(record)
        sign(signer)
    actions.accept(record, by=record.receiver)
    # The record itself changed by being accepted; what was signed still holds.
    assert all(row.is_valid for row in standings(fresh(record)))


def test_the_hash_is_that_of_the_text(record, signers):
    import hashlib

    assert hashlib.sha256(signed_text(record)).hexdigest() == content_hash(record) == signed_hash(record)
    assert canonical(content(record)) == signed_text(record)


def test_steps_sign_in_order_and_one_step_in_any(record, signers):
    actions.submit(record, by=record.giver)
    for signer in signers:
        signer.handover = fresh(record)
    with pytest.raises(ValidationError, match="First Sid Security, Fay Finance"):
        sign(signers[2])
    assert [row.is_turn for row in standings(fresh(record))] == [True, True, False]
    sign(signers[1])
    sign(signers[0])
    assert [row.is_turn for row in standings(fresh(record))] == [False, False, True]
    sign(signers[2])


def test_nobody_signs_before_the_submission(record, signers):
    with pytest.raises(actions.AlreadyMoved):
        sign(signers[0])


def test_only_the_named_person_signs(record, signers):
    actions.submit(record, by=record.giver)
    signers[0].handover = fresh(record)
    for user in (record.giver, record.receiver, signers[1].user):
        with pytest.raises(ValidationError, match="Only Sid"):
            sign(signers[0], by=user)


def test_one_signs_what_one_has_seen(record, signers):
    actions.submit(record, by=record.giver)
    with pytest.raises(ValidationError, match="while you read it"):
        verbs.sign(signers[0], by=signers[0].user, seen="0" * 64)


def test_signing_twice_is_refused(record, signers):
    actions.submit(record, by=record.giver)
    signers[0].handover = fresh(record)
    sign(signers[0])
    with pytest.raises(ValidationError, match="signed already"):
        sign(signers[0])
    assert SignOff.objects.count() == 1


def test_an_edit_after_signing_voids_it_visibly(record, signers):
    actions.submit(record, by=record.giver)
    signers[0].handover = fresh(record)
    sign(signers[0])
    Handover.objects.filter(pk=record.pk).update(scope="Something else")
    row = standings(fresh(record))[0]
    assert not row.is_valid
    assert "changed after" in row.why_void
    assert any("is void" in str(one.sentence) for one in hooks.blockers(fresh(record), "accept"))
    # And nobody signs the changed text before the giver does.
    signers[0].handover = fresh(record)
    with pytest.raises(ValidationError, match="returned and submitted again"):
        sign(signers[0])


def test_a_returned_record_is_signed_anew(record, signers):
    actions.submit(record, by=record.giver)
    signers[0].handover = fresh(record)
    sign(signers[0])
    actions.give_back(fresh(record), by=record.receiver, reason="The manual is old")
    actions.submit(fresh(record), by=record.giver)
    row = standings(fresh(record))[0]
    assert not row.is_valid
    assert "returned" in row.why_void
    signers[0].handover = fresh(record)
    sign(signers[0])
    assert standings(fresh(record))[0].is_valid
    assert SignOff.objects.count() == 2


def test_a_signature_is_never_changed_nor_removed(record, signers):
    actions.submit(record, by=record.giver)
    signers[0].handover = fresh(record)
    row = sign(signers[0])
    for change in (lambda: SignOff.objects.filter(pk=row.pk).update(content_hash="0" * 64), row.delete):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic():
            change()


def test_who_has_to_sign_stays_as_it_was_submitted(record, signers):
    actions.submit(record, by=record.giver)
    with pytest.raises(actions.AlreadyMoved):
        verbs.remove_signer(signers[0], by=record.giver)
    for change in (
        lambda: Signer.objects.filter(pk=signers[0].pk).delete(),
        lambda: Signer.objects.filter(pk=signers[0].pk).update(user=record.giver),
    ):
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            change()


def test_the_database_refuses_to_accept_around_a_signature(record, signers):
    actions.submit(record, by=record.giver)
    for signer in signers[:2]:
        signer.handover = fresh(record)
        sign(signer)
    product = factories.make_product()
    with pytest.raises(IntegrityError, match="signature is missing"), transaction.atomic():
        Handover.objects.filter(pk=record.pk).update(state="accepted", accepted_at=timezone.now(), product=product)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["0", "1", "2", "edit", "return"]), max_size=10))
def test_no_path_to_accepted_around_a_missing_signature(record, signers, path):
    """Whatever is signed, edited and returned in whatever order: accepted only with three signatures of what stands."""
    with transaction.atomic():
        actions.submit(fresh(record), by=record.giver)
        for number, step in enumerate(path):
            try:
                if step == "edit":
                    Handover.objects.filter(pk=record.pk).update(scope=f"Scope {number}")
                elif step == "return":
                    actions.give_back(fresh(record), by=record.receiver, reason="Again")
                    actions.submit(fresh(record), by=record.giver)
                else:
                    signer = Signer.objects.select_related("user").get(pk=signers[int(step)].pk)
                    signer.handover = fresh(record)
                    with transaction.atomic():
                        sign(signer)
            except ValidationError:
                pass
        current = fresh(record)
        digest = content_hash(current)
        rows = SignOff.objects.filter(handover=current, submitted_at=current.submitted_at, content_hash=digest)
        complete = rows.values("signer").distinct().count() == 3
        given = current.signatures.filter(side="giver", voided_at=None, content_hash=digest).exists()
        try:
            with transaction.atomic():
                actions.accept(current, by=record.receiver)
            accepted = True
        except ValidationError:
            accepted = False
        assert accepted == (complete and given)
        transaction.set_rollback(True)


class TestDelegate:
    def test_a_delegate_signs_while_the_signer_is_absent(self, record, signers):
        deputy = factories.make_user("Dan Deputy")
        factories.join(record.project, deputy, "stakeholder")
        signer = signers[0]
        verbs.send_delegate(signer, deputy, by=signer.user)
        actions.submit(record, by=record.giver)
        signer.handover = fresh(record)
        with pytest.raises(ValidationError, match="not absent today"):
            sign(signer, by=deputy)
        today = timezone.localdate()
        signer.user.absences.create(first=today, last=today)
        assert sign(signer, by=deputy).by_delegate
        assert standings(fresh(record))[0].is_valid

    def test_own_dates_do_where_no_absence_is_entered(self, record, signers):
        deputy = factories.make_user("Dan Deputy")
        factories.join(record.project, deputy, "stakeholder")
        actions.submit(record, by=record.giver)
        signer, today = signers[0], timezone.localdate()
        # Naming a delegate after submission changes nothing that was signed.
        digest = content_hash(fresh(record))
        verbs.send_delegate(signer, deputy, by=signer.user, away_from=today, away_until=today)
        assert content_hash(fresh(record)) == digest
        signer.handover = fresh(record)
        sign(signer, by=deputy)

    def test_only_the_signer_names_a_delegate(self, record, signers):
        with pytest.raises(ValidationError, match="Only Sid"):
            verbs.send_delegate(signers[0], record.project.people.bob, by=record.giver)

    def test_giver_and_receiver_are_no_delegates(self, record, signers):
        for user in (record.giver, record.receiver):
            with pytest.raises(ValidationError, match="for themselves"):
                verbs.send_delegate(signers[0], user, by=signers[0].user)

    def test_dates_come_in_pairs(self, record, signers):
        with pytest.raises(ValidationError, match="first and the last"):
            verbs.send_delegate(
                signers[0], None, by=signers[0].user, away_from=datetime.date(2026, 6, 2), away_until=None
            )


@pytest.mark.django_db(transaction=True)
def test_signing_at_the_same_time_doubles_and_loses_nothing(record, signers):
    """Both of step 1 and each of them twice, at once: two signatures, the others are told."""
    actions.submit(record, by=record.giver)
    digest = content_hash(fresh(record))
    refused, start = [], threading.Barrier(6)

    def act(signer):
        start.wait(30)
        try:
            verbs.sign(signer, by=signer.user, seen=digest)
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[signer]) for signer in signers[:2] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(SignOff.objects.values_list("signer", flat=True)) == sorted(signer.pk for signer in signers[:2])
    assert len(refused) == 4
    assert all("signed already" in str(error) for error in refused)
