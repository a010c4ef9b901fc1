"""Pages of support flow: the figures of a period, and the rows behind each."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from delivery.flow.engine import DAY
from delivery.flow.figures import DEFAULT, NAMES, PERIODS, Flow, filters
from delivery.issues.models import Issue
from delivery.products.access import product_view
from delivery.products.models import Product
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.ui.lists import ListPage

SORTS = {
    "number": "number",
    "title": "title",
    "severity": ("severity", "number"),
    "created": "created_at",
    "response": "responded_at",
    "due": "resolution_due",
    "resolved": "resolved_at",
    "reopened": "reopened",
}


def _figures(figures: Flow, place) -> dict:
    """What the page of the figures shows; ``place(days)`` is the address of a period."""
    return {
        "days": figures.days,
        "periods": [
            {"url": place(each), "name": name, "current": each == figures.days} for each, name in PERIODS.items()
        ],
        "tiles": figures.tiles(), "ages": figures.ages(), "age_chart": figures.age_chart(),
        "flow_chart": figures.flow_chart(),
        "met": {name: figures.url(f"{name}_met") for name in ("response", "resolution")},
    }  # fmt: skip


@product_view(read=P.PRODUCT_KPI_VIEW)
def flow(request, product, days=DEFAULT):
    """Service levels, first response, backlog by age, reopened, over a period; each opens its rows."""
    if days not in PERIODS:
        raise Http404
    figures = Flow([product], days, timezone.now())
    context = {"product": product, "tab": "issues", "subtab": "flow"}
    context |= _figures(figures, lambda each: reverse("delivery:flow-period", args=[product.code, each]))
    return render(request, "delivery/flow/flow.html", context)


def products_of(reader):
    """Those whose figures the reader may see."""
    return Product.objects.live().allowing(reader, P.PRODUCT_KPI_VIEW).select_related("calendar").order_by("pk")


@signed_in_view
def all_flow(request, days=DEFAULT):
    """The same over all products whose figures the reader may see."""
    if days not in PERIODS:
        raise Http404
    figures = Flow(list(products_of(request.user)), days, timezone.now(), one=False)
    context = {"count": len(figures.products)}
    context |= _figures(figures, lambda each: reverse("delivery:all-flow-period", args=[each]))
    return render(request, "delivery/flow/all.html", context)


def rows_page(request, issues, days: int, figure: str) -> ListPage:
    """Those of the issues that a figure counts; 404 for a figure or period that there is not."""
    if figure not in NAMES or days not in PERIODS:
        raise Http404
    now = timezone.now()
    what = filters(now - days * DAY, now)[figure]
    return ListPage(request, issues.filter(what).for_list(), sorts=SORTS, default_sort="number")


def issues_of_all(reader):
    return Issue.objects.filter(product__in=products_of(reader)).select_related("product")


@product_view(read=P.PRODUCT_KPI_VIEW)
def flow_rows(request, product, days, figure):
    """The rows behind one figure."""
    page = rows_page(request, product.issues, days, figure)
    context = {
        "product": product, "tab": "issues", "subtab": "flow", "page": page, "name": NAMES[figure], "figure": figure,
        "days": days, "period": PERIODS[days],
    }  # fmt: skip
    return render(request, "delivery/flow/rows.html", context)


@signed_in_view
def all_flow_rows(request, days, figure):
    """The rows behind one figure over all products."""
    page = rows_page(request, issues_of_all(request.user), days, figure)
    context = {"page": page, "name": NAMES[figure], "figure": figure, "days": days, "period": PERIODS[days]}
    return render(request, "delivery/flow/all_rows.html", context)
