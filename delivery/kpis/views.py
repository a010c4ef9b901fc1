"""The figures of a product, and each with the rows it came from."""

from django.shortcuts import render

from delivery.products.access import product_view
from pmdm.accounts.roles import Permission
from pmdm.activity.asof import Asked, read_only
from pmdm.kpis import pages


@product_view(read=Permission.PRODUCT_KPI_VIEW)
def figure_list(request, product):
    asked = Asked(request)
    if asked.day:
        context = pages.past_context("product", product, asked.day, request.can)
        read_only(request)
    else:
        context = pages.list_context("product", product, request.can)
    context |= {"product": product, "tab": "overview", "asked": asked}
    return render(request, "delivery/kpis/figure_list.html", context)


@product_view(read=Permission.PRODUCT_KPI_VIEW)
def figure(request, product, kpi):
    """One figure, opened to its numbers; figures of cost need the permission to see cost."""
    context = pages.figure_context("product", product, kpi, request)
    return render(request, "delivery/kpis/figure.html", {"product": product, "tab": "overview", **context})
