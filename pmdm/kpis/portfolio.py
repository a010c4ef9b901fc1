"""The portfolio: every project and product one may see in one list; each app provides its own kind.

Somebody whose roles see no figures anywhere, as a client's, has a list of names, phases, people and dates.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from django import forms
from django.apps import apps
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from pmdm.activity.asof import AsOfFilter
from pmdm.activity.timetravel import travel_all
from pmdm.kpis import figures, registry
from pmdm.kpis.models import Snapshot
from pmdm.kpis.models import Value as Stored
from pmdm.prepared import PreparedFor
from pmdm.ui.addresses import address
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Text

BY_RANK = {rank: str(status) for status, rank in figures.RANK.items()}
COLUMNS = ("kind", "id", "code", "name", "stage", "stage_order", "lead", "party", "due", "rank", "seen", "cost_seen")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One kind of subject in the portfolio.

    ``rows(user)`` gives the subjects this user may see, annotated with ``stage``, ``stage_order``, ``is_open``,
    ``lead`` (a name), ``party`` (a client's name) and ``due`` (a date); ``stages`` names the stages in order.
    ``ends(user, day)`` gives the moment at which a past day ended for each of them, by its own clock; ``leads`` are the
    memberships of ``OuterRef("pk")`` that ``lead`` names.
    """

    kind: str
    label: Text
    plural: Text
    rows: Callable[[Any], QuerySet]
    stages: Mapping[str, Text]
    detail_url: str
    figures_url: str
    kpis: tuple[str, ...]
    ends: Callable[[Any, datetime.date], Mapping[int, datetime.datetime]]
    leads: QuerySet

    def rows_on(self, user, day: datetime.date) -> QuerySet:
        """``rows`` as they were at the end of a past day; today's roles decide who sees them."""
        rows, known = self.rows(user), self.ends(user, day)
        # Whoever led it then is told; who may see it is not decided by that, so it is put in afterwards.
        leads = travel_all(self.leads, subject=self.kind, known=known, even=(self.leads.model,))
        then = travel_all(rows, subject=self.kind, known=known, own=rows.model)
        return then.annotate(lead=Coalesce(Subquery(leads.values("user__name")[:1]), Value("")))


@dataclass(frozen=True, kw_only=True)
class SummaryLine:
    """One line above the list that leads to a page of its own, with how many things there are overdue."""

    label: Text
    text: Text
    url: str
    overdue: int = 0


_lines: list[Callable[[Any], SummaryLine | None]] = []


def register_line(line: Callable[[Any], SummaryLine | None]) -> None:
    """``line(user)`` says what else this user's portfolio holds, or None."""
    if line not in _lines:
        _lines.append(line)


def lines_for(user) -> list[SummaryLine]:
    return [found for line in _lines if (found := line(user))]


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Add a kind of subject to the portfolio."""
    _providers[provider.kind] = provider


def providers() -> list[Provider]:
    return list(_providers.values())


class PortfolioFilter(AsOfFilter):
    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    stage = forms.ChoiceField(label=_("Phase or stage"), required=False)
    light = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("All")),
            ("act", _("Act")),
            ("watch", _("Watch")),
            ("ok", _("On track")),
            ("na", _("Not available")),
        ],
    )

    def __init__(self, *args, with_figures=True, **kwargs):
        super().__init__(*args, **kwargs)
        if not with_figures:
            del self.fields["light"]
        self.fields["kind"].choices = [("", _("All")), *((one.kind, one.plural) for one in providers())]
        self.fields["stage"].choices = [
            ("", _("Under way")),
            ("all", _("All, ended too")),
            *((one.plural, [(f"{one.kind}.{key}", label) for key, label in one.stages.items()]) for one in providers()),
        ]

    def filter_kind(self, provider: Provider, rows: QuerySet) -> QuerySet:
        """Narrow the rows of one kind."""
        data = self.cleaned_data
        kind, _dot, stage = data["stage"].partition(".")
        if data["kind"] not in ("", provider.kind) or (stage and kind != provider.kind):
            return rows.none()
        if stage:
            rows = rows.filter(stage=stage)
        elif not kind:
            rows = rows.filter(is_open=True)
        for word in self.words():
            rows = rows.filter(
                Q(name__icontains=word) | Q(code__icontains=word) | Q(lead__icontains=word) | Q(party__icontains=word)
            )
        if data.get("light"):
            rows = rows.filter(rank=figures.RANK[data["light"]])
        return rows


class Portfolio(ListPage):
    """One page of the list; the same number of queries for three rows and for three thousand."""

    SORTS = {
        "light": F("rank").desc(),
        "name": "name",
        "kind": "kind",
        "stage": "stage_order",
        "lead": F("lead").asc(nulls_last=True),
        "due": F("due").asc(nulls_last=True),
    }

    form: PortfolioFilter

    def __init__(self, request):
        self.user = request.user
        super().__init__(
            request,
            None,
            sorts=self.SORTS,
            default_sort="light" if self.with_figures else "name",
            form=PortfolioFilter,
            form_kwargs={"with_figures": self.with_figures},
        )

    @cached_property
    def with_figures(self) -> bool:
        """Whether the reader sees figures of anything at all."""
        kinds = [registry.subject_type(provider.kind) for provider in providers()]
        if any(kind.view in self.user.site_permissions for kind in kinds):
            return True
        return any(_sees_figures_of_some(kind.key)(self.user) for kind in kinds)

    @cached_property
    def day(self) -> datetime.date | None:
        """The past day that is asked for."""
        return self.form.cleaned_data["as_of"] if self.form.is_valid() else None

    @cached_property
    def _parts(self) -> list[QuerySet]:
        """The matching rows of each kind."""
        return _parts(self.user, self.form, self.day)

    @cached_property
    def page(self) -> Page:
        # Without a filter the list is what the summary counts; else each kind counts without what its rows show.
        if self.filtered:
            count = sum(part.count() for part in self._parts)
        else:
            count = sum(one["count"] for one in self.summary)
        return _Counted([], self.per_page, count=count).get_page(self.request.GET.get("page"))

    def _ordering(self) -> list:
        # A union has no common key: the name and then kind and id keep rows that tie in their place.
        return [*super()._ordering()[:-1], "name", "kind", "id"]

    @cached_property
    def queryset(self):
        return _union(self._parts).order_by(*self._ordering())

    def _found(self) -> list[dict]:
        """The rows of the page as the statement gives them."""
        first = (self.page.number - 1) * self.per_page
        if self.form.is_valid() and not self.form.cleaned_data["q"] and not self.day:
            asked = [(name, value) for name, value in sorted(self.form.cleaned_data.items()) if value]
            found = _prepared_page(tuple(asked), tuple(self._ordering()), first, self.per_page)(self.user)
        else:
            found = list(self.queryset[first : first + self.per_page])
        return [dict(zip(COLUMNS, row, strict=True)) for row in found]

    @cached_property
    def rows(self) -> list[dict]:
        rows = self._found()
        cells = {provider.kind: self._figures(provider, rows) for provider in providers()} if self.with_figures else {}
        by_kind = {provider.kind: provider for provider in providers()}
        # Words are translated once for the page, not once for each row.
        kinds = {provider.kind: str(provider.label) for provider in providers()}
        stages = {one.kind: {key: str(label) for key, label in one.stages.items()} for one in providers()}
        for row in rows:
            provider = by_kind[row["kind"]]
            row["kind_label"] = kinds[provider.kind]
            row["stage_label"] = stages[provider.kind].get(row["stage"], row["stage"])
            row["url"] = self._url(provider, row)
            row["light"] = BY_RANK[row["rank"]]
            row["figures"] = cells.get(provider.kind, {}).get(row["id"], [None] * len(provider.kpis))
        return rows

    def _url(self, provider: Provider, row: dict) -> str:
        """Its page; of a past day its figures of that day, for whoever sees them."""
        if self.day and row["seen"]:
            return f"{address(provider.figures_url, row['code'])}?as_of={self.day.isoformat()}"
        return address(provider.detail_url, row["code"])

    def _figures(self, provider: Provider, rows: list[dict]) -> dict[int, list]:
        mine = [row for row in rows if row["kind"] == provider.kind and row["seen"]]
        costs = {row["id"] for row in mine if row["cost_seen"]}
        if self.day:
            codes = {row["id"]: row["code"] for row in mine}
            found = figures.on_day_each(provider.kind, codes, self.day, cost_ids=costs)
        else:
            ids = [row["id"] for row in mine]
            found = figures.for_subjects(provider.kind, ids, cost_ids=costs, codes=provider.kpis, history=False)
        return {
            subject_id: list(map({figure.kpi.code: figure for figure in every}.get, provider.kpis))
            for subject_id, every in found.items()
        }

    @cached_property
    def summary(self) -> list[dict]:
        """How many are in each light, of everything under way that the reader may see."""
        counts: dict[int, int] = {}
        for provider in providers():
            for rank, number in self._open_by_rank(provider):
                counts[rank] = counts.get(rank, 0) + number
        return [
            {
                "status": BY_RANK[rank],
                "count": counts.get(rank, 0),
                "url": f"{self.path}?light={BY_RANK[rank]}" + (f"&as_of={self.day.isoformat()}" if self.day else ""),
                "current": self.form.is_valid() and self.form.cleaned_data.get("light") == BY_RANK[rank],
            }
            for rank in sorted(BY_RANK, reverse=True)
        ]

    def _open_by_rank(self, provider: Provider):
        if not self.day:
            return _open_by_rank(provider.kind)(self.user)
        return _by_rank(_rows_of(provider, self.user, self.day).filter(is_open=True))


class _Counted(Paginator):
    """Pages of rows that are counted already."""

    def __init__(self, *args, count: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.count = count


def _parts(user, form: PortfolioFilter, day: datetime.date | None = None) -> list[QuerySet]:
    """The rows of each kind that this user may see and that fit."""
    parts = []
    for provider in providers():
        rows = _rows_of(provider, user, day)
        parts.append(form.filter_kind(provider, rows) if form.is_valid() else rows)
    return parts


def _rows_of(provider: Provider, user, day: datetime.date | None) -> QuerySet:
    if day is None:
        return _with_light(provider, provider.rows(user), user, Stored.objects.all())
    # The last snapshot up to that day, as the page of figures shows it.
    last = Snapshot.objects.filter(
        subject_type=provider.kind, subject_id=OuterRef("subject_id"), day__lte=day
    ).order_by("-day")
    kept = Snapshot.objects.filter(day__lte=day, day=Subquery(last.values("day")[:1]))
    return _with_light(provider, provider.rows_on(user, day), user, kept)


def _union(parts: list[QuerySet]) -> QuerySet:
    first, *others = [part.order_by().values_list(*COLUMNS) for part in parts]
    return first.union(*others, all=True)


@lru_cache(maxsize=512)
def _prepared_page(asked: tuple, ordering: tuple, first: int, size: int) -> PreparedFor:
    """One page of the list without words to search for: what is chosen there are a handful of fixed choices."""

    def build(reader):
        return _union(_parts(reader, PortfolioFilter(dict(asked)))).order_by(*ordering)[first : first + size]

    return PreparedFor(build)


@cache
def _sees_figures_of_some(kind: str) -> PreparedFor:
    view, model = registry.subject_type(kind).view, apps.get_model(registry.subject_type(kind).model)
    return PreparedFor(lambda reader: model._default_manager.allowing(reader, view).order_by().values_list("pk")[:1])


@cache
def _open_by_rank(kind: str) -> PreparedFor:
    """How many subjects under way have which worst light."""

    provider = _providers[kind]

    def build(reader):
        return _by_rank(_rows_of(provider, reader, None).filter(is_open=True))

    return PreparedFor(build)


def _by_rank(rows: QuerySet) -> QuerySet:
    return rows.order_by().values("rank").annotate(n=Count("pk")).values_list("rank", "n")


def _with_light(provider: Provider, rows: QuerySet, user, stored: QuerySet) -> QuerySet:
    """Annotate ``kind``, ``seen``, ``cost_seen`` and ``rank``, the worst light of the figures this user may see, of
    those in ``stored``.
    """
    kind = registry.subject_type(provider.kind)
    kpis = registry.of(provider.kind)
    extra = {kpi.permission for kpi in kpis if kpi.permission}
    free = [kpi.code for kpi in kpis if not kpi.permission]
    costly = [kpi.code for kpi in kpis if kpi.permission]
    ranks = {str(status): rank for status, rank in figures.RANK.items() if rank}
    worst = (
        stored.filter(subject_type=provider.kind, subject_id=OuterRef("pk"), status__in=ranks)
        .annotate(rank=Case(*(When(status=status, then=Value(rank)) for status, rank in ranks.items())))
        .order_by("-rank")
        .values("rank")
    )

    def rank_of(codes):
        return Coalesce(Subquery(worst.filter(kpi__in=codes)[:1], output_field=IntegerField()), 0)

    rows = rows.annotate(
        kind=Value(provider.kind),
        seen=_may(rows.model, user, {kind.view}),
        cost_seen=_may(rows.model, user, {kind.view, *extra}),
    )
    if {kind.view, *extra} <= user.site_permissions:
        return rows.annotate(rank=rank_of(free + costly))
    return rows.annotate(
        rank=Case(
            When(cost_seen=True, then=rank_of(free + costly)),
            When(seen=True, then=rank_of(free)),
            default=Value(0),
            output_field=IntegerField(),
        )
    )


def _may(model, user, permissions):
    if permissions <= user.site_permissions:
        return Value(True)
    may = Q()
    for permission in permissions:
        may &= Q(Exists(model._default_manager.allowing(user, permission).filter(pk=OuterRef("pk"))))
    return Case(When(may, then=Value(True)), default=Value(False))
