"""Commitments: placing, changing and ending orders. Each verb is one transaction, `by` is who does it."""

import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from projects.budget.models import BudgetLine, Order


@transaction.atomic
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
    at=None,
) -> Order:
    _of_project(project, line)
    return project.orders.create(
        line=line,
        supplier=supplier,
        description=description,
        amount=amount,
        ordered_on=ordered_on,
        expected_on=expected_on,
        placed_by=by,
        placed_at=at or timezone.now(),
    )


@transaction.atomic
def change_order(order: Order, *, by, version=None, **fields) -> None:
    """Change an open order; ValidationError when it is over, or moves to another line with expenses on it."""
    allowed = {"line", "supplier", "description", "amount", "ordered_on", "expected_on"}
    if unknown := set(fields) - allowed:
        raise ValueError(f"Order has no field {', '.join(sorted(unknown))} to write.")
    now = _locked(order)
    if now.state != Order.State.OPEN:
        raise ValidationError(_("%(order)s is over; it no longer changes.") % {"order": order}, code=FIRST)
    if "line" in fields:
        _of_project(order.project, fields["line"])
        if fields["line"].pk != now.line_id and order.expenses.exists():
            raise ValidationError(
                {"line": _("Expenses are booked against it on %(line)s: it stays on that line.") % {"line": now.line}}
            )
    for name, value in fields.items():
        setattr(order, name, value)
    order.save_changes(list(fields), version=version)


@transaction.atomic
def close_order(order: Order, *, by, reason: str, at=None) -> None:
    """Nothing more comes: what is not invoiced is committed no longer."""
    _end(order, Order.State.CLOSED, by, reason, at)


@transaction.atomic
def cancel_order(order: Order, *, by, reason: str, at=None) -> None:
    """It never was: ValidationError when something is booked against it; such an order is closed."""
    _locked(order)
    if booked := order.expenses.aggregate(sum=Sum("amount"))["sum"]:
        raise ValidationError(
            _("%(amount)s is booked against %(order)s. Close it: what is not invoiced is then no longer committed.")
            % {"amount": booked, "order": order}
        )
    if order.expenses.exists():
        raise ValidationError(_("Expenses are booked against %(order)s. Close it.") % {"order": order})
    _end(order, Order.State.CANCELLED, by, reason, at)


def _end(order, state, by, reason, at) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it ends.")})
    values = {"state": state, "ended_by": by, "ended_at": at or timezone.now(), "end_reason": reason.strip()}
    if not Order.objects.filter(pk=order.pk, state=Order.State.OPEN).update(**values):
        raise ValidationError(_("%(order)s is over already.") % {"order": order}, code=FIRST)
    order.refresh_from_db()


def _locked(order: Order) -> Order:
    return Order.objects.select_for_update(of=("self",)).select_related("line").get(pk=order.pk)


def _of_project(project, line) -> None:
    if line.project_id != project.pk:
        raise ValueError(f"{line} belongs to another project.")
