"""What a product's page shows of its handovers: conditions to be met, waivers that end, contracts taken over."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.products.hooks import Row, Section
from handover.criteria.models import Criterion
from handover.items.models import Contract
from handover.transfer.models import Condition, Handover
from pmdm.accounts.roles import Permission
from pmdm.ui import format as fmt
from projects.models import Project


def section(product, user) -> Section | None:
    """For those who work with the product; four queries, fewer where nothing was handed over."""
    if not product.allows(user, Permission.INTERNAL_VIEW):
        return None
    records = Handover.objects.accepted().filter(product=product)
    today = timezone.localdate()
    readable = set(Project.objects.allowing(user, Permission.HANDOVER_VIEW).values_list("pk", flat=True))
    rows = []
    conditions = Condition.objects.filter(handover__in=records, confirmed_at=None)
    for row in conditions.select_related("handover__project", "owner"):
        late = row.met_at is None and row.due < today
        sub = _("Condition: %(name)s until %(day)s") % {"name": row.owner.name, "day": fmt.day(row.due)}
        word = _("late") if late else _("waits to be confirmed") if row.met_at else _("open")
        rows.append(Row(row.text, sub, "act" if late else "watch", word, _url(row.handover, readable)))
    waived = Criterion.objects.filter(handover__in=records, state="waived", waiver_issue=None)
    for line in waived.select_related("handover__project"):
        sub = _("Waived until %(day)s") % {"day": fmt.day(line.waiver_expires)}
        rows.append(Row(line.text, sub, "watch", _("waived"), _url(line.handover, readable, line)))
    for contract in Contract.objects.filter(product=product).select_related("owner", "handover__project"):
        sub = _("Contract: %(name)s answers for it") % {"name": contract.owner.name}
        rows.append(Row(str(contract), sub, "ok", _("taken over"), _url(contract.handover, readable)))
    return Section("handover", _("From the handover"), rows) if rows else None


def _url(handover, readable: set[int], line=None) -> str:
    if handover.project_id not in readable:
        return ""
    if line:
        return reverse("handover:criterion", args=[handover.project.code, handover.number, line.pk])
    return reverse("handover:record", args=[handover.project.code, handover.number])
