"""How the tools sign what they post. Plain Python: a body, its headers and a key in; a reason to refuse out, or ''.

Each scheme is the one that its tool documents. All are HMAC-SHA256 over the body as it came, in hexadecimal digits.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

# Seconds that a signed time may be from ours: a body that was overheard is of no use afterwards.
TOLERANCE = 300


@dataclass(frozen=True)
class Scheme:
    """Where the signature stands, and what is signed.

    ``prefix`` stands before the digits; ``several``: the header holds more than one, separated by commas, while a key
    is changed. ``time_header`` names the Unix time in seconds that is signed before the body, with ``joint`` between
    them; without ``needs_time`` a tool may leave it out. ``theirs``: the tool makes the key, and we are told.
    """

    header: str
    prefix: str = ""
    several: bool = False
    time_header: str = ""
    joint: bytes = b""
    needs_time: bool = False
    theirs: bool = False


SCHEMES: dict[str, Scheme] = {
    # Our own, for scripts and gateways.
    "pmdm": Scheme("X-PMDM-Signature", "sha256=", time_header="X-PMDM-Timestamp", joint=b".", needs_time=True),
    # GitHub, and what signs as it does.
    "hub": Scheme("X-Hub-Signature-256", "sha256="),
    # Grafana 12 and later. The header of the time is a setting there; where it is not set, the body alone is signed.
    "grafana": Scheme("X-Grafana-Alerting-Signature", time_header="X-Grafana-Alerting-Timestamp", joint=b":"),
    # Webhooks version 3: one v1= for each key while one is rotated; others may follow v1 some day.
    "pagerduty": Scheme("X-PagerDuty-Signature", "v1=", several=True, theirs=True),
    # The integration platform; its Sentry-Hook-Timestamp is not part of what is signed, so it proves nothing.
    "sentry": Scheme("Sentry-Hook-Signature", theirs=True),
}


def sign(scheme: str, body: bytes, key: str, time: str = "") -> str:
    """The header's value for a body: what the tool would send."""
    rules = SCHEMES[scheme]
    signed = time.encode() + rules.joint + body if time else body
    return rules.prefix + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def objection(scheme: str, body: bytes, headers: Mapping[str, str], key: str, now: float) -> str:
    """Why a body is not from who holds the key, or ''. ``now``: Unix time in seconds."""
    rules = SCHEMES[scheme]
    if not key:
        return f"No key is set here yet: enter the one that the tool shows for {rules.header}."
    time = headers.get(rules.time_header, "") if rules.time_header else ""
    if rules.needs_time or time:
        if not (time.isascii() and time.isdigit() and len(time) <= 12):
            return f"{rules.time_header} is missing; the Unix time of sending is accepted."
        if abs(now - int(time)) > TOLERANCE:
            return f"{rules.time_header} is off by more than {TOLERANCE} seconds."
    said = headers.get(rules.header, "")
    if not said:
        return f"{rules.header} is missing."
    given = [each.strip() for each in said.split(",")] if rules.several else [said.strip()]
    right = sign(scheme, body, key, time).encode()
    # All of them are looked at, each in constant time. What is not ASCII is no signature.
    if not any([hmac.compare_digest(each.encode("utf-8", "replace"), right) for each in given[:20]]):  # noqa: C419
        return f"{rules.header} is wrong; {_words(rules)} accepted."
    return ""


def _words(rules: Scheme) -> str:
    signed = {
        b".": "timestamp, dot and body",
        b":": "the body (with a time: timestamp, colon and body)",
    }.get(rules.joint, "the body")
    return f"{rules.prefix}HMAC-SHA256 of {signed}, in hexadecimal digits, is"
