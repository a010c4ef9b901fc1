"""All models of the app, each told in its own story."""

from delivery.articles.models import Article, ArticleVote
from delivery.complaints.models import Complaint, ComplaintTerms
from delivery.conformance.models import ConformanceCheck, Requirement
from delivery.departments.models import DepartmentRequest, Roadblock, RoadblockStep
from delivery.incidents.models import IncidentEntry, MajorIncident, UpdateDue
from delivery.incidents.review.models import IncidentReview, ReviewAction
from delivery.issues.aids.models import CannedAnswer, CheckLine, ChecklistTemplate
from delivery.issues.escalation.models import Escalation, EscalationStep
from delivery.issues.imports.models import IssueImport
from delivery.issues.models import Issue, IssueNote, KnownGap, ServiceLevel
from delivery.issues.priority.models import PriorityRule
from delivery.issues.problems.models import Problem, ProblemNote
from delivery.issues.queue.models import BulkEdit, SavedView
from delivery.issues.teams.models import HandOff, Team, TeamStay
from delivery.mail.models import InboundMail, MailAttachment, Mailbox, OutboundMail
from delivery.performance.models import AlertDelivery, AlertSource, Check, Incident
from delivery.products.agreements.models import Agreement
from delivery.products.decommission.models import Decommission, DecommissionStep
from delivery.products.landscape.models import Component, Dependency, Deployment, Environment
from delivery.products.models import Membership, Product, StageChange
from delivery.products.oncall.models import OnCallChange, OnCallTurn
from delivery.releases.models import (
    FreezeOverride,
    FreezeWindow,
    Release,
    ReleaseCheck,
    ReleaseItem,
    ReleaseStep,
)
from delivery.reminders.models import DueAlert
from delivery.risks.controls import ControlTest, RiskIncident
from delivery.risks.models import Risk
from delivery.runbooks.models import Runbook, RunbookRun, RunbookStep, RunbookVersion, RunEntry
from delivery.satisfaction.models import Answer, Invitation, Survey

__all__ = [
    "Agreement",
    "AlertDelivery",
    "AlertSource",
    "Answer",
    "Article",
    "ArticleVote",
    "BulkEdit",
    "CannedAnswer",
    "Check",
    "CheckLine",
    "ChecklistTemplate",
    "Complaint",
    "ComplaintTerms",
    "Component",
    "ConformanceCheck",
    "ControlTest",
    "Decommission",
    "DecommissionStep",
    "DepartmentRequest",
    "Dependency",
    "Deployment",
    "DueAlert",
    "Environment",
    "Escalation",
    "EscalationStep",
    "FreezeOverride",
    "FreezeWindow",
    "HandOff",
    "InboundMail",
    "Incident",
    "IncidentEntry",
    "IncidentReview",
    "Invitation",
    "Issue",
    "IssueImport",
    "IssueNote",
    "KnownGap",
    "MailAttachment",
    "Mailbox",
    "MajorIncident",
    "Membership",
    "OnCallChange",
    "OnCallTurn",
    "OutboundMail",
    "PriorityRule",
    "Problem",
    "ProblemNote",
    "Product",
    "Release",
    "ReleaseCheck",
    "ReleaseItem",
    "ReleaseStep",
    "Requirement",
    "ReviewAction",
    "Risk",
    "RiskIncident",
    "Roadblock",
    "RoadblockStep",
    "RunEntry",
    "Runbook",
    "RunbookRun",
    "RunbookStep",
    "RunbookVersion",
    "SavedView",
    "ServiceLevel",
    "StageChange",
    "Survey",
    "Team",
    "TeamStay",
    "UpdateDue",
]
