"""Commitments: placing, changing and ending orders. Each verb is one transaction, `by` is who does it."""

import datetime
from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from projects.budget import verbs
from projects.budget.models import BudgetLine, Order
from projects.budget.owed import accruals_left
from projects.currencies.rates import exchanged
from projects.lifecycle.standing import while_open


@while_open
def place_order(
    project,
    *,
    by,
    line: BudgetLine,
    supplier: str,
    description: str,
    amount: Decimal,
    ordered_on: datetime.date,
    expected_on: datetime.date | None = None,
    currency: str = "",
    at=None,
) -> Order:
    """In another ``currency`` it commits what it is worth at the rate of the day it is ordered on."""
    _of_project(project, line)
    return project.orders.create(
        **exchanged(project, amount, currency, ordered_on),
        line=line,
        supplier=supplier,
        description=description,
        ordered_on=ordered_on,
        expected_on=expected_on,
        placed_by=by,
        placed_at=at or timezone.now(),
    )


@while_open
def change_order(order: Order, *, by, version=None, **fields) -> None:
    """Change an open order; ValidationError when it is over, or moves to another line with expenses on it."""
    allowed = {"line", "supplier", "description", "amount", "currency", "ordered_on", "expected_on"}
    if unknown := set(fields) - allowed:
        raise ValueError(f"Order has no field {', '.join(sorted(unknown))} to write.")
    now = _locked(order)
    if now.state != Order.State.OPEN:
        raise ValidationError(_("%(order)s is over; it no longer changes.") % {"order": order}, code=FIRST)
    if "line" in fields:
        _of_project(order.project, fields["line"])
        if fields["line"].pk != now.line_id and _has_bookings(order):
            raise ValidationError(
                {"line": _("Expenses are booked against it on %(line)s: it stays on that line.") % {"line": now.line}}
            )
    fields |= verbs.rewritten(now, fields, "ordered_on")
    if fields.get("currency", now.currency) != now.currency and _has_bookings(order):
        raise ValidationError({"currency": _("Something is booked against it: it stays in its currency.")})
    for name, value in fields.items():
        setattr(order, name, value)
    order.save_changes(list(fields), version=version)


@while_open
def close_order(order: Order, *, by, reason: str, at=None) -> None:
    """Nothing more comes: what is not invoiced is committed no longer. ValidationError while received goods wait
    for their invoice: book it, or reverse the accrual."""
    now = _locked(order)
    left = accruals_left([now.project_id], timezone.localdate())
    if waiting := [row for row in now.accruals.order_by("number") if left.get(row.pk)]:
        raise ValidationError(
            _("%(accruals)s waits for its invoice. Book the invoice, or reverse it with a reason.")
            % {"accruals": ", ".join(row.ref for row in waiting)}
        )
    _end(order, Order.State.CLOSED, by, reason, at)


@transaction.atomic
def close_orders(reasons: Mapping[int, str], *, by, at=None) -> None:
    """Close several open orders, each with its reason: {order: reason}."""
    at = at or timezone.now()
    for pk, reason in reasons.items():
        values = {"state": Order.State.CLOSED, "ended_by": by, "ended_at": at, "end_reason": reason}
        Order.objects.filter(pk=pk, state=Order.State.OPEN).update(**values)


@while_open
def cancel_order(order: Order, *, by, reason: str, at=None) -> None:
    """It never was: ValidationError when something is booked against it; such an order is closed."""
    _locked(order)
    if booked := order.expenses.aggregate(sum=Sum("amount"))["sum"]:
        raise ValidationError(
            _("%(amount)s is booked against %(order)s. Close it: what is not invoiced is then no longer committed.")
            % {"amount": booked, "order": order}
        )
    if _has_bookings(order):
        raise ValidationError(_("Expenses or receipts are booked against %(order)s. Close it.") % {"order": order})
    _end(order, Order.State.CANCELLED, by, reason, at)


def _end(order, state, by, reason, at) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it ends.")})
    values = {"state": state, "ended_by": by, "ended_at": at or timezone.now(), "end_reason": reason.strip()}
    if not Order.objects.filter(pk=order.pk, state=Order.State.OPEN).update(**values):
        raise ValidationError(_("%(order)s is over already.") % {"order": order}, code=FIRST)
    order.refresh_from_db()


def _has_bookings(order: Order) -> bool:
    return order.expenses.exists() or order.accruals.exists()


def _locked(order: Order) -> Order:
    return Order.objects.select_for_update(of=("self",)).select_related("line", "project").get(pk=order.pk)


def _of_project(project, line) -> None:
    if line.project_id != project.pk:
        raise ValueError(f"{line} belongs to another project.")
