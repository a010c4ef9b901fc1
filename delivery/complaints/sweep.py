"""Finds complaints that nobody acknowledged in time: told once each, to the delivery manager and support."""

import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.complaints.models import Complaint
from delivery.issues.models import Issue
from delivery.products.models import Membership
from pmdm.accounts.models import User
from pmdm.accounts.roles import Role
from pmdm.jobs import outbox
from pmdm.jobs.periodic import periodic

KIND = "complaint.unheard"
BATCH = 100


def sweep(now: datetime.datetime | None = None, *, issue: int | None = None) -> int:
    """Tell of all that are late, or of one; how many."""
    now = now or timezone.now()
    told = 0
    while count := _tell(now, issue):
        told += count
        if count < BATCH:
            break
    return told


@transaction.atomic
def _tell(now, issue) -> int:
    late = Complaint.objects.unheard(now).filter(late_told_at=None).exclude(product__stage="retired")
    if issue is not None:
        late = late.filter(issue=issue)
    rows = list(late.order_by("acknowledge_due").select_for_update(of=("self",), skip_locked=True)[:BATCH])
    if not rows:
        return 0
    held = Membership.objects.filter(
        product__in={row.product_id for row in rows}, role__in=(Role.DELIVERY_MANAGER, Role.SUPPORT),
        user__is_active=True, user__organisation=None,
    )  # fmt: skip
    people: dict[int, set[int]] = {}
    for product, user in held.values_list("product", "user"):
        people.setdefault(product, set()).add(user)
    asked = [
        (f"{KIND}:{row.pk}:{user}", {"complaint": row.pk, "user": user})
        for row in rows
        for user in sorted(people.get(row.product_id, ()))
    ]
    Complaint.objects.filter(pk__in=[row.pk for row in rows]).update(late_told_at=now)
    outbox.enqueue_many(KIND, asked)
    return len(rows)


@periodic("complaints-open", every="hour")
def open_missing(now: datetime.datetime) -> int:
    """Issues that became complaints on some other way get what a complaint has; how many."""
    missing = Issue.objects.open().filter(type=Issue.Type.COMPLAINT, complaint=None).select_related("product__calendar")
    rows = list(missing[:500])
    for issue in rows:
        Complaint.open(issue, at=now)
    return len(rows)


@outbox.handles(KIND)
def send(payload: dict) -> None:
    """The mail, unless it was acknowledged since."""
    unheard = Complaint.objects.filter(acknowledged_at=None).select_related("issue__product")
    row = unheard.filter(pk=payload["complaint"]).first()
    person = User.objects.filter(pk=payload["user"], is_active=True).first()
    if row is None or person is None:
        return
    issue, product = row.issue, row.issue.product
    site = settings.SITE_URL.rstrip("/")
    context = {
        "person": person,
        "complaint": row,
        "issue": issue,
        "product": product,
        "link": site + reverse("delivery:complaint", args=[product.code, issue.number]),
    }
    words = {"code": product.code, "ref": issue.ref, "title": issue.title}
    EmailMessage(
        " ".join((_("[%(code)s] Complaint not acknowledged, %(ref)s: %(title)s") % words).split())[:200],
        render_to_string("delivery/complaints/mail.txt", context),
        to=[person.email],
        headers={
            "Message-ID": f"<complaint-{row.pk}-{person.pk}@{urlsplit(site).hostname or 'localhost'}>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()
