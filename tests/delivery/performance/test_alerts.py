"""Alerts of monitoring tools: real bodies, repeated, late, hostile."""

import datetime
import json
from datetime import UTC

import pytest
from django.utils import timezone

from delivery.models import AlertDelivery, AlertSource, Incident, Issue
from delivery.performance import alerts
from delivery.performance.alerts import Refused
from delivery.performance.public_views import MAX_BODY
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox
from tests.factories import retire

HOUR = datetime.timedelta(hours=1)


def alertmanager(*entries):
    return json.dumps({"version": "4", "status": "firing", "alerts": list(entries)})


def alert(status="firing", start="2026-06-08T08:00:00Z", end="0001-01-01T00:00:00Z", **labels):
    labels = {"alertname": "Down", "instance": "web1", **labels}
    return {
        "status": status,
        "labels": labels,
        "annotations": {"summary": "Web is down"},
        "startsAt": start,
        "endsAt": end,
    }


def kuma(status, time="2026-06-08 08:00:00.000", monitor=7):
    return json.dumps(
        {
            "heartbeat": {"status": status, "time": time, "msg": "x"},
            "monitor": {"id": monitor, "name": "Shop"},
            "msg": "m",
        }
    )


# --- Reading ----------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_times_of_the_real_bodies(shared_data):
    def started(kind, name):
        return alerts.read(kind, (shared_data / "alerts" / f"{name}.json").read_text())[0].started_at

    assert started("alertmanager", "prometheus-v3-alert") == datetime.datetime(2016, 8, 1, 10, 27, 8, 8000, tzinfo=UTC)
    assert started("alertmanager", "alertmanager-v4-instance-down").second == 18
    assert started("uptime_kuma", "uptime-kuma-down") == datetime.datetime(2023, 7, 31, 18, 56, 15, 374000, tzinfo=UTC)


def test_labels_tell_alerts_apart_whatever_their_order():
    one, two, other = alerts.read(
        "alertmanager",
        alertmanager(
            alert(a="1", b="2"),
            {**alert(), "labels": {"b": "2", "a": "1", "instance": "web1", "alertname": "Down"}},
            alert(a="2"),
        ),
    )
    assert one.fingerprint == two.fingerprint != other.fingerprint
    given = {**alert(), "fingerprint": "abc123"}
    assert alerts.read("alertmanager", alertmanager(given))[0].fingerprint == "abc123"


def test_a_warning_is_no_downtime():
    assert not alerts.read("alertmanager", alertmanager(alert(severity="warning")))[0].is_outage
    assert alerts.read("alertmanager", alertmanager(alert(severity="critical")))[0].is_outage


@pytest.mark.parametrize("status", [2, 3])
def test_pending_and_maintenance_say_nothing(status):
    assert alerts.read("uptime_kuma", kuma(status)) == []


def test_a_certificate_that_expires_is_no_outage():
    assert alerts.read("uptime_kuma", '{"heartbeat": null, "monitor": {"id": 1}, "msg": "cert"}') == []


@pytest.mark.parametrize(
    "body",
    [
        "", "null", "[]", "7", '"x"', "{", "{}", "[" * 100_000, '{"version": "5", "alerts": []}', '{"version": "4"}',
        alertmanager(7), alertmanager({"status": "firing"}), alertmanager(alert(status="odd")),
        alertmanager(alert(start="yesterday")), alertmanager(alert(start="2026-06-08T08:00:00")),
        alertmanager(alert(end="x")), alertmanager(*[alert()] * 501),
        alertmanager(alert(start="9999-12-31T23:59:59-12:00")),
        '{"version": "4", "alerts": [{"labels": [], "status": "firing"}]}', '{"version": 1e999, "alerts": []}',
    ],
)  # fmt: skip
def test_garbage_is_refused_with_a_reason(body):
    with pytest.raises(Refused, match=r"accepted|must be|needs"):
        alerts.read("alertmanager", body)


@pytest.mark.parametrize(
    "body", ["{}", '{"heartbeat": 1, "monitor": {}}', kuma(9), kuma(True), kuma(0, time="soon"), kuma(0, monitor="x")]
)
def test_garbage_for_kuma_is_refused(body):
    with pytest.raises(Refused):
        alerts.read("uptime_kuma", body)


# --- Intake -----------------------------------------------------------------------------------------------


@pytest.fixture
def connected(product, dora, client):
    """``connected(kind)`` gives a function that posts a body, and the source."""

    def connect(kind="alertmanager"):
        source, token = AlertSource.connect(product, by=dora, name=kind, kind=kind)
        return lambda body: client.post(f"/alerts/{token}/", body, content_type="application/json"), source

    return connect


def incidents():
    outbox.drain()
    return list(Incident.objects.order_by("started_at").values_list("title", "started_at", "ended_at"))


START = datetime.datetime(2026, 6, 8, 8, tzinfo=UTC)


def test_an_alert_opens_an_incident_and_closes_it(connected):
    post, source = connected()
    assert post(alertmanager(alert())).status_code == 202
    # Stored first, looked at by a worker.
    assert not Incident.objects.exists()
    assert AlertDelivery.objects.get().state == "stored"
    assert incidents() == [("Web is down", START, None)]
    post(alertmanager(alert("resolved", end="2026-06-08T08:30:00Z")))
    assert incidents() == [("Web is down", START, START + HOUR / 2)]
    assert Incident.objects.get().source == source


def test_the_same_body_again_is_one_delivery(connected):
    post, _source = connected()
    body = alertmanager(alert())
    post(body)
    post(body)
    outbox.drain()
    assert post(body).status_code == 202
    assert len(incidents()) == 1
    assert AlertDelivery.objects.get().times == 3
    assert Outbox.objects.filter(kind="alert.process").count() == 1


def test_one_body_may_open_and_close(connected):
    post, _source = connected()
    post(alertmanager(alert(instance="a"), alert(instance="b")))
    outbox.drain()
    post(
        alertmanager(
            alert("resolved", end="2026-06-08T09:00:00Z", instance="a"),
            alert(instance="c", start="2026-06-08T09:00:00Z"),
        )
    )
    assert {(start, end) for _title, start, end in incidents()} == {
        (START, START + HOUR),
        (START, None),
        (START + HOUR, None),
    }


def test_a_repeated_alert_stays_one_incident_and_a_new_one_is_another(connected):
    post, _source = connected()
    post(alertmanager(alert()))
    post(alertmanager(alert(), alert(instance="x", severity="info")))
    outbox.drain()
    assert Incident.objects.open().count() == 2
    post(alertmanager(alert("resolved", end="2026-06-08T09:00:00Z")))
    outbox.drain()
    post(alertmanager(alert(start="2026-06-08T10:00:00Z")))
    outbox.drain()
    assert Incident.objects.filter(title="Web is down").count() == 3
    assert Incident.objects.outages().count() == 2


def test_news_in_the_wrong_order(connected):
    post, _source = connected()
    post(alertmanager(alert("resolved", end="2026-06-08T08:30:00Z")))
    assert incidents() == [("Web is down", START, START + HOUR / 2)]
    post(alertmanager(alert()))
    assert incidents() == [("Web is down", START, START + HOUR / 2)]


def test_kuma_opens_and_closes(connected):
    post, _source = connected("uptime_kuma")
    post(kuma(0))
    post(kuma(2, "2026-06-08 08:05:00.000"))
    assert incidents() == [("Shop", START, None)]
    post(kuma(1, "2026-06-08 09:00:00.000"))
    assert incidents() == [("Shop", START, START + HOUR)]


def test_kumas_news_in_the_wrong_order(connected):
    post, _source = connected("uptime_kuma")
    post(kuma(1, "2026-06-08 09:00:00.000"))
    assert incidents() == []
    post(kuma(0, "2026-06-08 08:00:00.000"))
    assert incidents() == [("Shop", START, START + HOUR)]
    post(kuma(0, "2026-06-08 10:00:00.000"))
    assert incidents()[1] == ("Shop", START + 2 * HOUR, None)
    # An 'up' from before this outage does not end it.
    post(kuma(1, "2026-06-08 09:30:00.000"))
    assert incidents()[1] == ("Shop", START + 2 * HOUR, None)


def test_processing_twice_changes_nothing(connected):
    from delivery.performance.intake import process

    post, _source = connected()
    post(alertmanager(alert()))
    before = incidents()
    process({"delivery": AlertDelivery.objects.get().pk})
    Outbox.objects.update(done_at=None, attempts=0)
    assert incidents() == before


def test_garbage_is_kept_and_refused(connected):
    post, source = connected()
    for body in (b"no json", b"\xff\xfe\x00\x01", b"{}", b"\x00"):
        response = post(body)
        assert response.status_code == 400
        assert b"accepted" in response.content or b"needs" in response.content
    assert post(b"no json").status_code == 400
    assert source.deliveries.filter(state="refused").count() == 4
    outbox.drain()
    assert source.deliveries.filter(state="refused").exclude(error="").count() == 4
    assert not Incident.objects.exists()
    assert not Outbox.objects.failed().exists()


def test_what_does_not_get_in(connected, client, dora, product):
    post, source = connected()
    assert post(b"x" * (MAX_BODY + 1)).status_code == 413
    assert client.post("/alerts/" + "x" * 43 + "/", b"{}", content_type="application/json").status_code == 404
    assert not AlertDelivery.objects.exists()
    source.revoke(by=dora)
    assert post(alertmanager(alert())).status_code == 410
    post, _source = connected("uptime_kuma")
    retire(product, by=dora)
    assert post(kuma(0)).status_code == 410


def test_get_is_not_allowed(connected, client):
    assert client.get("/alerts/abc/").status_code == 405


def test_hostile_labels_are_shown_as_text(connected, as_user, people):
    post, _source = connected()
    body = alert()
    body["annotations"] = {"summary": "<script>alert(1)</script>" + "x" * 400, "description": "\x00\x07bad"}
    post(alertmanager(body))
    outbox.drain()
    incident = Incident.objects.get()
    assert len(incident.title) == 250
    page = as_user(people.dora).get(f"/products/CLAIMS/incidents/{incident.pk}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


# --- Pages ------------------------------------------------------------------------------------------------


def test_the_address_is_shown_once(people, as_user):
    browser = as_user(people.dora)
    url = "/products/CLAIMS/alert-sources/"
    page = browser.post(url, {"name": "Frankfurt", "kind": "alertmanager"})
    address = page.context["address"]
    assert address in page.content.decode()
    assert address.split("/")[-2] not in browser.get(url).content.decode()
    assert browser.post("/" + address.split("/", 3)[3], "{}", content_type="application/json").status_code == 400
    assert browser.post(url, {"name": "Frankfurt", "kind": "alertmanager"}).status_code == 422
    assert AlertSource.objects.count() == 1
    source = AlertSource.objects.get()
    browser.post(f"{url}{source.pk}/revocation/")
    source.refresh_from_db()
    assert source.revoked_at


def test_an_incident_by_hand(people, product, as_user):
    browser = as_user(people.dora)
    url = "/products/CLAIMS/incidents/new/"
    soon = (timezone.now() + HOUR).strftime("%Y-%m-%dT%H:%M")
    assert browser.post(url, {"title": "Down", "started_at": soon}).status_code == 422
    early = (timezone.now() - HOUR).strftime("%Y-%m-%dT%H:%M")
    response = browser.post(url, {"title": "Down", "started_at": early, "is_outage": "on"})
    incident = Incident.objects.get()
    assert response.url == f"/products/CLAIMS/incidents/{incident.pk}/"
    browser.post(f"{response.url}issue/")
    browser.post(f"{response.url}issue/")
    issue = Issue.objects.get()
    assert (issue.type, issue.source, issue.incident, issue.severity) == ("performance", "alert", incident, 2)
    browser.post(f"{response.url}end/")
    incident.refresh_from_db()
    assert incident.ended_at
    ended = incident.ended_at
    browser.post(f"{response.url}end/")
    incident.refresh_from_db()
    assert incident.ended_at == ended


def test_availability_on_the_page(people, product, as_user):
    now = timezone.now()
    Incident.begin(product, by=None, title="A", started_at=now - 10 * HOUR).end(by=None, at=now - 9 * HOUR)
    Incident.begin(product, by=None, title="B", started_at=now - 9.5 * HOUR).end(by=None, at=now - 8.5 * HOUR)
    Incident.begin(product, by=None, title="C", started_at=now - 5 * HOUR, is_outage=False).end(by=None, at=now - HOUR)
    windows = as_user(people.stella).get("/products/CLAIMS/performance/").context["windows"]
    month = windows[0].figures
    assert month.down == 1.5 * HOUR
    assert month.percent == pytest.approx(100 * (1 - 1.5 / (30 * 24)))
    assert (month.failures, windows[0].clipped, windows[2].clipped) == (1, False, True)
