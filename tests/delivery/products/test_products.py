"""The life of a product: launch, stages, team, service levels, two people at once."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from delivery.models import Product, Requirement, ServiceLevel
from delivery.moves import NotNow
from delivery.products import hooks
from delivery.products.hooks import Link
from pmdm.accounts.roles import Role
from tests.factories import make_user, retire

pytestmark = pytest.mark.django_db


def test_a_launch_gives_people_stage_and_service_levels(dora):
    at = timezone.now() - datetime.timedelta(days=3)
    product = Product.launch(by=dora, code="X", name="X", at=at)
    assert product.delivery_manager == dora
    assert product.stage == "early_life"
    change = product.stage_changes.get()
    assert (change.from_stage, change.to_stage, change.at) == ("", "early_life", at)
    assert product.service_levels.count() == 4


def test_only_allowed_stages_follow(product, dora):
    product.change_stage("sunset", by=dora, reason="Successor is live")
    with pytest.raises(NotNow, match="Sunset"):
        product.change_stage("early_life", by=dora, reason="Again")
    with pytest.raises(ValidationError):
        product.change_stage("retired", by=dora, reason=" ")
    retire(product, by=dora, reason="Switched off")
    assert product.retire_on == timezone.localdate()
    assert product.locked_reason
    with pytest.raises(NotNow):
        product.change_stage("live", by=dora, reason="Back")


def test_two_change_the_stage_at_once(product, dora):
    other = Product.objects.get(pk=product.pk)
    product.change_stage("sunset", by=dora, reason="One")
    with pytest.raises(NotNow):
        other.change_stage("early_life", by=dora, reason="Two")
    assert product.stage_changes.count() == 2


def test_going_live_sets_the_date(dora):
    product = Product.launch(by=dora, code="X", name="X")
    assert product.live_on is None
    product.change_stage("live", by=dora, reason="Calm for a month")
    assert product.live_on == timezone.localdate()


def test_there_is_always_one_delivery_manager(product, people):
    with pytest.raises(NotNow):
        product.remove_member(product.memberships.get(role=Role.DELIVERY_MANAGER), by=people.dora)
    product.add_member(people.sue, Role.DELIVERY_MANAGER, by=people.dora)
    assert Product.objects.get(pk=product.pk).delivery_manager == people.sue
    assert product.memberships.filter(user=people.dora, role=Role.MEMBER).exists()
    assert product.memberships.filter(role=Role.DELIVERY_MANAGER).count() == 1


def test_team_pages(product, people, as_user):
    url = "/products/CLAIMS/team/"
    browser = as_user(people.dora)
    assert browser.post(url, {"user": people.charlie.pk, "role": "support"}).status_code == 302
    assert browser.post(url, {"user": people.charlie.pk, "role": "support"}).status_code == 422
    # A client's person gets no inside role, and nobody of ours the client's.
    assert browser.post(url, {"user": people.cleo.pk, "role": "support"}).status_code == 422
    assert browser.post(url, {"user": people.bob.pk, "role": "client"}).status_code == 422
    assert as_user(people.sue).post(url, {"user": people.bob.pk, "role": "support"}).status_code == 403
    membership = product.memberships.get(user=people.charlie)
    browser = as_user(people.dora)
    assert browser.post(f"{url}{membership.pk}/removal/").status_code == 302
    manager = product.memberships.get(role=Role.DELIVERY_MANAGER)
    assert browser.post(f"{url}{manager.pk}/removal/").status_code == 409
    assert browser.get(f"{url}{manager.pk}/removal/").status_code == 302


def test_who_may_launch(product, people, as_user):
    form = {
        "name": "New", "code": "new-1", "stage": "live", "availability_target": "99.5",
        "description": "", "delivery_manager": people.sue.pk,
    }  # fmt: skip
    for user in (people.bob, people.cleo, people.charlie):
        assert as_user(user).post("/products/new/", form).status_code == 403
    assert as_user(people.dora).post("/products/new/", form).status_code == 302
    launched = Product.objects.get(code="NEW-1")
    assert launched.delivery_manager == people.sue
    assert as_user(people.pmo).post("/products/new/", {**form, "code": "bad code"}).status_code == 422
    assert as_user(people.pmo).post("/products/new/", form).status_code == 422
    assert Product.objects.count() == 2


def edit_form(product, **changes):
    return {
        "name": product.name, "description": product.description, "availability_target": "99.5",
        "live_on": "2026-01-01", "retire_on": "", "calendar": "", "version": product.version, **changes,
    }  # fmt: skip


def test_two_people_edit_one_product(product, people, as_user):
    browser = as_user(people.dora)
    url = "/products/CLAIMS/edit/"
    assert browser.post(url, edit_form(product, name="First")).status_code == 302
    response = browser.post(url, edit_form(product, name="Second"))
    assert response.status_code == 409
    text = response.content.decode()
    assert "First" in text
    assert "Second" in text
    product.refresh_from_db()
    assert product.name == "First"
    assert browser.post(url, edit_form(product, name="Second")).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"availability_target": "0"}, {"availability_target": "101"}, {"availability_target": "x"},
     {"live_on": "soon"}, {"retire_on": "2025-01-01"}],
)  # fmt: skip
def test_wrong_facts_are_refused(product, people, as_user, wrong):
    assert as_user(people.dora).post("/products/CLAIMS/edit/", edit_form(product, **wrong)).status_code == 422


def test_service_levels_are_written_as_people_write(product, people, as_user, office_hours):
    product.calendar = office_hours
    product.save(update_fields=["calendar"])
    form = {f"{kind}_{n}": value for n in range(1, 5) for kind, value in (("response", "4h"), ("resolution", "2d"))}
    url = "/products/CLAIMS/service-levels/"
    assert as_user(people.sue).post(url, form).status_code == 403
    browser = as_user(people.dora)
    assert browser.post(url, form).status_code == 302
    assert set(ServiceLevel.objects.values_list("response", "resolution")) == {(240, 960)}
    for wrong in ({"response_1": "soon"}, {"response_1": ""}, {"response_1": "3d"}):
        assert browser.post(url, {**form, **wrong}).status_code == 422


def test_links_back_come_from_whoever_registered(product, people, as_user, monkeypatch):
    monkeypatch.setattr(hooks, "_stories", [])
    monkeypatch.setattr(hooks, "_origins", [])
    hooks.register_story(lambda subject, user: [Link(f"Story of {subject.code}", "/stories/x/")])
    hooks.register_origin(lambda kind, ids, user: {pk: Link(f"was a {kind}") for pk in ids})
    page = as_user(people.dora).get("/products/CLAIMS/").content.decode()
    assert 'href="/stories/x/"' in page
    from delivery.models import Risk

    Risk.raise_risk(product, by=people.dora, title="Old")
    assert "was a risk" in as_user(people.dora).get("/products/CLAIMS/risks/1/").content.decode()


def test_the_list_filters(product, people, as_user, northwind, dora):
    retire(Product.launch(by=dora, code="OLD", name="Old thing"), by=dora)
    hidden = Product.launch(by=make_user("Somebody Else"), code="HID", name="Hidden")
    browser = as_user(dora)

    def codes(query=""):
        return [row["code"] for row in browser.get(f"/products/?{query}").context["page"].rows]

    assert codes() == ["CLAIMS"]
    assert codes("stage=all&sort=code") == ["CLAIMS", "OLD"]
    assert codes("stage=retired") == ["OLD"]
    assert codes(f"client={northwind.pk}") == ["CLAIMS"]
    assert codes("q=claims") == ["CLAIMS"]
    assert codes("q=nothing") == []
    assert hidden.code not in codes("stage=all")


def test_the_overview_names_the_worst_of_many_broken_promises(product, dora):
    """Not the worst of the first fifty."""
    from delivery.products.overview import conformance_part

    rows = [
        Requirement(product=product, number=1000 + n, title=f"Promise {n}", is_accepted=True, conformance=state)
        for n, state in enumerate(["degraded"] * 60 + ["failed"] * 2)
    ]
    Requirement.objects.bulk_create(rows)
    shown = conformance_part(product, dora)["broken"]
    assert [row.conformance for row in shown] == ["failed", "failed", "degraded", "degraded", "degraded"]
