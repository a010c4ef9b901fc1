"""The places of work across departments in the frame: tabs beside the issues, what waits for me, words of the feed."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from delivery.departments.models import DepartmentRequest, Roadblock
from delivery.products.models import Membership, Product
from delivery.products.register import allowed
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.activity.words import describe
from pmdm.ui import mywork, nav
from pmdm.ui.mywork import Todo


def requests_of(user) -> list[Todo]:
    """What I said I would do, and what waits for an answer of my department."""
    if user.organisation_id:
        return []
    mine = Q(state="accepted", owner=user)
    if user.department_id:
        mine |= Q(state="asked", direction="to", department=user.department_id)
    rows = DepartmentRequest.objects.visible_to(user).filter(mine).exclude(product__stage="retired")
    return [
        Todo(
            row.title, f"{row.ref} · {row.product.name} · {row.get_state_display()}",
            reverse("delivery:department-request", args=[row.pk]), row.due,
        )
        for row in rows.select_related("product")
    ]  # fmt: skip


def roadblocks_of(user) -> list[Todo]:
    """What I own or what was escalated to me; as delivery manager also what nobody owns."""
    inside = Product.objects.live().allowing(user, P.INTERNAL_VIEW)
    led = Membership.objects.filter(user=user, role=Role.DELIVERY_MANAGER).values("product")
    mine = Q(owner=user) | Q(state="escalated", escalated_to=user) | Q(owner=None, product__in=led)
    rows = Roadblock.objects.open().filter(mine, product__in=inside)
    return [
        Todo(
            row.title, f"{row.ref} · {row.product.name} · {row.get_state_display()}",
            reverse("delivery:roadblock", args=[row.product.code, row.number]), row.due,
        )
        for row in rows.select_related("product")
    ]  # fmt: skip


def register() -> None:
    inside = allowed(P.INTERNAL_VIEW)
    nav.register_tab(
        "product", "requests", _("Departments"), "delivery:department-request-list", order=50, visible=inside,
        section="issues",
    )  # fmt: skip
    nav.register_tab(
        "product", "roadblocks", _("Roadblocks"), "delivery:roadblock-list", order=60, visible=inside, section="issues"
    )
    mywork.register(_("Request between departments"), requests_of, order=40)
    mywork.register(_("Roadblock"), roadblocks_of, order=45)
    describe("delivery.DepartmentRequest", label=("title",), needs=P.INTERNAL_VIEW)
    describe("delivery.Roadblock", label=("title",), needs=P.INTERNAL_VIEW)
    describe("delivery.RoadblockStep", label=("kind", "text"), needs=P.INTERNAL_VIEW)
