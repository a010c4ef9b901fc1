"""Mails of major incidents: a duty that was given, an update that is overdue; the same Message-ID however often."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.incidents.models import TELL, MajorIncident, UpdateDue
from delivery.incidents.sweep import OVERDUE
from pmdm.accounts.models import User
from pmdm.jobs.outbox import handles


@handles(TELL)
def call(payload: dict) -> None:
    """Handler of the outbox: one person has a duty now."""
    incident = MajorIncident.objects.select_related("product").filter(pk=payload["incident"]).first()
    person = User.objects.filter(pk=payload["user"], is_active=True).first()
    if incident is None or person is None or not incident.is_open:
        return
    duties = [duty.label for duty in MajorIncident.Duty if incident.duty(duty.value) == person]
    if not duties:  # somebody else has it by now
        return
    subject = _("[%(code)s] Major incident %(ref)s: %(title)s")
    key = f"incident-{incident.pk}-{payload['what']}-{person.pk}"
    _send(incident, person, subject, key, duties=duties)


@handles(OVERDUE)
def overdue(payload: dict) -> None:
    """Handler of the outbox: one person hears that clients were left waiting."""
    row = UpdateDue.objects.select_related("incident__product").filter(pk=payload["due"]).first()
    person = User.objects.filter(pk=payload["user"], is_active=True).first()
    if row is None or person is None:
        return
    subject = _("[%(code)s] Update overdue, %(ref)s: %(title)s")
    _send(row.incident, person, subject, f"incident-update-{row.pk}-{person.pk}", row=row)


def _send(incident, person, subject, key, **context) -> None:
    site = settings.SITE_URL.rstrip("/")
    words = {"code": incident.product.code, "ref": incident.ref, "title": incident.title}
    context |= {
        "incident": incident,
        "product": incident.product,
        "person": person,
        "link": site + reverse("delivery:major-incident", args=[incident.product.code, incident.number]),
    }
    EmailMessage(
        " ".join((subject % words).split())[:200],
        render_to_string("delivery/incidents/mail.txt", context),
        to=[person.email],
        headers={
            "Message-ID": f"<{key}@{urlsplit(site).hostname or 'localhost'}>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()
