"""Any list of a product as CSV or XLSX: filtered and sorted as its page, no cell that a spreadsheet would run."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.interchange.tabular import MAX_ROWS, write_csv, write_xlsx
from pmdm.ui.parts import Text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """A column of a file: its head, its width in letters, the value of a row."""

    label: Text
    width: int
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Export:
    """A list that can be taken away: who may, its rows in order, its columns for this reader."""

    title: Text
    needs: P
    rows: Callable[[Any, Any], Iterable[Any]]  # (request, product)
    columns: Callable[[bool], list[Column]]  # whether the reader sees what is internal


_exports: dict[str, Export] = {}


def register(name: str, export: Export) -> None:
    """Two lists of one name: ValueError."""
    if name in _exports and _exports[name] != export:
        raise ValueError(f"Two lists named {name!r}.")
    _exports[name] = export


def names() -> list[str]:
    return sorted(_exports)


def plain(value: object) -> object:
    """A value as a file holds it: moments in the site's time without a zone, which no sheet can hold; words as text."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if value is None or isinstance(value, str | int | float | datetime.date):
        return value
    return str(value)


@require_safe
@product_view(read=P.PRODUCT_VIEW)
def list_export(request, product, name, kind):
    """The list's own permission is checked here; up to 50,000 rows."""
    export = _exports.get(name)
    if export is None or kind not in ("csv", "xlsx"):
        raise Http404
    if export.needs not in request.can:
        raise PermissionDenied
    columns = export.columns(P.INTERNAL_VIEW in request.can)
    rows = export.rows(request, product)
    lines = ([plain(column.value(row)) for column in columns] for row in rows[:MAX_ROWS])
    head = [str(column.label) for column in columns]
    if kind == "xlsx":
        content, mime = (
            write_xlsx(str(export.title), [(one, c.width) for one, c in zip(head, columns, strict=True)], lines),
            XLSX,
        )
    else:
        # The mark tells spreadsheets that it is UTF-8.
        content, mime = ("\ufeff" + write_csv(head, lines)).encode(), "text/csv; charset=utf-8"
    file = f"{product.code}-{name}.{kind}"
    return HttpResponse(content, content_type=mime, headers={"Content-Disposition": f'attachment; filename="{file}"'})
