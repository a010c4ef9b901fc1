"""A complaint that is a new need: asked for once, filled from it, linked both ways, told to its client."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.models import Complaint, Issue, Product
from delivery.moves import NotNow
from handover.followon import needs
from handover.followon.models import FollowOn, NeedAsked
from handover.portal import reading
from handover.transfer.models import Handover
from pmdm.accounts.roles import Role
from projects.models import ChangeRequest, InitiationRequest
from tests import factories
from tests.factories import make_organisation, make_user

URL = "/products/CLAIMS/complaints/"


@pytest.fixture
def cast(db):
    from types import SimpleNamespace

    dora, sue = make_user("Dora Delivery"), make_user("Sue Support")
    north, contoso = make_organisation("Northwind"), make_organisation("Contoso")
    cleo, olga = make_user("Cleo Client", organisation=north), make_user("Olga Other", organisation=contoso)
    product = Product.launch(by=dora, code="CLAIMS", name="Claims", stage="live", clients=[north, contoso])
    product.add_member(sue, Role.SUPPORT, by=dora)
    for person in (cleo, olga):
        product.add_member(person, Role.CLIENT, by=dora)
    return SimpleNamespace(dora=dora, sue=sue, cleo=cleo, olga=olga, north=north, product=product)


def new_need(cast, title="No letters in French", person=None, verdict="new_need"):
    issue = Issue.report(cast.product, by=person or cast.cleo, title=title, description="We need it", type="complaint")
    row = Complaint.objects.select_related("issue__product").get(issue=issue)
    row.acknowledge(by=cast.sue, text="We have it")
    row.judge(by=cast.sue, verdict=verdict, reasoning="Nobody asked for it then")
    return row


def test_one_click_makes_a_filled_draft_linked_both_ways(cast, client):
    row = new_need(cast)
    page = f"{URL}{row.issue.number}/"
    client.force_login(cast.sue)
    assert f"{page}need/" in client.get(page).content.decode()
    answer = client.post(f"{page}need/")
    asked = InitiationRequest.objects.get()
    assert answer.url == f"/projects/requests/{asked.pk}/steps/1/"
    assert (asked.state, asked.asked_by, asked.name, asked.client) == (
        "draft", cast.sue, "No letters in French", cast.north
    )  # fmt: skip
    assert "We need it" in asked.reason
    assert "Nobody asked for it then" in asked.reason
    assert FollowOn.objects.get().request == asked
    text = client.get(page).content.decode()
    assert asked.get_absolute_url() in text
    assert f"{page}need/" not in text
    assert page in client.get(asked.get_absolute_url()).content.decode()


def test_asked_for_once(cast, client):
    row = new_need(cast)
    needs.ask_for(row, by=cast.sue)
    with pytest.raises(NotNow):
        needs.ask_for(row, by=cast.dora)
    client.force_login(cast.dora)
    client.post(f"{URL}{row.issue.number}/need/")
    assert InitiationRequest.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        NeedAsked.objects.create(product=cast.product, complaint=row, by=cast.sue)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one(cast):
    row = new_need(cast)

    def ask(person):
        try:
            needs.ask_for(Complaint.objects.select_related("issue__product").get(pk=row.pk), by=person)
        except NotNow:
            return "late"
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, [cast.sue, cast.dora])) == ["late", "made"]
    assert InitiationRequest.objects.count() == NeedAsked.objects.count() == 1


@pytest.mark.parametrize("who", ["cleo", "olga"])
def test_a_client_asks_for_nothing_here(cast, client, who):
    row = new_need(cast)
    client.force_login(getattr(cast, who))
    assert client.post(f"{URL}{row.issue.number}/need/").status_code in (403, 404)
    assert not InitiationRequest.objects.exists()


def test_only_a_new_need(cast, client):
    row = new_need(cast, verdict="misunderstanding")
    client.force_login(cast.sue)
    page = f"{URL}{row.issue.number}/"
    assert "need/" not in client.get(page).content.decode()
    client.post(f"{page}need/")
    assert not InitiationRequest.objects.exists()


def test_a_project_that_still_runs_takes_it_as_a_change(cast, client):
    row = new_need(cast)
    project = factories.make_project(cast.dora, code="BUILD", name="Build it", client=cast.north)
    assert needs.running(cast.product, cast.sue, cast.north) == []
    Handover.objects.create(
        project=project, number=1, product=cast.product, giver=cast.dora, receiver=cast.sue, state="accepted",
        accepted_at=timezone.now(),
    )  # fmt: skip
    page = f"{URL}{row.issue.number}/"
    client.force_login(cast.sue)
    assert 'value="BUILD"' not in client.get(page).content.decode(), "no role on it"
    assert client.post(f"{page}need/", {"project": "BUILD"}).url == page
    client.force_login(cast.dora)
    # Another client's people would read it there.
    factories.join(project, cast.olga, Role.CLIENT)
    assert 'value="BUILD"' not in client.get(page).content.decode()
    assert client.post(f"{page}need/", {"project": "BUILD"}).url == page
    project.memberships.filter(user=cast.olga).delete()
    type(project).objects.update(client=cast.olga.organisation)
    assert 'value="BUILD"' not in client.get(page).content.decode()
    type(project).objects.update(client=cast.north)
    assert 'value="BUILD"' in client.get(page).content.decode()
    answer = client.post(f"{page}need/", {"project": "BUILD"})
    change = ChangeRequest.objects.get()
    assert answer.url == f"/projects/BUILD/changes/{change.number}/edit/"
    assert (change.source, change.requester) == ("client", cast.dora)
    assert page in client.get(change.get_absolute_url()).content.decode()
    assert change.get_absolute_url() in client.get(page).content.decode()


def test_its_client_reads_what_became_of_it_and_no_other(cast, client):
    row = new_need(cast)
    page = f"{URL}{row.issue.number}/"

    def said(person, path="/portal/"):
        client.force_login(person)
        return client.get(path).content.decode()

    assert "nothing is decided yet" in said(cast.cleo)
    asked = needs.ask_for(row, by=cast.sue)
    for path in ("/portal/", page):
        text = said(cast.cleo, path)
        assert "It is being written up as a request for a project." in text
        assert asked.get_absolute_url() not in text
        assert "Nobody asked for it then" not in text
    assert "What came of new needs" not in said(cast.olga)
    client.force_login(cast.olga)
    assert client.get(page).status_code == 404
    project = factories.make_project(cast.dora, code="NEXT", name="Secret name")
    InitiationRequest.objects.filter(pk=asked.pk).update(state="approved", project=project)
    for path in ("/portal/", page):
        text = said(cast.cleo, path)
        assert "It has become a project." in text
        assert "Secret name" not in text
    factories.join(project, cast.cleo, Role.CLIENT)
    assert project.get_absolute_url() in said(cast.cleo, page)


def test_home_costs_the_same_for_many(cast):
    new_need(cast)
    counts = []
    for more in (0, 6):
        for number in range(more):
            needs.ask_for(new_need(cast, f"Need {number}"), by=cast.sue)
        with CaptureQueriesContext(connection) as captured:
            reading.home(cast.cleo)
        counts.append(len(captured))
    assert counts[1] <= counts[0] + 2, counts
