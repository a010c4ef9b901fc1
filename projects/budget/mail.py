"""Mails about draws from contingency and reserve: to who decides, and back to who asked. Sent by the outbox.

Whether the reader may see cost is asked when the mail is sent: a role may have ended since.
"""

import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import PROJECT_PERMISSIONS, SITE_PERMISSIONS
from pmdm.accounts.roles import Permission as P
from pmdm.jobs import outbox
from projects.budget.models import Draw

ASKED, DECIDED = "budget.draw-asked", "budget.draw-decided"
# An older decision is no news.
NEWS = datetime.timedelta(days=7)
DECIDING = [role for role, held in PROJECT_PERMISSIONS.items() if P.BUDGET_APPROVE in held]
DECIDING_ON_SITE = [role for role, held in SITE_PERMISSIONS.items() if P.BUDGET_APPROVE in held]


def ask(draw: Draw) -> None:
    """A mail to each on the project who may decide; where nobody there may, to those of the whole site."""
    others = User.objects.filter(is_active=True).exclude(pk=draw.requested_by_id)
    on_project = draw.project.memberships.filter(role__in=DECIDING).values("user")
    people = list(others.filter(pk__in=on_project).values_list("pk", flat=True))
    people = people or list(others.filter(site_role__in=DECIDING_ON_SITE).values_list("pk", flat=True))
    outbox.enqueue_many(ASKED, [(f"{ASKED}:{draw.pk}:{pk}", {"draw": draw.pk, "user": pk}) for pk in people])


def tell(draw: Draw) -> None:
    """A mail to who asked: what was decided."""
    outbox.enqueue(DECIDED, f"{DECIDED}:{draw.pk}", {"draw": draw.pk})


@outbox.handles(ASKED)
def send_asked(payload: dict) -> None:
    draw, user = _draw(payload["draw"]), User.objects.filter(pk=payload["user"], is_active=True).first()
    if draw is None or draw.state != Draw.State.REQUESTED or user is None:
        return
    if all(draw.project.allows(user, need) for need in (P.BUDGET_APPROVE, P.COST_VIEW)):
        _send(user, draw, "asked", _("%(code)s: a draw waits for your decision") % {"code": draw.project.code})


@outbox.handles(DECIDED)
def send_decided(payload: dict) -> None:
    draw = _draw(payload["draw"])
    if draw is None or draw.decided_at is None or draw.decided_at < timezone.now() - NEWS:
        return
    user = draw.requested_by
    if user.is_active and draw.project.allows(user, P.COST_VIEW):
        _send(user, draw, "decided", _("%(code)s: your draw is decided") % {"code": draw.project.code})


def _draw(pk: int) -> Draw | None:
    rows = Draw.objects.select_related("project", "allowance", "line", "requested_by", "decided_by")
    return rows.filter(pk=pk).first()


def _send(user: User, draw: Draw, what: str, subject: str) -> None:
    address = reverse("projects:draw", args=[draw.project.code, draw.number])
    context = {"user": user, "draw": draw, "project": draw.project, "url": settings.SITE_URL.rstrip("/") + address}
    mail = EmailMultiAlternatives(
        subject=subject, body=render_to_string(f"projects/budget/email/{what}.txt", context), to=[user.email]
    )
    mail.attach_alternative(render_to_string(f"projects/budget/email/{what}.html", context), "text/html")
    mail.send()
