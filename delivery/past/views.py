"""A register of a product as of a past day as a plain table, and as CSV: for reading only."""

import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from delivery.past.registers import REGISTERS, Register
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked, read_only
from pmdm.activity.registers import cells, table
from pmdm.activity.timetravel import end_of, travel
from pmdm.interchange.tabular import MAX_ROWS, write_csv


def at(product, day: datetime.date | None):
    """A function that turns a queryset of this product's rows into what they were at that day's end by the site's
    clock: a product has none of its own. None: as they are.
    """

    def turned(queryset):
        if day is None:
            return queryset
        known = end_of(day, timezone.get_default_timezone())
        return travel(queryset, subject="product", subject_id=product.pk, known=known)

    return turned


def _register(request, key: str) -> Register:
    register = REGISTERS.get(key)
    if register is None:
        raise Http404
    if register.needs not in request.can:
        raise PermissionDenied
    return register


@require_safe
@product_view(read=P.INTERNAL_VIEW)
def past(request, product, register):
    """Without a past day as of yesterday."""
    found = _register(request, register)
    asked = Asked(request)
    if not asked.day and not asked.form.errors:
        asked.day = timezone.localdate() - datetime.timedelta(days=1)
    rows = at(product, asked.day)(found.rows(product))
    context = {
        "product": product,
        "tab": found.tab,
        "register": found,
        "asked": asked,
        "table": table(rows if asked.day else rows.none(), found.columns_for(request.can), request, asked),
        "nothing": _("The register was empty, or the product was not live yet."),
        "now_url": reverse(found.now, args=[product.code]),
        "others": list(_others(request, product, found, asked.day)),
    }
    read_only(request)
    return render(request, "delivery/past/register.html", context)


def _others(request, product, found: Register, day):
    """What else can be read of that day: (label, url)."""
    query = f"?as_of={day.isoformat()}" if day else ""
    for one in REGISTERS.values():
        if one.needs in request.can and one is not found:
            yield one.label, reverse("delivery:past", args=[product.code, one.key]) + query
    if P.PRODUCT_KPI_VIEW in request.can:
        yield _("Figures"), reverse("delivery:figures", args=[product.code]) + query


@require_safe
@product_view(read=P.INTERNAL_VIEW)
def past_export(request, product, register):
    """The same rows and columns; without a past day those of today."""
    found = _register(request, register)
    asked = Asked(request)
    if asked.form.errors:
        return HttpResponse(asked.form.errors["as_of"].as_text(), status=422, content_type="text/plain; charset=utf-8")
    columns = found.columns_for(request.can)
    lines = ([value for _column, value in line] for line in cells(columns, _rows(product, found, asked.day)))
    name = f"{product.code}-{found.key}" + (f"-{asked.day}" if asked.day else "")
    return HttpResponse(
        "\ufeff" + write_csv([column.label for column in columns], lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _rows(product, register: Register, day):
    return at(product, day)(register.rows(product))[:MAX_ROWS]
