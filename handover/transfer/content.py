"""What a signature covers, as one canonical text, and its hash."""

import hashlib
import json

from handover import hooks
from handover.criteria import blocking as criteria
from handover.transfer.models import Handover


def _criterion(criterion) -> list[str]:
    """A file is covered by its hash; without one the line reads as it did before files could be attached."""
    line = [criterion.text, criterion.result, criterion.evidence]
    return [*line, criterion.file.sha256] if criterion.file else line


def _day(value) -> str:
    return value.isoformat() if value else ""


def _mail(user) -> str:
    return user.email if user else ""


def content(handover: Handover) -> dict:
    """Everything both sides agree on; plain values in a fixed order. A constant number of queries."""
    project = handover.project
    lines = handover.scope_lines.select_related("requirement", "decided_by").prefetch_related(
        "requirement__criteria__file"
    )
    items = handover.open_items.select_related(
        "risk", "issue", "requirement", "task", "order", "new_owner", "follow_on"
    ).order_by("kind", "pk")
    return {
        "handover": handover.ref,
        "title": handover.title,
        "project": [project.code, project.name],
        "giver": handover.giver.email,
        "receiver": _mail(handover.receiver),
        "product": [
            handover.product.code if handover.product else handover.product_code,
            handover.product.name if handover.product else handover.product_name,
        ],
        "kind_of_product": handover.kind_of_product,
        "final": handover.is_final,
        "scope": handover.scope,
        "go_live": _day(handover.go_live),
        "criteria": criteria.content(handover),
        "open_items": [
            {
                "kind": item.kind,
                # A supplier is for those who see cost; the content is for all who see the handover.
                "item": item.order.ref if item.order else str(item),
                "decision": item.decision,
                "reason": item.reason,
                "new_owner": _mail(item.new_owner),
                "control": item.control,
                "control_test_on": _day(item.control_test_on),
                "workaround": item.workaround,
                "follow_on": item.follow_on.code if item.follow_on else "",
            }
            for item in items
        ],
        "requirements": [
            {
                "requirement": line.requirement.ref,
                "title": line.requirement.title,
                "text": line.requirement.text,
                "state": line.requirement.state,
                "criteria": [_criterion(criterion) for criterion in line.requirement.criteria.all()],
                "client": [line.result, line.comment, _mail(line.decided_by), line.protocol],
            }
            for line in lines
        ],
        **hooks.content(handover),
    }


def hash_of(values: dict) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(handover: Handover) -> str:
    """What a signature of now would cover."""
    return hash_of(content(handover))


def frozen(handover: Handover) -> dict:
    """What was signed last; what stands there now where nothing was submitted yet."""
    last = handover.rounds.first()
    return last.content if last else content(handover)
