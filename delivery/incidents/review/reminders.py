"""Mails about actions of reviews: to the owner on the day after it was due, to the delivery manager a week later.

The daily job finds them; each mail is a row of the outbox whose key holds the action and its day, so that it is sent
once however often the job runs, and anew where the action was moved.
"""

import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.incidents.review.models import ReviewAction
from pmdm.jobs import outbox
from pmdm.jobs.periodic import periodic

KIND = "incident.action"
LATE = datetime.timedelta(days=7)


@periodic("incident-actions", every="day")
def remind(now: datetime.datetime) -> None:
    """Ask for every action that is overdue; tell the delivery manager of those that are late by a week."""
    today = timezone.localdate(now)
    rows = []
    for pk, due in ReviewAction.objects.late(today).exclude(product__stage="retired").values_list("pk", "due"):
        rows.append(_row(pk, due, "owner"))
        if due <= today - LATE:
            rows.append(_row(pk, due, "manager"))
    if rows:
        outbox.enqueue_many(KIND, rows)


def _row(pk: int, due: datetime.date, to: str) -> tuple[str, dict]:
    return f"{KIND}:{to}:{pk}:{due}", {"action": pk, "due": due.isoformat(), "to": to}


@outbox.handles(KIND)
def send(payload: dict) -> None:
    """The mail, unless it was done, dropped or moved since. The delivery manager answers for an owner who has left."""
    rows = ReviewAction.objects.open().filter(pk=payload["action"], due=payload["due"])
    action = rows.select_related("owner", "product", "review__incident").first()
    if action is None:
        return
    manager = action.product.delivery_manager
    late = payload["to"] == "manager"
    person = manager if late or not action.owner.is_active else action.owner
    # The manager who owns it is asked once.
    if person is None or not person.is_active or (late and person.pk == action.owner_id):
        return
    incident = action.review.incident
    site = settings.SITE_URL.rstrip("/")
    host = urlsplit(site).hostname or "localhost"
    context = {
        "person": person,
        "action": action,
        "incident": incident,
        "product": action.product,
        "link": site + reverse("delivery:incident-review", args=[action.product.code, incident.number]),
    }
    subject = _("[%(code)s] Overdue: %(text)s") % {"code": action.product.code, "text": action.text}
    EmailMessage(
        " ".join(subject.split())[:200],
        render_to_string("delivery/incidents/action_mail.txt", context),
        to=[person.email],
        headers={
            "Message-ID": f"<action-{action.pk}-{payload['due']}-{payload['to']}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()
