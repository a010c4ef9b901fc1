"""The places of major incidents in the frame: a tab beside the issues, actions in "My work", words of the feed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from delivery.incidents.review.models import ReviewAction
from delivery.products.models import Product
from delivery.products.register import allowed
from pmdm.accounts.roles import Permission as P
from pmdm.activity.words import describe
from pmdm.ui import mywork, nav
from pmdm.ui.mywork import Todo


def actions_of(user) -> list[Todo]:
    """What reviews have asked of this person and is not done."""
    inside = Product.objects.live().allowing(user, P.INTERNAL_VIEW)
    rows = ReviewAction.objects.open().filter(owner=user, product__in=inside)
    return [
        Todo(
            row.text, f"{row.review.incident.ref} · {row.product.name}",
            reverse("delivery:review-action", args=[row.product.code, row.review.incident.number, row.pk]), row.due,
        )
        for row in rows.select_related("product", "review__incident")
    ]  # fmt: skip


def register() -> None:
    nav.register_tab(
        "product", "incidents", _("Major incidents"), "delivery:major-incident-list", order=20,
        visible=allowed(P.ISSUE_VIEW), section="service",
    )  # fmt: skip
    mywork.register(_("Action of a review"), actions_of, order=30)
    describe("delivery.IncidentEntry", label=("kind", "text"), needs=P.INTERNAL_VIEW)
    describe("delivery.MajorIncident", label=("title",), needs=P.INTERNAL_VIEW)
    describe("delivery.IncidentReview", label=("incident",), needs=P.INTERNAL_VIEW)
    describe("delivery.ReviewAction", label=("text",), needs=P.INTERNAL_VIEW)
