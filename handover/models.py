"""All models of the app, each told in its own story."""

from handover.cutover.models import CutoverEntry, CutoverRun, CutoverStep
from handover.knowledge.models import Learner, Material, Proof, Topic, TrainingSession
from handover.signoff.models import Signer, SignOff
from handover.transfer.models import ChecklistItem, Handover, OpenItem, RequirementLink, Signature

__all__ = [
    "ChecklistItem",
    "CutoverEntry",
    "CutoverRun",
    "CutoverStep",
    "Handover",
    "Learner",
    "Material",
    "OpenItem",
    "Proof",
    "RequirementLink",
    "SignOff",
    "Signature",
    "Signer",
    "Topic",
    "TrainingSession",
]
