"""What our own people are told about a product, on its overview."""

from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.products.hooks import Row, Section
from handover.portal.models import Announcement
from pmdm.accounts.roles import Permission as P
from pmdm.activity.words import shortened
from pmdm.ui import format as fmt

SHOWN = 5


def section(product, user) -> Section | None:
    """Announcements that stand now; nothing for a client, who has them at home."""
    if user.organisation_id is not None or not product.allows(user, P.INTERNAL_VIEW):
        return None
    told = Announcement.objects.filter(product=product).current().told_to_us()
    url = reverse("handover:announcements", args=[product.code])
    rows = [
        Row(
            each.title,
            shortened(each.text),
            "watch",
            _("until %s") % fmt.when(each.ends_at) if each.ends_at else _("now"),
            url,
        )
        for each in told[:SHOWN]
    ]
    return Section("announcements", _("Announcements"), rows) if rows else None
