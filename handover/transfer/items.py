"""What is still open in a project, and must be decided one by one before it leaves the project's hands."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from handover.transfer.models import Handover, OpenItem
from projects.models import Issue, Requirement, Risk, ScopeBaselineItem

Decision = OpenItem.Decision

# A risk is nothing that is missing, so it can't be a gap.
ALLOWED = {
    "risk": (Decision.CARRY, Decision.CLOSE),
    "issue": (Decision.CARRY, Decision.KNOWN_GAP, Decision.CLOSE),
    "requirement": (Decision.CARRY, Decision.KNOWN_GAP, Decision.CLOSE),
}


def kind_of(item: OpenItem) -> str:
    """'risk', 'issue' or 'requirement'."""
    if item.risk_id:
        return "risk"
    return "issue" if item.issue_id else "requirement"


@dataclass(frozen=True)
class OpenThings:
    risks: list[int]
    issues: list[int]
    requirements: list[int]

    def __bool__(self):
        return bool(self.risks or self.issues or self.requirements)


def unmet_requirements(project):
    """Promised and not verified: approved or built, or in the active scope baseline and still on the way."""
    promised = ScopeBaselineItem.objects.filter(requirement=OuterRef("pk"), baseline__is_active=True)
    return project.requirements.filter(
        Q(state__in=(Requirement.State.APPROVED, Requirement.State.BUILT))
        | (Q(state__in=Requirement.UNMET_STATES) & Exists(promised))
    )


def find_open(project) -> OpenThings:
    return OpenThings(
        risks=list(project.risks.filter(state__in=Risk.OPEN_STATES).values_list("pk", flat=True)),
        issues=list(project.issues.filter(state__in=Issue.OPEN_STATES).values_list("pk", flat=True)),
        requirements=list(unmet_requirements(project).values_list("pk", flat=True)),
    )


def missing_from(handover: Handover) -> int:
    """How many open things of the project the record does not list yet."""
    found = find_open(handover.project)
    listed = set(handover.open_items.values_list("risk_id", "issue_id", "requirement_id"))
    wanted = (
        {(pk, None, None) for pk in found.risks}
        | {(None, pk, None) for pk in found.issues}
        | {(None, None, pk) for pk in found.requirements}
    )
    return len(wanted - listed)


@transaction.atomic
def refresh(handover: Handover) -> None:
    """List what is open now; lines of things closed meanwhile go, decisions on the others stay."""
    found = find_open(handover.project)
    handover.open_items.exclude(
        Q(risk__in=found.risks) | Q(issue__in=found.issues) | Q(requirement__in=found.requirements)
    ).delete()
    rows = [
        *(OpenItem(handover=handover, project_id=handover.project_id, risk_id=pk) for pk in found.risks),
        *(OpenItem(handover=handover, project_id=handover.project_id, issue_id=pk) for pk in found.issues),
        *(OpenItem(handover=handover, project_id=handover.project_id, requirement_id=pk) for pk in found.requirements),
    ]
    OpenItem.objects.bulk_create(rows, ignore_conflicts=True)
