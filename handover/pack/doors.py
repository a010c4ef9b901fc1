"""The pack on the record's page."""

from django.utils.translation import gettext as _

from handover import hooks
from handover.pack import making


def register() -> None:
    hooks.register_section("pack", 90, section)


def section(handover, request):
    latest = handover.packs.first()
    note = _("Made %(n)s times") % {"n": latest.number} if latest else _("Not made yet")
    return hooks.Section("pack", _("Handover pack"), url=making.url_of(handover), note=note)
