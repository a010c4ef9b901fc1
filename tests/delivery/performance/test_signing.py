"""Signatures as the tools make them: by known and by hand-computed ones, and what is refused."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.models import AlertDelivery, AlertSource, Incident
from delivery.performance.alerts import signing
from delivery.performance.alerts.signing import SCHEMES, objection, sign
from pmdm.jobs import outbox

BODY = b'{"id": "disk", "state": "firing", "title": "Disk is full"}'
NOW = 1790000000
# Computed with ``openssl dgst -sha256 -hmac KEY``; the first is the example in GitHub's documentation.
KNOWN = [
    ("hub", b"Hello, World!", "It's a Secret to Everybody", "",
     "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
    ("pagerduty", BODY, "whsec-1", "", "v1=1d4d7a03fd88d7e38b4de58c251c3f6350d36c56702d1fe32a443b2a7029d1f3"),
    ("sentry", BODY, "client-secret", "", "916568fc46a6634e7bbf9f3f27c20f1401c1d6315b8641ae5601357c8dd90680"),
    ("grafana", BODY, "grafana-key", "", "296d327c25dcb40bb65078d8ea357210b31486e6662c2fbd632202e87efd4236"),
    ("grafana", BODY, "grafana-key", str(NOW), "4b09d62b9409800a70e55d4def515fce370b3611d3732a2d69a1385e2a1baa03"),
    ("pmdm", BODY, "pmdm-key", str(NOW), "sha256=e93891f4ab7922b0bcd655e1db77c2ae05adf409fb22a8be52b1ad30be77d4f6"),
]  # fmt: skip


def headers(scheme, signature, at=""):
    rules = SCHEMES[scheme]
    return {rules.header: signature} | ({rules.time_header: at} if at else {})


@pytest.mark.parametrize(("scheme", "body", "key", "at", "signature"), KNOWN)
def test_what_the_tool_sends_is_taken(scheme, body, key, at, signature):
    assert sign(scheme, body, key, at) == signature
    assert objection(scheme, body, headers(scheme, signature, at), key, NOW) == ""


@pytest.mark.parametrize(("scheme", "body", "key", "at", "signature"), KNOWN)
def test_anything_else_is_refused(scheme, body, key, at, signature):
    name = SCHEMES[scheme].header
    digits = signature.removeprefix(SCHEMES[scheme].prefix)
    bare = digits if SCHEMES[scheme].prefix else "sha256=" + digits
    for wrong in (
        bare,
        signature[:-1],
        signature + "0",
        "é" * 64,
        signature.replace(digits, digits.upper()),
        "v2=" + digits,
    ):
        assert f"{name} is wrong" in objection(scheme, body, headers(scheme, wrong, at), key, NOW)
    assert f"{name} is wrong" in objection(scheme, body + b" ", headers(scheme, signature, at), key, NOW)
    assert f"{name} is wrong" in objection(scheme, body, headers(scheme, signature, at), key + "x", NOW)
    assert objection(scheme, body, {SCHEMES[scheme].time_header or "x": at}, key, NOW) == f"{name} is missing."
    assert "No key is set" in objection(scheme, body, headers(scheme, signature, at), "", NOW)


def test_pagerduty_signs_with_each_key_while_one_is_rotated():
    old, new = sign("pagerduty", BODY, "whsec-1"), sign("pagerduty", BODY, "whsec-2")
    for said in (f"{old},{new}", f"{new}, {old}", f"v2=0,{new}"):
        assert objection("pagerduty", BODY, headers("pagerduty", said), "whsec-2", NOW) == ""
    assert objection("pagerduty", BODY, headers("pagerduty", f"{old},v2={new[3:]}"), "whsec-2", NOW)
    assert objection("sentry", BODY, headers("sentry", f"x,{sign('sentry', BODY, 'k')}"), "k", NOW), "one only"


@pytest.mark.parametrize("scheme", ["pmdm", "grafana"])
def test_a_signed_time_is_near(scheme):
    def said(at, off=0):
        return objection(scheme, BODY, headers(scheme, sign(scheme, BODY, "k", at), at), "k", NOW + off)

    assert said(str(NOW), signing.TOLERANCE) == said(str(NOW), -signing.TOLERANCE) == ""
    assert "is off" in said(str(NOW), signing.TOLERANCE + 1)
    assert "is off" in said(str(NOW), -signing.TOLERANCE - 1)
    for wrong in ("x", "1e9", "9" * 13, "-1", "１"):
        assert "is missing" in said(wrong)


def test_a_time_can_neither_be_dropped_nor_changed():
    timed = headers("grafana", sign("grafana", BODY, "k", str(NOW)), str(NOW))
    del timed["X-Grafana-Alerting-Timestamp"]
    assert "is wrong" in objection("grafana", BODY, timed, "k", NOW)
    timed["X-Grafana-Alerting-Timestamp"] = str(NOW + 1)
    assert "is wrong" in objection("grafana", BODY, timed, "k", NOW)


@given(
    st.sampled_from(sorted(SCHEMES)), st.binary(max_size=200), st.text(min_size=1, max_size=40), st.binary(max_size=9)
)
def test_only_the_same_body_by_the_same_key(scheme, body, key, more):
    at = str(NOW) if SCHEMES[scheme].time_header else ""
    said = headers(scheme, sign(scheme, body, key, at), at)
    assert objection(scheme, body, said, key, NOW) == ""
    assert bool(objection(scheme, body + more, said, key, NOW)) == bool(more)


# --- Through the door -------------------------------------------------------------------------------------


@pytest.fixture
def connect(product, dora):
    return lambda **extra: AlertSource.connect(product, by=dora, **{"name": "S", "kind": "generic", **extra})


@pytest.fixture
def post(client):
    def send(token, body=BODY, **sent):
        return client.post(f"/alerts/{token}/", body, content_type="application/json", headers=sent)

    return send


BODIES = {
    "pagerduty": ("pagerduty", "pagerduty-alert.json"),
    "sentry": ("sentry", "sentry-issue-alert.json"),
    "grafana": ("grafana", "grafana-alert-alerting.json"),
    "hub": ("generic", None),
    "pmdm": ("generic", None),
}


@pytest.mark.shared
@pytest.mark.parametrize("scheme", sorted(BODIES))
def test_each_tool_s_body_with_its_signature(connect, post, shared_data, scheme):
    kind, name = BODIES[scheme]
    body = (shared_data / "alerts" / name).read_bytes() if name else BODY
    source, token = connect(kind=kind, scheme=scheme, key="from the tool" if SCHEMES[scheme].theirs else "")
    at = str(int(time.time())) if SCHEMES[scheme].time_header else ""
    assert post(token, body).status_code == 401
    assert post(token, body, **headers(scheme, sign(scheme, body, "guessed", at), at)).status_code == 401
    for _time in range(2):
        assert post(token, body, **headers(scheme, sign(scheme, body, source.key, at), at)).status_code == 202
    outbox.drain()
    assert Incident.objects.exists()
    # The same body without a signature came first and took nothing away from it.
    assert dict(source.deliveries.values_list("state", "times")) == {"unsigned": 2, "done": 2}


def test_until_its_key_is_entered_a_tool_is_refused(connect, post, people, as_user):
    source, token = connect(kind="sentry", scheme="sentry")
    body = b'{"action": "created"}'
    answer = post(token, body, **headers("sentry", sign("sentry", body, "")))
    assert (answer.status_code, b"No key is set" in answer.content) == (401, True)
    url = f"/products/CLAIMS/alert-sources/{source.pk}/key/"
    browser = as_user(people.dora)
    assert "Its key is missing" in browser.get("/products/CLAIMS/alert-sources/").content.decode()
    assert browser.post(url, {"key": ""}).status_code == 422
    assert browser.post(url, {"key": "client-secret"}).status_code == 302
    source.refresh_from_db()
    assert source.key == "client-secret"
    assert "client-secret" not in source.sealed_key
    page = browser.get("/products/CLAIMS/alert-sources/").content.decode()
    assert "client-secret" not in page
    assert source.sealed_key not in page
    assert as_user(people.sue).post(url, {"key": "x"}).status_code == 403
    source.rotate(by=people.dora)
    assert source.key == "client-secret", "the address is ours, the key the tool's"


def test_a_key_made_here_is_not_entered(connect, people, as_user):
    source, _token = connect(scheme="hub")
    assert (
        as_user(people.dora).post(f"/products/CLAIMS/alert-sources/{source.pk}/key/", {"key": "x"}).status_code == 422
    )
    assert source.key == source.signing_key


def test_what_is_not_signed_is_kept_apart_and_never_read(connect, post, people, as_user):
    source, token = connect(scheme="hub")
    for number in range(AlertDelivery.UNSIGNED_KEPT + 5):
        post(token, BODY + b" " * number)
    assert source.deliveries.count() == AlertDelivery.UNSIGNED_KEPT
    row = source.deliveries.first()
    browser = as_user(people.dora)
    detail = f"/products/CLAIMS/alert-messages/{row.pk}/"
    text = browser.get(detail).content.decode()
    assert "Disk is full" in text
    assert "replay" not in text
    assert browser.post(f"{detail}replay/").status_code == 409
    outbox.drain()
    assert not Incident.objects.exists()
    listed = browser.get("/products/CLAIMS/alert-messages/", {"state": "unsigned"})
    assert len(listed.context["page"].rows) > 0


def test_an_unsigned_body_between_two_is_no_news(connect, post):
    """Bodies without a time are the same delivery as the latest one: one that proves nothing does not come between."""
    source, token = connect(scheme="hub")
    good = headers("hub", sign("hub", BODY, source.key))
    post(token, **good)
    post(token, b"x")
    post(token, **good)
    assert source.deliveries.exclude(state="unsigned").get().times == 2


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"kind": "generic", "scheme": "sentry"}, "scheme"),
        ({"kind": "grafana", "scheme": "pagerduty"}, "scheme"),
        ({"kind": "generic", "scheme": "hub", "key": "x"}, "key"),
        ({"kind": "generic", "scheme": "", "key": "x"}, "key"),
    ],
)
def test_a_scheme_fits_its_tool(product, people, as_user, sent, wrong):
    answer = as_user(people.dora).post("/products/CLAIMS/alert-sources/", {"name": "x", **sent})
    assert answer.status_code == 422
    assert wrong in answer.context["form"].errors
    assert not AlertSource.objects.exists()


def test_no_key_is_in_the_trail(connect, dora):
    import json

    from pmdm.activity.models import Change

    source, _token = connect(kind="pagerduty", scheme="pagerduty", key="whsec-1")
    source.set_key("whsec-2", by=dora)
    trail = json.dumps(list(Change.objects.filter(table="delivery_alertsource").values()), default=str)
    assert "whsec" not in trail
    assert "sealed_key" not in trail
