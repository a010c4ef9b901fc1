"""Fires what is due: found by the beat, each once, its mails asked for in the same transaction.

A worker that dies in the middle leaves nothing: its rows are as they were, and the next sweep finds them.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from delivery.issues.escalation.models import Escalation, EscalationStep
from delivery.products.models import Membership
from pmdm.accounts.roles import Role
from pmdm.jobs import outbox
from pmdm.prepared import Prepared

KIND = "issue.escalate"
BATCH = 200
WORKING = (Role.DELIVERY_MANAGER, Role.SUPPORT, Role.MEMBER)
ROLE_OF = {
    EscalationStep.Tells.SUPPORT: Role.SUPPORT,
    EscalationStep.Tells.DELIVERY_MANAGER: Role.DELIVERY_MANAGER,
    EscalationStep.Tells.STAKEHOLDER: Role.STAKEHOLDER,
}


def sweep(now: datetime.datetime | None = None, *, issue: int | None = None) -> int:
    """Fire all that is due, or what is due of one issue; how many."""
    now = now or timezone.now()
    fired = 0
    while count := _fire(now, issue):
        fired += count
        if count < BATCH:
            break
    return fired


@transaction.atomic
def _fire(now: datetime.datetime, issue: int | None) -> int:
    due = Escalation.objects.due(now).exclude(product__stage="retired")
    if issue is not None:
        due = due.filter(issue=issue)
    # Rows that another sweep holds are its own; rows that a verb holds are about to change.
    rows = list(
        due.select_related("step", "issue")
        .only("issue__assignee", "issue__severity", "step__clock", "step__trigger", "step__minutes", "step__tells",
              "product", "due_at", "fired_at", "told")
        .order_by("due_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)[:BATCH]
    )  # fmt: skip
    if not rows:
        return 0
    asked = _tell(rows, People({row.product_id for row in rows}))
    for row in rows:
        row.fired_at = now
    Escalation.objects.bulk_update(rows, ["fired_at", "told"])
    outbox.enqueue_many(KIND, asked)
    return len(rows)


class People:
    """Who may be told on these products: our own active people, by role."""

    def __init__(self, products: Iterable[int]):
        self._held: dict[tuple[int, str], list[int]] = defaultdict(list)
        held = Membership.objects.filter(product__in=products, user__is_active=True, user__organisation=None)
        for product, role, user in held.order_by("pk").values_list("product", "role", "user"):
            self._held[product, role].append(user)

    def of(self, step: EscalationStep, product: int, assignee: int | None) -> list[int]:
        """Keys of those whom the step tells about an issue that this person works on."""
        people: list[int] = []
        for word in step.tells:
            if word == EscalationStep.Tells.ASSIGNEE:
                works = any(assignee in self._held[product, role] for role in WORKING)
                people += [assignee] if assignee and works else self._held[product, Role.SUPPORT]
            else:
                people += self._held[product, ROLE_OF[EscalationStep.Tells(word)]]
        return list(dict.fromkeys(people))


def _tell(rows: list[Escalation], people: People) -> list[tuple[str, dict]]:
    """Set whom each row tells; the outbox rows that do it.

    After hours of standing still several steps of one clock are due at once: each person hears the latest that
    concerns them, not all of them.
    """
    clocks: dict[tuple[int, str], list[Escalation]] = defaultdict(list)
    for row in rows:
        clocks[row.issue_id, row.step.clock].append(row)
    asked = []
    for together in clocks.values():
        heard: set[int] = set()
        for row in sorted(together, key=lambda row: row.step.order, reverse=True):
            row.told = [
                user for user in people.of(row.step, row.product_id, row.issue.assignee_id) if user not in heard
            ]
            heard.update(row.told)
            asked += [(f"escalation:{row.pk}:{user}", {"escalation": row.pk, "user": user}) for user in row.told]
    return asked


_waiting = Prepared(lambda issue: Escalation.objects.waiting().filter(issue=issue).values_list("due_at"))


def told_until(issue: int, until: datetime.datetime) -> int:
    """Fire what was due of an issue up to a moment, each at its own moment: for history told after the fact."""
    if not any(due_at < until for (due_at,) in _waiting(issue)):
        return 0
    moments = Escalation.objects.due(until).filter(issue=issue).order_by("due_at").values_list("due_at", flat=True)
    return sum(sweep(at + datetime.timedelta(seconds=5), issue=issue) for at in list(moments))
