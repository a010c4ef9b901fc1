"""All models of the app, each told in its own story."""

from handover.transfer.models import ChecklistItem, Handover, OpenItem, RequirementLink, Signature

__all__ = ["ChecklistItem", "Handover", "OpenItem", "RequirementLink", "Signature"]
