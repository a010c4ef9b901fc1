"""A signal: one thing is down, or up again. And the small readers that every tool's body needs."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

MAX_SIGNALS = 500

# How tools grade an alert, in one scale. What is not in it has no severity here, and is shown as such.
SEVERITIES = {
    "critical": ("critical", "crit", "page", "emergency", "fatal", "disaster", "sev1", "p1"),
    "high": ("high", "error", "major", "err", "sev2", "p2"),
    "warning": ("warning", "warn", "average", "medium", "minor", "low", "sev3", "p3"),
    "info": ("info", "information", "informational", "none", "ok", "debug", "notice", "sev4", "p4", "p5"),
}
_SEVERITY_OF = {word: severity for severity, words in SEVERITIES.items() for word in words}
# An alert of these is an incident, but the product still works.
NO_OUTAGE = ("warning", "info")


class Refused(ValueError):
    """The body is not what this tool posts; the message says what was found and what would be accepted."""


@dataclass(frozen=True)
class Signal:
    """``is_up`` False opens an incident of this fingerprint, True closes it.

    ``started_at`` is when it went down, where the tool says so; ``at`` when it came up. ``severity`` is one of
    SEVERITIES or ''; ``link`` leads to the alert in its tool: http or https, or ''.
    """

    fingerprint: str
    is_up: bool
    title: str
    description: str = ""
    started_at: datetime | None = None
    at: datetime | None = None
    is_outage: bool = True
    severity: str = ""
    link: str = ""


def read_json(body: str) -> dict[str, Any]:
    """The JSON object in a body; Refused for anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"This is no JSON ({error}); the tool's own JSON body is accepted.") from None
    if not isinstance(data, dict):
        raise Refused(f"A JSON object is accepted, not {type(data).__name__}.")
    return data


def severity_of(*words: object) -> str:
    """The first of a tool's words that the one scale knows, as its severity; '' where none is."""
    return next((found for word in words if (found := _SEVERITY_OF.get(str(word or "").strip().lower()))), "")


def link_of(*values: object) -> str:
    """The first http or https address of at most 500 characters; ''. Anything else may be a trap for who clicks."""
    for value in values:
        if isinstance(value, str) and len(value) <= 500 and value.isprintable() and " " not in value:
            try:
                parts = urlsplit(value)
            except ValueError:
                continue
            if parts.scheme in ("http", "https") and parts.hostname:
                return value
    return ""


def moment(value: object, where: str, *, per_second: int = 1) -> datetime:
    """A Unix time as an instant; ``per_second`` 1000 where it counts milliseconds. Refused otherwise."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / per_second, UTC)
        except (OverflowError, OSError, ValueError):
            pass
    raise Refused(f"{where} is {shown(value)}; a Unix time is accepted.")


def instant(value: object, where: str) -> datetime:
    """An ISO 8601 instant with a time zone; Refused otherwise. Nanoseconds are cut to microseconds."""
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at is not None and at.tzinfo is not None:
            try:
                return at.astimezone(UTC)
            except OverflowError:
                pass
    raise Refused(f"{where} is {shown(value)}; an instant such as 2026-11-23T08:00:00Z is accepted.")


def text(value: object, limit: int) -> str:
    """A value as a clean line: control signs out, cut to ``limit``."""
    clean = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in str(value or ""))
    return clean.strip()[:limit]


def part(value: object) -> dict[str, Any]:
    """An object inside a body; an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def shown(value: object) -> str:
    """A value for an error message, short."""
    written = repr(value)
    return written if len(written) <= 80 else written[:77] + "..."


def hashed(parts: object) -> str:
    """A fingerprint of our own for what has none: the hash of its parts in a fixed order."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]
