"""Where benefits show: the list with its filters, the objectives, the overview, the portfolio, the product."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import benefits as handed_over
from handover.models import Handover
from projects.benefits import golive
from projects.models import Benefit, BenefitReview
from tests.factories import make_benefit, make_cast, make_product

pytestmark = pytest.mark.django_db
ALL = "/projects/benefits/"
ON = datetime.date(2026, 11, 1)


def objectives(project, count, owner):
    for number in range(count):
        objective = project.objectives.create(
            statement=f"Objective {number}", measure="x", baseline_value=0, target_value=10
        )
        benefit = make_benefit(objective, owner=owner)
        benefit.record(by=owner, value=number % 12, measured_on=ON, evidence="x")


def test_filters_and_counts(client, cast):
    objectives(cast.project, 12, cast.sam)
    review = cast.benefit.reviews.first()
    BenefitReview.objects.filter(pk=review.pk).update(due=datetime.date(2026, 1, 2))
    client.force_login(cast.dora)
    page = client.get(ALL).context
    assert (page["summary"].total, page["summary"].measured, page["summary"].realised) == (13, 12, 2)
    assert page["summary"].overdue == 1

    def shown(**query):
        return {row.objective.statement for row in client.get(ALL, query).context["page"].rows}

    assert shown(show="mine") == {"Faster claims"}
    assert shown(show="overdue") == {"Faster claims"}
    assert shown(show="realised") == {"Objective 10", "Objective 11"}
    assert len(shown(show="open")) == 11
    assert shown(q="claims") == {"Faster claims"}
    assert len(shown(q="PAYS")) == 13
    assert shown(q="nothing") == set()
    text = client.get(ALL + "export.csv?show=realised").text
    assert text.count("\r\n") == 3
    assert "PAYS,OBJ-12,Objective 10,x,,0.00,10.00,10.00,2026-11-01,1.0,Realised" in text


def test_the_chart_opens_to_its_numbers(client, cast):
    cast.benefit.record(by=cast.dora, value=22, measured_on=ON, evidence="x")
    client.force_login(cast.dora)
    page = client.get(f"{ALL}{cast.benefit.pk}/")
    figure = page.context["figure"]
    assert not figure.is_empty
    assert ["2026-11-01", "22", "34"] in [list(row) for row in figure.rows]


def test_the_objectives_lead_to_it(client, cast):
    client.force_login(cast.alice)
    address = cast.project.get_absolute_url()
    assert f"{ALL}{cast.benefit.pk}/" in client.get(address + "objectives/").text
    assert "0 of 0 measured benefits realised, 1 not measured yet" in client.get(address).text
    client.force_login(cast.cleo)
    assert ALL not in client.get(address + "objectives/").text
    assert "measured benefits" not in client.get(address).text


def test_the_portfolio_says_how_many_are_realised(client, cast):
    cast.benefit.record(by=cast.dora, value=9, measured_on=ON, evidence="x")
    for name, told in (("stella", True), ("cleo", False), ("charlie", False)):
        client.force_login(getattr(cast, name))
        assert ("1 of 1 measured benefits realised" in client.get("/kpis/").text) == told


@pytest.fixture
def product(cast):
    """What the project became, looked after by people of its own."""
    people = make_cast(product=make_product(code="PROD", name="Claims", live_on=datetime.date(2026, 10, 5)))
    people.product = people.dora.product_memberships.get().product
    record = Handover.objects.create(project=cast.project, giver=cast.alice, receiver=cast.dora, product=people.product)
    Handover.objects.filter(pk=record.pk).update(state="accepted", accepted_at="2026-10-05T12:00Z")
    return people


def test_the_products_page_shows_what_it_was_built_for(client, cast, product):
    cast.benefit.record(by=cast.dora, value=22, measured_on=ON, evidence="x")
    address = product.product.get_absolute_url()
    for person, told, link in ((product.sue, True, False), (cast.pmo, True, True), (product.cleo, False, False)):
        client.force_login(person)
        text = client.get(address).text
        assert ("50% of the way from 34 to 10" in text) == told, person
        assert (f"{ALL}{cast.benefit.pk}/" in text) == link, person


def test_the_product_tells_its_go_live_and_its_manager(cast, product):
    told = golive.after(cast.project)
    assert told.go_live == datetime.date(2026, 10, 5)
    assert told.people == [product.dora]
    assert handed_over.section(make_product(), cast.pmo) is None
    cast.benefit.hand_on(product.dora, by=cast.dora)
    assert Benefit.objects.get().owner == product.dora


def test_as_many_queries_for_three_as_for_three_hundred(client, cast, product):
    pages = [ALL, ALL + "export.csv", cast.project.get_absolute_url() + "objectives/", "/kpis/"]
    pages.append(product.product.get_absolute_url())
    client.force_login(cast.pmo)

    def counts():
        found = []
        for address in pages:
            client.get(address)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(address).status_code == 200
            found.append(len(caught))
        return found

    objectives(cast.project, 3, cast.sam)
    before = counts()
    objectives(cast.project, 297, cast.sam)
    assert counts() == before
