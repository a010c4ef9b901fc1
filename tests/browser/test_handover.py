"""A handover walked by those whose job it is: the client accepts on a phone, the managers return it once and sign."""

import pytest
from playwright.sync_api import expect

from delivery.models import Product
from handover.client import verbs as client_verbs
from tests import factories
from tests.browser import test_main_job as job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def claims():
    """A closed project: one requirement delivered, one not, a risk and an issue still open."""
    project = factories.make_project(
        by=factories.make_user("Alice Manager"),
        code="CLAIMS",
        name="Claims portal",
        client=factories.make_organisation("Northwind"),
    )
    people = {name: factories.make_user(full) for name, full in {"sam": "Sam Sponsor", "dora": "Dora Delivery"}.items()}
    people["cleo"] = factories.make_user("Cleo Client", organisation=project.client)
    for name, role in (("sam", "sponsor"), ("dora", "delivery_manager"), ("cleo", "client")):
        factories.join(project, people[name], role)
    met = factories.make_requirement(project, title="Report a claim")
    line = met.add_criterion("Shown to the client")
    for requirement in (met, factories.make_requirement(project, title="Sign online")):
        requirement.move_on("reviewed")
        requirement.approve(by=people["sam"])
        requirement.move_on("built")
    line.requirement = met
    line.record("pass", by=project.manager, evidence="Protocol 7")
    met.verify(by=project.manager)
    factories.make_risk(project, title="Support is not trained")
    factories.make_issue(project, title="The partner certifies late")
    type(project).objects.filter(pk=project.pk).update(state="closed")
    project.people = people | {"alice": project.manager}
    return project


def test_a_handover_with_one_return(claims, new_page):
    people = claims.people
    manager, receiver = (new_page("/", user=people[name]) for name in ("alice", "dora"))
    client = new_page("/", user=people["cleo"], width=390)
    job.handover(manager, receiver, client)
    product = Product.objects.get()
    assert product.requirements.get(title="Report a claim").is_accepted
    record = claims.handovers.get()
    assert client_verbs.to_decide(record).get().decided_by == people["cleo"]
    assert [one.outcome for one in record.rounds.order_by("number")] == ["returned", "accepted"]
    manager.goto("/projects/CLAIMS/handover/1/rounds/1/")
    expect(manager.get_by_text("Who answers at night?")).to_be_visible()
    manager.goto("/stories/CLAIMS/requirements/1/")
    manager.get_by_role("link", name="HO-1").click()
    expect(manager.get_by_text("Dora Delivery has been responsible")).to_be_visible()
