"""The mail that brings a new person in: a link, good once, to choose a password."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.jobs import outbox

KIND = "accounts.invite"


def ask_for(user, *, by) -> None:
    """Have the invitation sent after this transaction."""
    moment = timezone.now().isoformat(timespec="seconds")
    outbox.enqueue(KIND, f"{KIND}:{user.pk}:{moment}", {"user": user.pk, "by": by.pk if by else None})


@outbox.handles(KIND)
def send(payload: dict) -> None:
    from pmdm.accounts.models import User

    user = User.objects.filter(pk=payload["user"], is_active=True).first()
    if user is None:
        return  # Deactivated meanwhile: nobody to invite.
    by = User.objects.filter(pk=payload["by"]).first()
    # The token is made while sending, so that no secret lies in the outbox.
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
    context = {"user": user, "by": by, "url": settings.SITE_URL.rstrip("/") + path}
    mail = EmailMultiAlternatives(
        subject=_("Your account for PMDM"),
        body=render_to_string("accounts/email/invitation.txt", context),
        to=[user.email],
    )
    mail.attach_alternative(render_to_string("accounts/email/invitation.html", context), "text/html")
    mail.send()
