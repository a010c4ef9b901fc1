"""How long a major incident took, from its moments. Plain Python.

reference/formulas.md, section 9: a mean time between detection, acknowledgement and restoration is built from these;
here each is shown for one incident, from detection on, since nobody knows when it really began.
"""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from pmdm.ui.parts import Text


@dataclass(frozen=True)
class Span:
    """From detection to a moment; None while that has not come."""

    key: str
    label: Text
    at: datetime.datetime | None
    length: datetime.timedelta | None


def spans(incident) -> list[Span]:
    """Declared, mitigated, resolved, stood down: when, and how long after detection."""
    moments = (
        ("declared", _("Declared"), incident.declared_at),
        ("mitigated", _("Mitigated"), incident.mitigated_at),
        ("resolved", _("Resolved"), incident.resolved_at),
        ("stood_down", _("Stood down"), incident.stood_down_at),
    )
    return [Span(key, label, at, at - incident.detected_at if at else None) for key, label, at in moments]


def impact(incident, now: datetime.datetime) -> datetime.timedelta:
    """How long clients felt it: from detection until it was mitigated, or until now."""
    return (incident.mitigated_at or now) - incident.detected_at
