"""What a signature covers, as one canonical text, and its hash."""

import hashlib
import json

from handover import hooks
from handover.transfer.models import Handover


def _criterion(criterion) -> list[str]:
    """A file is covered by its hash; without one the line reads as it did before files could be attached."""
    line = [criterion.text, criterion.result, criterion.evidence]
    return [*line, criterion.file.sha256] if criterion.file else line


def content(handover: Handover) -> dict:
    """Everything both sides agree on; plain values in a fixed order."""
    project = handover.project
    requirements = project.requirements.exclude(state="rejected").prefetch_related("criteria__file").order_by("number")
    return {
        "handover": handover.ref,
        "project": [project.code, project.name],
        "giver": handover.giver.email,
        "receiver": handover.receiver.email if handover.receiver else "",
        "product": [
            handover.product.code if handover.product else handover.product_code,
            handover.product.name if handover.product else handover.product_name,
        ],
        "scope": handover.scope,
        "go_live": handover.go_live.isoformat() if handover.go_live else "",
        "checklist": [
            [
                line.category,
                line.text,
                line.required,
                line.evidence,
                line.done_by.email if line.done_by else "",
                line.done_at.isoformat() if line.done_at else "",
            ]
            for line in handover.checklist.select_related("done_by")
        ],
        "open_items": [
            [str(item.source), item.decision, item.reason]
            for item in handover.open_items.select_related("risk", "issue", "requirement")
        ],
        "requirements": [
            [
                requirement.ref,
                requirement.title,
                requirement.text,
                requirement.state,
                [_criterion(criterion) for criterion in requirement.criteria.all()],
            ]
            for requirement in requirements
        ],
        **hooks.content(handover),
    }


def content_hash(handover: Handover) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    text = json.dumps(content(handover), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
