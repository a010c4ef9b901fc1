"""What hypercare means for the record and for the product."""

from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.products import hooks as product_hooks
from handover import hooks
from handover.hypercare import verbs
from handover.hypercare.models import Hypercare
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission
from pmdm.jobs.periodic import periodic


def register() -> None:
    hooks.register_content("hypercare", content)
    hooks.register_section("hypercare", 70, section)
    hooks.on("accepted", "hypercare", begin)
    product_hooks.register_objection(objection)
    periodic("hypercare.watch", every="hour")(verbs.watch_all)


def content(handover: Handover) -> list:
    """The thresholds both sides agreed to."""
    row = Hypercare.objects.filter(handover=handover).first()
    return [[name, str(getattr(row, name))] for name in Hypercare.THRESHOLDS] if row else []


def section(handover: Handover, request):
    row = Hypercare.objects.filter(handover=handover).select_related("product").first()
    url = reverse("handover:hypercare-agreement", args=[handover.project.code, handover.number])
    if row is None:
        return hooks.Section("hypercare", _("Hypercare"), url=url, note=_("As usual: nothing else is agreed"))
    note = str(row.get_state_display())
    if row.state == Hypercare.State.PLANNED:
        note = _("%(n)s days agreed") % {"n": row.days}
    return hooks.Section("hypercare", _("Hypercare"), url=url, note=note)


def begin(handover: Handover, *, by, at) -> None:
    verbs.start(handover, by=by, at=at)


def objection(product, to: str) -> str:
    """Early life ends by the exit of hypercare, not around it."""
    if to == "live" and Hypercare.objects.filter(product=product, state=Hypercare.State.RUNNING).exists():
        return _("Hypercare is running: the product becomes live by its formal exit.")
    return ""


def may_see(product, user) -> bool:
    """For the tab: those who see the inside of a product."""
    return product.allows(user, Permission.INTERNAL_VIEW)
