"""What arriving means for the record and for the product: it happens at acceptance, and each row says where from."""

from django.urls import reverse

from delivery.products.hooks import Link, register_origin
from handover import hooks
from handover.arrivals import verbs
from handover.arrivals.models import Arrival
from pmdm.accounts.roles import Permission
from projects.models import Project


def register() -> None:
    hooks.on("accepted", "arrivals", verbs.arrive)
    register_origin(origin)


def origin(kind, ids, user):
    """For runbooks and contracts of a product: the handover and the document or order they were."""
    if kind not in ("runbook", "agreement") or not ids:
        return {}
    rows = Arrival.objects.filter(**{f"{kind}__in": ids}).select_related("handover__project", "contract__order")
    needed = Permission.HANDOVER_VIEW if kind == "runbook" else Permission.COST_VIEW
    readable = set(Project.objects.allowing(user, needed).values_list("pk", flat=True))
    found = {}
    for row in rows:
        project = row.handover.project
        if kind == "runbook":
            label = f"{project.code} {row.handover.ref}"
            url = reverse("handover:knowledge", args=[project.code, row.handover.number])
        else:
            label = f"{project.code} {row.contract.order.ref}"
            url = reverse("projects:order", args=[project.code, row.contract.order.number])
        found[getattr(row, f"{kind}_id")] = Link(
            label=label, url=url if project.pk in readable else "", note=row.handover.ref
        )
    return found
