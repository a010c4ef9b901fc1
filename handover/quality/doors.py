"""The score on the record's page, and the nightly job that keeps it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from handover import hooks
from handover.quality import reading
from handover.quality.score import status
from handover.transfer.models import Handover
from pmdm.jobs.periodic import periodic


def register() -> None:
    hooks.register_section("quality", 95, section)
    periodic("handover.quality", every="day")(reading.freeze)


def section(handover: Handover, request):
    """Only after the acceptance: before, there is nothing to judge."""
    if not handover.accepted_at:
        return None
    kept = getattr(handover, "quality_score", None)
    note = _("%(value)s of 100") % {"value": kept.value} if kept else _("Known 90 days after the acceptance")
    return hooks.Section(
        "quality",
        _("Quality of the handover"),
        url=reverse("handover:quality", args=[handover.project.code, handover.number]),
        note=note,
        status=status(kept.value) if kept else "",
    )
