"""Pages of support flow: the figures of a period, and the rows behind each."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from delivery.flow.engine import DAY
from delivery.flow.figures import DEFAULT, NAMES, PERIODS, Flow, filters
from delivery.products.access import product_view
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


@product_view(read=P.PRODUCT_KPI_VIEW)
def flow(request, product, days=DEFAULT):
    """Service levels, first response, backlog by age, reopened, over a period; each opens its rows."""
    if days not in PERIODS:
        raise Http404
    figures = Flow(product, days, timezone.now())
    context = {
        "product": product, "tab": "issues", "subtab": "flow", "days": days,
        "periods": [{"days": each, "name": name, "current": each == days} for each, name in PERIODS.items()],
        "tiles": figures.tiles(), "ages": figures.ages(), "age_chart": figures.age_chart(),
        "flow_chart": figures.flow_chart(),
        "met": {name: figures.url(f"{name}_met") for name in ("response", "resolution")},
    }  # fmt: skip
    return render(request, "delivery/flow/flow.html", context)


def rows_page(request, product, days: int, figure: str) -> ListPage:
    """The issues that a figure counts; 404 for a figure or period that there is not."""
    if figure not in NAMES or days not in PERIODS:
        raise Http404
    now = timezone.now()
    what = filters(now - days * DAY, now)[figure]
    issues = product.issues.filter(what).for_list()
    return ListPage(request, issues, sorts=SORTS, default_sort="number")


@product_view(read=P.PRODUCT_KPI_VIEW)
def flow_rows(request, product, days, figure):
    """The rows behind one figure."""
    page = rows_page(request, product, days, figure)
    context = {
        "product": product, "tab": "issues", "subtab": "flow", "page": page, "name": NAMES[figure], "figure": figure,
        "days": days, "period": PERIODS[days],
    }  # fmt: skip
    return render(request, "delivery/flow/rows.html", context)
