"""Products in the portfolio."""

import datetime

from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.models import Membership, Product
from pmdm.accounts.models import Organisation
from pmdm.accounts.roles import Role
from pmdm.activity.timetravel import end_of
from pmdm.kpis.portfolio import Provider

STAGES = {key: label for key, label in Product.Stage.choices}  # noqa: C416 - keeps the lazy labels
LEADS = Membership.objects.filter(product=OuterRef("pk"), role=Role.DELIVERY_MANAGER)


def rows(user):
    """Products this user may see."""
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
        lead=Coalesce(Subquery(LEADS.values("user__name")[:1]), Value("")),
        party=Coalesce(Subquery(client.order_by("organisation__name").values("organisation__name")[:1]), Value("")),
        due=F("retire_on"),
    )


def ends(user, day: datetime.date) -> dict[int, datetime.datetime]:
    """By the site's clock: a product has none of its own."""
    end = end_of(day, timezone.get_default_timezone())
    return dict.fromkeys(Product.objects.visible_to(user).order_by().values_list("pk", flat=True), end)


PRODUCTS = Provider(
    kind="product",
    label=_("Product"),
    plural=_("Products"),
    rows=rows,
    stages=STAGES,
    detail_url="delivery:detail",
    figures_url="delivery:figures",
    ends=ends,
    leads=LEADS,
    kpis=("satisfaction", "conformance", "availability", "service_levels"),
)
