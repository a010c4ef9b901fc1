"""Orders, reserves and draws: everything here needs the permission to see cost."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.budget import orders, reserves
from projects.budget.accruals import with_left
from projects.budget.commitment_forms import (
    AllowanceForm,
    DecisionForm,
    DrawForm,
    EndForm,
    OrderFilter,
    OrderForm,
)
from projects.budget.ledger import ledger, open_orders
from projects.budget.models import Allowance, Draw
from projects.lifecycle.access import project_view


@project_view(read=P.COST_VIEW)
def order_list(request, project):
    page = ListPage(
        request,
        project.orders.with_invoiced().select_related("line"),
        sorts={
            "date": "ordered_on",
            "amount": "amount",
            "supplier": "supplier",
            "expected": F("expected_on").asc(nulls_last=True),
        },
        default_sort="-date",
        form=OrderFilter,
    )
    committed = sum((order.open for order in open_orders().filter(project=project)), start=0)
    context = {
        "project": project,
        "tab": "budget",
        "page": page,
        "committed": committed,
        "short": ledger(project).short,
        "past": Asked(request, reverse("projects:past", args=[project.code, "orders"])),
    }
    return render(request, "projects/budget/order_list.html", context)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def order_new(request, project):
    form = OrderForm(request.POST or None, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: orders.place_order(project, by=request.user, **form.values()))
        if status == SAVED:
            messages.success(request, _("The order is placed; its amount is committed."))
            return redirect("projects:order-list", project.code)
    return _form(request, project, form, _("New order"), "projects:order-list", status)


@project_view(read=P.COST_VIEW)
def order(request, project, number):
    row = get_object_or_404(
        project.orders.with_invoiced().select_related("line", "placed_by", "ended_by"), number=number
    )
    context = {
        "project": project,
        "tab": "budget",
        "order": row,
        "expenses": row.expenses.select_related("receipt").order_by("spent_on", "number"),
        "receipts": with_left(row.accruals.order_by("accrued_on", "number"), project, timezone.localdate()),
    }
    return render(request, "projects/budget/order.html", context)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def order_edit(request, project, number):
    row = get_object_or_404(project.orders.select_related("line"), number=number)
    form = OrderForm(request.POST or None, instance=row, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda: orders.change_order(row, by=request.user, version=form.read_version, **form.values())
        )
        if status == SAVED:
            messages.success(request, _("%(order)s is saved.") % {"order": row})
            return redirect("projects:order", project.code, number)
    return _form(request, project, form, str(row), "projects:order-list", status)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def order_end(request, project, number):
    """Close or cancel, with a reason."""
    row = get_object_or_404(project.orders.with_invoiced(), number=number)
    form = EndForm(request.POST or None)
    status = 200
    if request.method == "POST":
        verb = orders.cancel_order if request.POST.get("how") == "cancel" else orders.close_order
        status = attempt(form, lambda: verb(row, by=request.user, reason=form.cleaned_data["reason"]))
        if status == SAVED:
            messages.success(request, _("%(order)s is over.") % {"order": row})
            return redirect("projects:order", project.code, number)
    context = {"project": project, "tab": "budget", "form": form, "order": row}
    return render(request, "projects/budget/order_end.html", context, status=status)


@project_view(read=P.COST_VIEW)
def reserve_list(request, project):
    context = {
        "project": project,
        "tab": "budget",
        "layers": reserves.layers(project),
        "allowances": {row.kind: row for row in reserves.allowances(project)},
        "kinds": Allowance.Kind.choices,
        "draws": project.draws.select_related("allowance", "line", "requested_by", "decided_by")[:200],
        "past": Asked(request, reverse("projects:past", args=[project.code, "reserves"])),
    }
    return render(request, "projects/budget/reserves.html", context)


@project_view(read=P.BUDGET_APPROVE, write=P.BUDGET_APPROVE)
def allowance(request, project, kind):
    choices = dict(Allowance.Kind.choices)
    if kind not in choices:
        return redirect("projects:reserve-list", project.code)
    row = project.allowances.filter(kind=kind).first()
    form = AllowanceForm(request.POST or None, project=project, initial={"amount": row.amount if row else None})
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda: reserves.set_allowance(project, kind, by=request.user, amount=form.cleaned_data["amount"]),
        )
        if status == SAVED:
            messages.success(request, _("%(kind)s is set.") % {"kind": choices[kind]})
            return redirect("projects:reserve-list", project.code)
    return _form(request, project, form, str(choices[kind]), "projects:reserve-list", status)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def draw_new(request, project):
    form = DrawForm(request.POST or None, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: reserves.request_draw(project, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("The request waits for its decision."))
            return redirect("projects:reserve-list", project.code)
    return _form(request, project, form, _("Ask for contingency or reserve"), "projects:reserve-list", status)


@project_view(read=P.COST_VIEW, write=P.COST_VIEW)
def draw(request, project, number):
    """Read a request; approve or reject it (budget.approve), or take one's own back."""
    row = get_object_or_404(
        project.draws.select_related("allowance", "line", "requested_by", "decided_by"), number=number
    )
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        how = request.POST.get("how", "")
        verb = {
            "approve": lambda: reserves.approve_draw(row, by=request.user, note=form.cleaned_data["note"]),
            "reject": lambda: reserves.reject_draw(row, by=request.user, note=form.cleaned_data["note"]),
            "withdraw": lambda: reserves.withdraw_draw(row, by=request.user),
        }.get(how)
        if verb is None:
            return redirect("projects:draw", project.code, number)
        if how != "withdraw" and not request.can[P.BUDGET_APPROVE.name]:
            raise PermissionDenied
        status = attempt(form, verb)
        if status == SAVED:
            messages.success(request, _("%(draw)s is decided.") % {"draw": row})
            return redirect("projects:reserve-list", project.code)
        row.refresh_from_db()
    is_open = row.state == Draw.State.REQUESTED and not project.locked_reason
    context = {
        "project": project,
        "tab": "budget",
        "draw": row,
        "form": form,
        "may_decide": is_open and request.can[P.BUDGET_APPROVE.name] and row.requested_by_id != request.user.pk,
        "may_withdraw": is_open and row.requested_by_id == request.user.pk,
    }
    return render(request, "projects/budget/draw.html", context, status=status)


def _form(request, project, form, heading, back, status):
    context = {
        "project": project,
        "tab": "budget",
        "form": form,
        "heading": heading,
        "back": reverse(back, args=[project.code]),
    }
    return render(request, "projects/_form.html", context, status=status)
