"""Finds updates that clients should have had by now: each row fired once, with a line in the timeline and mails.

Step 1, one interval after the last update, tells those who lead; step 2, after another interval of silence, the
delivery manager and the stakeholders too.
"""

import datetime
from collections import defaultdict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.incidents.models import IncidentEntry, MajorIncident, UpdateDue
from delivery.products.models import Membership
from pmdm.accounts.models import User
from pmdm.accounts.roles import Role
from pmdm.jobs import outbox

OVERDUE = "incident.overdue"
BATCH = 100


def sweep(now: datetime.datetime | None = None, *, incident: int | None = None) -> int:
    """Fire all that is due, or what is due of one incident; how many rows."""
    now = now or timezone.now()
    fired = 0
    while count := _fire(now, incident):
        fired += count
        if count < BATCH:
            break
    return fired


@transaction.atomic
def _fire(now: datetime.datetime, incident: int | None) -> int:
    due = UpdateDue.objects.waiting().filter(due_at__lt=now, incident__state__in=MajorIncident.UPDATING)
    due = due.exclude(product__stage="retired")
    if incident is not None:
        due = due.filter(incident=incident)
    # A verb that posts an update holds the rows it settles; another sweep holds its own.
    rows = list(
        due.select_related("incident")
        .order_by("due_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)[:BATCH]
    )
    if not rows:
        return 0
    above = _above({row.product_id for row in rows if row.step == 2})
    together: dict[int, list[UpdateDue]] = defaultdict(list)
    for row in rows:
        together[row.incident_id].append(row)
    lines, asked = [], []
    for late in together.values():
        # After hours of standing still both are due at once: each person hears the later one.
        heard: set[int] = set()
        for row in sorted(late, key=lambda row: -row.step):
            one = row.incident
            people = [one.communications_id, one.commander_id] + (above[row.product_id] if row.step == 2 else [])
            row.fired_at = now
            row.told = [key for key in dict.fromkeys(people) if key and key not in heard]
            heard.update(row.told)
            asked += [(f"{OVERDUE}:{row.pk}:{key}", {"due": row.pk, "user": key}) for key in row.told]
        lines += [_line(row, now) for row in late]
    names = dict(User.objects.filter(pk__in={key for row in rows for key in row.told}).values_list("pk", "name"))
    for line, row in zip(lines, (row for late in together.values() for row in late), strict=True):
        if row.told:
            line.text += " " + _("Told: %s.") % ", ".join(names[key] for key in row.told if key in names)
    UpdateDue.objects.bulk_update(rows, ["fired_at", "told"])
    IncidentEntry.objects.bulk_create(lines)
    outbox.enqueue_many(OVERDUE, asked)
    return len(rows)


def _line(row: UpdateDue, now) -> IncidentEntry:
    text = _("Clients should have had an update by now.") if row.step == 1 else _("Still no update: escalated.")
    return IncidentEntry(
        product_id=row.product_id, incident_id=row.incident_id, kind=IncidentEntry.Kind.OVERDUE, text=text, at=now,
        recorded_at=now,
    )  # fmt: skip


def _above(products) -> dict[int, list[int]]:
    """Delivery manager and stakeholders of each product: our own active people."""
    found: dict[int, list[int]] = defaultdict(list)
    if products:
        held = Membership.objects.filter(
            product__in=products, role__in=(Role.DELIVERY_MANAGER, Role.STAKEHOLDER), user__is_active=True,
            user__organisation=None,
        )  # fmt: skip
        for product, user in held.order_by("role", "pk").values_list("product", "user"):
            found[product].append(user)
    return found
