"""The money of many projects in one currency: by programme, department or client, and in all.

Every figure of a project is converted once, at one stated rate, to the cent; what follows from figures (actual,
forecast, variance) is computed from the converted ones, and sums are sums of projects. So a roll-up is exactly the
sum of its leaves, and each row adds up in itself. A constant number of queries for any number of projects.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal

from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.budget.engine import Amounts, Line, Quote, RateTable, convert
from projects.budget.engine.rollup import amounts_of
from projects.budget.ledger import with_spending
from projects.budget.models import Allowance, BudgetLine, Draw, TimeEntry
from projects.budget.owed import accrued_by_line
from projects.currencies.rates import rate_table
from projects.lifecycle.models import Project

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Money:
    """Figures of a project or of several, in one currency; ``budgeted`` is the forecast of those with a budget."""

    approved: Decimal = ZERO  # contingency included, reserve not: the budget at completion
    contingency: Decimal = ZERO  # what is left of it
    reserve: Decimal = ZERO  # what is left of it
    expenses: Decimal = ZERO
    time: Decimal = ZERO
    accrued: Decimal = ZERO
    committed: Decimal = ZERO  # part of ``to_come``
    to_come: Decimal = ZERO
    budgeted: Decimal = ZERO

    @property
    def actual(self) -> Decimal:
        return self.expenses + self.time + self.accrued

    @property
    def forecast(self) -> Decimal:
        """The estimate at completion: actual and what is still to come."""
        return self.actual + self.to_come

    @property
    def variance(self) -> Decimal:
        """Approved less forecast, of those that have an approved budget; below zero: over budget."""
        return self.approved - self.budgeted

    def __add__(self, other: "Money") -> "Money":
        return Money(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def at(self, rate: Decimal) -> "Money":
        """In another currency. ``budgeted`` follows from the converted figures, so that the row adds up in itself."""
        plain = Money(*(convert(getattr(self, one.name), rate) for one in fields(self)))
        return plain if not self.budgeted else plain.with_budgeted()

    def with_budgeted(self) -> "Money":
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return Money(**values | {"budgeted": self.forecast})


@dataclass(frozen=True)
class Row:
    """One project: its figures in its own currency and, where there is a rate, in the base."""

    project: Project
    own: Money
    quote: Quote | None
    unpriced: int  # minutes without a rate: in no sum

    @property
    def has_budget(self) -> bool:
        return self.project.approved_budget is not None

    @property
    def base(self) -> Money | None:
        return None if self.quote is None else self.own.at(self.quote.rate)


@dataclass
class Group:
    """Projects with something in common, and their sum in the base currency."""

    key: str
    label: str
    rows: list[Row] = field(default_factory=list)

    @property
    def total(self) -> Money:
        return total_of(self.rows)

    @property
    def unbudgeted(self) -> int:
        """Projects without an approved budget: their cost is in the sums, never in the variance."""
        return sum(not row.has_budget for row in self.rows if row.quote)

    @property
    def left_out(self) -> int:
        """Projects whose currency has no rate: in no sum."""
        return sum(row.quote is None for row in self.rows)


@dataclass(frozen=True)
class Portfolio:
    base: str
    day: datetime.date
    rows: list[Row]
    rates: list[tuple[str, Quote]]  # of the currencies in use, other than the base

    @property
    def total(self) -> Money:
        return total_of(self.rows)

    @property
    def left_out(self) -> list[Row]:
        return [row for row in self.rows if row.quote is None]

    def by(self, what: str) -> list[Group]:
        """Groups in the order of their names; what belongs to none comes last."""
        key_of = KEYS[what]
        groups: dict[str, Group] = {}
        for row in self.rows:
            key, label = key_of(row.project)
            groups.setdefault(key, Group(key, label or str(NONE[what]))).rows.append(row)
        return sorted(groups.values(), key=lambda group: (not group.key, group.label.casefold()))


def total_of(rows: Iterable[Row]) -> Money:
    return sum((row.base for row in rows if row.base is not None), Money())


def _keyed(name: str) -> Callable[[Project], tuple[str, str]]:
    def key(project: Project) -> tuple[str, str]:
        row = getattr(project, name)
        return (str(row.pk), row.name) if row else ("", "")

    return key


KEYS: dict[str, Callable[[Project], tuple[str, str]]] = {
    "programme": lambda project: (project.programme, project.programme),
    "department": _keyed("department"),
    "client": _keyed("client"),
}
NONE = {"programme": _("No programme"), "department": _("No department"), "client": _("No client")}


def portfolio(projects, day: datetime.date) -> Portfolio:
    """Figures of these projects as they are now, at the rates of a day; six queries."""
    found = list(projects.select_related("client", "department").order_by("name", "pk"))
    table = rate_table(day, {project.currency for project in found})
    money = own_money(found)
    rows = []
    for project in found:
        own, unpriced = money[project.pk]
        rows.append(Row(project, own, table.between(project.currency, table.base, day), unpriced))
    return Portfolio(table.base, day, rows, _used(table, found, day))


def own_money(projects: list[Project]) -> dict[int, tuple[Money, int]]:
    """The ledger's totals of each project in its own currency, and minutes without a rate; four queries."""
    ids = [project.pk for project in projects]
    accrued = accrued_by_line(ids, timezone.localdate())
    sums: dict[int, Amounts] = dict.fromkeys(ids, Amounts())
    for line in with_spending(BudgetLine.objects.filter(project__in=ids)):
        sums[line.project_id] += amounts_of(
            Line(
                line.pk,
                line.planned,
                line.expense_sum,
                line.time_sum,
                line.remaining,
                line.committed_sum,
                accrued.get(line.pk, ZERO),
            )
        )
    unpriced = dict.fromkeys(ids, 0)
    apart = TimeEntry.objects.filter(project__in=ids).filter(Q(line=None) | Q(cost=None)).order_by()
    loose = apart.values_list("project").annotate(
        on_no_line=Sum("cost", filter=Q(line=None)), without_rate=Sum("minutes", filter=Q(cost=None))
    )
    for pk, cost, minutes in loose:
        sums[pk] += Amounts(time=cost or ZERO)
        unpriced[pk] = minutes or 0
    left: dict[tuple[int, str], Decimal] = {}
    drawn = Sum("draws__amount", filter=Q(draws__state=Draw.State.APPROVED), default=ZERO)
    for pk, kind, amount in (
        Allowance.objects.filter(project__in=ids)
        .annotate(drawn=drawn)
        .values_list("project", "kind", F("amount") - F("drawn"))
    ):
        left[pk, kind] = amount
    return {project.pk: (_money(project, sums[project.pk], left), unpriced[project.pk]) for project in projects}


def _money(project: Project, total: Amounts, left: dict[tuple[int, str], Decimal]) -> Money:
    return Money(
        approved=project.approved_budget or ZERO,
        contingency=left.get((project.pk, Allowance.Kind.CONTINGENCY), ZERO),
        reserve=left.get((project.pk, Allowance.Kind.RESERVE), ZERO),
        expenses=total.expenses,
        time=total.time,
        accrued=total.accrued,
        committed=total.committed,
        to_come=total.remaining,
        budgeted=ZERO if project.approved_budget is None else total.forecast,
    )


def _used(table: RateTable, projects: list[Project], day: datetime.date) -> list[tuple[str, Quote]]:
    codes = sorted({project.currency for project in projects} - {table.base})
    return [(code, quote) for code in codes if (quote := table.quote(code, day)) is not None]
