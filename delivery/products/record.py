"""The record of a product on one page: where it runs, of what it is made, who is called, what ends when."""

from django.db.models import F
from django.shortcuts import render
from django.utils import timezone

from delivery.products.access import product_view
from delivery.products.agreements.views import told
from delivery.products.hooks import doors_of
from delivery.reminders.models import DueAlert
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role


@product_view(read=P.INTERNAL_VIEW)
def record(request, product):
    """A fixed number of queries, whatever is on record."""
    now, today = timezone.now(), timezone.localdate()
    environments = product.environments.with_version().select_related("organisation")
    agreements = product.agreements.running(today).select_related("owner")
    alerts = DueAlert.objects.filter(product=product, fired_at=None, due_at__gt=now).select_related(
        "agreement", "article"
    )
    context = {
        "product": product,
        "tab": "record",
        "environments": environments.order_by(F("ended_on").asc(nulls_first=True), "kind", "name"),
        "components": product.components.count(),
        "agreements": told(list(agreements.order_by(F("notice_on").asc(nulls_last=True), "ends_on", "pk")[:8]), today),
        "called": list(product.on_call_turns.at(now).select_related("person")),
        "next_turn": product.on_call_turns.filter(starts_at__gt=now).select_related("person").first(),
        "team": product.memberships.filter(role__in=(Role.DELIVERY_MANAGER, Role.SUPPORT)).select_related("user"),
        "alerts": alerts[:6],
        "process": product.decommissions.exclude(state="called_off").first(),
        "doors": doors_of(product, request.user),
    }
    return render(request, "delivery/record/record.html", context)
