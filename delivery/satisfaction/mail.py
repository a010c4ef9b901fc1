"""The mail that asks. Sent by the outbox; sent twice it carries the same link and the same Message-ID."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from delivery.satisfaction import tokens
from delivery.satisfaction.models import Invitation
from pmdm.jobs.outbox import handles


@handles("survey.invite")
def send_invitation(payload: dict) -> None:
    """Handler of the outbox: one invitation. Already sent, answered, revoked or expired ones are left alone."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("survey__product", "answer")
        .get(pk=payload["invitation"])
    )
    if invitation.sent_at or invitation.state != Invitation.State.OPEN:
        return
    token = tokens.token_for(invitation.nonce)
    if tokens.hash_of(token) != invitation.token_hash:
        # SECRET_KEY changed since: nothing was sent yet, so the new token may take over.
        invitation.token_hash = tokens.hash_of(token)
    message(invitation, token).send()
    invitation.sent_at = timezone.now()
    invitation.save(update_fields=["sent_at", "token_hash"])


def message(invitation: Invitation, token: str) -> EmailMultiAlternatives:
    """The mail itself, plain and HTML."""
    site = settings.SITE_URL.rstrip("/")
    context = {
        "survey": invitation.survey,
        "product": invitation.survey.product,
        "link": site + reverse("survey-answer", args=[token]),
        "expires_at": invitation.expires_at,
    }
    subject = " ".join(render_to_string("delivery/satisfaction/invitation_subject.txt", context).split())
    host = urlsplit(site).hostname or "localhost"
    mail = EmailMultiAlternatives(
        subject[:200],
        render_to_string("delivery/satisfaction/invitation.txt", context),
        to=[invitation.email],
        headers={"Message-ID": f"<survey-invitation-{invitation.pk}-{invitation.nonce[:8]}@{host}>"},
    )
    mail.attach_alternative(render_to_string("delivery/satisfaction/invitation.html", context), "text/html")
    return mail
