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
    for key, label, order in (
        ("issues", _("Issues"), 20),
        ("releases", _("Releases"), 30),
        ("service", _("Service"), 40),
        ("knowledge", _("Knowledge"), 50),
        ("record", _("Record"), 60),
    ):
        nav.register_section("product", key, label, order=order)
    for section, key, label, url_name, order, permission in (
        ("", "overview", _("Overview"), "delivery:detail", 10, P.PRODUCT_VIEW),
        ("issues", "queue", _("Queue"), "delivery:issue-list", 10, P.ISSUE_VIEW),
        ("issues", "mail", _("Mail"), "delivery:mail-list", 70, P.INTERNAL_VIEW),
        ("releases", "releases", _("Releases"), "delivery:release-list", 10, P.RELEASE_VIEW),
        ("releases", "calendar", _("Calendar"), "delivery:product-release-calendar", 20, P.INTERNAL_VIEW),
        ("service", "performance", _("Performance"), "delivery:performance", 10, P.PERFORMANCE_VIEW),
        ("service", "breaches", _("At risk and breached"), "delivery:breach-list", 30, P.INTERNAL_VIEW),
        ("service", "levels", _("Service levels"), "delivery:service-level-list", 40, P.ISSUE_VIEW),
        ("service", "satisfaction", _("Satisfaction"), "delivery:survey-list", 60, P.SURVEY_VIEW),
        ("knowledge", "articles", _("Knowledge base"), "delivery:article-list", 10, P.PRODUCT_VIEW),
        ("knowledge", "runbooks", _("Runbooks"), "delivery:runbook-list", 20, P.INTERNAL_VIEW),
        ("record", "record", _("Record"), "delivery:record", 10, P.INTERNAL_VIEW),
        ("record", "requirements", _("Requirements"), "delivery:requirement-list", 20, P.REQUIREMENT_VIEW),
        ("record", "risks", _("Risks"), "delivery:risk-list", 30, P.PRODUCT_RISK_VIEW),
        ("record", "team", _("Team"), "delivery:team", 40, P.PRODUCT_TEAM_VIEW),
    ):
        nav.register_tab("product", key, label, url_name, order=order, visible=allowed(permission), section=section)
