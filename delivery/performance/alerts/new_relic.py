"""New Relic's webhook of an alert policy, version 1: ``current_state`` open, acknowledged or closed.

``timestamp`` counts milliseconds. A violation counts as downtime where its severity is critical.
"""

from typing import Any

from delivery.performance.alerts.signals import Refused, Signal, hashed, link_of, moment, severity_of, shown, text

GOES_ON, OVER = ("open", "acknowledged"), ("closed",)


def read(body: dict[str, Any]) -> list[Signal]:
    """The one signal of a body; Refused with the reason."""
    number, state = body.get("incident_id"), body.get("current_state")
    if "incident_id" not in body or "current_state" not in body:
        raise Refused("This is no body of New Relic: it needs incident_id and current_state.")
    if not isinstance(number, int | str) or isinstance(number, bool) or number == "":
        raise Refused(f"incident_id is {shown(number)}; a number is accepted.")
    if state not in (*GOES_ON, *OVER):
        raise Refused(f"current_state is {shown(state)}; open, acknowledged or closed is accepted.")
    at = moment(body.get("timestamp"), "timestamp", per_second=1000)
    severity, is_up = severity_of(body.get("severity")), state in OVER
    return [
        Signal(
            fingerprint=hashed(["new-relic", body.get("account_id"), number]),
            is_up=is_up,
            title=text(body.get("condition_name"), 250) or text(body.get("policy_name"), 250) or f"Incident {number}",
            description=text(body.get("details"), 5000),
            started_at=None if is_up else at,
            at=at if is_up else None,
            is_outage=severity == "critical",
            severity=severity,
            link=link_of(body.get("incident_url"), body.get("policy_url")),
        )
    ]
