"""The money of a project beyond its lines: where they stand in the plan, over which months they go."""

import datetime
from decimal import Decimal

from django.db.models import Sum

from pmdm.jobs.models import Outbox
from projects.budget import accruals, mail, orders, reserves
from projects.budget import verbs as money
from projects.budget.engine import scale
from projects.budget.owed import accruals_left, accrued_by_line
from projects.budget.phasing import phased
from projects.currencies.rates import rate_table

# Category of the line -> the task or summary it pays for.
PLACES = {
    "services": "Integrations",
    "licences": "Environments and pipelines",
    "material": "Build",
    "travel": "Rollout",
}
# Of the approved budget: what the lines plan, leaving a contingency; and the reserve beside it.
LINES, RESERVE = Decimal("0.95"), Decimal("0.08")


def place_lines(project, *, by) -> None:
    """Put lines on the plan: two go over the dates of their task, the hardware is paid in the first months of its."""
    tasks = {task.name: task for task in project.tasks.filter(name__in=PLACES.values(), project=project)}
    for line in project.budget_lines.select_related("task").order_by("number"):
        task = tasks.get(PLACES.get(line.category, ""))
        if task is None:
            continue
        money.change_line(line, by=by, task=task, spread="task")
        if line.category == "material":
            months = phased(project, [line]).lines[0].months
            # Bought early: the first half of the months carries all of it.
            early = dict(sorted(months.items())[: max(1, (len(months) + 1) // 2)])
            if any(early.values()):
                money.change_line(line, by=by, spread="months", months=scale(early, line.planned))


def set_apart(project, *, by) -> None:
    """The sponsor keeps a contingency back within the approved budget, and a reserve beside it."""
    # Beside lines rounded to whole units the contingency is what they leave.
    planned = sum(line.planned for line in project.budget_lines.all())
    reserves.set_allowance(project, "contingency", by=by, amount=max(Decimal(0), project.approved_budget - planned))
    reserves.set_allowance(project, "reserve", by=by, amount=_round(project.approved_budget * RESERVE))


def ask_for_money(project, *, by, at) -> None:
    line = project.budget_lines.filter(category="services").first()
    for kind, part, reason in (
        ("contingency", Decimal("0.25"), "Interfaces need a second partner."),
        ("reserve", Decimal("0.50"), "A second rollout region."),
    ):
        allowance = project.allowances.filter(kind=kind).first()
        if line and allowance and (amount := _round(allowance.amount * part)):
            reserves.request_draw(
                project, by=by, allowance=allowance, line=line, amount=amount, reason=reason, at=at
            )  # fmt: skip


def mails_are_read(at) -> None:
    """What was written then was sent then."""
    Outbox.objects.filter(kind__in=(mail.ASKED, mail.DECIDED), done_at=None).update(done_at=at)


def decide_on_money(project, *, by, at) -> None:
    for draw in project.draws.filter(state="requested").select_related("allowance", "project"):
        if draw.allowance.kind == "contingency":
            reserves.approve_draw(draw, by=by, note="Agreed in the steering meeting.", at=at)
        else:
            reserves.reject_draw(draw, by=by, note="Not part of what was agreed: raise a change request.", at=at)


def place_orders(project, *, by, at) -> None:
    """Partner work, licences and hardware are ordered; their invoices follow, against the orders."""
    for category, supplier, what, share, currency in (
        ("services", "Interface Works GmbH", "Integration of partner systems", "0.60", ""),
        ("licences", "Northern Software AB", "Licences for two years", "0.80", "SEK"),
        ("material", "Rack & Cloud Inc", "Hosting and test hardware", "0.50", "USD"),
    ):
        line = project.budget_lines.filter(category=category).first()
        if line is None or not (amount := _round(line.planned * Decimal(share))):
            continue
        day = at.date()
        if currency:
            # Suppliers abroad quote round sums of their own money.
            quote = rate_table(day).between(currency, project.currency, day)
            amount = _round(amount / quote.rate)
        orders.place_order(
            project, by=by, line=line, supplier=supplier, description=what, amount=amount, ordered_on=day,
            currency=currency, expected_on=day + datetime.timedelta(days=60), at=at,
        )  # fmt: skip


def invoice(project, *, by, line, amount, at, description) -> None:
    """Book an invoice worth about so much, against the open order that covers it, in its currency."""
    order = order_for(line, amount)
    if order and order.currency:
        amount = (amount / order.exchange_rate).quantize(Decimal("0.01"))
    money.book_expense(
        project, by=by, line=line, amount=amount, currency=order.currency if order else "", order=order,
        description=description, spent_on=at.date(), supplier="", at=at,
    )  # fmt: skip


def record_what_came(project, *, by, at) -> None:
    """The partner has worked; its invoice comes later. Nothing more is accrued while one still waits."""
    order = project.orders.filter(state="open", currency="").with_invoiced().select_related("line").first()
    if order is None or any(accruals_left([project.pk], at.date()).values()):
        return
    if amount := min(order.open_amount, _round(order.amount * Decimal("0.12"))):
        accruals.record_receipt(
            order, by=by, amount=amount, accrued_on=at.date(), description=f"Work of {at:%B}", at=at
        )  # fmt: skip


def spent(project, day: datetime.date) -> dict[int, Decimal]:
    """Cost so far by budget line, accruals included."""
    found: dict[int, Decimal] = accrued_by_line([project.pk], day)
    for rows in (
        project.expenses.values_list("line").annotate(Sum("amount")),
        project.time_entries.values_list("line").annotate(Sum("cost")),
    ):
        for line, amount in rows:
            found[line] = found.get(line, Decimal(0)) + (amount or 0)
    return found


def order_for(line, amount):
    """The open order on this line that still covers so much."""
    for order in line.orders.filter(state="open").with_invoiced():
        if order.open_amount >= amount:
            return order
    return None


def expect_no_more(project, *, by, at) -> None:
    """What was ordered has come, or comes no more; nothing is still to come on any line."""
    left = accruals_left([project.pk], at.date())
    for accrual in project.accruals.filter(pk__in=[pk for pk, amount in left.items() if amount]):
        accruals.reverse(accrual, by=by, on=at.date(), reason="Settled with the last invoice of the partner.")
    for order in project.orders.filter(state="open"):
        orders.close_order(order, by=by, reason="Delivered as far as it was needed.", at=at)
    for line in project.budget_lines.all():
        money.expect_no_more(line, by=by)


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1))
