"""What the shell shows of exchange rates."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.access import may_on_site
from pmdm.accounts.roles import Permission
from pmdm.ui import nav


def register() -> None:
    nav.register(
        _("Exchange rates"),
        "projects:rate-list",
        "banknote",
        82,
        visible=lambda user: may_on_site(user, Permission.SITE_RATES),
    )
