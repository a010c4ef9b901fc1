"""How good a handover was, with everything the score was computed from."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.issues.models import Severity
from handover import around
from handover.models import Material
from handover.quality import reading
from handover.quality.models import inputs_from
from handover.quality.score import CAPS, score, status
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
    kinds = dict(Material.Kind.choices)
    missing = ", ".join(str(kinds[kind]) for kind in inputs["missing"])
    parts = [
        (
            _("Escaped defects"),
            sum(inputs["defects"].values()),
            found.lost["defects"],
            CAPS["defects"],
            _defects(inputs),
        ),
        (_("Returns"), inputs["returns"], found.lost["returns"], CAPS["returns"], ""),
        (_("Waived criteria"), inputs["waivers"], found.lost["waivers"], CAPS["waivers"], ""),
        (_("Missing documents"), len(inputs["missing"]), found.lost["documents"], CAPS["documents"], missing),
    ]
    defects = reading.escaped_defects(handover, min(now, reading.ends_at(handover)))
    context = around.page(
        request, project, handover, "quality",
        kept=kept, score=found, status=status(found.value), parts=parts, until=reading.ends_at(handover),
        issues=list(defects.order_by("severity", "number")[:LISTED]),
        may_open=handover.product.allows(request.user, P.INTERNAL_VIEW),
    )  # fmt: skip
    return render(request, "handover/quality/quality.html", context)


def _defects(inputs: dict) -> str:
    return ", ".join(
        f"{Severity(int(severity)).label}: {count}" for severity, count in inputs["defects"].items() if count
    )
