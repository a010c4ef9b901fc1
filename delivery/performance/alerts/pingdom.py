"""Pingdom's webhook (https://www.pingdom.com/resources/webhooks/): one check that changed its state.

``current_state`` is UP or DOWN, for transaction checks SUCCESS or FAILING; others (UNCONFIRMED_DOWN, PAUSED) are no
news yet. ``state_changed_timestamp`` is a Unix time in seconds.
"""

from typing import Any

from delivery.performance.alerts.signals import Refused, Signal, hashed, link_of, moment, part, severity_of, shown, text

DOWN, UP = ("DOWN", "FAILING"), ("UP", "SUCCESS")
SILENT = ("UNCONFIRMED_DOWN", "PAUSED", "UNKNOWN")


def read(body: dict[str, Any]) -> list[Signal]:
    """At most one signal; Refused with the reason."""
    check, state = body.get("check_id"), body.get("current_state")
    if "check_id" not in body or "current_state" not in body:
        raise Refused("This is no body of Pingdom: it needs check_id and current_state.")
    if not isinstance(check, int) or isinstance(check, bool):
        raise Refused(f"check_id is {shown(check)}; a number is accepted.")
    if state in SILENT:
        return []
    if state not in (*DOWN, *UP):
        raise Refused(f"current_state is {shown(state)}; one of {', '.join((*DOWN, *UP, *SILENT))} is accepted.")
    at = moment(body.get("state_changed_timestamp"), "state_changed_timestamp")
    asked = part(body.get("check_params"))
    is_up = state in UP
    return [
        Signal(
            fingerprint=hashed(["pingdom", check]),
            is_up=is_up,
            title=text(body.get("check_name"), 250) or f"Check {check}",
            description=text(body.get("long_description") or body.get("description"), 5000),
            started_at=None if is_up else at,
            at=at if is_up else None,
            severity=severity_of(body.get("importance_level")),
            link=link_of(asked.get("full_url")),
        )
    ]
