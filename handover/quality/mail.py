"""The score is told to those who gave and received, once, on the day it is kept."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.quality.models import QualityScore
from handover.quality.words import parts
from pmdm.accounts.models import User
from pmdm.jobs.outbox import enqueue, handles

KIND = "handover.quality"


def tell(kept: QualityScore) -> None:
    """Ask for a mail to giver and receiver, in the transaction that keeps the score."""
    handover = kept.handover
    for person in (handover.giver, handover.receiver):
        if person and person.is_active:
            enqueue(KIND, f"{KIND}:{kept.pk}:{person.pk}", {"score": kept.pk, "user": person.pk})


@handles(KIND)
def send(payload: dict) -> None:
    """Handler of the outbox: one mail to one person."""
    kept = QualityScore.objects.select_related("handover__project").get(pk=payload["score"])
    person = User.objects.get(pk=payload["user"])
    handover = kept.handover
    context = {
        "person": person,
        "handover": handover,
        "kept": kept,
        "lines": [(part.name, part.count, part.lost) for part in parts(kept.inputs) if part.lost],
        "criteria": list(handover.criteria.exclude(waived_at=None)),
        "url": settings.SITE_URL.rstrip("/")
        + reverse("handover:quality", args=[handover.project.code, handover.number]),
    }
    subject = _("Quality of the handover of %(project)s: %(value)s of 100") % {
        "project": handover.project.name,
        "value": kept.value,
    }
    body = render_to_string("handover/email/quality.txt", context)
    EmailMessage(" ".join(subject.split())[:200], body, to=[person.email]).send()
