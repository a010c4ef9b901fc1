"""A list page: filter, sort and pages from fixed tables of what is allowed."""

import datetime
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models.expressions import OrderBy

from pmdm.ui.forms import FilterForm

PER_PAGE = 50

# What a sort key stands for: one field or expression, or several.
type Order = Any


class ListPage:
    """One page of a filtered, sorted queryset, and the addresses of its neighbours.

    `sorts` maps the words allowed in `?sort=` to fields; `-word` turns the order round. Unknown words, unknown
    parameters and page numbers out of range are ignored, so no request can name a column. `past(queryset, day)` gives
    the rows as they were, where the form asks for a past day.
    """

    def __init__(
        self,
        request,
        queryset,
        *,
        sorts: Mapping[str, Order],
        default_sort: str,
        form: type[FilterForm] | None = None,
        form_kwargs: Mapping[str, Any] | None = None,
        per_page: int = PER_PAGE,
        element_id: str = "list",
        past: Callable[[Any, datetime.date], Any] | None = None,
    ):
        self.request = request
        self.sorts = sorts
        self.default_sort = default_sort
        self.per_page = per_page
        self.id = element_id
        self.path = request.path
        self.everything = queryset
        self.form = form(request.GET, **(form_kwargs or {})) if form else None
        self._past = past

    @cached_property
    def queryset(self):
        """All matching rows, in order: what an export of the same list takes."""
        queryset = self.everything
        if self.form is not None and self.form.is_valid():
            queryset = self.form.filter(queryset)
        # After the filter, whose inner queries read that day too.
        return self.as_asked(queryset).order_by(*self._ordering())

    @cached_property
    def day(self) -> datetime.date | None:
        """The past day whose rows are asked for (``?as_of=``); None for today's, and where the list has no past."""
        if self._past is None or self.form is None or not self.form.is_valid():
            return None
        return self.form.cleaned_data.get("as_of")

    def as_asked(self, queryset):
        """Another queryset over the same subjects as of the day that is asked for; as it is without one."""
        return self._past(queryset, self.day) if self._past and self.day else queryset

    @cached_property
    def sort(self) -> str:
        """The sort in force: an allowed word, perhaps with a leading minus."""
        asked = self.request.GET.get("sort", "")
        return asked if asked.removeprefix("-") in self.sorts else self.default_sort

    def _ordering(self) -> list:
        word = self.sort.removeprefix("-")
        fields = self.sorts[word]
        fields = list(fields) if isinstance(fields, list | tuple) else [fields]
        if self.sort.startswith("-"):
            fields = [_reversed(field) for field in fields]
        # The primary key last: rows that tie never swap between two pages.
        return [*fields, "pk"]

    @cached_property
    def page(self) -> Page:
        return Paginator(self.queryset, self.per_page).get_page(self.request.GET.get("page"))

    @cached_property
    def rows(self) -> list:
        """The rows of this page, fetched once."""
        return list(self.page.object_list)

    @property
    def count(self) -> int:
        """How many rows match."""
        return self.page.paginator.count

    @property
    def pages(self) -> list:
        """Page numbers to offer, with gaps."""
        return list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1))

    @property
    def filtered(self) -> bool:
        """Whether a filter narrows the list: an empty list then means 'nothing matches', not 'nothing yet'."""
        return bool(self.form is not None and self.form.active.keys() - {"as_of"})

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """What is asked for now, known names only, without the page."""
        names = [self.form.add_prefix(name) for name in self.form.fields] if self.form is not None else []
        kept = [(name, value) for name in names for value in self.request.GET.getlist(name) if value]
        return [*kept, ("sort", self.sort)] if self.sort != self.default_sort else kept

    @property
    def querystring(self) -> str:
        """'?q=x&sort=-due' or '': to append to the address of an export of this list."""
        return "?" + urlencode(self.parameters) if self.parameters else ""

    def page_url(self, number: int) -> str:
        """Address of another page of the same list."""
        query = [*self.parameters, ("page", str(number))] if number != 1 else self.parameters
        return self.path + ("?" + urlencode(query) if query else "")

    def sort_url(self, word: str) -> str:
        """Address of the same list sorted by this word; a second click turns it round."""
        wanted = f"-{word}" if self.sort == word else word
        query = [(name, value) for name, value in self.parameters if name != "sort"]
        if wanted != self.default_sort:
            query.append(("sort", wanted))
        return self.path + ("?" + urlencode(query) if query else "")

    def direction(self, word: str) -> str:
        """'ascending', 'descending' or '' when the list is sorted by something else."""
        if self.sort.removeprefix("-") != word:
            return ""
        return "descending" if self.sort.startswith("-") else "ascending"


def _reversed(field):
    if isinstance(field, str):
        return field[1:] if field.startswith("-") else f"-{field}"
    if not isinstance(field, OrderBy):
        # Every expression has a ``reverse_ordering``, but only that of an order turns it round.
        return field.desc()
    turned = field.copy()
    turned.reverse_ordering()
    return turned
