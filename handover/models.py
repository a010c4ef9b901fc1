"""All models of the app, each told in its own story."""

from handover.arrivals.models import Arrival
from handover.criteria.models import Criterion, CriterionComment, LibraryCriterion
from handover.cutover.models import CutoverEntry, CutoverRun, CutoverStep
from handover.followon.models import FollowOn, NeedAsked
from handover.hypercare.models import Hypercare, HypercareEvent, IssueClass
from handover.items.models import Contract, OpenItem
from handover.knowledge.models import Learner, Material, Proof, Topic, TrainingSession
from handover.pack.models import Pack
from handover.portal.models import Announcement, ClientView
from handover.quality.models import QualityScore
from handover.reminders.models import Reminder
from handover.signoff.models import Signer, SignOff
from handover.transfer.models import Condition, Handover, Remark, RequirementLink, Round, ScopeLine, Signature

__all__ = [
    "Announcement",
    "Arrival",
    "ClientView",
    "Condition",
    "Contract",
    "Criterion",
    "CriterionComment",
    "CutoverEntry",
    "CutoverRun",
    "CutoverStep",
    "FollowOn",
    "Handover",
    "Hypercare",
    "HypercareEvent",
    "IssueClass",
    "Learner",
    "LibraryCriterion",
    "Material",
    "NeedAsked",
    "OpenItem",
    "Pack",
    "Proof",
    "QualityScore",
    "Remark",
    "Reminder",
    "RequirementLink",
    "Round",
    "ScopeLine",
    "SignOff",
    "Signature",
    "Signer",
    "Topic",
    "TrainingSession",
]
