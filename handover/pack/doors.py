"""The pack on the record's page."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover import hooks
from handover.pack import making


def register() -> None:
    hooks.register_section("pack", 90, section)


def section(handover, request):
    latest = handover.packs.first()
    note = _("Not made yet")
    if latest:
        note = ngettext("Made once", "Made %(n)s times", latest.number) % {"n": latest.number}
    return hooks.Section("pack", _("Handover pack"), url=making.url_of(handover), note=note)
