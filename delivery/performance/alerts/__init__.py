"""Bodies of monitoring tools read into signals. Plain Python: text in, signals or a refusal out."""

from delivery.performance.alerts import alertmanager, uptime_kuma
from delivery.performance.alerts.signals import Refused, Signal, read_json

READERS = {"alertmanager": alertmanager.read, "uptime_kuma": uptime_kuma.read}


def read(kind: str, body: str) -> list[Signal]:
    """What a body of this tool says; Refused with the reason when it is not one of its bodies."""
    return READERS[kind](read_json(body))


__all__ = ["Refused", "Signal", "read"]
