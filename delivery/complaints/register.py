"""The places of complaints in the frame: a tab beside the issues, words of the feed, what waits for me."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.complaints.models import Complaint
from delivery.products.models import Membership
from delivery.products.register import allowed
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.activity.words import describe
from pmdm.ui import mywork, nav
from pmdm.ui.mywork import Todo


def complaints_of(user) -> list[Todo]:
    """Complaints that nobody has acknowledged, for who answers for it; the issue itself waits for its assignee."""
    answering = Membership.objects.filter(user=user, role__in=(Role.SUPPORT, Role.DELIVERY_MANAGER)).values("product")
    rows = Complaint.objects.current().filter(acknowledged_at=None, product__in=answering)
    rows = rows.filter(issue__state__in=("new", "in_progress", "waiting")).exclude(product__stage="retired")
    return [
        Todo(
            row.issue.title,
            f"{row.issue.ref} · {row.product.name} · {row.standing_label}",
            reverse("delivery:complaint", args=[row.product.code, row.issue.number]),
            timezone.localdate(row.acknowledge_due) if row.acknowledge_due else None,
        )
        for row in rows.select_related("issue", "product").order_by("acknowledge_due", "pk")[:200]
    ]


def register() -> None:
    nav.register_tab(
        "product", "complaints", _("Complaints"), "delivery:complaint-list", order=30,
        visible=allowed(P.INTERNAL_VIEW), section="issues",
    )  # fmt: skip
    mywork.register(_("Complaint"), complaints_of, order=20)
    describe("delivery.Complaint", label=("issue",), needs=P.INTERNAL_VIEW)
    describe("delivery.ComplaintTerms", label=("acknowledge",), needs=P.INTERNAL_VIEW)
