"""What the list of products shows beside each name, in a fixed number of queries for any number of rows."""

from typing import NamedTuple

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from delivery.issues.models import Issue
from delivery.products.models import Membership, Product
from pmdm.accounts.roles import Permission, Role
from pmdm.kpis import figures
from pmdm.prepared import Prepared, PreparedFor

SORTS = {
    "name": "name",
    "code": "code",
    "stage": "stage",
    "live": "live_on",
    "issues": "open_issues",
}
SHOWN = ("pk", "code", "name", "stage", "live_on", "open_issues")


class Person(NamedTuple):
    """Whom a row names."""

    pk: int
    name: str


def rows_for(user):
    """Products this user may see, as plain values with the number of their open issues."""
    countable = Issue.objects.open().filter(product=OuterRef("pk")).order_by()
    if user.organisation_id:  # A client counts what a client may see: its own organisation's issues.
        countable = countable.filter(organisation_id=user.organisation_id)
    counted = Subquery(countable.values("product").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return Product.objects.visible_to(user).annotate(open_issues=Coalesce(counted, 0)).values(*SHOWN)


_managers = Prepared(
    lambda *ids: (
        Membership.objects.filter(product__in=ids, role=Role.DELIVERY_MANAGER)
        .order_by()
        .values_list("product_id", "user_id", "user__name")
    )
)


@PreparedFor
def _clients(reader, *ids):
    through = Product.clients.through.objects.filter(product__in=ids)
    if reader.organisation_id:  # Nobody of a client learns who else is one.
        through = through.filter(organisation=reader.organisation_id)
    return through.order_by("organisation__name").values_list("product_id", "organisation__name")


@PreparedFor
def _with_figures(reader, *ids):
    permitted = Product.objects.allowing(reader, Permission.PRODUCT_KPI_VIEW)
    return permitted.filter(pk__in=ids).order_by().values_list("pk")


def fill(rows: list[dict], user) -> list[figures.Figure]:
    """Puts people, clients and figures into the rows of one page; gives the figures of one row, for the headings."""
    ids = [row["pk"] for row in rows]
    if not ids:
        return []
    people = {product: Person(key, name) for product, key, name in _managers(*ids)}
    clients: dict[int, list[str]] = {}
    for product, name in _clients(user, *ids):
        clients.setdefault(product, []).append(name)
    seen = ids
    if Permission.PRODUCT_KPI_VIEW not in user.site_permissions:
        seen = [pk for (pk,) in _with_figures(user, *ids)]
    shown = figures.for_subjects("product", seen, codes=figures.headlines("product"), history=False)
    stages = {key: str(label) for key, label in Product.Stage.choices}
    for row in rows:
        row["manager"] = people.get(row["pk"])
        row["clients"] = ", ".join(clients.get(row["pk"], ()))
        row["figures"] = shown.get(row["pk"], [])
        row["stage_label"] = stages[row["stage"]]
    return next(iter(shown.values()), [])
