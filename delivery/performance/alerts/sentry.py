"""Sentry's webhooks: the legacy plugin's (one event of an issue) and the integration platform's (``action``, ``data``).

An event opens an incident of its issue; ``resolved`` or ``archived`` of the issue closes it. An error in the program
is no downtime. The plugin never says that an issue is resolved: there a person ends the incident.
"""

from typing import Any

from delivery.performance.alerts.signals import (
    Refused,
    Signal,
    hashed,
    instant,
    link_of,
    moment,
    severity_of,
    shown,
    text,
)

GOES_ON, OVER = ("created", "triggered", "unresolved"), ("resolved", "archived", "ignored")


def read(body: dict[str, Any]) -> list[Signal]:
    """At most one signal; Refused with the reason."""
    if "action" in body and isinstance(body.get("data"), dict):
        return _of_platform(body["action"], body["data"])
    event = body.get("event")
    if not isinstance(event, dict) or "id" not in body:
        raise Refused("This is no body of Sentry: it needs id and event, or action and data.")
    stamp = event.get("timestamp", event.get("received"))
    began = None if stamp is None else moment(stamp, "event.timestamp")
    level = severity_of(body.get("level"), event.get("level"))
    title = text(event.get("title"), 250) or text(body.get("message"), 250)
    return [_down(body["id"], title, text(body.get("message"), 5000), began, level, link_of(body.get("url")))]


def _of_platform(action: object, data: dict) -> list[Signal]:
    thing = data.get("issue", data.get("event", data.get("error")))
    if not isinstance(thing, dict):
        raise Refused("data needs an issue or an event.")
    number = thing.get("issue_id", thing.get("id")) if "issue" not in data else thing.get("id")
    link = link_of(thing.get("web_url"), thing.get("permalink"), thing.get("url"))
    if action in OVER:
        return [Signal(_fingerprint(number), is_up=True, title=text(thing.get("title"), 250), is_outage=False)]
    if action not in GOES_ON:
        return []  # Assigned, commented: nothing began or ended.
    seen = thing.get("datetime") or thing.get("lastSeen")
    began = None if seen is None else instant(seen, "its time")
    title, level = text(thing.get("title"), 250), severity_of(thing.get("level"))
    return [_down(number, title, text(thing.get("culprit"), 5000), began, level, link)]


def _down(number, title, description, began, severity, link) -> Signal:
    return Signal(
        fingerprint=_fingerprint(number),
        is_up=False,
        title=title or f"Issue {text(number, 40)}",
        description=description,
        started_at=began,
        is_outage=False,
        severity=severity,
        link=link,
    )


def _fingerprint(number: object) -> str:
    if not isinstance(number, int | str) or isinstance(number, bool) or number == "":
        raise Refused(f"The id of the issue is {shown(number)}; a number is accepted.")
    return hashed(["sentry", str(number)])
