"""How good a handover was, with everything the score was computed from."""

from django.shortcuts import render
from django.utils import timezone

from handover import around
from handover.quality import reading
from handover.quality.models import inputs_from
from handover.quality.score import score, status
from handover.quality.words import parts
from handover.transfer.access import handover_view
from pmdm.accounts.roles import Permission as P

LISTED = 200


@handover_view(read=P.HANDOVER_VIEW)
def quality(request, project, handover):
    """The kept score, or the one so far; before the acceptance there is nothing to judge."""
    if not handover.accepted_at:
        return render(request, "handover/quality/quality.html", around.page(request, project, handover, "quality"))
    kept = getattr(handover, "quality_score", None)
    now = timezone.now()
    inputs = kept.inputs if kept else reading.inputs_of(handover, now)
    found = score(inputs_from(inputs))
    defects = reading.escaped_defects(handover, min(now, reading.ends_at(handover)))
    context = around.page(
        request, project, handover, "quality",
        kept=kept, score=found, status=status(found.value), parts=parts(inputs), until=reading.ends_at(handover),
        issues=list(defects.order_by("severity", "number")[:LISTED]),
        may_open=handover.product.allows(request.user, P.INTERNAL_VIEW),
    )  # fmt: skip
    return render(request, "handover/quality/quality.html", context)
