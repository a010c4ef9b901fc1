"""Uptime Kuma's webhook: a heartbeat of one monitor.

``heartbeat.status``: 0 down, 1 up, 2 pending, 3 maintenance. A certificate that expires comes with ``heartbeat: null``:
nothing is down, so it gives no signal. ``time`` is UTC, without saying so.
"""

from datetime import UTC, datetime
from typing import Any

from delivery.performance.alerts.signals import Refused, Signal, hashed, link_of, shown, text

DOWN, UP, PENDING, MAINTENANCE = 0, 1, 2, 3


def read(body: dict[str, Any]) -> list[Signal]:
    """At most one signal; none for pending, maintenance and messages without a heartbeat; Refused with the reason."""
    if "heartbeat" not in body or "monitor" not in body:
        raise Refused("This is no body of Uptime Kuma: it needs heartbeat and monitor.")
    heartbeat, monitor = body["heartbeat"], body["monitor"]
    if heartbeat is None:
        return []
    if not isinstance(heartbeat, dict) or not isinstance(monitor, dict):
        raise Refused("heartbeat and monitor must be objects.")
    status = heartbeat.get("status")
    if isinstance(status, bool) or status not in (DOWN, UP, PENDING, MAINTENANCE):
        raise Refused(f"heartbeat.status is {shown(status)}; 0 (down), 1 (up), 2 or 3 is accepted.")
    if status in (PENDING, MAINTENANCE):
        return []
    number = monitor.get("id", heartbeat.get("monitorID"))
    if not isinstance(number, int):
        raise Refused(f"monitor.id is {shown(number)}; a number is accepted.")
    at = _time(heartbeat.get("time"))
    name = text(monitor.get("name"), 200) or f"Monitor {number}"
    return [
        Signal(
            fingerprint=hashed(["uptime-kuma", number]),
            is_up=status == UP,
            title=name,
            description=text(heartbeat.get("msg") or body.get("msg"), 5000),
            started_at=at if status == DOWN else None,
            at=at if status == UP else None,
            link=link_of(monitor.get("url")),
        )
    ]


def _time(value: object) -> datetime:
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at is not None:
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    raise Refused(f"heartbeat.time is {shown(value)}; a time such as 2026-11-23 08:00:00.000 (UTC) is accepted.")
