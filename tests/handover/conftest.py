import datetime

import pytest
from django.db.models import F
from django.db.models.functions import Coalesce

from handover.client import verbs as client_verbs
from handover.criteria import verbs as criteria
from handover.transfer import actions
from tests import factories

NOW = datetime.datetime(2026, 6, 1, 9, tzinfo=datetime.UTC)
LATER = datetime.date(2100, 1, 1)


@pytest.fixture
def project(db):
    """A closed project with two requirements (one verified), a risk and an issue still open."""
    project = factories.make_project(name="Claims portal", code="NCP", client=factories.make_organisation("Northwind"))
    people = factories.make_cast(project=project, organisation=project.client)
    project.people = people
    met = factories.make_requirement(project, title="Report a claim")
    line = met.add_criterion("Shown to the client")
    unmet = factories.make_requirement(project, title="Sign a settlement")
    for requirement in (met, unmet):
        requirement.move_on("reviewed")
        requirement.approve(by=people.sam)
        requirement.move_on("built")
    line.requirement = met
    line.record("pass", by=people.alice, evidence="Protocol 7")
    met.verify(by=people.alice)
    factories.make_risk(project, title="Only one person knows the job", probability=3, impact=4)
    factories.make_issue(project, title="Search is slow")
    type(project).objects.filter(pk=project.pk).update(state="closed")
    project.state = "closed"
    return project


@pytest.fixture
def record(project):
    """Its handover, ready to be submitted."""
    handover = actions.start(project, by=project.people.alice)
    make_ready(handover)
    return handover


def make_ready(handover, *, decision="carry"):
    """Every criterion is met, every row decided, the client has accepted."""
    decide_all(handover, by=handover.giver, decision=decision)
    meet_all(handover)
    if handover.project.client_id:
        client_verbs.record_all(handover, by=handover.giver, protocol="Signed on paper, folder 3")


def decide_all(handover, *, by, decision="carry"):
    from handover.items import deciding

    for item in handover.open_items.all():
        fits = decision in deciding.ALLOWED[item.kind]
        deciding.decide(
            item,
            by=by,
            decision=decision if fits else "carry",
            reason="Agreed",
            control="A deputy" if item.kind == "risk" or decision == "op_risk" else "",
            control_test_on=LATER if item.kind == "risk" or decision == "op_risk" else None,
        )


def meet_all(handover):
    """The first line by the verbs, all others with what they wrote there: each would take them 40 statements."""
    handover.__dict__.pop("_criteria", None)
    first = handover.criteria.first()
    if first is None:
        return
    first.handover = handover
    criteria.provide(first, by=first.owner or handover.giver, evidence="Folder 3")
    criteria.judge(first, by=first.verifier, met=True)
    own = {"category", "text", "guidance", "is_required", "owner", "verifier", "file"}
    values = {name: getattr(first, name) for name in criteria.WRITTEN if name not in own}
    values |= {"provided_by": Coalesce("owner", handover.giver_id), "verified_by": F("verifier")}
    handover.criteria.exclude(pk=first.pk).update(version=F("version") + 2, **values)
