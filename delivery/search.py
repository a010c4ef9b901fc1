"""How products and what they hold are found."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from delivery.models import Article, Issue, Product, Requirement, Risk
from delivery.products.naming import names_another
from pmdm.accounts.roles import Permission as P
from pmdm.prepared import PreparedFor
from pmdm.registers.models import words_of
from pmdm.ui import search
from pmdm.ui.addresses import address
from pmdm.ui.search import Finding, Hit

_SHOWN = ("code", "name", "stage")
_found = Finding(lambda reader: Product.objects.visible_to(reader), ("code", "name"), _SHOWN)
_of_code = PreparedFor(
    lambda reader, code: Product.objects.visible_to(reader).filter(code=code).order_by().values_list(*_SHOWN)
)


def products(user, words, limit):
    return [_product_hit(*row) for row in _found(user, words, limit)]


def by_code(user, code):
    return [_product_hit(*row) for row in _of_code(user, code)]


def _product_hit(code, name, stage):
    return Hit(title=name, ref=code, url=address("delivery:detail", code), sub=words_of(Product, "stage")[stage])


def visible_issues(user):
    """Issues of any product that this user may read: clients only those of their own organisation."""
    readable = Product.objects.allowing(user, P.ISSUE_VIEW)
    inside = Product.objects.allowing(user, P.INTERNAL_VIEW)
    own = Q(organisation=user.organisation_id) if user.organisation_id else Q(reported_by=user)
    return Issue.objects.filter(Q(product__in=inside) | (own & Q(product__in=readable)))


def visible_requirements(user):
    found = Requirement.objects.filter(product__in=Product.objects.allowing(user, P.REQUIREMENT_VIEW))
    if P.INTERNAL_VIEW in user.site_permissions:
        return found
    inside = Product.objects.allowing(user, P.INTERNAL_VIEW)
    return found.filter(Q(product__in=inside) | ~names_another(user.organisation_id, "title", "text"))


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


def _children(model, visible, url_name):
    found = Finding(
        lambda reader: visible(reader).order_by("-pk"),
        ("title",),
        ("number", "title", "product__code", "product__name"),
    )

    def find(user, words, limit):
        return [
            Hit(title=title, ref=f"{model.PREFIX}-{number}", sub=name, url=address(url_name, code, number))
            for number, title, code, name in found(user, words, limit)
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
    promises = _children(Requirement, visible_requirements, "delivery:requirement-detail")
    issues = _children(Issue, visible_issues, "delivery:issue-detail")
    articles = _children(Article, visible_articles, "delivery:article-detail")
    risks = _children(Risk, visible_risks, "delivery:risk-detail")
    search.register("promise", _("Promised requirements"), promises, order=35, icon="badge-check")
    search.register("product-risk", _("Product risks"), risks, order=45, icon="triangle-alert")
    search.register("product-issue", _("Issues"), issues, order=55, icon="bug")
    search.register("article", _("Knowledge base"), articles, order=58, icon="book-open")
