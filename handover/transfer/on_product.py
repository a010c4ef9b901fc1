"""What a product's page shows of its handovers: conditions to be met, waivers that end, contracts taken over."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.products.hooks import Row, Section
from handover.arrivals.models import Arrival
from handover.criteria.models import Criterion
from handover.items.models import Contract
from handover.transfer.models import Condition, Handover
from pmdm.accounts.roles import Permission
from pmdm.prepared import PreparedRows
from pmdm.ui import format as fmt
from projects.models import Project

_accepted = Handover.objects.accepted()
_conditions_of = PreparedRows(
    lambda product: Condition.objects.filter(
        handover__in=_accepted.filter(product=product), confirmed_at=None
    ).select_related("handover__project", "owner")
)
_waived_of = PreparedRows(
    lambda product: Criterion.objects.filter(
        handover__in=_accepted.filter(product=product), state="waived", waiver_issue=None
    ).select_related("handover__project")
)
_contracts_of = PreparedRows(
    lambda product: Contract.objects.filter(product=product).select_related("owner", "handover__project")
)


def section(product, user) -> Section | None:
    """For those who work with the product; four queries, three without a handover, five with contracts."""
    if not product.allows(user, Permission.INTERNAL_VIEW):
        return None
    today = timezone.localdate()
    conditions, waived, contracts = _conditions_of(product.pk), _waived_of(product.pk), _contracts_of(product.pk)
    if not (conditions or waived or contracts):
        return None
    readable = set(Project.objects.allowing(user, Permission.HANDOVER_VIEW).values_list("pk", flat=True))
    rows = []
    for row in conditions:
        late = row.met_at is None and row.due < today
        sub = _("Condition: %(name)s until %(day)s") % {"name": row.owner.name, "day": fmt.day(row.due)}
        word = _("late") if late else _("waits to be confirmed") if row.met_at else _("open")
        rows.append(Row(row.text, sub, "act" if late else "watch", word, _url(row.handover, readable)))
    for line in waived:
        sub = _("Waived until %(day)s") % {"day": fmt.day(line.waiver_expires)}
        rows.append(Row(line.text, sub, "watch", _("waived"), _url(line.handover, readable, line)))
    arrived = Arrival.objects.filter(contract__in=[contract.pk for contract in contracts])
    became = dict(arrived.values_list("contract", "agreement")) if contracts else {}
    for contract in contracts:
        sub = _("Contract: %(name)s answers for it") % {"name": contract.owner.name}
        if contract.pk in became:
            url = reverse("delivery:agreement-detail", args=[product.code, became[contract.pk]])
        else:
            url = _url(contract.handover, readable)
        rows.append(Row(str(contract), sub, "ok", _("taken over"), url))
    return Section("handover", _("From the handover"), rows)


def _url(handover, readable: set[int], line=None) -> str:
    if handover.project_id not in readable:
        return ""
    if line:
        return reverse("handover:criterion", args=[handover.project.code, handover.number, line.pk])
    return reverse("handover:record", args=[handover.project.code, handover.number])
