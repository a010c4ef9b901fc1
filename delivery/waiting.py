"""What of delivered products waits for a person, for "My work". One query a kind."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.articles.models import Article
from delivery.issues.models import Issue
from delivery.products.models import Product
from delivery.risks.models import Risk
from pmdm.accounts.roles import Permission as P
from pmdm.ui import mywork
from pmdm.ui.mywork import Todo

MOST = 200  # rows of a kind


def register() -> None:
    mywork.register(_("Issue"), issues, order=11)
    mywork.register(_("Review of a risk"), risks, order=15)
    mywork.register(_("Test of a control"), controls, order=15)
    mywork.register(_("Article that did not help"), articles, order=16)


def issues(user) -> list[Todo]:
    """Open issues given to the person; due when they are to be resolved."""
    rows = Issue.objects.open().filter(assignee=user, product__in=_readable(user, P.ISSUE_VIEW))
    return [
        Todo(
            row.title,
            f"{row.ref} · {row.product.name} · {row.get_severity_display()} · {row.get_state_display()}",
            reverse("delivery:issue-detail", args=[row.product.code, row.number]),
            timezone.localdate(row.resolution_due) if row.resolution_due else None,
        )
        for row in rows.select_related("product").order_by("resolution_due", "pk")[:MOST]
    ]


def risks(user) -> list[Todo]:
    """Open risks of one's own whose day of review is set."""
    rows = Risk.objects.open().filter(owner=user, review_on__isnull=False)
    return _risks(user, rows, "review_on")


def controls(user) -> list[Todo]:
    """Controls that the person answers for and that are to be tested on a day."""
    rows = Risk.objects.open().filter(control_owner=user, control_test_due__isnull=False)
    return _risks(user, rows, "control_test_due")


def articles(user) -> list[Todo]:
    """Articles that the person keeps right and that did not help those who read them."""
    rows = Article.objects.filter(owner=user, product__in=_readable(user, P.INTERNAL_VIEW)).with_votes().poor()
    return [
        Todo(
            row.title,
            f"{row.ref} · {row.product.name} · " + _("%(no)s no, %(yes)s yes") % {"no": row.failed, "yes": row.helped},
            reverse("delivery:article-detail", args=[row.product.code, row.number]),
            None,
        )
        for row in rows.select_related("product").defer("text").order_by("helpfulness", "pk")[:MOST]
    ]


def _risks(user, rows, due: str) -> list[Todo]:
    rows = rows.filter(product__in=_readable(user, P.PRODUCT_RISK_VIEW)).select_related("product").order_by(due, "pk")
    return [
        Todo(
            row.title,
            f"{row.ref} · {row.product.name}",
            reverse("delivery:risk-detail", args=[row.product.code, row.number]),
            getattr(row, due),
        )
        for row in rows[:MOST]
    ]


def _readable(user, permission):
    return Product.objects.live().allowing(user, permission).order_by().values("pk")
