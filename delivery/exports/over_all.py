"""The lists over all products that can be taken away."""

from django.utils.translation import gettext_lazy as _

from delivery.departments.models import DepartmentRequest
from delivery.departments.views import requests_page
from delivery.exports.lists import ISSUE_JOINS, flow_of, issue_columns, request_columns
from delivery.exports.record_lists import breach_columns, told
from delivery.exports.views import Column, ExportOverAll, register_over_all
from delivery.flow.views import issues_of_all
from delivery.issues.escalation.views import breach_page, pressing_products
from delivery.issues.queue.views import queue_page
from delivery.products import listing
from delivery.products.models import Product
from delivery.products.views import product_page
from delivery.search import visible_issues
from pmdm.interchange.tabular import MAX_ROWS


def of_product() -> Column:
    return Column(_("Product"), 24, lambda row: row.product.name)


def is_ours(reader) -> bool:
    return reader.organisation_id is None


def anybody(reader) -> bool:
    return True


def issues(request):
    page = queue_page(request, visible_issues(request.user), product=None, internal=is_ours(request.user))
    return page.queryset.select_related("product", *ISSUE_JOINS)


def all_issue_columns(internal: bool) -> list[Column]:
    return [of_product(), *issue_columns(internal)]


def flow(request):
    return flow_of(request, issues_of_all(request.user)).select_related("product", *ISSUE_JOINS)


def breaches(request):
    return told(breach_page(request, pressing_products(request.user)))


def requests(request):
    return requests_page(request, DepartmentRequest.objects.visible_to(request.user)).queryset


def all_request_columns(internal: bool) -> list[Column]:
    return [of_product(), *request_columns(internal)]


def products(request):
    rows = list(product_page(request).queryset[:MAX_ROWS])
    listing.fill(rows, request.user)
    return rows


def product_columns(internal: bool) -> list[Column]:
    stages = dict(Product.Stage.choices)
    return [
        Column(_("Code"), 12, lambda p: p["code"]),
        Column(_("Product"), 40, lambda p: p["name"]),
        Column(_("Stage"), 18, lambda p: stages.get(p["stage"], p["stage"])),
        Column(_("Live since"), 12, lambda p: p["live_on"]),
        Column(_("Delivery manager"), 24, lambda p: p["manager"].name if p["manager"] else ""),
        Column(_("Clients"), 40, lambda p: p["clients"]),
        Column(_("Open issues"), 9, lambda p: p["open_issues"]),
    ]


def register_lists_over_all() -> None:
    for name, title, may, rows, columns in (
        ("issues", _("Issues"), anybody, issues, all_issue_columns),
        ("flow", _("Support flow"), anybody, flow, all_issue_columns),
        ("breaches", _("At risk and breached"), anybody, breaches, breach_columns),
        ("requests", _("Requests between departments"), is_ours, requests, all_request_columns),
        ("products", _("Products"), anybody, products, product_columns),
    ):
        register_over_all(name, ExportOverAll(title, may, rows, columns))
