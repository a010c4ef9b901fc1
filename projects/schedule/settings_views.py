"""How the plan is computed: a form, what a change of it would move, and the change."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission as P
from projects.lifecycle.access import project_view
from projects.schedule.models import PlanSettings
from projects.schedule.people_hours import have_changed
from projects.schedule.plan import Outcome
from projects.schedule.plan_settings import change_settings, preview_settings

LISTED = 100  # moves of a preview


class PlanSettingsForm(forms.ModelForm):
    class Meta:
        model = PlanSettings
        fields = ["people_hours", "honour_constraints"]
        help_texts = {
            "people_hours": gettext_lazy(
                "A task is worked when somebody on it is there. People without hours of their own work by the plan's"
                " calendar. When hours or absences change later, the plan says so and moves with its next computation."
            ),
            "honour_constraints": gettext_lazy("As Microsoft Project does. Otherwise links win where both can't hold."),
        }


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def plan_settings(request, project):
    """GET: the settings. POST: what they would move, or with ``save`` the plan computed by them."""
    current = PlanSettings.objects.filter(project=project).first() or PlanSettings(project=project)
    form = PlanSettingsForm(request.POST or None, instance=current)
    outcome: Outcome | None = None
    status = 200
    if form.is_bound and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.Meta.fields}
        try:
            if "save" in request.POST:
                done = change_settings(project, by=request.user, **values)
                messages.success(request, done.moved.sentence)
                return redirect("projects:schedule", project.code)
            outcome = preview_settings(project, **values)
        except ValidationError as problem:
            form.add_error(None, problem)
    if form.is_bound and not form.is_valid():
        status = 422
    moves = outcome.moved.tasks if outcome else []
    context = {
        "project": project,
        "tab": "schedule",
        "form": form,
        "outcome": outcome,
        "sentence": outcome.moved.sentence if outcome else "",
        "moves": moves[:LISTED],
        "more": max(0, len(moves) - LISTED),
        "changed": have_changed(project),
    }
    return render(request, "projects/schedule/plan_settings.html", context, status=status)
