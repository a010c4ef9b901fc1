"""Accruals: what came before its invoice. Everything here needs the permission to see cost."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.budget import accruals
from projects.budget.commitment_forms import AccrualForm, ReceiptForm, ReversalForm
from projects.budget.owed import accruals_left
from projects.lifecycle.access import project_view


@project_view(read=P.COST_VIEW)
def accrual_list(request, project):
    today = timezone.localdate()
    page = ListPage(
        request,
        project.accruals.select_related("line", "order"),
        sorts={"date": "accrued_on", "amount": "amount"},
        default_sort="-date",
    )
    left = accruals_left([project.pk], today)
    context = {
        "project": project,
        "tab": "budget",
        "page": page,
        "rows": accruals.with_left(page.rows, project, today),
        "accrued": sum(left.values()),
        "past": Asked(request, reverse("projects:past", args=[project.code, "accruals"])),
    }
    return render(request, "projects/budget/accrual_list.html", context)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def accrual_new(request, project):
    """Cost that no order and no invoice shows."""
    form = AccrualForm(request.POST or None, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: accruals.accrue(project, by=request.user, **form.values()))
        if status == SAVED:
            messages.success(request, _("It is accrued: cost of its day, until its invoice comes."))
            return redirect("projects:accrual-list", project.code)
    return _form(
        request, project, form, _("New accrual"), reverse("projects:accrual-list", args=[project.code]), status
    )


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def receipt_new(request, project, number):
    """What came of an order."""
    order = get_object_or_404(project.orders.select_related("line", "project"), number=number)
    form = ReceiptForm(request.POST or None, order=order)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: accruals.record_receipt(order, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("It is received: cost of its day, until its invoice comes."))
            return redirect("projects:order", project.code, number)
    heading = _("What came of %(order)s") % {"order": order}
    return _form(request, project, form, heading, reverse("projects:order", args=[project.code, number]), status)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def accrual_reversal(request, project, number):
    row = get_object_or_404(project.accruals.select_related("line"), number=number)
    today = timezone.localdate()
    form = ReversalForm(request.POST or None, initial={"on": today})
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: accruals.reverse(row, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("%(accrual)s is reversed.") % {"accrual": row})
            return redirect("projects:accrual-list", project.code)
    left = accruals_left([project.pk], today).get(row.pk, 0)
    context = {"project": project, "tab": "budget", "accrual": row, "form": form, "left": left}
    return render(request, "projects/budget/accrual_reversal.html", context, status=status)


def _form(request, project, form, heading, back, status):
    context = {"project": project, "tab": "budget", "form": form, "heading": heading, "back": back}
    return render(request, "projects/_form.html", context, status=status)
