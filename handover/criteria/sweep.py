"""A waiver that ends opens its criterion again, as an issue in operations: once, whatever slept meanwhile."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.models import Issue
from handover.criteria.models import Criterion
from handover.transfer.models import Handover
from pmdm.jobs.periodic import periodic
from pmdm.ui import format as fmt


@periodic("handover.waivers", every="hour")
def expire(now) -> int:
    """Open an issue for each waiver whose day has come; how many."""
    today = timezone.localtime(now).date()
    due = Criterion.objects.filter(
        state=Criterion.State.WAIVED,
        waiver_issue=None,
        waiver_expires__lte=today,
        handover__state__in=Handover.ACCEPTED_STATES,
    )
    return sum(_reopen(pk, now) for pk in due.values_list("pk", flat=True).order_by("pk"))


@transaction.atomic
def _reopen(pk: int, now) -> bool:
    # Another worker may have been here, or somebody settled it: the row decides, under its lock.
    rows = Criterion.objects.select_for_update(of=("self",), skip_locked=True)
    line = rows.filter(pk=pk, state=Criterion.State.WAIVED, waiver_issue=None).first()
    if line is None:
        return False
    handover = Handover.objects.select_related("product", "receiver", "project").get(pk=line.handover_id)
    product = handover.product
    owner = product.delivery_manager or handover.receiver
    issue = Issue.report(
        product,
        by=owner,
        at=now,
        type=Issue.Type.REQUEST,
        severity=2 if line.is_required else 3,
        title=_("Waiver has ended: %(line)s") % {"line": line.text[:200]},
        description=_(
            "Accepted with %(handover)s without this, waived by %(name)s until %(day)s.\n\n%(reason)s\n\n%(guidance)s"
        )
        % {
            "handover": handover.ref,
            "name": line.waiver_approver.name,
            "day": fmt.day(line.waiver_expires),
            "reason": line.waiver_reason,
            "guidance": line.guidance,
        },
        assignee=owner,
        source=Issue.Source.HANDOVER,
    )
    Criterion.objects.filter(pk=pk).update(waiver_issue=issue, version=F("version") + 1)
    return True
