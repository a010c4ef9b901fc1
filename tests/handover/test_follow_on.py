"""A request for a follow-on project, filled from the product it comes from."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery.models import Issue, KnownGap, Product, Requirement, Risk
from handover.models import FollowOn
from pmdm.accounts.roles import Role
from projects.models import InitiationRequest
from tests.factories import make_organisation, make_user

URL = "/products/CLAIMS/follow-on/"


@pytest.fixture
def dora(db):
    return make_user("Dora Delivery")


@pytest.fixture
def product(dora):
    client = make_organisation("Northwind")
    product = Product.launch(by=dora, code="CLAIMS", name="Claims portal", stage="live", clients=[client])
    kept, broken = (Requirement.objects.create(product=product, title=title) for title in ("Is fast", "Is safe"))
    kept.check_conformance(by=dora, result="met", evidence="x")
    broken.check_conformance(by=dora, result="failed", evidence="x")
    Issue.report(product, by=dora, title="Dark colours", type="request")
    Issue.report(product, by=dora, title="Slow on Mondays", type="performance")
    Risk.raise_risk(product, by=dora, title="Bank interface retires")
    KnownGap.accept(product, by=dora, title="No bulk payment")
    return product


def test_the_draft_says_what_is_broken_wished_for_and_at_risk(product, dora, client):
    client.force_login(dora)
    page = client.get(URL).content.decode()
    assert "Dark colours" in page
    answer = client.post(URL)
    asked = InitiationRequest.objects.get()
    assert answer["Location"] == f"/projects/requests/{asked.pk}/steps/1/"
    assert (asked.state, asked.asked_by, str(asked.client)) == ("draft", dora, "Northwind")
    assert "Is safe" in asked.results
    assert "Dark colours" in asked.results
    assert "Is fast" not in asked.results
    assert "Slow on Mondays" in asked.reason
    assert asked.risks.splitlines() == ["Bank interface retires", "Known gap: No bulk payment"]
    assert (asked.baseline_value, asked.target_value, asked.unit) == (50, 100, "%")
    assert FollowOn.objects.get().product == product


def test_the_record_leads_to_what_was_asked_for(product, dora, client):
    client.force_login(dora)
    client.post(URL)
    asked = InitiationRequest.objects.get()
    assert asked.get_absolute_url() in client.get("/products/CLAIMS/record/").content.decode()
    sue = make_user("Sue Support")
    product.add_member(sue, Role.SUPPORT, by=dora)
    client.force_login(sue)
    text = client.get("/products/CLAIMS/record/").content.decode()
    assert asked.name in text
    assert asked.get_absolute_url() not in text, "a draft is its writer's"
    assert client.get(URL).status_code == 403
    assert client.post(URL).status_code == 403


def test_it_costs_the_same_for_many(product, dora, client):
    client.force_login(dora)
    client.get(URL)
    counts = []
    for more in (0, 20):
        for number in range(more):
            Issue.report(product, by=dora, title=f"Wish {number}", type="request")
        with CaptureQueriesContext(connection) as captured:
            client.get(URL)
        counts.append(len(captured))
    assert counts[1] <= counts[0] <= 30
