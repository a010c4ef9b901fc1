"""The money of a project over time: planned, spent, ordered and forecast, month by month and up to each month's end."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from projects.budget.engine import month_of, months_between, spread_even
from projects.budget.engine.phasing import Months, next_month
from projects.budget.ledger import Ledger, ledger, open_orders
from projects.budget.owed import accruals_left
from projects.budget.phasing import dates_of_project, phased

ZERO = Decimal(0)


@dataclass(frozen=True)
class Month:
    """One month: what it plans, what was paid in it, what is expected to be paid in it; and all of it so far.

    An accrual is cost and no cash: it is to come until its invoice is there.
    """

    month: datetime.date
    planned: Decimal
    actual: Decimal
    ordered: Decimal  # open orders expected in it, part of ``to_come``
    accrued: Decimal  # received, its invoice expected in it, part of ``to_come``
    to_come: Decimal
    planned_so_far: Decimal
    actual_so_far: Decimal | None  # None: the month has not begun
    forecast_so_far: Decimal | None  # actual and what is to come; None before the month of today


@dataclass(frozen=True)
class Curve:
    months: list[Month]
    money: Ledger

    @property
    def ordered(self) -> Decimal:
        return sum((row.ordered for row in self.months), ZERO)


def curve(project, today: datetime.date) -> Curve:
    """Nine queries. The last ``planned_so_far`` is what all lines plan, the last ``forecast_so_far`` their forecast."""
    money = ledger(project)
    phasing = phased(project)
    planned = dict(zip(phasing.months, phasing.sums, strict=True))
    actual = _spent(project)
    owed = _owed(project, today)
    ordered, to_come = _to_come(project, money, {row.line.pk: row.months for row in phasing.lines}, today)
    for month, amount in owed.items():
        to_come[month] = to_come.get(month, ZERO) + amount
    known = [*planned, *actual, *to_come, month_of(today)]
    rows = []
    planned_so_far = spent_so_far = coming_so_far = ZERO
    for month in months_between(min(known), max(known)):
        planned_so_far += planned.get(month, ZERO)
        spent_so_far += actual.get(month, ZERO)
        coming_so_far += to_come.get(month, ZERO)
        rows.append(
            Month(
                month,
                planned.get(month, ZERO),
                actual.get(month, ZERO),
                ordered.get(month, ZERO),
                owed.get(month, ZERO),
                to_come.get(month, ZERO),
                planned_so_far,
                spent_so_far if month <= today or actual.keys() & {month} else None,
                spent_so_far + coming_so_far if month >= month_of(today) else None,
            )
        )
    return Curve(rows, money)


def _spent(project) -> Months:
    months: Months = defaultdict(lambda: ZERO)
    for rows, day, amount in (
        (project.expenses, "spent_on", "amount"),
        (project.time_entries.exclude(cost=None), "day", "cost"),
    ):
        by_month = rows.order_by().annotate(month=TruncMonth(day)).values_list("month")
        for month, total in by_month.annotate(sum=Sum(amount)):
            months[month] += total
    return dict(months)


def _owed(project, today: datetime.date) -> Months:
    """What is received and not invoiced, by the month its invoice is expected in: when its order is, or, by hand, the
    day before it is reversed; what is late this month."""
    months: Months = defaultdict(lambda: ZERO)
    left = accruals_left([project.pk], today)
    for accrual in project.accruals.filter(pk__in=left).select_related("order"):
        day = accrual.order.expected_on if accrual.order else accrual.reverses_on - datetime.timedelta(days=1)
        months[month_of(max(day or today, today))] += left[accrual.pk]
    return dict(months)


def _to_come(project, money: Ledger, phased_months: dict[int, Months], today) -> tuple[Months, Months]:
    """Open orders by the month they are expected in, and everything to come by month: what no order explains goes
    evenly from today to where the line's plan ends. What is late is expected this month."""
    ordered: Months = defaultdict(lambda: ZERO)
    to_come: Months = defaultdict(lambda: ZERO)
    for order in open_orders().filter(project=project):
        ordered[month_of(max(order.expected_on or today, today))] += order.open
    for month, amount in ordered.items():
        to_come[month] += amount
    _first, end = dates_of_project(project)
    for group in money.categories:
        for row in group.rows:
            rest = row.amounts.remaining - row.amounts.committed
            if not rest or row.line is None:
                continue
            months = [month for month, amount in phased_months[row.line.pk].items() if amount]
            last = next_month(max(months)) - datetime.timedelta(days=1) if months else end
            for month, amount in spread_even(rest, today, max(last, today)).items():
                to_come[month] += amount
    return dict(ordered), dict(to_come)
