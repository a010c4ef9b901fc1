"""Pages of monitoring: the connected tools, what they sent, and what came of it."""

import json

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.performance.forms import AlertKeyForm, AlertSourceForm, DeliveryFilter
from delivery.performance.models import AlertDelivery, AlertSource
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import CONFLICT, REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage

LATEST = 8


@product_view(read=P.PERFORMANCE_VIEW, write=P.PERFORMANCE_EDIT)
def alert_sources(request, product):
    """The connected tools and their last bodies. A new one's address is shown once, in the answer to the POST."""
    form = AlertSourceForm(request.POST or None, product=product)
    if request.method == "POST":
        if form.is_valid():
            source, token = AlertSource.connect(product, by=request.user, **form.cleaned_data)
            return _sources_page(request, product, AlertSourceForm(product=product), shown=(source, token))
        return _sources_page(request, product, form, status=REFUSED)
    return _sources_page(request, product, form)


@product_view(read=P.PERFORMANCE_VIEW, write=P.PERFORMANCE_EDIT)
def alert_source_rotation(request, product, pk):
    """Another address and key (POST), shown once in the answer; the old ones stop working."""
    source = get_object_or_404(product.alert_sources, pk=pk)
    if request.method != "POST":
        return redirect("delivery:alert-source-list", product.code)
    try:
        token = source.rotate(by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return _sources_page(request, product, AlertSourceForm(product=product), status=CONFLICT)
    return _sources_page(request, product, AlertSourceForm(product=product), shown=(source, token))


@product_view(read=P.PERFORMANCE_VIEW, write=P.PERFORMANCE_EDIT)
def alert_source_revocation(request, product, pk):
    """Its address stops working (POST)."""
    source = get_object_or_404(product.alert_sources, pk=pk)
    if request.method == "POST":
        source.revoke(by=request.user)
        messages.success(request, _("The address of %s no longer works.") % source)
    return redirect("delivery:alert-source-list", product.code)


@product_view(read=P.PERFORMANCE_VIEW, write=P.PERFORMANCE_EDIT)
def alert_source_key(request, product, pk):
    """The key that its tool made (POST)."""
    source = get_object_or_404(product.alert_sources, pk=pk)
    if request.method != "POST":
        return redirect("delivery:alert-source-list", product.code)
    form = AlertKeyForm(request.POST, auto_id="key-%s")
    status = attempt(form, lambda: source.set_key(form.cleaned_data["key"], by=request.user))
    if status == SAVED:
        messages.success(request, _("Messages of %s are checked by this key now.") % source)
        return redirect("delivery:alert-source-list", product.code)
    return _sources_page(request, product, AlertSourceForm(product=product), key_form=(source, form), status=status)


def _sources_page(request, product, form, *, shown=None, key_form=None, status=200):
    sources = (
        product.alert_sources.select_related("created_by")
        .annotate(
            received=Count("deliveries"),
            refused=Count("deliveries", filter=Q(deliveries__state=AlertDelivery.State.REFUSED)),
            last_received=Max("deliveries__received_at"),
        )
        .order_by("name", "pk")
    )
    context = {
        "product": product,
        "tab": "performance",
        "form": form,
        "sources": sources.order_by("revoked_at", "name"),
        "deliveries": _deliveries(product).order_by("-received_at", "-pk")[:LATEST],
    }
    if shown:
        source, token = shown
        site = settings.SITE_URL.rstrip("/")
        context |= {
            "connected": source,
            "address": site + reverse("alert-intake", args=[token]),
            "bare_address": site + reverse("alert-intake-by-header"),
            "token": token,
            "key": source.key if source.scheme and not source.makes_key else "",
        }
    if key_form:
        context["keyed"], context["key_form"] = key_form
    return render(request, "delivery/performance/alert_sources.html", context, status=status)


def _deliveries(product):
    """Without what only the page of one message shows."""
    return AlertDelivery.objects.filter(source__product=product).select_related("source").defer("body")


def deliveries_page(request, product) -> ListPage:
    return ListPage(
        request,
        _deliveries(product),
        sorts={"received": "received_at", "source": "source__name", "state": "state"},
        default_sort="-received",
        form=DeliveryFilter,
        form_kwargs={"product": product},
    )


@product_view(read=P.PERFORMANCE_VIEW)
def delivery_list(request, product):
    """All messages that are kept, the latest first."""
    page = deliveries_page(request, product)
    context = {"product": product, "tab": "performance", "page": page, "kept_days": AlertDelivery.KEPT.days}
    return render(request, "delivery/performance/delivery_list.html", context)


@product_view(read=P.PERFORMANCE_VIEW)
def delivery_detail(request, product, pk):
    """One message: its body as it came, what it said, what came of it."""
    return _delivery_page(request, product, _find(product, pk))


@product_view(read=P.PERFORMANCE_VIEW, write=P.PERFORMANCE_EDIT)
def delivery_replay(request, product, pk):
    """Read it once more (POST)."""
    delivery = _find(product, pk)
    if request.method != "POST":
        return redirect("delivery:alert-delivery-detail", product.code, pk)
    try:
        delivery.replay(by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return _delivery_page(request, product, delivery, CONFLICT)
    messages.success(request, _("It is read again."))
    return redirect("delivery:alert-delivery-detail", product.code, pk)


def _find(product, pk):
    return get_object_or_404(AlertDelivery.objects.filter(source__product=product).select_related("source"), pk=pk)


def _delivery_page(request, product, delivery, status=200):
    named = product.incidents.in_bulk([said["incident"] for said in delivery.signals if said.get("incident")])
    context = {
        "product": product,
        "tab": "performance",
        "delivery": delivery,
        "signals": [{**said, "row": named.get(said.get("incident"))} for said in delivery.signals],
        "body": _laid_out(delivery.body),
    }
    return render(request, "delivery/performance/delivery_detail.html", context, status=status)


def _laid_out(body: str) -> str:
    """JSON with a line for each value; anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
