"""Who is told by mail: approvers when a change is submitted, its requester when it is decided."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import PROJECT_PERMISSIONS
from pmdm.accounts.roles import Permission as P
from pmdm.jobs import outbox

SUBMITTED, DECIDED = "changes.submitted", "changes.decided"


def approvers(change) -> list[User]:
    """Active people of the project who may decide about this change."""
    roles = [role for role, held in PROJECT_PERMISSIONS.items() if P.CHANGE_APPROVE in held]
    people = User.objects.filter(
        is_active=True, project_memberships__project=change.project_id, project_memberships__role__in=roles
    )
    return list(
        people.exclude(pk__in=[change.requester_id, change.created_by_id, change.submitted_by_id])
        .distinct()
        .order_by("pk")
    )


def submitted(change) -> None:
    _ask(SUBMITTED, change, approvers(change))


def decided(change) -> None:
    people = User.objects.filter(pk__in={change.requester_id, change.submitted_by_id}, is_active=True)
    _ask(DECIDED, change, [person for person in people if person.pk != change.decided_by_id])


def _ask(kind: str, change, people) -> None:
    # The version counts every move: the same step asks for the same mail once.
    for person in people:
        key = f"{kind}:{change.pk}:{change.version}:{person.pk}"
        outbox.enqueue(kind, key, {"change": change.pk, "user": person.pk, "state": change.state})


@outbox.handles(SUBMITTED)
def send_submitted(payload: dict) -> None:
    """Unless somebody decided meanwhile."""
    _send(payload, "submitted", ("submitted", "assessment"))


@outbox.handles(DECIDED)
def send_decided(payload: dict) -> None:
    _send(payload, "decided", (payload["state"], "implemented"))


def _send(payload: dict, template: str, states) -> None:
    """To people who may still read it; money only to those who may see cost."""
    from projects.changes.models import ChangeRequest

    change = (
        ChangeRequest.objects.select_related("project", "requester", "decided_by", "impact")
        .filter(pk=payload["change"], state__in=states)
        .first()
    )
    user = User.objects.filter(pk=payload["user"], is_active=True).first()
    if change is None or user is None or not change.project.allows(user, P.CHANGE_VIEW):
        return
    context = {
        "user": user,
        "change": change,
        "impact": change.impact,
        "shows_cost": change.project.allows(user, P.COST_VIEW) and change.impact is not None,
        "url": settings.SITE_URL.rstrip("/") + change.get_absolute_url(),
    }
    subject = {
        "submitted": _("%(ref)s waits for a decision: %(title)s"),
        "decided": _("%(ref)s is decided: %(title)s"),
    }[template] % {"ref": change.ref, "title": change.title}
    mail = EmailMultiAlternatives(
        subject=" ".join(f"[{change.project.code}] {subject}".split()),
        body=render_to_string(f"projects/changes/email/{template}.txt", context),
        to=[user.email],
    )
    mail.attach_alternative(render_to_string(f"projects/changes/email/{template}.html", context), "text/html")
    mail.send()
