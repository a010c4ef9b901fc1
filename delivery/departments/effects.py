"""Mails across departments: asked, accepted, declined, done, escalated; what is overdue is asked for once."""

import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from delivery.departments.models import TELL, DepartmentRequest, Roadblock
from pmdm.accounts.models import User
from pmdm.jobs import outbox
from pmdm.jobs.periodic import periodic

LATE = "department.late"
DAY = datetime.timedelta(days=1)
SUBJECTS = {
    "asked": gettext_lazy("[%(code)s] Asked of your department, %(ref)s: %(title)s"),
    "accepted": gettext_lazy("[%(code)s] Accepted, %(ref)s: %(title)s"),
    "declined": gettext_lazy("[%(code)s] Declined, %(ref)s: %(title)s"),
    "done": gettext_lazy("[%(code)s] Done, %(ref)s: %(title)s"),
    "withdrawn": gettext_lazy("[%(code)s] Withdrawn, %(ref)s: %(title)s"),
    "late": gettext_lazy("[%(code)s] Overdue, %(ref)s: %(title)s"),
    "raised": gettext_lazy("[%(code)s] Somebody has to own it, %(ref)s: %(title)s"),
    "adrift": gettext_lazy("[%(code)s] Still nobody's, %(ref)s: %(title)s"),
    "owned": gettext_lazy("[%(code)s] Yours to remove, %(ref)s: %(title)s"),
    "escalated": gettext_lazy("[%(code)s] Escalated to you, %(ref)s: %(title)s"),
}


@outbox.handles(TELL)
def tell(payload: dict) -> None:
    """Handler of the outbox: one mail to one person."""
    person = User.objects.filter(pk=payload["user"], is_active=True, organisation=None).first()
    row: Roadblock | DepartmentRequest | None
    if "roadblock" in payload:
        row = Roadblock.objects.select_related("product").filter(pk=payload["roadblock"]).first()
        if row is None or not row.is_open or (payload["what"] == "raised" and row.owner_id is not None):
            return
        way = reverse("delivery:roadblock", args=[row.product.code, row.number])
    else:
        row = DepartmentRequest.objects.select_related("product").filter(pk=payload["request"]).first()
        way = reverse("delivery:department-request", args=[row.pk]) if row else ""
    if person is None or row is None:
        return
    _send(row, person, payload["what"], way)


@periodic("department-requests", every="day")
def remind(now: datetime.datetime) -> None:
    """Ask for each request whose day is over: who does it, or while nobody answered who is asked."""
    rows = DepartmentRequest.objects.late(timezone.localdate(now)).exclude(product__stage="retired")
    asked = []
    for row in rows.select_related("owner", "department", "product").prefetch_related("department__people"):
        if row.owner:
            people = [row.owner]
        elif row.direction == DepartmentRequest.Direction.TO:
            people = [
                person for person in row.department.people.all() if person.is_active and not person.organisation_id
            ]
        else:
            people = [row.product.delivery_manager]
        asked += [
            (f"{LATE}:{row.pk}:{row.due}:{person.pk}",
             {"request": row.pk, "due": row.due.isoformat(), "user": person.pk})
            for person in people if person
        ]  # fmt: skip
    if asked:
        outbox.enqueue_many(LATE, asked)


@periodic("roadblocks", every="day")
def remind_of_roadblocks(now: datetime.datetime) -> None:
    """Each roadblock whose day is over, once for each day: its owner, whom it was escalated to, or while nobody owns
    it the delivery manager; who hears once, a day after, of one that nobody took and that has no day."""
    rows = Roadblock.objects.late(timezone.localdate(now)).exclude(product__stage="retired")
    asked = []
    for row in rows.select_related("owner", "escalated_to", "product"):
        people = [person for person in (row.owner, row.escalated_to) if person] or [row.product.delivery_manager]
        asked += [
            (f"{LATE}:roadblock:{row.pk}:{row.due}:{person.pk}",
             {"roadblock": row.pk, "due": row.due.isoformat(), "user": person.pk})
            for person in dict.fromkeys(people) if person
        ]  # fmt: skip
    for row in Roadblock.objects.adrift(now - DAY).exclude(product__stage="retired").select_related("product"):
        if person := row.product.delivery_manager:
            asked.append(
                (f"{LATE}:roadblock:{row.pk}:adrift:{person.pk}", {"roadblock": row.pk, "due": None, "user": person.pk})
            )
    if asked:
        outbox.enqueue_many(LATE, asked)


@outbox.handles(LATE)
def late(payload: dict) -> None:
    """Handler of the outbox: unless it was done, moved or withdrawn since."""
    if "roadblock" in payload:
        blocked = Roadblock.objects.open().filter(pk=payload["roadblock"], due=payload["due"])
        if payload["due"] is None:
            blocked = blocked.filter(owner=None)
        found = blocked.select_related("product").first()
        reader = User.objects.filter(pk=payload["user"], is_active=True, organisation=None).first()
        if found and reader:
            what = "adrift" if payload["due"] is None else "late"
            _send(found, reader, what, reverse("delivery:roadblock", args=[found.product.code, found.number]))
        return
    rows = DepartmentRequest.objects.open().filter(pk=payload["request"], due=payload["due"])
    row = rows.select_related("product").first()
    person = User.objects.filter(pk=payload["user"], is_active=True, organisation=None).first()
    if row and person:
        _send(row, person, "late", reverse("delivery:department-request", args=[row.pk]))


def _send(row, person, what, way) -> None:
    site = settings.SITE_URL.rstrip("/")
    host = urlsplit(site).hostname or "localhost"
    words = {"code": row.product.code, "ref": row.ref, "title": row.title}
    kind = row._meta.model_name
    EmailMessage(
        " ".join((str(SUBJECTS[what]) % words).split())[:200],
        render_to_string(
            "delivery/departments/mail.txt", {"row": row, "product": row.product, "person": person, "link": site + way}
        ),
        to=[person.email],
        headers={
            "Message-ID": f"<{kind}-{row.pk}-{what}-{row.version}-{person.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()
