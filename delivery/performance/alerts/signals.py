"""A signal: one thing is down, or up again. And the small readers that every tool's body needs."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MAX_SIGNALS = 500


class Refused(ValueError):
    """The body is not what this tool posts; the message says what was found and what would be accepted."""


@dataclass(frozen=True)
class Signal:
    """``is_up`` False opens an incident of this fingerprint, True closes it.

    ``started_at`` is when it went down, where the tool says so (always for a down signal); ``at`` when it came up.
    """

    fingerprint: str
    is_up: bool
    title: str
    description: str = ""
    started_at: datetime | None = None
    at: datetime | None = None
    is_outage: bool = True


def read_json(body: str) -> dict[str, Any]:
    """The JSON object in a body; Refused for anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"This is no JSON ({error}); the tool's own JSON body is accepted.") from None
    if not isinstance(data, dict):
        raise Refused(f"A JSON object is accepted, not {type(data).__name__}.")
    return data


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


def shown(value: object) -> str:
    """A value for an error message, short."""
    written = repr(value)
    return written if len(written) <= 80 else written[:77] + "..."


def hashed(parts: object) -> str:
    """A fingerprint of our own for what has none: the hash of its parts in a fixed order."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]
