"""Every tool's bodies: as they were really posted, as they end, and bodies of our own."""

import copy
import datetime
import json
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.models import AlertDelivery, AlertSource, Incident
from delivery.performance import alerts
from delivery.performance.alerts import READERS, Refused
from delivery.performance.alerts.signals import link_of, severity_of
from pmdm.jobs import outbox


def ended(body, **changes):
    """The same body with these words at its top."""
    return {**copy.deepcopy(body), **changes}


def alertmanager_ends(body):
    body = ended(body, status="resolved")
    for alert in body["alerts"]:
        alert |= {"status": "resolved", "endsAt": "2026-06-08T08:30:00Z"}
    return body


def kuma_ends(body):
    body = copy.deepcopy(body)
    body["heartbeat"] |= {"status": 1, "time": "2026-06-08 08:30:00.000"}
    return body


# body: tool, year it began, severity, counts as downtime, link, and the body that ends it (None: it ends itself).
REAL = {
    "alertmanager-v4-instance-down": (
        "alertmanager", 2018, "critical", True, "http://e192da4eb26f:9090/", alertmanager_ends,
    ),
    "prometheus-v3-alert": ("alertmanager", 2016, "critical", True, "http://prometheus.host:9090/", alertmanager_ends),
    "prometheus-v4-alert": ("alertmanager", 2017, "critical", True, "http://somehost:9090/", alertmanager_ends),
    "grafana-6": ("grafana", None, "warning", False, "https://grafana.logreposit.com/", lambda b: ended(b, state="ok")),
    "grafana-alert-alerting": (
        "grafana", None, "", False, "https://grafana.domain.tld/",
        lambda b: ended(b, state="ok", title="[OK] CPU alert"),
    ),
    "new-relic-notification": (
        "new_relic", 2020, "info", False, "https://alerts.newrelic.com/accounts/11111/incidents/0",
        lambda b: ended(b, current_state="closed", timestamp=1601036607849),
    ),
    "pagerduty-alert": ("pagerduty", 2013, "", True, "https://acme.pagerduty.com/incidents/PIJ90N7", None),
    "pingdom-down": (
        "pingdom", 2017, "high", True, "http://api.alerta.io/",
        lambda b: ended(b, current_state="UP", previous_state="DOWN", state_changed_timestamp=1498865143),
    ),
    "sentry-issue-alert": (
        "sentry", 2024, "high", False, "https://keep-dr.sentry.io/issues/4616132097/",
        lambda b: {"action": "resolved", "data": {"issue": {"id": b["id"], "title": b["event"]["title"]}}},
    ),
    "uptime-kuma-down": ("uptime_kuma", 2023, "", True, "https://exampleXYZ.com", kuma_ends),
}  # fmt: skip


def body_of(shared_data, name):
    return json.loads((shared_data / "alerts" / f"{name}.json").read_text())


@pytest.fixture
def connected(product, dora, client):
    """``connected(kind)`` gives a function that posts a body, and the source."""

    def connect(kind, **extra):
        source, token = AlertSource.connect(product, by=dora, name=kind, kind=kind, **extra)

        def post(body, **headers):
            data = body if isinstance(body, bytes | str) else json.dumps(body)
            return client.post(f"/alerts/{token}/", data, content_type="application/json", headers=headers)

        return post, source

    return connect


@pytest.mark.shared
def test_every_shared_body_is_looked_at(shared_data):
    assert {path.stem for path in (shared_data / "alerts").glob("*.json")} == set(REAL)


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_a_real_body_says_what_it_says(shared_data, name):
    kind, year, severity, is_outage, link, _ends = REAL[name]
    signal = alerts.read(kind, json.dumps(body_of(shared_data, name)))[0]
    assert not signal.is_up
    assert (signal.severity, signal.is_outage) == (severity, is_outage)
    assert signal.link.startswith(link)
    assert signal.title
    assert (signal.started_at and signal.started_at.year) == year


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("kind", READERS)
def test_a_real_body_is_refused_by_every_other_tool(shared_data, kind, name):
    shares_the_shape = kind == "grafana" and REAL[name][0] == "alertmanager"
    if kind != REAL[name][0] and not shares_the_shape:
        with pytest.raises(Refused):
            alerts.read(kind, json.dumps(body_of(shared_data, name)))


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_every_real_body_opens_one_incident_and_its_end_closes_it(shared_data, connected, name):
    kind, _year, severity, is_outage, _link, ends = REAL[name]
    post, source = connected(kind)
    body = body_of(shared_data, name)
    for _time in range(3):
        assert post(body).status_code == 202
        outbox.drain()
    incident = Incident.objects.get()
    assert (incident.source, incident.severity, incident.is_outage) == (source, severity, is_outage)
    assert source.deliveries.get().times == 3
    if ends is None:
        assert incident.ended_at == datetime.datetime(2013, 7, 9, 20, 25, 45, tzinfo=UTC)
        return
    assert incident.is_open
    for _time in range(2):
        assert post(ends(body)).status_code == 202
        outbox.drain()
    incident = Incident.objects.get()
    assert not incident.is_open
    assert [said["did"] for delivery in source.deliveries.order_by("pk") for said in delivery.signals] == [
        "opened", "closed",
    ]  # fmt: skip


@pytest.mark.shared
def test_all_tools_of_one_product_do_not_disturb_each_other(shared_data, connected):
    posts = {name: connected(REAL[name][0])[0] for name in REAL}
    for name, post in posts.items():
        post(body_of(shared_data, name))
    outbox.drain()
    assert Incident.objects.count() == len(REAL)
    assert Incident.objects.open().count() == len(REAL) - 1
    for name, post in posts.items():
        if REAL[name][-1]:
            post(REAL[name][-1](body_of(shared_data, name)))
    outbox.drain()
    assert Incident.objects.count() == len(REAL)
    assert not Incident.objects.open().exists()


# --- Bodies of our own ------------------------------------------------------------------------------------


def said(kind, body):
    return [(signal.is_up, signal.title, signal.severity) for signal in alerts.read(kind, json.dumps(body))]


def test_grafanas_unified_alerting_reads_like_alertmanager():
    alert = {
        "status": "firing",
        "labels": {"alertname": "Disk", "severity": "critical"},
        "annotations": {},
        "startsAt": "2026-06-08T08:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://grafana.example/alerting/1",
        "fingerprint": "c6eadffa33fcdf37",
    }
    body = {"version": "1", "state": "alerting", "title": "[FIRING:1]", "alerts": [alert]}
    (signal,) = alerts.read("grafana", json.dumps(body))
    assert (signal.fingerprint, signal.title, signal.is_outage) == ("c6eadffa33fcdf37", "Disk", True)
    alert["labels"]["severity"] = "warning"
    assert not alerts.read("grafana", json.dumps(body))[0].is_outage


@pytest.mark.parametrize("state", ["no_data", "paused", "pending"])
def test_what_grafana_is_unsure_of_says_nothing(state):
    assert said("grafana", {"ruleId": 1, "state": state}) == []


def test_rules_of_two_grafanas_are_two():
    one, two = (
        alerts.read("grafana", json.dumps({"ruleId": 7, "state": "alerting", "ruleUrl": f"https://{host}.example/d/1"}))
        for host in ("a", "b")
    )
    assert one[0].fingerprint != two[0].fingerprint


def test_pagerdutys_third_version():
    event = {
        "event_type": "incident.triggered",
        "occurred_at": "2026-06-08T08:00:00Z",
        "data": {"id": "PX1", "title": "Shop is down", "urgency": "low", "html_url": "https://acme.pagerduty.com/x",
                 "created_at": "2026-06-08T07:59:00Z"},
    }  # fmt: skip
    (down,) = alerts.read("pagerduty", json.dumps({"event": event}))
    assert (down.is_outage, down.severity, down.started_at.minute) == (False, "warning", 59)
    (up,) = alerts.read("pagerduty", json.dumps({"event": {**event, "event_type": "incident.resolved"}}))
    assert up.is_up
    assert up.fingerprint == down.fingerprint
    for quiet in ("incident.annotated", "incident.priority_updated", "pagey.ping", "service.updated"):
        assert alerts.read("pagerduty", json.dumps({"event": {**event, "event_type": quiet}})) == []


def test_sentrys_platform_and_plugin_speak_of_the_same_issue():
    event = {"title": "Boom", "timestamp": 1.5, "level": "fatal"}
    plugin = {"id": "42", "url": "https://x.sentry.io/42/", "event": event}
    (down,) = alerts.read("sentry", json.dumps(plugin))
    (up,) = alerts.read("sentry", '{"action": "resolved", "data": {"issue": {"id": "42"}}}')
    (again,) = alerts.read(
        "sentry", '{"action": "triggered", "data": {"event": {"issue_id": 42, "title": "Boom", "event_id": "z"}}}'
    )
    assert down.fingerprint == up.fingerprint == again.fingerprint
    assert (down.severity, down.is_outage) == ("critical", False)
    assert alerts.read("sentry", '{"action": "assigned", "data": {"issue": {"id": "42"}}}') == []


def test_the_plain_body():
    body = {"id": "disk", "state": "firing", "title": "Disk is full", "severity": "warning"}
    assert said("generic", body) == [(False, "Disk is full", "warning")]
    assert said("generic", {"id": "disk", "state": "resolved"}) == [(True, "", "")]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("grafana", {"ruleId": "7", "state": "alerting"}), ("grafana", {"ruleId": 7, "state": "odd"}),
        ("grafana", {"ruleId": 7}), ("grafana", {"alerts": [7]}), ("pingdom", {"check_id": 1}),
        ("pingdom", {"check_id": True, "current_state": "DOWN"}), ("pingdom", {"check_id": 1, "current_state": "odd"}),
        ("pingdom", {"check_id": 1, "current_state": "DOWN", "state_changed_timestamp": 1e30}),
        ("pingdom", {"check_id": 1, "current_state": "DOWN"}), ("pagerduty", {"messages": [7]}),
        ("pagerduty", {"messages": [{"data": 1}]}), ("pagerduty", {"messages": [{"type": "x", "data": {}}]}),
        ("pagerduty", {"event": {"event_type": "incident.triggered", "data": {}}}),
        ("pagerduty", {"messages": [{"type": "incident.trigger", "data": {"incident": {"id": "x"}}}]}),
        ("new_relic", {"incident_id": None, "current_state": "open"}), ("new_relic", {"incident_id": 1}),
        ("new_relic", {"incident_id": 1, "current_state": "open"}),
        ("new_relic", {"incident_id": 1, "current_state": "odd", "timestamp": 1}),
        ("sentry", {"id": None, "event": {}}), ("sentry", {"id": "1"}), ("sentry", {"action": "created", "data": {}}),
        ("sentry", {"id": "1", "event": {"timestamp": "soon"}}), ("generic", {}), ("generic", {"id": "x"}),
        ("generic", {"id": "x", "state": "firing"}), ("generic", {"id": "", "state": "resolved"}),
        ("generic", {"id": "x", "state": "firing", "title": "x", "severity": "odd"}),
        ("generic", {"id": "x", "state": "firing", "title": "x", "at": "2026-06-08"}),
    ],
)  # fmt: skip
def test_what_is_almost_right_is_refused_with_what_would_be(kind, body):
    with pytest.raises(Refused, match=r"accepted|needs"):
        alerts.read(kind, json.dumps(body))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
WORDS = """version alerts status labels annotations startsAt heartbeat monitor ruleId state tags check_id messages event
    data current_state incident id type event_type incident_id timestamp action issue title severity"""
NAMES = st.sampled_from(WORDS.split())


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(READERS)), body=st.dictionaries(NAMES, ANYTHING, max_size=6))
def test_whatever_comes_is_read_or_refused(kind, body):
    try:
        signals = alerts.read(kind, json.dumps(body))
    except Refused:
        return  # Any other error fails.
    assert all(len(signal.fingerprint) <= 64 and len(signal.title) <= 250 for signal in signals)


def test_only_addresses_of_the_web_become_links():
    bad = ("javascript:alert(1)", "data:text/html,x", "//x.example", "http://", "http://[", "https://x y", 7, None,
           "https://x.example/" + "x" * 500, "https://x.example/\u0000")  # fmt: skip
    assert link_of(*bad) == ""
    assert link_of(*bad, "https://good.example/a?b=c") == "https://good.example/a?b=c"


def test_severities_of_all_tools_in_one_scale():
    assert [severity_of(word) for word in ("PAGE", " crit ", "error", "minor", "Info", "purple", None)] == [
        "critical", "critical", "high", "warning", "info", "", "",
    ]  # fmt: skip
    assert severity_of("purple", "fatal") == "critical"


# --- Deliveries that carry no time ------------------------------------------------------------------------


def test_the_same_words_may_be_news_again(connected):
    post, source = connected("grafana")
    down, up = {"ruleId": 7, "state": "alerting", "ruleName": "CPU"}, {"ruleId": 7, "state": "ok", "ruleName": "CPU"}
    for body in (down, down, up, down, up, up):
        assert post(body).status_code == 202
        outbox.drain()
    assert Incident.objects.count() == 2
    assert not Incident.objects.open().exists()
    assert list(source.deliveries.order_by("pk").values_list("times", flat=True)) == [2, 1, 1, 2]


def test_after_a_while_it_is_no_repetition(connected):
    post, source = connected("grafana")
    down = {"ruleId": 7, "state": "alerting", "ruleName": "CPU"}
    post(down)
    outbox.drain()
    Incident.objects.get().end(by=None)  # by hand: somebody saw to it
    AlertDelivery.objects.update(received_at=AlertDelivery.objects.get().received_at - AlertDelivery.RETRIES)
    post(down)
    outbox.drain()
    assert Incident.objects.count() == 2
    assert source.deliveries.count() == 2
