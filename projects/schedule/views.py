"""The schedule: a tree with its timeline."""

from django.shortcuts import render
from django.urls import reverse

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from projects.lifecycle.access import project_view
from projects.schedule.forms import NewTaskForm
from projects.schedule.page import PlanPage
from projects.schedule.people_hours import have_changed
from projects.schedule.words import gantt_words


@project_view(read=P.SCHEDULE_VIEW)
def schedule(request, project):
    return plan_response(request, project)


def plan_response(request, project, *, editing=None, form=None, new=None, status=200):
    """The page, or the plan alone for htmx; with a row open as a form, or the form of a new task."""
    path = reverse("projects:schedule", args=[project.code])
    page = PlanPage(
        project,
        request.user,
        request.GET,
        path=path,
        editing=editing,
        with_people=request.can["team_view"],
        with_status=request.can["project_kpi_view"],
    )
    can_edit = request.can["schedule_edit"] and not project.locked_reason
    context = {
        "project": project,
        "tab": "schedule",
        "plan": page,
        "edit_form": form,
        "task": editing,
        "can_edit": can_edit,
        "can_report": request.can["progress_edit"] and not project.locked_reason,
        "gantt_words": gantt_words(),
        "past": Asked(request, reverse("projects:past", args=[project.code, "tasks"])),
        "new_form": new or (NewTaskForm(units=page.units) if can_edit else None),
    }
    context["people_changed"] = can_edit and have_changed(project)
    # A restored page of the browser's history is drawn whole.
    fragment = request.htmx and not request.htmx.history_restore_request
    part = "#plan-figures" if request.GET.get("part") == "figures" else "#plan"
    template = "projects/schedule/schedule.html" + (part if fragment else "")
    return render(request, template, context, status=status)
