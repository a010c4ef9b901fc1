"""The page of the signatures, by role."""

import json

from django.urls import reverse

from handover.models import Handover, SignOff
from handover.transfer import actions
from handover.transfer.content import content_hash
from tests import factories


def url(record, name, *args):
    return reverse(f"handover:{name}", args=[record.project.code, record.number, *args])


def test_the_manager_names_a_signer(client, record):
    client.force_login(record.giver)
    stella = record.project.people.stella
    client.post(url(record, "signoff"), {"user": stella.pk, "capacity": "Finance", "step": 1})
    assert record.signers.get().user == stella
    answer = client.post(url(record, "signoff"), {"user": record.project.people.cleo.pk, "capacity": "x", "step": 1})
    assert answer.status_code == 422


def test_a_signer_signs_and_sees_it(client, record, signers):
    actions.submit(record, by=record.giver)
    signer = signers[0]
    client.force_login(signer.user)
    assert "To be signed now" in client.get(url(record, "signoff")).content.decode()
    digest = content_hash(Handover.objects.get(pk=record.pk))
    client.post(url(record, "signature", signer.pk), {"seen": digest})
    assert SignOff.objects.get().user == signer.user
    again = client.post(url(record, "signature", signer.pk), {"seen": digest})
    assert again.status_code == 409
    assert "signed already" in again.content.decode()


def test_what_changed_meanwhile_is_a_conflict(client, record, signers):
    actions.submit(record, by=record.giver)
    client.force_login(signers[0].user)
    answer = client.post(url(record, "signature", signers[0].pk), {"seen": "old"})
    assert answer.status_code == 409
    assert not SignOff.objects.exists()


def test_others_may_not_sign(client, record, signers):
    actions.submit(record, by=record.giver)
    digest = content_hash(Handover.objects.get(pk=record.pk))
    client.force_login(record.receiver)
    assert client.post(url(record, "signature", signers[0].pk), {"seen": digest}).status_code == 422
    client.force_login(factories.make_user("Charlie Stranger"))
    assert client.post(url(record, "signature", signers[0].pk), {"seen": digest}).status_code == 404


def test_the_text_can_be_read(client, record, signers):
    client.force_login(record.receiver)
    answer = client.get(url(record, "signed-content"))
    assert json.loads(answer.content)["signoff"][2][2] == "Legal"
    client.force_login(record.project.people.cleo)
    assert client.get(url(record, "signed-content")).status_code == 403
