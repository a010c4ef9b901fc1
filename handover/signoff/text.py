"""What is signed, as bytes, and its hash: while the record is open as it stands, afterwards as it was signed."""

import json

from handover.transfer.content import content, content_hash, frozen
from handover.transfer.models import Handover, Signature


def canonical(value) -> bytes:
    """The one way in which a content is written for hashing: JSON, keys in order, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def signed_text(handover: Handover) -> bytes:
    """The bytes whose SHA-256 is ``signed_hash``."""
    return canonical(frozen(handover) if handover.accepted_at else content(handover))


def signed_hash(handover: Handover) -> str:
    """The hash that a signature must have to hold.

    Acceptance closes what it carries over, so afterwards the record's own text is the one that was signed.
    """
    if handover.accepted_at:
        given = handover.signatures.filter(side=Signature.Side.GIVER, voided_at=None).first()
        return given.content_hash if given else ""
    return content_hash(handover)
