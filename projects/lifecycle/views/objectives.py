from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from pmdm.registers.editing import SAVED, attempt
from projects.benefits.reading import with_benefits
from projects.lifecycle.access import project_view
from projects.lifecycle.forms.objectives import MeasurementForm, ObjectiveForm
from projects.lifecycle.models import Objective


@project_view(read=P.PROJECT_VIEW)
def objective_list(request, project):
    objectives = with_benefits(project, request.can)
    context = {"project": project, "tab": "overview", "objectives": objectives, "with_benefits": True}
    context["past"] = Asked(request, reverse("projects:past", args=[project.code, "objectives"]))
    return render(request, "projects/lifecycle/objectives.html", context)


@project_view(read=P.PROJECT_EDIT, write=P.PROJECT_EDIT)
def objective_new(request, project):
    form = ObjectiveForm(request.POST or None)
    return _form(
        request,
        project,
        form,
        _("New objective"),
        lambda: Objective.agree(project, by=request.user, **form.cleaned_data),
    )


@project_view(read=P.PROJECT_VIEW, write=P.PROJECT_EDIT)
def objective_detail(request, project, number):
    objective = get_object_or_404(project.objectives, number=number)
    if not request.can["project_edit"] or project.locked_reason:
        context = {"project": project, "tab": "overview", "objectives": [objective]}
        return render(request, "projects/lifecycle/objectives.html", context)
    form = ObjectiveForm(request.POST or None, instance=objective)

    def save():
        objective.revise(by=request.user, **form.cleaned_data)

    return _form(request, project, form, objective.ref, save, objective=objective)


@project_view(read=P.PROJECT_EDIT, write=P.PROJECT_EDIT)
def objective_measurement(request, project, number):
    objective = get_object_or_404(project.objectives, number=number)
    initial = {"measured_on": timezone.localdate()}
    form = MeasurementForm(request.POST or None, instance=objective, initial=initial)
    return _form(
        request,
        project,
        form,
        _("Measure “%(statement)s”") % {"statement": objective.statement},
        lambda: objective.measure_now(form.cleaned_data["actual_value"], on=form.cleaned_data["measured_on"]),
    )


@project_view(read=P.PROJECT_EDIT, write=P.PROJECT_EDIT)
def objective_removal(request, project, number):
    objective = get_object_or_404(project.objectives, number=number)
    if request.method == "POST":
        try:
            objective.remove(by=request.user)
            messages.success(request, _("%(ref)s is removed.") % {"ref": objective.ref})
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("projects:objective-list", project.code)
    if reason := objective.stays:
        messages.error(request, reason)
        return redirect("projects:objective-list", project.code)
    context = {
        "project": project,
        "tab": "overview",
        "heading": _("Remove this objective?"),
        "text": objective.statement,
        "back": reverse("projects:objective-list", args=[project.code]),
    }
    return render(request, "projects/_confirm.html", context)


def _form(request, project, form, heading, save, objective=None):
    status = 200
    if request.method == "POST":
        status = attempt(form, save)
        if status == SAVED:
            return redirect("projects:objective-list", project.code)
    context = {
        "project": project,
        "tab": "overview",
        "form": form,
        "heading": heading,
        "back": reverse("projects:objective-list", args=[project.code]),
        "objective": objective,
    }
    return render(request, "projects/_form.html", context, status=status)
