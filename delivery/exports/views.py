"""Any list as CSV or XLSX, of a product or over all of mine: filtered and sorted as its page, no cell that a
spreadsheet would run."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from delivery.products.access import product_view
from pmdm.accounts.access import signed_in_view
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
    needs: P | None = None  # what else reading it takes


@dataclass(frozen=True)
class Export:
    """A list that can be taken away: who may, its rows in order, its columns for this reader."""

    title: Text
    needs: P
    rows: Callable[[Any, Any], Iterable[Any]]  # (request, product)
    columns: Callable[[bool], list[Column]]  # whether the reader sees what is internal


@dataclass(frozen=True)
class ExportOverAll:
    """A list over all products of the reader, who gets the rows that its page gives."""

    title: Text
    may: Callable[[Any], bool]  # of the reader
    rows: Callable[[Any], Iterable[Any]]  # request
    columns: Callable[[bool], list[Column]]


_exports: dict[str, Export] = {}
_over_all: dict[str, ExportOverAll] = {}


def register(name: str, export: Export) -> None:
    """Two lists of one name: ValueError."""
    if name in _exports and _exports[name] != export:
        raise ValueError(f"Two lists named {name!r}.")
    _exports[name] = export


def register_many(*lists) -> None:
    """(name, title, permission, rows, columns) of each."""
    for name, title, needs, rows, columns in lists:
        register(name, Export(title, needs, rows, columns))


def register_over_all(name: str, export: ExportOverAll) -> None:
    """Two lists of one name: ValueError."""
    if name in _over_all and _over_all[name] != export:
        raise ValueError(f"Two lists named {name!r}.")
    _over_all[name] = export


def names() -> list[str]:
    return sorted(_exports)


def names_over_all() -> list[str]:
    return sorted(_over_all)


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
    columns = [column for column in columns if column.needs is None or column.needs in request.can]
    return _file(f"{product.code}-{name}", kind, export.title, columns, export.rows(request, product))


@require_safe
@signed_in_view
def all_list_export(request, name, kind):
    """A list over all products; whoever may not see its page finds nothing."""
    export = _over_all.get(name)
    if export is None or kind not in ("csv", "xlsx") or not export.may(request.user):
        raise Http404
    columns = export.columns(not request.user.organisation_id)
    return _file(name, kind, export.title, columns, export.rows(request))


def _file(name: str, kind: str, title: Text, columns: list[Column], rows) -> HttpResponse:
    lines = ([plain(column.value(row)) for column in columns] for row in rows[:MAX_ROWS])
    head = [str(column.label) for column in columns]
    if kind == "xlsx":
        widths = [(one, column.width) for one, column in zip(head, columns, strict=True)]
        content, mime = write_xlsx(str(title), widths, lines), XLSX
    else:
        # The mark tells spreadsheets that it is UTF-8.
        content, mime = ("\ufeff" + write_csv(head, lines)).encode(), "text/csv; charset=utf-8"
    disposition = f'attachment; filename="{name}.{kind}"'
    return HttpResponse(content, content_type=mime, headers={"Content-Disposition": disposition})
