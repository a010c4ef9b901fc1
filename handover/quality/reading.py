"""What the score is computed from, read from rows; kept once 90 days have passed."""

import datetime
from collections import Counter

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from delivery.models import Issue
from handover.hypercare.facts import BROUGHT
from handover.models import IssueClass, Material
from handover.quality import mail
from handover.quality.models import QualityScore, inputs_from
from handover.quality.score import DAYS, SEVERITY_POINTS, score
from handover.transfer.models import Handover, Round

# What every operation asks for first.
NEEDED = (Material.Kind.RUNBOOK, Material.Kind.CONFIGURATION, Material.Kind.LICENCE, Material.Kind.CONTACT)


def ends_at(handover: Handover) -> datetime.datetime:
    """When the first 90 days are over."""
    assert handover.accepted_at is not None, "It was not accepted."
    return handover.accepted_at + datetime.timedelta(days=DAYS)


def inputs_of(handover: Handover, now: datetime.datetime | None = None) -> dict:
    """The inputs as they are kept, of the time from the acceptance to ``now``, at most 90 days."""
    until = min(now or timezone.now(), ends_at(handover))
    defects = Counter(escaped_defects(handover, until).values_list("severity", flat=True))
    brought = set(handover.materials.values_list("kind", flat=True))
    return {
        "defects": {str(severity): defects.get(severity, 0) for severity in SEVERITY_POINTS},
        "returns": returns_of(handover),
        "waivers": waivers_of(handover),
        "missing": [kind.value for kind in NEEDED if kind.value not in brought],
    }


def escaped_defects(handover: Handover, until: datetime.datetime):
    """Reported after go-live and the release's fault: bugs and performance, and whatever was classed so; nothing that
    was classed as something else."""
    assert handover.product is not None
    found = handover.product.issues.filter(created_at__range=(handover.accepted_at, until)).exclude(source__in=BROUGHT)
    unclassed = Q(early_class=None, type__in=(Issue.Type.BUG, Issue.Type.PERFORMANCE))
    return found.filter(unclassed | Q(early_class__kind=IssueClass.Kind.DEFECT))


def returns_of(handover: Handover) -> int:
    """How often the receiver sent it back."""
    return handover.rounds.filter(outcome=Round.Outcome.RETURNED).count()


def waivers_of(handover: Handover) -> int:
    """Criteria that were waived, whatever became of them later."""
    return handover.criteria.exclude(waived_at=None).count()


def freeze(now: datetime.datetime) -> int:
    """Keep the score of every handover whose 90 days are over; how many. Safe to run twice."""
    due = Handover.objects.filter(
        accepted_at__lte=now - datetime.timedelta(days=DAYS), quality_score=None
    ).select_related("product", "project", "giver", "receiver")
    return sum(_keep(handover, now) for handover in due)


@transaction.atomic
def _keep(handover: Handover, now: datetime.datetime) -> bool:
    inputs = inputs_of(handover, now)
    value = score(inputs_from(inputs)).value
    row, created = QualityScore.objects.get_or_create(
        handover=handover, defaults={"project_id": handover.project_id, "at": now, "value": value, "inputs": inputs}
    )
    if created:
        mail.tell(row)
    return created
