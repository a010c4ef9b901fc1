"""The products' places in the frame: destination, short list, tabs."""

from django.utils.translation import gettext_lazy as _

from delivery.products.decommission.models import objection
from delivery.products.hooks import register_objection
from delivery.products.models import Membership, Product
from pmdm.accounts.roles import Permission as P
from pmdm.kpis import figures
from pmdm.prepared import PreparedFor
from pmdm.ui import nav
from pmdm.ui.addresses import address

SHORT = 8


def _mine(reader):
    mine = Membership.objects.filter(user=reader).values("product")
    return Product.objects.live().filter(pk__in=mine).order_by("name").values_list("pk", "code", "name")[:SHORT]


my_own = PreparedFor(_mine)


def live_products(user):
    """One's own products for the sidebar, with their lights where one may see figures."""
    rows = my_own(user)
    permitted = [] if user.organisation_id else [pk for pk, _code, _name in rows]
    lights = figures.lights("product", permitted) if permitted else {}
    return [
        {"name": name, "url": address("delivery:detail", code), "light": lights.get(pk, "na")}
        for pk, code, name in rows
    ]


def allowed(permission):
    """For tabs: visible to whoever holds the permission on the product."""
    return lambda product, user: product.allows(user, permission)


def register() -> None:
    register_objection(objection)
    nav.register(_("Products"), "delivery:list", "box", 30)
    nav.register(_("Issues"), "delivery:queue", "bug", 32)
    nav.register_list(_("Products"), live_products, order=20, more="delivery:list")
    for key, label, url_name, order, permission in (
        ("overview", _("Overview"), "delivery:detail", 10, P.PRODUCT_VIEW),
        ("record", _("Record"), "delivery:record", 15, P.INTERNAL_VIEW),
        ("issues", _("Issues"), "delivery:issue-list", 20, P.ISSUE_VIEW),
        ("requirements", _("Requirements"), "delivery:requirement-list", 30, P.REQUIREMENT_VIEW),
        ("satisfaction", _("Satisfaction"), "delivery:survey-list", 40, P.SURVEY_VIEW),
        ("performance", _("Performance"), "delivery:performance", 50, P.PERFORMANCE_VIEW),
        ("releases", _("Releases"), "delivery:release-list", 60, P.RELEASE_VIEW),
        ("articles", _("Knowledge base"), "delivery:article-list", 64, P.PRODUCT_VIEW),
        ("runbooks", _("Runbooks"), "delivery:runbook-list", 66, P.INTERNAL_VIEW),
        ("risks", _("Risks"), "delivery:risk-list", 70, P.PRODUCT_RISK_VIEW),
        ("mail", _("Mail"), "delivery:mail-list", 75, P.INTERNAL_VIEW),
        ("team", _("Team"), "delivery:team", 80, P.PRODUCT_TEAM_VIEW),
    ):
        nav.register_tab("product", key, label, url_name, order=order, visible=allowed(permission))
