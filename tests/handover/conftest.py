import datetime

import pytest

from handover.transfer import actions
from tests import factories

NOW = datetime.datetime(2026, 6, 1, 9, tzinfo=datetime.UTC)


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
    decide_all(handover, by=project.people.alice)
    for row in handover.checklist.all():
        actions.tick(row, by=project.people.alice, evidence="Folder 3")
    return handover


def decide_all(handover, *, by, decision="carry"):
    for item in handover.open_items.all():
        actions.decide(item, by=by, decision=decision, reason="Agreed")
