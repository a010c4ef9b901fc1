"""The budget read from the database: lines with what was spent on them, in a constant number of queries."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from projects.budget.engine import Amounts, Line, roll_up, roll_up_tree
from projects.budget.models import BudgetLine, Category, Expense, Order, TimeEntry
from projects.budget.owed import accrued_by_line
from projects.currencies.models import HalfEven
from projects.schedule.models import Task

MONEY = DecimalField(max_digits=16, decimal_places=2)


@dataclass(frozen=True)
class LineRow:
    line: BudgetLine | None  # None: time booked on no line
    amounts: Amounts

    @property
    def pk(self) -> int | None:
        return self.line.pk if self.line else None

    @property
    def is_short(self) -> bool:
        """Less was said to be still to come than is ordered already."""
        said = self.line.remaining if self.line else None
        return said is not None and said < self.amounts.committed


@dataclass(frozen=True)
class CategoryRows:
    key: str
    label: str
    rows: list[LineRow]
    amounts: Amounts


@dataclass(frozen=True)
class WorkRow:
    """A node of the work breakdown with all that stands on it and below it, and the lines on the node itself."""

    task: Task
    level: int
    amounts: Amounts
    rows: list[LineRow]


@dataclass(frozen=True)
class ByWork:
    """The same lines by work breakdown: the roots and ``loose`` (lines on no task) sum to the ledger's categories."""

    nodes: list[WorkRow]
    loose: list[LineRow]
    loose_amounts: Amounts


@dataclass(frozen=True)
class Ledger:
    """All money of a project. ``unpriced_minutes`` is time without a known rate: listed apart, never free."""

    categories: list[CategoryRows]
    loose: LineRow | None
    total: Amounts
    approved: Decimal | None
    unpriced_minutes: int
    unpriced_entries: int

    @property
    def short(self) -> list[LineRow]:
        """Lines whose estimate is below their open orders; the forecast takes the orders."""
        return [row for group in self.categories for row in group.rows if row.is_short]

    @property
    def unplanned(self) -> Decimal | None:
        """Approved money that no line explains; negative: the lines plan more than was approved."""
        return None if self.approved is None else self.approved - self.total.planned

    @property
    def spent_of_approved(self) -> Decimal | None:
        return self.total.actual / self.approved if self.approved else None

    @property
    def overrun(self) -> Decimal | None:
        """Forecast minus the approved budget; positive: over budget. None without an approved budget."""
        return None if self.approved is None else self.total.forecast - self.approved


def with_spending(lines):
    """Annotate budget lines with ``expense_sum``, ``time_sum`` and ``committed_sum``."""
    return lines.annotate(
        expense_sum=_sum(Expense.objects.filter(line=OuterRef("pk")), "amount"),
        time_sum=_sum(TimeEntry.objects.filter(line=OuterRef("pk")), "cost"),
        committed_sum=_sum(open_orders().filter(line=OuterRef("pk")), "open"),
    )


def open_orders():
    """Orders that still commit money, with ``open``: ordered less invoiced or received, never negative."""
    orders = Order.objects.filter(state=Order.State.OPEN).with_invoiced()
    covered = Greatest(F("invoiced_paid"), F("received_paid"), output_field=MONEY)
    rate = Coalesce(F("exchange_rate"), Decimal(1))
    return orders.annotate(open=Greatest(F("amount") - HalfEven(covered * rate), Decimal(0), output_field=MONEY))


def ledger(project) -> Ledger:
    """The project's budget, by category and line: three queries."""
    lines = list(with_spending(project.budget_lines.order_by("number")))
    accrued = accrued_by_line([project.pk], timezone.localdate())
    apart = project.time_entries.aggregate(
        loose=Sum("cost", filter=Q(line=None)),
        minutes=Sum("minutes", filter=Q(cost=None)),
        entries=Count("pk", filter=Q(cost=None)),
    )
    plain = [
        Line(
            line.pk,
            line.planned,
            line.expense_sum,
            line.time_sum,
            line.remaining,
            line.committed_sum,
            accrued.get(line.pk, Decimal(0)),
        )
        for line in lines
    ]
    by_line, _sum_of_lines = roll_up(plain)
    categories = []
    for category in Category:
        rows = [LineRow(line, by_line[line.pk]) for line in lines if line.category == category]
        if rows:
            categories.append(
                CategoryRows(category.value, str(category.label), rows, sum((row.amounts for row in rows), Amounts()))
            )
    loose = LineRow(None, Amounts(time=apart["loose"])) if apart["loose"] else None
    total = sum((group.amounts for group in categories), loose.amounts if loose else Amounts())
    return Ledger(categories, loose, total, project.approved_budget, apart["minutes"] or 0, apart["entries"] or 0)


# The tasks that carry lines and all above them, in the plan's order.
_BRANCHES = """
WITH RECURSIVE branch AS (
    SELECT t.* FROM projects_task t
    WHERE t.id IN (SELECT l.task_id FROM projects_budgetline l WHERE l.project_id = %s)
    UNION
    SELECT p.* FROM projects_task p JOIN branch b ON b.parent_id = p.id
)
SELECT id, uid, project_id, parent_id, name, wbs, number, is_summary FROM branch ORDER BY number
"""


def by_work(project, money: Ledger) -> ByWork:
    """The ledger's lines summed up the work breakdown: one query."""
    tasks = {task.pk: task for task in Task.objects.raw(_BRANCHES, [project.pk])}
    rows = [row for group in money.categories for row in group.rows]
    on: dict[int, list[LineRow]] = {}
    for row in sorted(rows, key=lambda row: row.line.number if row.line else 0):
        if row.line and row.line.task_id:
            on.setdefault(row.line.task_id, []).append(row)
    own = {task: sum((row.amounts for row in found), Amounts()) for task, found in on.items()}
    branches = roll_up_tree(((task.pk, task.parent_id) for task in tasks.values()), own)
    loose = [row for row in rows if row.line and not row.line.task_id]
    return ByWork(
        [WorkRow(tasks[node.key], node.level, node.total, on.get(node.key, [])) for node in branches],
        loose,
        sum((row.amounts for row in loose), Amounts()),
    )


def _sum(rows, field):
    # A subquery each: joining both would multiply expenses by hours.
    total = rows.order_by().values("line").annotate(sum=Sum(field)).values("sum")
    return Coalesce(Subquery(total, output_field=MONEY), Decimal(0), output_field=MONEY)
