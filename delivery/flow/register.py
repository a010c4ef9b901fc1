"""The place of support flow in the frame: a tab beside the issues."""

from django.utils.translation import gettext_lazy as _

from delivery.products.register import allowed
from pmdm.accounts.roles import Permission as P
from pmdm.ui import nav


def register() -> None:
    nav.register_tab(
        "product", "flow", _("Flow"), "delivery:flow", order=50, visible=allowed(P.PRODUCT_KPI_VIEW), section="service"
    )
