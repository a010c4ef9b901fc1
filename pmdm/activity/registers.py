"""A register as a plain table that can be read as of a past day: its columns, its rows of a page, its sums."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet, Sum

from pmdm.accounts.roles import Permission
from pmdm.activity.asof import Asked
from pmdm.ui.lists import PER_PAGE
from pmdm.ui.parts import Text


@dataclass(frozen=True)
class Column:
    """``kind``: how it is shown (text, name, number, date, percent, money); ``needs``: one more permission.

    ``adds``: the field of the database whose sum over all rows stands below it; ``value`` then reads it alone.
    """

    label: Text
    value: Callable[[Any], Any]
    kind: str = "text"
    needs: Permission | None = None
    adds: str = ""


@dataclass(frozen=True)
class Table:
    """One page of a register; what ``{% pagination table %}`` takes."""

    columns: list[Column]
    page: Page
    rows: list[list[tuple[Column, Any]]]
    foot: list[tuple[Column, Any]]
    asked: Asked
    id: str = "register"

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def pages(self) -> list:
        """Page numbers to offer, with gaps."""
        return list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1))

    def page_url(self, number: int) -> str:
        kept = {"as_of": self.asked.day.isoformat()} if self.asked.day else {}
        query = kept | ({"page": str(number)} if number != 1 else {})
        return self.asked.path + ("?" + urlencode(query) if query else "")


def table(
    rows: QuerySet, columns: list[Column], request, asked: Asked, *, prepare: Callable[[Any], None] | None = None
) -> Table:
    """Two queries, and one for the sums where there are any; sums are of all pages. ``prepare`` sees each row first."""
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    for row in found:
        if prepare:
            prepare(row)
    return Table(columns, page, list(cells(columns, found)), _foot(rows, columns) if found else [], asked)


def cells(columns: list[Column], rows: Iterable[Any]) -> Iterable[list[tuple[Column, Any]]]:
    """For each row its (column, value)."""
    for row in rows:
        yield [(column, column.value(row)) for column in columns]


def _foot(rows: QuerySet, columns: list[Column]) -> list[tuple[Column, Any]]:
    """Below each column that is added up its sum, else None; nothing where none is."""
    names = {column.adds for column in columns if column.adds}
    if not names:
        return []
    sums = rows.order_by().select_related(None).aggregate(**{f"of_{name}": Sum(name) for name in names})
    whole = SimpleNamespace(**{name: sums[f"of_{name}"] for name in names})
    return [(column, column.value(whole) if column.adds else None) for column in columns]
