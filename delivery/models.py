"""All models of the app, each told in its own story."""

from delivery.complaints.models import Complaint, ComplaintTerms
from delivery.conformance.models import ConformanceCheck, Requirement
from delivery.incidents.models import IncidentEntry, MajorIncident, UpdateDue
from delivery.incidents.review.models import IncidentReview, ReviewAction
from delivery.issues.escalation.models import Escalation, EscalationStep
from delivery.issues.models import Issue, IssueNote, KnownGap, ServiceLevel
from delivery.issues.priority.models import PriorityRule
from delivery.issues.queue.models import BulkEdit, SavedView
from delivery.issues.teams.models import HandOff, Team, TeamStay
from delivery.performance.models import AlertDelivery, AlertSource, Check, Incident
from delivery.products.models import Membership, Product, StageChange
from delivery.releases.models import Release
from delivery.risks.models import Risk
from delivery.satisfaction.models import Answer, Invitation, Survey

__all__ = [
    "AlertDelivery",
    "AlertSource",
    "Answer",
    "BulkEdit",
    "Check",
    "Complaint",
    "ComplaintTerms",
    "ConformanceCheck",
    "Escalation",
    "EscalationStep",
    "HandOff",
    "Incident",
    "IncidentEntry",
    "IncidentReview",
    "Invitation",
    "Issue",
    "IssueNote",
    "KnownGap",
    "MajorIncident",
    "Membership",
    "PriorityRule",
    "Product",
    "Release",
    "Requirement",
    "ReviewAction",
    "Risk",
    "SavedView",
    "ServiceLevel",
    "StageChange",
    "Survey",
    "Team",
    "TeamStay",
    "UpdateDue",
]
