"""Bodies of monitoring tools read into signals. Plain Python: text in, signals or a refusal out."""

from delivery.performance.alerts import (
    alertmanager,
    generic,
    grafana,
    new_relic,
    pagerduty,
    pingdom,
    sentry,
    uptime_kuma,
)
from delivery.performance.alerts.signals import Refused, Signal, read_json

READERS = {
    "alertmanager": alertmanager.read,
    "grafana": grafana.read,
    "uptime_kuma": uptime_kuma.read,
    "pingdom": pingdom.read,
    "pagerduty": pagerduty.read,
    "new_relic": new_relic.read,
    "sentry": sentry.read,
    "generic": generic.read,
}
# Bodies of these need not carry a time: the same words may be news again.
TIMELESS = ("grafana", "generic")


def read(kind: str, body: str) -> list[Signal]:
    """What a body of this tool says; Refused with the reason when it is not one of its bodies."""
    return READERS[kind](read_json(body))


__all__ = ["TIMELESS", "Refused", "Signal", "read"]
