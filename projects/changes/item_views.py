"""What a change affects, put in and taken out: for who assesses it, until it is decided."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from projects.changes import items
from projects.changes.forms import (
    FundingForm,
    MoneyForm,
    PromisedForm,
    RequirementItemForm,
    RewordForm,
    TaskAddForm,
    TaskPickForm,
    TaskRemoveForm,
    TaskSetForm,
)
from projects.changes.views import found
from projects.lifecycle.access import project_view


@project_view(read=P.CHANGE_ASSESS, write=P.CHANGE_ASSESS)
def requirement_item_new(request, project, number, action):
    change = _open(request, project, number)
    if action == "add":
        form = RequirementItemForm(request.POST or None, change=change)
        return _save(request, project, change, form, _("Add a requirement"), lambda: form.save(by=request.user))
    if action == "remove":
        form = PromisedForm(request.POST or None, change=change)
        return _save(
            request,
            project,
            change,
            form,
            _("Take a requirement out"),
            lambda: items.take_out_requirement(change, form.cleaned_data["requirement"], by=request.user),
        )
    if action != "change":
        raise Http404
    pick = PromisedForm(request.GET or None, change=change)
    if not request.GET or not pick.is_valid():
        return _pick(request, project, change, pick, _("Change a requirement"))
    row = pick.cleaned_data["requirement"]
    initial = {name: getattr(row, name) for name in ("title", "text", "type", "priority")}
    form = RewordForm(request.POST or None, initial=initial)
    return _save(
        request,
        project,
        change,
        form,
        _("New text of %(ref)s") % {"ref": row.ref},
        lambda: items.change_requirement(change, row, form.cleaned_data, by=request.user),
    )


@project_view(read=P.CHANGE_ASSESS, write=P.CHANGE_ASSESS)
def task_item_new(request, project, number, action):
    change = _open(request, project, number)
    shows_cost = bool(request.can["cost_edit"])
    if action == "add":
        form: forms.Form = TaskAddForm(request.POST or None, change=change, shows_cost=shows_cost)
        return _save(request, project, change, form, _("Add a task"), lambda: form.save(by=request.user))  # type: ignore[attr-defined]
    if action == "remove":
        form = TaskRemoveForm(request.POST or None, change=change)
        return _save(request, project, change, form, _("Remove a task"), lambda: form.save(by=request.user))  # type: ignore[attr-defined]
    if action != "change":
        raise Http404
    pick = TaskPickForm(request.GET or None, change=change)
    if not request.GET or not pick.is_valid():
        return _pick(request, project, change, pick, _("Change a task"))
    task = pick.picked
    cells = items.cells_of(project, task)
    form = TaskSetForm(request.POST or None, change=change, shows_cost=shows_cost, task=task, cells=cells)
    heading = _("Change “%(name)s”") % {"name": task.name}
    return _save(request, project, change, form, heading, lambda: form.save(by=request.user))  # type: ignore[attr-defined]


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def money_item_new(request, project, number):
    change = _open(request, project, number)
    form = MoneyForm(request.POST or None, change=change)
    return _save(request, project, change, form, _("Change the budget"), lambda: form.save(by=request.user))


@project_view(read=P.CHANGE_VIEW, write=P.COST_EDIT)
def funding(request, project, number):
    """POST says where the money comes from."""
    change = found(request, project, number)
    if request.method != "POST" or not change.is_open:
        return redirect(change)
    form = FundingForm(request.POST, instance=change)
    if attempt(form, form.save_changes) != SAVED:
        messages.error(request, _("Somebody else changed the request meanwhile. Choose again."))
    return redirect(change)


@project_view(read=P.CHANGE_VIEW, write=P.CHANGE_ASSESS)
def item_removal(request, project, number, what, pk):
    """POST takes one affected thing out."""
    change = found(request, project, number)
    kinds = {
        "requirement": (change.requirements, items.remove_requirement),
        "task": (change.edits, items.remove_edit),
        "money": (change.money, items.remove_money),
    }
    if what not in kinds:
        raise Http404
    if what == "money" and request.method == "POST" and not request.can["cost_edit"]:
        raise PermissionDenied
    rows, verb = kinds[what]
    item = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        item.change = change
        form = forms.Form(request.POST)
        if attempt(form, lambda: verb(item, by=request.user)) != SAVED:
            messages.error(request, " ".join(form.non_field_errors()))
    return redirect(change)


def _open(request, project, number):
    change = found(request, project, number)
    if not change.is_open:
        raise PermissionDenied(_("%(ref)s is decided: what it affects stays as it was.") % {"ref": change.ref})
    return change


def _save(request, project, change, form, heading, save):
    status = 200
    if request.method == "POST":
        status = attempt(form, save)
        if status == SAVED:
            return redirect(change)
    context = {
        "project": project,
        "tab": "changes",
        "form": form,
        "heading": f"{change.ref}: {heading}",
        "back": change.get_absolute_url(),
        "save_label": _("Put it into the change"),
    }
    return render(request, "projects/_form.html", context, status=status)


def _pick(request, project, change, form, heading):
    context = {
        "project": project,
        "tab": "changes",
        "form": form,
        "heading": f"{change.ref}: {heading}",
        "back": change.get_absolute_url(),
    }
    return render(request, "projects/changes/pick.html", context)
