"""Who may post: tokens, signatures, replays; and what people see of it."""

import datetime
import json
import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from delivery.models import AlertDelivery, AlertSource, Incident
from delivery.performance.alerts import signing
from delivery.performance.intake import forget
from pmdm.jobs import outbox

BODY = json.dumps({"id": "disk", "state": "firing", "title": "Disk is full"}).encode()


@pytest.fixture
def connect(product, dora):
    return lambda **extra: AlertSource.connect(product, by=dora, **{"name": "S", "kind": "generic", **extra})


@pytest.fixture
def post(client):
    def send(token, body=BODY, **headers):
        return client.post(f"/alerts/{token}/", body, content_type="application/json", headers=headers)

    return send


def signed(source, body=BODY, at=None):
    at = str(int(at or time.time()))
    return {"X-PMDM-Timestamp": at, "X-PMDM-Signature": signing.sign("pmdm", body, source.key, at)}


# --- Signatures -------------------------------------------------------------------------------------------


def test_a_signed_source_takes_signed_bodies_only(connect, post):
    source, token = connect(scheme="pmdm")
    good = signed(source)
    for headers, reason in (
        ({}, b"Timestamp is missing"),
        ({**good, "X-PMDM-Timestamp": "x"}, b"Timestamp is missing"),
        ({**good, "X-PMDM-Timestamp": "9" * 30}, b"Timestamp is missing"),
        ({**good, "X-PMDM-Timestamp": str(int(time.time()) - 30)}, b"Signature is wrong"),
        ({**good, "X-PMDM-Signature": "sha256=" + "0" * 64}, b"Signature is wrong"),
        ({**good, "X-PMDM-Signature": "\xe9"}, b"Signature is wrong"),
        (signed(source, b"another body"), b"Signature is wrong"),
    ):
        response = post(token, **headers)
        assert response.status_code == 401
        assert reason in response.content
    source.refresh_from_db()
    assert source.unsigned == 7
    outbox.drain()
    assert set(AlertDelivery.objects.values_list("state", flat=True)) == {"unsigned"}
    assert not Incident.objects.exists()
    assert post(token, **good).status_code == 202
    outbox.drain()
    assert Incident.objects.count() == 1


def test_what_was_overheard_cannot_be_sent_again(connect, post):
    source, token = connect(scheme="pmdm")
    old = signed(source, at=time.time() - signing.TOLERANCE - 5)
    assert post(token, **old).status_code == 401
    soon = signed(source, at=time.time() + signing.TOLERANCE + 60)
    assert post(token, **soon).status_code == 401
    fresh = signed(source)
    for _time in range(3):
        assert post(token, **fresh).status_code == 202
        outbox.drain()
    assert source.deliveries.get(state="done").times == 3
    assert Incident.objects.count() == 1


def test_keys_differ_between_sources_and_after_a_rotation(connect, post, dora):
    (one, token), (two, _token) = connect(scheme="pmdm"), connect(name="T", scheme="pmdm")
    assert one.signing_key != two.signing_key
    assert post(token, **signed(two)).status_code == 401
    before = signed(one)
    new = one.rotate(by=dora)
    assert post(token, **signed(one)).status_code == 404
    assert post(new, **before).status_code == 401
    assert post(new, **signed(one)).status_code == 202


def test_an_unsigned_source_needs_no_signature(connect, post):
    _source, token = connect()
    assert post(token).status_code == 202


# --- Tokens -----------------------------------------------------------------------------------------------


def test_the_token_may_stand_in_a_header(connect, client):
    _source, token = connect()

    def send(**headers):
        return client.post("/alerts/", BODY, content_type="application/json", headers=headers).status_code

    assert send(Authorization=f"Bearer {token}") == 202
    assert send(Authorization="Bearer x") == 404
    assert send() == 404


def test_nothing_secret_is_in_the_database_or_the_trail(connect, dora):
    from pmdm.activity.models import Change

    source, token = connect(scheme="pmdm")
    source.rotate(by=dora)
    kept = json.dumps(AlertSource.objects.filter(pk=source.pk).values().get(), default=str)
    trail = json.dumps(list(Change.objects.filter(table="delivery_alertsource").values()), default=str)
    for secret in (token, source.signing_key):
        assert secret not in kept + trail
    assert source.salt not in trail
    assert source.token_hash not in trail


def test_what_is_revoked_gets_no_new_address(connect, dora):
    source, _token = connect()
    source.revoke(by=dora)
    with pytest.raises(ValidationError):
        source.rotate(by=dora)


# --- Pages ------------------------------------------------------------------------------------------------

LIST = "/products/CLAIMS/alert-sources/"


def test_address_and_key_are_shown_once(people, as_user):
    browser = as_user(people.dora)
    page = browser.post(LIST, {"name": "Gateway", "kind": "generic", "scheme": "pmdm"})
    source = AlertSource.objects.get()
    assert source.signing_key in page.content.decode()
    assert page.context["token"] in page.content.decode()
    again = browser.get(LIST).content.decode()
    assert source.signing_key not in again
    assert page.context["token"] not in again
    rotated = browser.post(f"{LIST}{source.pk}/rotation/")
    assert rotated.status_code == 200
    assert rotated.context["token"] != page.context["token"]
    source.refresh_from_db()
    assert rotated.context["key"] == source.signing_key
    assert browser.get(f"{LIST}{source.pk}/rotation/").url == LIST
    source.revoke(by=people.dora)
    assert browser.post(f"{LIST}{source.pk}/rotation/").status_code == 409


@pytest.mark.parametrize("name", ["sue", "bob", "stella", "cleo", "charlie"])
def test_only_who_may_edit_connects(people, as_user, connect, name):
    source, _token = connect()
    browser = as_user(getattr(people, name))
    for url in (LIST, f"{LIST}{source.pk}/rotation/", f"{LIST}{source.pk}/revocation/"):
        assert browser.post(url, {"name": "x", "kind": "generic"}).status_code in (403, 404)
    assert AlertSource.objects.get().token_hash == source.token_hash


def test_the_log_and_what_came_of_a_message(people, as_user, connect, post):
    source, token = connect()
    post(token, **{"User-Agent": "curl/8"})
    post(token, b"<script>alert(1)</script>")
    outbox.drain()
    browser = as_user(people.sue)
    page = browser.get("/products/CLAIMS/alert-messages/").content.decode()
    assert "Disk is full" in page
    assert "<script>alert(1)" not in page
    refused = browser.get("/products/CLAIMS/alert-messages/", {"state": "refused", "source": source.pk})
    assert [delivery.state for delivery in refused.context["page"].rows] == ["refused"]
    done, bad = source.deliveries.order_by("pk")
    detail = browser.get(f"/products/CLAIMS/alert-messages/{done.pk}/").content.decode()
    assert "curl/8" in detail
    assert "opened an incident" in detail
    assert f"/products/CLAIMS/incidents/{Incident.objects.get().pk}/" in detail
    inspected = browser.get(f"/products/CLAIMS/alert-messages/{bad.pk}/").content.decode()
    assert "&lt;script&gt;alert(1)" in inspected


def test_a_message_of_another_product_is_not_found(people, as_user, connect, post):
    from tests.factories import make_product

    source, token = connect()
    post(token)
    make_product(code="OTHER").memberships.create(user=people.dora, role="delivery_manager")
    pk = source.deliveries.get().pk
    assert as_user(people.dora).get(f"/products/OTHER/alert-messages/{pk}/").status_code == 404
    assert as_user(people.dora).post(f"/products/OTHER/alert-messages/{pk}/replay/").status_code == 404
    assert as_user(people.dora).post(f"/products/OTHER/alert-sources/{source.pk}/rotation/").status_code == 404


def test_a_replay_makes_nothing_twice_and_mends_what_was_refused(people, as_user, connect, post):
    source, token = connect(kind="pingdom")
    assert post(token).status_code == 400
    delivery = source.deliveries.get()
    # Its tool was named wrongly: that is put right, and the message read again.
    AlertSource.objects.update(kind="generic")
    browser = as_user(people.dora)
    url = f"/products/CLAIMS/alert-messages/{delivery.pk}/"
    assert browser.post(f"{url}replay/").url == url
    assert browser.post(f"{url}replay/").status_code == 409  # it waits already
    outbox.drain()
    assert Incident.objects.count() == 1
    browser.post(f"{url}replay/")
    outbox.drain()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.replays, delivery.signals[0]["did"]) == ("done", 2, "goes on")
    Incident.objects.get().end(by=None)
    browser.post(f"{url}replay/")
    outbox.drain()
    assert Incident.objects.get().ended_at
    assert as_user(people.sue).post(f"{url}replay/").status_code == 403


def test_old_bodies_are_forgotten(connect, post):
    source, token = connect()
    post(token)
    post(token, b"garbage")
    forget(timezone.now() + AlertDelivery.KEPT - datetime.timedelta(days=1))
    assert source.deliveries.count() == 2
    forget(timezone.now() + AlertDelivery.KEPT + datetime.timedelta(days=1))
    assert source.deliveries.count() == 0


def test_the_log_costs_the_same_at_3_and_300_rows(people, as_user, connect):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    source, _token = connect()
    browser, counts = as_user(people.dora), []
    for rows in (3, 300):
        AlertDelivery.objects.bulk_create(
            AlertDelivery(source=source, body="{}", body_hash=f"{rows}-{number}") for number in range(rows)
        )
        browser.get("/products/CLAIMS/alert-messages/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/products/CLAIMS/alert-messages/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30
