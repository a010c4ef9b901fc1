"""PagerDuty's webhooks, version 1 (a list of messages) and version 3 (one event).

An incident is identified by its id. Triggered, acknowledged and the like mean that it goes on; resolve ends it.
Somebody is paged: it counts as downtime unless its urgency is low.
"""

from typing import Any

from delivery.performance.alerts.signals import (
    MAX_SIGNALS,
    NO_OUTAGE,
    Refused,
    Signal,
    hashed,
    instant,
    link_of,
    part,
    severity_of,
    shown,
    text,
)

GOES_ON = (
    "trigger", "triggered", "acknowledge", "acknowledged", "unacknowledge", "unacknowledged", "assign", "reassigned",
    "delegate", "delegated", "escalate", "escalated", "reopened",
)  # fmt: skip
OVER = ("resolve", "resolved")


def read(body: dict[str, Any]) -> list[Signal]:
    """The signals of one body, in its order; Refused with the reason."""
    if isinstance(event := body.get("event"), dict):
        return _signals(event.get("data"), event.get("event_type"), event.get("occurred_at"), "event")
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise Refused("This is no body of PagerDuty: it needs an event or a list of messages.")
    if len(messages) > MAX_SIGNALS:
        raise Refused(f"{len(messages)} messages in one body; up to {MAX_SIGNALS} are accepted.")
    signals = []
    for number, message in enumerate(messages, start=1):
        where = f"message {number}"
        data = message.get("data") if isinstance(message, dict) else None
        if not isinstance(data, dict):
            raise Refused(f"{where} is {shown(message)}; an object with data is accepted.")
        signals += _signals(data.get("incident"), message.get("type"), message.get("created_on"), where)
    return signals


def _signals(incident: object, kind: object, at: object, where: str) -> list[Signal]:
    thing, _dot, verb = str(kind or "").partition(".")
    if thing != "incident":
        if kind in ("pagey.ping",) or thing == "service":
            return []  # What it sends to try the address, and changes of its own settings.
        raise Refused(f"{where}: the type is {shown(kind)}; incident.trigger and the like are accepted.")
    if verb not in (*GOES_ON, *OVER):
        return []  # A note, a responder, a priority: nothing began or ended.
    if not isinstance(incident, dict) or not isinstance(incident.get("id"), str) or not incident["id"]:
        raise Refused(f"{where}: an incident with an id is accepted.")
    summary, service = part(incident.get("trigger_summary_data")), part(incident.get("service"))
    subject = summary.get("subject") or summary.get("description")
    name = text(service.get("name") or service.get("summary"), 200)
    severity = severity_of(incident.get("urgency"))
    changed = instant(at, f"{where}: its time")
    began = instant(incident.get("created_on") or incident.get("created_at") or at, f"{where}: created_on")
    return [
        Signal(
            fingerprint=hashed(["pagerduty", incident["id"]]),
            is_up=verb in OVER,
            title=text(incident.get("title") or subject, 250) or f"{name} {text(incident['id'], 40)}".strip(),
            description=text(incident.get("description"), 5000),
            started_at=began,
            at=changed if verb in OVER else None,
            is_outage=severity not in NO_OUTAGE,
            severity=severity,
            link=link_of(incident.get("html_url"), incident.get("trigger_details_html_url")),
        )
    ]
