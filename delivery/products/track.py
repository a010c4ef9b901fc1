"""The stage track: the spine of a product's page, as the phase track is of a project's."""

from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.products.models import Product
from pmdm.ui import format as fmt
from pmdm.ui.parts import Phase

ORDER = ["early_life", "live", "sunset", "retired"]


def stage_track(product, changes) -> list[Phase]:
    """Four steps with since when and how long; ``changes`` are the product's stage changes, newest first."""
    entered = {}
    for change in changes:
        entered.setdefault(change.to_stage, change.at)
    now = ORDER.index(product.stage)
    return [_step(product, index, stage, now, entered.get(stage)) for index, stage in enumerate(ORDER)]


def _step(product, index: int, stage: str, now: int, since) -> Phase:
    label = Product.Stage(stage).label
    if index < now:
        # A stage that was skipped has no date.
        note = fmt.day(since) if since else _("Skipped")
        return Phase(label=label, state="done", note=note)
    if index == now:
        state = "stopped" if stage == "retired" else "now"
        days = (timezone.localdate() - timezone.localtime(since).date()).days if since else 0
        note = _("Since %s") % fmt.day(since) if since else ""
        when = fmt.distance(timezone.localtime(since).date()) if days else ""
        return Phase(label=label, state=state, percent=100, note=note, when=when)
    when = fmt.day(product.retire_on) if stage == "retired" and product.retire_on else ""
    return Phase(label=label, state="next", note=_("Planned") if when else "", when=when)
