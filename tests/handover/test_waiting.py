"""What of handovers waits for whom."""

from handover import waiting
from handover.criteria import verbs as criteria
from handover.items import deciding
from handover.signoff.models import Signer
from handover.transfer import actions
from pmdm.accounts.roles import Role
from tests import factories
from tests.handover.conftest import make_ready


def titles(rows):
    return [row.title for row in rows]


def test_criteria_wait_for_their_owner_then_for_their_verifier(project):
    people = project.people
    handover = actions.start(project, by=people.alice)
    lines = handover.criteria
    lines.update(owner=people.alice, verifier=people.dora)
    assert titles(waiting.criteria(people.alice)) == [f"{lines.count()} to show evidence for"]
    assert waiting.criteria(people.dora) == []
    criteria.provide(lines.first(), by=people.alice, evidence="Folder 3")
    assert titles(waiting.criteria(people.alice)) == [f"{lines.count() - 1} to show evidence for"]
    assert titles(waiting.criteria(people.dora)) == ["1 to verify"]


def test_an_open_item_waits_for_the_consent_of_its_new_owner(project):
    people = project.people
    handover = actions.start(project, by=people.alice)
    item = handover.open_items.filter(issue__isnull=False).get()
    deciding.decide(item, by=people.alice, decision="carry", new_owner=people.bob)
    assert titles(waiting.consents(people.bob)) == ["1 open items are to be yours"]
    assert waiting.consents(people.dora) == []
    deciding.consent(handover, [item.pk], by=people.bob)
    assert waiting.consents(people.bob) == []


def test_a_submitted_handover_waits_for_its_receiver_and_a_returned_one_for_its_giver(project):
    people = project.people
    handover = actions.start(project, by=people.alice)
    assert waiting.handovers(people.dora) == []
    make_ready(handover)
    signer = Signer.objects.create(project=project, handover=handover, user=people.stella, capacity="Security", step=1)
    assert waiting.signatures(people.stella) == []
    actions.submit(handover, by=people.alice)
    assert titles(waiting.handovers(people.dora)) == ["Accept or return it"]
    assert titles(waiting.signatures(people.stella)) == ["Read and sign it"]
    assert waiting.signatures(people.dora) == []
    late = factories.make_user("Stand In")
    factories.join(project, late, Role.MEMBER)
    Signer.objects.filter(pk=signer.pk).update(delegate=late)
    assert titles(waiting.signatures(late)) == ["Read and sign it"]
    actions.give_back(handover, by=people.dora, reason="The runbook is missing")
    assert waiting.handovers(people.dora) == waiting.signatures(people.stella) == []
    assert titles(waiting.handovers(people.alice)) == ["Returned to you: mend it and submit it again"]
