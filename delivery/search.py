"""How products and what they hold are found."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from delivery.models import Article, Issue, Product, Requirement, Risk
from pmdm.accounts.roles import Permission as P
from pmdm.ui import search
from pmdm.ui.addresses import address
from pmdm.ui.search import Hit, containing


def products(user, words, limit):
    return [_product_hit(row) for row in containing(Product.objects.visible_to(user), words, "code", "name")[:limit]]


def by_code(user, code):
    return [_product_hit(row) for row in Product.objects.visible_to(user).filter(code=code)]


def _product_hit(product):
    return Hit(title=product.name, ref=product.code, url=product.get_absolute_url(), sub=product.get_stage_display())


def visible_issues(user):
    """Issues of any product that this user may read: clients only those of their own organisation."""
    readable = Product.objects.allowing(user, P.ISSUE_VIEW)
    inside = Product.objects.allowing(user, P.INTERNAL_VIEW)
    own = Q(organisation=user.organisation_id) if user.organisation_id else Q(reported_by=user)
    return Issue.objects.filter(Q(product__in=inside) | (own & Q(product__in=readable)))


def visible_requirements(user):
    return Requirement.objects.filter(product__in=Product.objects.allowing(user, P.REQUIREMENT_VIEW))


def visible_risks(user):
    return Risk.objects.filter(product__in=Product.objects.allowing(user, P.PRODUCT_RISK_VIEW))


def visible_articles(user):
    return Article.objects.readable_by(user)


NUMBERED = {
    "KB": (visible_articles, "delivery:article-detail"),
    "ISS": (visible_issues, "delivery:issue-detail"),
    "REQ": (visible_requirements, "delivery:requirement-detail"),
    "R": (visible_risks, "delivery:risk-detail"),
}


def jump(user, code, prefix, number):
    if prefix not in NUMBERED:
        return []
    visible, url_name = NUMBERED[prefix]
    rows = visible(user).filter(number=number)
    if code:
        rows = rows.filter(product__code=code)
    return [_hit(row, url_name) for row in rows.select_related("product").order_by("product__name")[:20]]


def _children(visible, url_name):
    def find(user, words, limit):
        found = containing(visible(user), words, "title")
        # Plain values: of whole rows and their products Django would make more than it is asked for.
        rows = found.order_by("-pk").values_list("number", "title", "product__code", "product__name")[:limit]
        prefix = found.model.PREFIX
        return [
            Hit(title=title, ref=f"{prefix}-{number}", sub=name, url=address(url_name, code, number))
            for number, title, code, name in rows
        ]

    return find


def _hit(row, url_name):
    return Hit(
        title=row.title, ref=row.ref, sub=row.product.name, url=reverse(url_name, args=[row.product.code, row.number])
    )


def register():
    search.register("product", _("Products"), products, order=20, icon="box")
    search.register_code(by_code)
    search.register_jump(jump)
    for key, label, order, icon, visible, url_name in (
        ("product-issue", _("Issues"), 55, "bug", visible_issues, "delivery:issue-detail"),
        ("promise", _("Promised requirements"), 35, "badge-check", visible_requirements, "delivery:requirement-detail"),
        ("article", _("Knowledge base"), 58, "book-open", visible_articles, "delivery:article-detail"),
        ("product-risk", _("Product risks"), 45, "triangle-alert", visible_risks, "delivery:risk-detail"),
    ):
        search.register(key, label, _children(visible, url_name), order=order, icon=icon)
