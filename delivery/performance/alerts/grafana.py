"""Grafana's webhooks: unified alerting (the shape of Alertmanager, version 1) and legacy alerting until version 10.

Legacy: one rule per body, ``state`` alerting, ok, no_data, paused or pending, without any time: it changed when it
arrived. A rule that crosses a threshold says nothing about the product being away: it counts as downtime only where its
severity (a label or tag) is critical.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from delivery.performance.alerts.alertmanager import read_alerts
from delivery.performance.alerts.signals import Refused, Signal, hashed, link_of, part, severity_of, shown, text

# Whether no data is bad is the rule's choice in Grafana; when it is, the rule says alerting.
DOWN, UP, SILENT = ("alerting",), ("ok",), ("no_data", "paused", "pending", "unknown")


def read(body: dict[str, Any]) -> list[Signal]:
    """The signals of one body; Refused with the reason."""
    if isinstance(body.get("alerts"), list):
        return [replace(signal, is_outage=signal.severity == "critical") for signal in read_alerts(body["alerts"])]
    state, rule = body.get("state"), body.get("ruleId")
    if "ruleId" not in body or "state" not in body:
        raise Refused("This is no body of Grafana: it needs a list of alerts, or ruleId and state.")
    if not isinstance(rule, int) or isinstance(rule, bool):
        raise Refused(f"ruleId is {shown(rule)}; a number is accepted.")
    if state in SILENT:
        return []
    if state not in (*DOWN, *UP):
        raise Refused(f"state is {shown(state)}; one of {', '.join((*DOWN, *UP, *SILENT))} is accepted.")
    tags = part(body.get("tags"))
    severity = severity_of(tags.get("severity"))
    link = link_of(body.get("ruleUrl"))
    return [
        Signal(
            # Several Grafanas may post to one address; each numbers its rules.
            fingerprint=hashed(["grafana", urlsplit(link).netloc, body.get("orgId"), rule]),
            is_up=state in UP,
            title=text(body.get("ruleName"), 250) or text(body.get("title"), 250) or f"Rule {rule}",
            description=text(body.get("message"), 5000),
            is_outage=severity == "critical",
            severity=severity,
            link=link,
        )
    ]
