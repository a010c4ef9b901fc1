"""Accruals: recording what was received before its invoice, and reversing it. ``by`` is who does it."""

import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from pmdm.ui import format as fmt
from projects.budget.models import Accrual, BudgetLine, Order
from projects.budget.owed import accruals_left
from projects.currencies.rates import exchanged
from projects.lifecycle.standing import while_open


@while_open
def record_receipt(
    order: Order, *, by, amount: Decimal, accrued_on: datetime.date, description: str = "", at=None
) -> Accrual:
    """Goods or work of an order have come: cost of that day, in the order's currency at that day's rate.

    Its invoices settle the receipts, the oldest first. ValidationError when the order is over.
    """
    # The row is the lock: nobody ends it meanwhile.
    now = Order.objects.select_for_update(of=("self",)).select_related("project", "line").get(pk=order.pk)
    if now.state != Order.State.OPEN:
        raise ValidationError(_("%(order)s is over; nothing more is received.") % {"order": now}, code=FIRST)
    return now.project.accruals.create(
        **exchanged(now.project, amount, now.currency, accrued_on),
        line=now.line,
        order=now,
        accrued_on=accrued_on,
        description=description.strip() or now.description,
        booked_by=by,
        booked_at=at or timezone.now(),
    )


def refuse_early(accrued_on: datetime.date, reverses_on: datetime.date) -> None:
    """ValidationError where it would be reversed before it counts."""
    if reverses_on <= accrued_on:
        said = _("It is reversed after the day it is accrued on, %(day)s.") % {"day": fmt.day(accrued_on)}
        raise ValidationError({"reverses_on": said})


@while_open
def accrue(
    project,
    *,
    by,
    line: BudgetLine,
    amount: Decimal,
    accrued_on: datetime.date,
    reverses_on: datetime.date,
    description: str,
    currency: str = "",
    at=None,
) -> Accrual:
    """Cost of a day that no order shows: it counts until its invoice comes, at the latest until ``reverses_on``."""
    if line.project_id != project.pk:
        raise ValueError(f"{line} belongs to another project.")
    refuse_early(accrued_on, reverses_on)
    return project.accruals.create(
        **exchanged(project, amount, currency, accrued_on),
        line=line,
        accrued_on=accrued_on,
        reverses_on=reverses_on,
        description=description.strip(),
        booked_by=by,
        booked_at=at or timezone.now(),
    )


@while_open
def reverse(accrual: Accrual, *, by, on: datetime.date, reason: str) -> None:
    """From that day on it counts no more: no invoice comes, or not for this. A past figure stays what it was."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why no invoice comes.")})
    if on <= accrual.accrued_on:
        raise ValidationError(
            {"on": _("It was received on %(day)s: it is reversed later.") % {"day": fmt.day(accrual.accrued_on)}}
        )
    counting = Accrual.objects.filter(pk=accrual.pk).filter(Q(reverses_on=None) | Q(reverses_on__gt=on))
    if not counting.update(reverses_on=on, reverse_reason=reason.strip()):
        raise ValidationError(_("%(accrual)s is reversed already.") % {"accrual": accrual}, code=FIRST)
    accrual.refresh_from_db()


def with_left(rows, project, day: datetime.date) -> list[Accrual]:
    """The rows with ``left``: what of each still counts on the day; two queries."""
    left = accruals_left([project.pk], day)
    found = list(rows)
    for row in found:
        row.left = left.get(row.pk, Decimal(0))
    return found
