"""What people do with money and time: each verb is one transaction, `by` is who does it."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.files.models import File
from pmdm.ui import format as fmt
from projects.budget.engine import format_minutes, scale, time_cost
from projects.budget.models import Accrual, BudgetLine, BudgetMonth, Category, Expense, Order, Rate, Spread, TimeEntry
from projects.budget.rates import cost_of_time, insert_dated
from projects.currencies.rates import exchanged
from projects.lifecycle.models import Project
from projects.lifecycle.standing import stay_open, while_open
from projects.timesheets.locking import refuse_if_locked

MINUTES_OF_A_DAY = 24 * 60


@while_open
def plan_line(project, *, by, name, category, planned, remaining=None, months=None, **placing) -> BudgetLine:
    """``placing``: task, spread, period_start, period_finish; ``months`` for a line phased by hand.

    ValidationError when the months don't sum to ``planned``.
    """
    _known(BudgetLine, placing, {"task", "spread", "period_start", "period_finish"})
    _of_project(project, placing.get("task"))
    line = project.budget_lines.create(name=name, category=category, planned=planned, remaining=remaining, **placing)
    _write_months(line, months)
    return line


@while_open
def change_line(line: BudgetLine, *, by, version=None, months=None, **fields) -> None:
    """Write only ``fields``; StaleVersion when somebody saved since ``version``.

    Typed months of a line whose ``planned`` changes without new ``months`` keep their shape.
    """
    if "task" in fields:
        _of_project(line.project, fields["task"])
    _write(
        line,
        fields,
        {"name", "category", "planned", "remaining", "task", "spread", "period_start", "period_finish"},
        version,
    )
    if {"planned", "spread"} & fields.keys() or months is not None:
        _write_months(line, months)


@while_open
def expect_no_more(line: BudgetLine, *, by) -> None:
    """What was spent on the line is what it costs; an open order on it still counts."""
    change_line(line, by=by, remaining=Decimal(0))


def _write_months(line: BudgetLine, months: Mapping[datetime.date, Decimal] | None) -> None:
    if line.spread != Spread.MONTHS:
        line.months.all().delete()
        return
    kept = dict(line.months.values_list("month", "amount"))
    if months is None:
        months = kept
        if sum(kept.values()) != line.planned and any(kept.values()):
            months = scale(kept, line.planned)
    total = sum(months.values(), Decimal(0))
    if total != line.planned:
        raise ValidationError(
            {
                "months": _("The months sum to %(total)s, the line plans %(planned)s: %(difference)s.")
                % {
                    "total": fmt.number(total, 2),
                    "planned": fmt.number(line.planned, 2),
                    "difference": _("%(amount)s too much") % {"amount": fmt.number(total - line.planned, 2)}
                    if total > line.planned
                    else _("%(amount)s are missing") % {"amount": fmt.number(line.planned - total, 2)},
                }
            }
        )
    if months == kept:
        return
    line.months.all().delete()
    BudgetMonth.objects.bulk_create(
        BudgetMonth(project_id=line.project_id, line=line, month=month, amount=amount)
        for month, amount in sorted(months.items())
        if amount
    )


@while_open
def remove_line(line: BudgetLine, *, by) -> None:
    """Remove a line nothing was booked on; ValidationError names what stands on it."""
    expenses, hours = line.expenses.count(), line.time_entries.count()
    if line.change_items.exists():
        raise ValidationError(_("%(line)s is part of a change request: it stays.") % {"line": line})
    if line.orders.exists() or line.draws.exists() or line.accruals.exists():
        raise ValidationError(_("%(line)s has orders, accruals or draws from a reserve: it stays.") % {"line": line})
    if expenses or hours:
        raise ValidationError(
            _("%(line)s has %(expenses)s expenses and %(hours)s time entries. Move them to another line first.")
            % {"line": line, "expenses": expenses, "hours": hours}
        )
    line.delete()


@while_open
def book_expense(
    project,
    *,
    by,
    line: BudgetLine,
    amount: Decimal,
    description,
    spent_on: datetime.date,
    supplier="",
    currency: str = "",
    order: Order | None = None,
    accrual: Accrual | None = None,
    receipt=None,
    at=None,
) -> Expense:
    """``order`` or ``accrual``: what it is the invoice of, on the same line, in the same currency; ``receipt``: an
    upload, kept for those who see cost. In another ``currency`` it is converted at the rate of its day.
    """
    _of_project(project, line)
    money = exchanged(project, amount, currency, spent_on)
    _check_order(order, line, money["currency"])
    _check_accrual(accrual, line, money["currency"])
    if order and accrual:
        raise ValidationError({"accrual": _("It settles an order or an accrual, not both.")})
    return project.expenses.create(
        **money,
        line=line,
        order=order,
        accrual=accrual,
        receipt=_keep(project, receipt, by, at),
        description=description,
        spent_on=spent_on,
        supplier=supplier or (order.supplier if order else ""),
        booked_by=by,
        booked_at=at or timezone.now(),
    )


@while_open
def change_expense(expense: Expense, *, by, version=None, receipt=None, **fields) -> None:
    """Write only ``fields``; a new ``receipt`` takes the place of the one before."""
    _known(Expense, fields, {"line", "order", "accrual", "amount", "currency", "description", "spent_on", "supplier"})
    if "line" in fields:
        _of_project(expense.project, fields["line"])
    fields |= rewritten(expense, fields, "spent_on")
    currency, line = fields.get("currency", expense.currency), fields.get("line", expense.line)
    order, accrual = fields.get("order", expense.order), fields.get("accrual", expense.accrual)
    if {"line", "order", "currency"} & fields.keys():
        _check_order(order, line, currency, expense)
    if {"line", "accrual", "currency"} & fields.keys():
        _check_accrual(accrual, line, currency)
    if order and accrual:
        raise ValidationError({"accrual": _("It settles an order or an accrual, not both.")})
    if receipt:
        fields["receipt"] = _keep(expense.project, receipt, by, None)
    _write(expense, fields, {*fields}, version)


def rewritten(row, fields: dict[str, Any], day: str) -> dict[str, Any]:
    """The money of a row as ``fields`` would have it: converted anew where its amount, currency or day differs.

    Else the rate it was converted at stays. Takes ``amount`` and ``currency`` out of ``fields``.
    """
    paid, currency = fields.pop("amount", row.paid), fields.pop("currency", row.currency)
    if currency == row.project.currency:
        currency = ""
    on = fields.get(day, getattr(row, day))
    if (paid, currency) == (row.paid, row.currency) and (not currency or on == getattr(row, day)):
        return {}
    return exchanged(row.project, paid, currency, on)


def _check_accrual(accrual: Accrual | None, line: BudgetLine, currency: str) -> None:
    if accrual is None:
        return
    now = Accrual.objects.select_for_update(of=("self",)).select_related("line").get(pk=accrual.pk)
    if now.order_id:
        raise ValidationError(
            {"accrual": _("%(accrual)s is of an order: book the order's invoice.") % {"accrual": now}}
        )
    if now.line_id != line.pk:
        raise ValidationError({"line": _("%(order)s stands on %(line)s.") % {"order": now, "line": now.line}})
    _check_currency(now, currency)


def _check_currency(row: Order | Accrual, currency: str) -> None:
    if row.currency != currency:
        wanted = row.currency or row.project.currency
        raise ValidationError(
            {
                "currency": _("%(row)s is in %(wanted)s: give its invoice in that currency.")
                % {"row": row, "wanted": wanted}
            }
        )


def _check_order(order: Order | None, line: BudgetLine, currency: str, expense: Expense | None = None) -> None:
    if order is None:
        return
    # The row is the lock: nobody cancels it meanwhile.
    now = Order.objects.select_for_update(of=("self",)).select_related("line").get(pk=order.pk)
    if now.line_id != line.pk:
        raise ValidationError({"line": _("%(order)s stands on %(line)s.") % {"order": now, "line": now.line}})
    booked_there = expense is not None and expense.order_id == now.pk
    if now.state != Order.State.OPEN and not booked_there:
        raise ValidationError({"order": _("%(order)s is over; nothing more is booked against it.") % {"order": now}})
    _check_currency(now, currency)


def _keep(project, upload, by, at) -> File | None:
    return File.keep(project, upload, by=by, permission=P.COST_VIEW, at=at) if upload else None


@while_open
def remove_expense(expense: Expense, *, by) -> None:
    """The row goes; the audit trail keeps it."""
    expense.delete()


@transaction.atomic
def book_time(project, *, by, day: datetime.date, minutes: int, task=None, line=None, note="", at=None) -> TimeEntry:
    """Book own time. Its cost is fixed with the rate of that day; without a rate it has none and is listed apart."""
    _of_project(project, task, line)
    _check_day(project, by, day, minutes)
    refuse_if_locked(project, by, day)
    return project.time_entries.create(
        user=by,
        day=day,
        minutes=minutes,
        task=task,
        line=line or default_line(project),
        note=note,
        cost=cost_of_time(project, by, day, minutes),
        booked_at=at or timezone.now(),
    )


@transaction.atomic
def change_time(entry: TimeEntry, *, by, version=None, **fields) -> None:
    """Change an entry; its cost follows the rate of its day."""
    day, minutes = fields.get("day", entry.day), fields.get("minutes", entry.minutes)
    _of_project(entry.project, fields.get("task"), fields.get("line"))
    _check_day(entry.project, entry.user, day, minutes, besides=entry)
    if (day, minutes, fields.get("note", entry.note)) != (entry.day, entry.minutes, entry.note):
        refuse_if_locked(entry.project, entry.user, entry.day, day)
    if (day, minutes) != (entry.day, entry.minutes):
        fields["cost"] = cost_of_time(entry.project, entry.user, day, minutes)
    _write(entry, fields, {"day", "minutes", "task", "line", "note", "cost"}, version)


@transaction.atomic
def remove_time(entry: TimeEntry, *, by) -> None:
    User.objects.select_for_update(of=("self",)).only("pk").get(pk=entry.user_id)
    stay_open(entry.project_id)
    refuse_if_locked(entry.project, entry.user, entry.day)
    entry.delete()


@transaction.atomic
def set_rate(user, *, by, hourly: Decimal, currency: str, valid_from: datetime.date) -> Rate:
    """What an hour costs from a day on, until a later rate begins; the one before ends there.

    Time booked without a cost gets one; costs once fixed stay.
    """
    # The person's row is the lock: two rates at once stand in line instead of meeting the constraint.
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    rate: Rate = insert_dated(Rate.objects, {"user": user, "currency": currency}, hourly, valid_from)
    # What a project has cost that is over stays what it was.
    taking = Project.objects.filter(state__in=Project.OPEN_STATES, awaits_closure=False, currency=currency)
    unpriced = TimeEntry.objects.filter(user=user, cost=None, day__gte=valid_from, project__in=taking)
    if rate.valid_until:
        unpriced = unpriced.filter(day__lt=rate.valid_until)
    entries = list(unpriced.select_for_update(of=("self",)))
    for entry in entries:
        entry.cost = time_cost(entry.minutes, hourly)
    TimeEntry.objects.bulk_update(entries, ["cost"], batch_size=500)
    return rate


def default_line(project) -> BudgetLine | None:
    """Where time goes when nobody says: the project's first labour line."""
    return project.budget_lines.filter(category=Category.LABOUR).order_by("number").first()


def _check_day(project, user, day, minutes, besides: TimeEntry | None = None) -> None:
    # The person's row is the lock: two bookings at once cannot fill a day beyond 24 hours. Then the project.
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    stay_open(project.pk)
    others = TimeEntry.objects.filter(user=user, day=day)
    if besides:
        others = others.exclude(pk=besides.pk)
    booked = others.aggregate(sum=Sum("minutes"))["sum"] or 0
    if booked + minutes > MINUTES_OF_A_DAY:
        left = format_minutes(max(MINUTES_OF_A_DAY - booked, 0))
        raise ValidationError(
            {"minutes": _("A day has 24 hours: at most %(left)s more fit on %(day)s.") % {"left": left, "day": day}}
        )


def _of_project(project, *rows: Any) -> None:
    for row in rows:
        if row is not None and row.project_id != project.pk:
            raise ValueError(f"{row} belongs to another project.")


def _write(row, fields, allowed: set[str], version) -> None:
    _known(type(row), fields, allowed)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save_changes(list(fields), version=version)


def _known(model, fields, allowed: set[str]) -> None:
    if unknown := set(fields) - allowed:
        raise ValueError(f"{model.__name__} has no field {', '.join(sorted(unknown))} to write.")
