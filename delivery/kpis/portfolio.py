"""Products in the portfolio."""

from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from delivery.models import Membership, Product
from pmdm.accounts.models import Organisation
from pmdm.accounts.roles import Role
from pmdm.kpis.portfolio import Provider

STAGES = {key: label for key, label in Product.Stage.choices}  # noqa: C416 - keeps the lazy labels


def rows(user):
    """Products this user may see."""
    manager = Membership.objects.filter(product=OuterRef("pk"), role=Role.DELIVERY_MANAGER).values("user__name")
    known = Organisation.objects.known_to(user)
    client = Product.clients.through.objects.filter(product=OuterRef("pk"), organisation__in=known)
    return Product.objects.visible_to(user).annotate(
        # After the seven of a project: a product follows it.
        stage_order=Case(
            *(When(stage=key, then=Value(place)) for place, key in enumerate(STAGES, start=10)),
            default=Value(10),
            output_field=IntegerField(),
        ),
        is_open=~Q(stage=Product.Stage.RETIRED),
        lead=Coalesce(Subquery(manager[:1]), Value("")),
        party=Coalesce(Subquery(client.order_by("organisation__name").values("organisation__name")[:1]), Value("")),
        due=F("retire_on"),
    )


PRODUCTS = Provider(
    kind="product",
    label=_("Product"),
    plural=_("Products"),
    rows=rows,
    stages=STAGES,
    detail_url="delivery:detail",
    kpis=("satisfaction", "conformance", "availability", "service_levels"),
)
