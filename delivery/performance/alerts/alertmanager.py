"""Prometheus Alertmanager's webhook, versions 3 and 4 (https://prometheus.io/docs/alerting/latest/configuration/).

One body holds several alerts, firing and resolved together. ``endsAt`` of year 1 means that it still fires. Before
0.19 there is no ``fingerprint``: the sorted labels then tell alerts apart.
"""

from datetime import UTC, datetime
from typing import Any

from delivery.performance.alerts.signals import (
    MAX_SIGNALS,
    NO_OUTAGE,
    Refused,
    Signal,
    hashed,
    instant,
    link_of,
    severity_of,
    shown,
    text,
)

VERSIONS = ("3", "4")


def read(body: dict[str, Any]) -> list[Signal]:
    """The signals of one body, in its order; Refused with the reason."""
    version = str(body.get("version", ""))
    alerts = body.get("alerts")
    if version not in VERSIONS or not isinstance(alerts, list):
        raise Refused(
            "This is no body of Alertmanager: it needs version 3 or 4 and a list of alerts,"
            f" but version is {shown(body.get('version'))} and alerts is {type(alerts).__name__}."
        )
    return read_alerts(alerts)


def read_alerts(alerts: list[object]) -> list[Signal]:
    """The alerts of a body, which Grafana posts in the same shape."""
    if len(alerts) > MAX_SIGNALS:
        raise Refused(f"{len(alerts)} alerts in one body; up to {MAX_SIGNALS} are accepted.")
    return [_signal(alert, number) for number, alert in enumerate(alerts, start=1)]


def _signal(alert: object, number: int) -> Signal:
    where = f"alert {number}"
    if not isinstance(alert, dict):
        raise Refused(f"{where} is {shown(alert)}; an object is accepted.")
    labels, notes = alert.get("labels"), alert.get("annotations") or {}
    if not isinstance(labels, dict) or not isinstance(notes, dict):
        raise Refused(f"{where}: labels and annotations must be objects.")
    status = alert.get("status")
    if status not in ("firing", "resolved"):
        raise Refused(f"{where}: status is {shown(status)}; firing or resolved is accepted.")
    started = instant(alert.get("startsAt"), f"{where}: startsAt")
    ended = _end(alert.get("endsAt"), where)
    is_up = status == "resolved"
    name = text(labels.get("alertname"), 120)
    severity = severity_of(labels.get("severity"), notes.get("severity"))
    title = text(notes.get("summary"), 250) or " ".join(filter(None, (name, text(labels.get("instance"), 120))))
    return Signal(
        fingerprint=text(alert.get("fingerprint"), 64) or hashed(labels),
        is_up=is_up,
        title=title or "Alert",
        description=text(notes.get("description") or notes.get("message"), 5000),
        started_at=started,
        at=(ended or datetime.now(UTC)) if is_up else None,
        is_outage=severity not in NO_OUTAGE,
        severity=severity,
        link=link_of(alert.get("generatorURL"), alert.get("dashboardURL")),
    )


def _end(value: object, where: str) -> datetime | None:
    if value in (None, "") or (isinstance(value, str) and value.startswith("0001-")):
        return None
    return instant(value, f"{where}: endsAt")
