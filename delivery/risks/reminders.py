"""Mails about tests of controls: to the control's owner on the day, to the delivery manager two weeks later.

The daily job finds them; the key of each mail holds the risk and the day, so that it is sent once, and anew where the
test was moved.
"""

import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.risks.models import Risk
from pmdm.jobs import outbox
from pmdm.jobs.periodic import periodic

KIND = "risk.control"
LATE = datetime.timedelta(days=14)


@periodic("control-tests", every="day")
def remind(now: datetime.datetime) -> None:
    """Ask for every test that is due; tell the delivery manager of those that are late."""
    today = timezone.localdate(now)
    due = Risk.objects.open().filter(control_test_due__lte=today).exclude(control="").exclude(product__stage="retired")
    rows = []
    for pk, day in due.values_list("pk", "control_test_due"):
        rows.append(_row(pk, day, "owner"))
        if day <= today - LATE:
            rows.append(_row(pk, day, "manager"))
    if rows:
        outbox.enqueue_many(KIND, rows)


def _row(pk: int, day: datetime.date, to: str) -> tuple[str, dict]:
    return f"{KIND}:{to}:{pk}:{day}", {"risk": pk, "due": day.isoformat(), "to": to}


@outbox.handles(KIND)
def send(payload: dict) -> None:
    """The mail, unless it was tested, moved or closed since. The delivery manager answers where nobody owns it."""
    risks = Risk.objects.open().filter(pk=payload["risk"], control_test_due=payload["due"])
    risk = risks.select_related("control_owner", "owner", "product").first()
    if risk is None:
        return
    manager, owner = risk.product.delivery_manager, risk.control_owner or risk.owner
    late = payload["to"] == "manager"
    person = manager if late or owner is None or not owner.is_active else owner
    # The manager who owns it, or answers for it, is asked once.
    if person is None or not person.is_active or (late and (owner is None or not owner.is_active or manager == owner)):
        return
    site = settings.SITE_URL.rstrip("/")
    host = urlsplit(site).hostname or "localhost"
    context = {
        "person": person,
        "risk": risk,
        "product": risk.product,
        "link": site + reverse("delivery:risk-detail", args=[risk.product.code, risk.number]),
    }
    words = {"code": risk.product.code, "ref": risk.ref, "title": risk.title}
    EmailMessage(
        " ".join((_("[%(code)s] Test the control of %(ref)s: %(title)s") % words).split())[:200],
        render_to_string("delivery/risks/mail.txt", context),
        to=[person.email],
        headers={
            "Message-ID": f"<control-{risk.pk}-{payload['due']}-{payload['to']}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()
