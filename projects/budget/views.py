"""Budget lines and expenses: everything here needs the permission to see cost."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui import format as fmt
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Status, Tile
from projects.budget import verbs
from projects.budget.engine import format_minutes
from projects.budget.forms import BudgetLineForm, ExpenseFilter, ExpenseForm
from projects.budget.ledger import by_work, ledger
from projects.budget.phasing import phased
from projects.lifecycle.access import project_view

# More than this share over the approved budget is red (formulas.md section 4: the ten per cent rule).
OVER_BUDGET = Decimal("0.10")


@project_view(read=P.COST_VIEW)
def budget(request, project):
    latest = project.expenses.select_related("line")[:5]
    money = ledger(project)
    by = "work" if request.GET.get("by") == "work" else "category"
    context = {
        "project": project,
        "tab": "budget",
        "by": by,
        "work": by_work(project, money) if by == "work" else None,
        "ledger": money,
        "latest": latest,
        "past": Asked(request, reverse("projects:past", args=[project.code, "budget"])),
        **_words(money, project.currency),
    }
    return render(request, "projects/budget/budget.html", context)


@project_view(read=P.COST_VIEW)
def budget_phasing(request, project):
    """Months by lines, with sums both ways."""
    phasing = phased(project)
    context = {
        "project": project,
        "tab": "budget",
        "phasing": phasing,
        "rows": [(row, row.over(phasing.months)) for row in phasing.lines],
        "this_month": timezone.localdate().replace(day=1),
    }
    return render(request, "projects/budget/phasing.html", context)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def budget_line_new(request, project):
    form = BudgetLineForm(request.POST or None, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: verbs.plan_line(project, by=request.user, **form.values()))
        if status == SAVED:
            messages.success(request, _("The line is in the budget."))
            return redirect("projects:budget", project.code)
    return _form(request, project, form, _("New budget line"), status)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def budget_line(request, project, number):
    line = get_object_or_404(project.budget_lines, number=number)
    form = BudgetLineForm(request.POST or None, instance=line, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda: verbs.change_line(line, by=request.user, version=form.read_version, **form.values())
        )
        if status == SAVED:
            messages.success(request, _("%(line)s is saved.") % {"line": line})
            return redirect("projects:budget", project.code)
    return _form(request, project, form, str(line), status, line=line)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def budget_line_removal(request, project, number):
    line = get_object_or_404(project.budget_lines, number=number)
    problem = ""
    if request.method == "POST":
        try:
            verbs.remove_line(line, by=request.user)
        except ValidationError as error:
            problem = error.message
        else:
            messages.success(request, _("%(line)s is removed.") % {"line": line})
            return redirect("projects:budget", project.code)
    return _removal(request, project, line, problem, "projects:budget-line")


@project_view(read=P.COST_VIEW)
def expense_list(request, project):
    page = ListPage(
        request,
        project.expenses.select_related("line", "booked_by", "order", "receipt"),
        sorts={"date": "spent_on", "amount": "amount", "line": "line__number", "number": "number"},
        default_sort="-date",
        form=ExpenseFilter,
    )
    total = page.queryset.order_by().aggregate(sum=Sum("amount"))["sum"]
    past = Asked(request, reverse("projects:past", args=[project.code, "expenses"]))
    context = {"project": project, "tab": "budget", "page": page, "total": total, "past": past}
    return render(request, "projects/budget/expense_list.html", context)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def expense_new(request, project):
    form = ExpenseForm(
        request.POST or None,
        request.FILES or None,
        project=project,
        initial=_settles(project, request.GET),
    )
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: verbs.book_expense(project, by=request.user, **form.values()))
        if status == SAVED:
            messages.success(request, _("The expense is booked."))
            return redirect("projects:expense-list", project.code)
    return _form(request, project, form, _("New expense"), status, back="projects:expense-list")


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def expense(request, project, number):
    row = get_object_or_404(project.expenses.select_related("line", "receipt"), number=number)
    form = ExpenseForm(request.POST or None, request.FILES or None, instance=row, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda: verbs.change_expense(row, by=request.user, version=form.read_version, **form.values())
        )
        if status == SAVED:
            messages.success(request, _("%(expense)s is saved.") % {"expense": row})
            return redirect("projects:expense-list", project.code)
    return _form(request, project, form, str(row), status, row=row, back="projects:expense-list")


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def expense_removal(request, project, number):
    row = get_object_or_404(project.expenses, number=number)
    if request.method == "POST":
        verbs.remove_expense(row, by=request.user)
        messages.success(request, _("%(expense)s is removed.") % {"expense": row})
        return redirect("projects:expense-list", project.code)
    return _removal(request, project, row, "", "projects:expense-detail")


def _settles(project, asked) -> dict:
    """What the new expense is the invoice of: ?order= or ?accrual=, in its currency."""
    order = project.orders.filter(number=_number(asked.get("order"))).first()
    accrual = project.accruals.filter(number=_number(asked.get("accrual")), order=None).first()
    row = order or accrual
    currency = {"currency": row.currency or project.currency} if row else {}
    return {"order": order, "accrual": None if order else accrual, **currency}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None


def _form(request, project, form, heading, status, *, line=None, row=None, back="projects:budget"):
    context = {
        "project": project,
        "tab": "budget",
        "form": form,
        "heading": heading,
        "line": line,
        "row": row,
        "back": back,
    }
    return render(request, "projects/budget/form.html", context, status=status)


def _removal(request, project, row, problem, back):
    back_url = reverse(back, args=[project.code, row.number])
    context = {"project": project, "tab": "budget", "row": row, "problem": problem, "back_url": back_url}
    return render(request, "projects/budget/removal.html", context, status=422 if problem else 200)


def _words(money, currency) -> dict:
    """The figures of the strip, and those that stand inside sentences."""

    def short(amount):
        return fmt.short_money(amount, currency)

    total, approved, overrun = money.total, money.approved, money.overrun
    if overrun is None:
        status, note = Status.NA, _("no approved budget to compare with")
    elif overrun > 0:
        status = Status.ACT if overrun > approved * OVER_BUDGET else Status.WATCH
        note = _("%(amount)s over the approved budget") % {"amount": short(overrun)}
    else:
        status, note = Status.OK, _("%(amount)s below the approved budget") % {"amount": short(-overrun)}
    tiles = [
        Tile(
            label=_("Approved"),
            value=short(approved) if approved is not None else "",
            reason=_("No budget is approved yet"),
            word=_("Charter"),
        ),
        Tile(label=_("Planned"), sub=_("sum of lines"), value=short(total.planned), word=_("Plan")),
        Tile(
            label=_("Spent"),
            value=short(total.actual),
            word=_("Booked"),
            note=(
                _("%(expenses)s expenses, %(time)s time, %(accrued)s accrued")
                if total.accrued
                else _("%(expenses)s expenses, %(time)s time")
            )
            % {"expenses": short(total.expenses), "time": short(total.time), "accrued": short(total.accrued)},
        ),
        Tile(
            label=_("Spent"),
            sub=_("of approved"),
            value=fmt.ratio(money.spent_of_approved) if money.spent_of_approved is not None else "",
            reason=_("No budget is approved yet"),
            word=_("Booked"),
        ),
        Tile(label=_("Still to come"), value=short(total.remaining), word=_("Estimate")),
        Tile(label=_("Forecast"), value=short(total.forecast), status=status, note=note),
    ]
    return {
        "tiles": tiles,
        "planned": fmt.money(total.planned, currency),
        "approved": fmt.money(approved, currency),
        "excess": fmt.money(-money.unplanned if money.unplanned is not None else None, currency),
        "unpriced": format_minutes(money.unpriced_minutes),
    }
