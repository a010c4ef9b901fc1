"""Environments with the version on them, components and their circles."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from delivery.models import Dependency, Product, Release
from tests.factories import make_user

DAY = datetime.timedelta(days=1)


@pytest.fixture
def environment(product):
    return product.environments.create(name="Production", kind="test")


@pytest.fixture
def releases(product):
    return [Release.objects.create(product=product, name=name) for name in ("1.0", "1.1")]


@pytest.fixture
def parts(product):
    return {name: product.components.create(name=name) for name in ("web", "service", "db")}


def test_the_last_deployment_is_the_version_on_it(product, people, environment, releases):
    now = timezone.now()
    environment.deploy(releases[1], by=people.dora, at=now - DAY)
    environment.deploy(releases[0], by=people.dora, at=now - 9 * DAY)  # entered late, happened earlier
    row = product.environments.with_version().get()
    assert (row.version_name, row.version_since) == ("1.1", now - DAY)
    assert product.environments.with_version(at=now - 5 * DAY).get().version_name == "1.0"
    environment.deploy(releases[0], by=people.dora, note="Payments failed", is_rollback=True)
    assert product.environments.with_version().get().version_name == "1.0"
    assert environment.deployments.count() == 3


def test_a_deployment_is_refused_where_it_cannot_have_happened(product, people, environment, releases, dora):
    other = Product.launch(by=dora, code="OTHER", name="Other")
    theirs = Release.objects.create(product=other, name="9")
    for release, values in (
        (releases[0], {"at": timezone.now() + DAY}),
        (theirs, {}),
        (releases[0], {"is_rollback": True}),
    ):
        with pytest.raises(ValidationError):
            environment.deploy(release, by=dora, **values)
    environment.ended_on = timezone.localdate()
    with pytest.raises(ValidationError, match="switched off"):
        environment.deploy(releases[0], by=dora)
    assert not environment.deployments.exists()


def test_history_of_deployments_is_never_rewritten(people, environment, releases):
    row = environment.deploy(releases[0], by=people.dora)
    for change in (lambda: row.delete(), lambda: type(row).objects.update(note="x")):
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            change()


def test_a_circle_is_refused_with_its_names(parts, dora):
    parts["web"].depend_on(parts["service"], by=dora)
    parts["service"].depend_on(parts["db"], by=dora)
    with pytest.raises(ValidationError, match="db → web → service → db"):
        parts["db"].depend_on(parts["web"], by=dora)
    with pytest.raises(ValidationError, match="already"):
        parts["web"].depend_on(parts["service"], by=dora)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dependency.objects.create(product_id=parts["db"].product_id, who=parts["db"], needs=parts["db"])
    assert Dependency.objects.count() == 2


def test_a_circle_over_two_products_is_refused(parts, dora):
    other = Product.launch(by=dora, code="OTHER", name="Other").components.create(name="sign-in")
    parts["web"].depend_on(other, by=dora)
    with pytest.raises(ValidationError, match="sign-in → web → sign-in"):
        other.depend_on(parts["web"], by=dora)


def test_what_others_need_stays(parts, dora):
    parts["web"].depend_on(parts["db"], by=dora)
    with pytest.raises(ValidationError, match="web"):
        parts["db"].remove(by=dora)
    parts["web"].remove(by=dora)
    parts["db"].remove(by=dora)


@pytest.mark.django_db(transaction=True)
def test_two_links_at_once_close_no_circle(product, dora):
    """Each is fine alone; both together would be a circle: one is refused, whichever comes second."""
    a, b = product.components.create(name="a"), product.components.create(name="b")
    start, refused = threading.Barrier(2), []

    def link(who, needs):
        start.wait()
        try:
            who.depend_on(needs, by=dora)
        except ValidationError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=link, args=pair) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Dependency.objects.count() == 1


# --- Pages ------------------------------------------------------------------------------------------------


def test_what_breaks_is_told_with_the_way_there(parts, dora, as_user):
    parts["web"].depend_on(parts["service"], by=dora, is_hard=False)
    parts["service"].depend_on(parts["db"], by=dora)
    text = as_user(dora).get(f"/products/CLAIMS/record/components/{parts['db'].pk}/").content.decode()
    assert "db ← service ← web" in text
    rows = as_user(dora).get("/products/CLAIMS/record/components/").context["rows"]
    assert [(row["row"].name, row["hits"]) for row in rows] == [("db", 2), ("service", 1), ("web", 0)]


def test_components_of_a_product_one_does_not_see_are_counted_not_named(parts, people, as_user):
    owner = make_user("Somebody Else")
    hidden = Product.launch(by=owner, code="HID", name="Hidden").components.create(name="Secret part")
    hidden.depend_on(parts["db"], by=owner)
    for page in (f"{parts['db'].pk}/", ""):
        text = as_user(people.sue).get(f"/products/CLAIMS/record/components/{page}").content.decode()
        assert "Secret part" not in text
    response = as_user(people.sue).get(f"/products/CLAIMS/record/components/{parts['db'].pk}/")
    assert response.context["unseen"] == 1
    post = {"needs": hidden.pk, "is_hard": "1"}
    answer = as_user(people.dora).post(f"/products/CLAIMS/record/components/{parts['web'].pk}/needs/", post)
    assert answer.status_code == 422


def test_pages_refuse_with_what_was_typed(parts, environment, dora, as_user):
    browser = as_user(dora)
    assert (
        browser.post("/products/CLAIMS/record/environments/new/", {"name": "Production", "kind": "test"}).status_code
        == 422
    )
    answer = browser.post(f"/products/CLAIMS/record/environments/{environment.pk}/deployments/", {"note": "kept word"})
    assert answer.status_code == 422
    assert "kept word" in answer.content.decode()
    parts["web"].depend_on(parts["db"], by=dora)
    answer = browser.post(f"/products/CLAIMS/record/components/{parts['db'].pk}/removal/")
    assert answer.status_code == 422
    assert "web" in answer.content.decode()


def test_deploying_by_the_page(environment, releases, people, as_user):
    url = f"/products/CLAIMS/record/environments/{environment.pk}/deployments/"
    post = {"release": releases[0].pk, "at": "2026-01-01T10:00"}
    assert as_user(people.stella).post(url, post).status_code == 403
    assert as_user(people.dora).post(url, post).status_code == 302
    assert environment.deployments.get().by == people.dora
