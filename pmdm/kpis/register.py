"""What this app adds to the frame and to the clock."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.access import may_on_site
from pmdm.accounts.roles import Permission
from pmdm.kpis import periodic  # noqa: F401
from pmdm.ui import nav

nav.register(_("Portfolio"), "kpis:portfolio", "layout-grid", 10)
nav.register(
    _("Thresholds"),
    "kpis:thresholds",
    "sliders-horizontal",
    80,
    visible=lambda user: may_on_site(user, Permission.SITE_KPIS),
)
