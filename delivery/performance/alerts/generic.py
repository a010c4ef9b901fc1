"""A plain body for every other tool and for scripts of one's own:

    {"id": "disk-full-db1", "state": "firing", "title": "Disk of db1 is full", "severity": "critical",
     "description": "...", "link": "https://...", "at": "2026-11-23T08:00:00Z"}

``id`` names what is wrong, ``state`` is firing or resolved, ``title`` is asked for while it fires; the rest may be left
out. It counts as downtime where ``severity`` is critical, or left out.
"""

from typing import Any

from delivery.performance.alerts.signals import (
    NO_OUTAGE,
    SEVERITIES,
    Refused,
    Signal,
    hashed,
    instant,
    link_of,
    severity_of,
    shown,
    text,
)


def read(body: dict[str, Any]) -> list[Signal]:
    """The one signal of a body; Refused with the reason."""
    number, state, grade = body.get("id"), body.get("state"), body.get("severity", "")
    if not isinstance(number, int | str) or isinstance(number, bool) or number == "":
        raise Refused(f"id is {shown(number)}; a text that names what is wrong is accepted.")
    if state not in ("firing", "resolved"):
        raise Refused(f"state is {shown(state)}; firing or resolved is accepted.")
    if state == "firing" and not text(body.get("title"), 250):
        raise Refused("title is empty; a line that says what is wrong is accepted.")
    severity = severity_of(grade)
    if grade and not severity:
        raise Refused(f"severity is {shown(grade)}; {', '.join(SEVERITIES)} or nothing is accepted.")
    at = None if body.get("at") is None else instant(body["at"], "at")
    return [
        Signal(
            fingerprint=hashed(["generic", str(number)]),
            is_up=state == "resolved",
            title=text(body.get("title"), 250),
            description=text(body.get("description"), 5000),
            started_at=at if state == "firing" else None,
            at=at if state == "resolved" else None,
            is_outage=severity not in (*NO_OUTAGE, "high"),
            severity=severity,
            link=link_of(body.get("link")),
        )
    ]
