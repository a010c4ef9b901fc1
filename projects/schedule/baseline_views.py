"""Baselines: taken, chosen, and what has moved since."""

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.lifecycle.access import project_view
from projects.schedule.baselines import activate_baseline, take_baseline, variance_days
from projects.schedule.calendars import project_calendar
from projects.schedule.forms import BaselineForm
from projects.schedule.localtime import to_wall


@project_view(read=P.SCHEDULE_VIEW, write=P.SCHEDULE_EDIT)
def baseline_list(request, project):
    """GET: all baselines. POST: take one."""
    form, status = None, 200
    if request.can["schedule_edit"] and not project.locked_reason:
        form = BaselineForm(request.POST or None, project=project)
        if request.method == "POST":
            status = attempt(form, lambda: take_baseline(project, by=request.user, **form.cleaned_data))
            if status == SAVED:
                messages.success(request, _("The plan is frozen as a baseline."))
                return redirect("projects:baseline-list", project.code)
    calendar = project_calendar(project)
    rows = [
        {
            "baseline": row,
            "start": to_wall(row.start, project),
            "finish": to_wall(row.finish, project),
            "variance": _variance(row.finish, project.computed_finish, project, calendar),
        }
        for row in project.baselines.select_related("taken_by").annotate(task_count=Count("tasks"))
    ]
    context = {"project": project, "tab": "schedule", "form": form, "rows": rows}
    return render(request, "projects/schedule/baseline_list.html", context, status=status)


@project_view(read=P.SCHEDULE_VIEW)
def baseline(request, project, number):
    """Start and finish of every task then and now, in working days."""
    row = get_object_or_404(project.baselines.select_related("taken_by"), number=number)
    page = ListPage(
        request,
        row.tasks.select_related("task"),
        sorts={"number": "task__number", "finish": "finish"},
        default_sort="number",
        per_page=100,
    )
    calendar = project_calendar(project)
    rows = []
    for frozen in page.rows:
        task = frozen.task
        rows.append(
            {
                "task": task,
                "then": (to_wall(frozen.start, project), to_wall(frozen.finish, project)),
                "now": (to_wall(task.start, project), to_wall(task.finish, project)),
                "start": _variance(frozen.start, task.start, project, calendar),
                "finish": _variance(frozen.finish, task.finish, project, calendar),
            }
        )
    added = project.tasks.filter(is_summary=False).exclude(baseline_rows__baseline=row).order_by("number")
    context = {
        "project": project,
        "tab": "schedule",
        "baseline": row,
        "page": page,
        "rows": rows,
        "added": added[:20],
        "added_count": added.count(),
    }
    return render(request, "projects/schedule/baseline.html", context)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def baseline_activation(request, project, number):
    row = get_object_or_404(project.baselines, number=number)
    if request.method == "POST":
        activate_baseline(row, by=request.user)
        messages.success(request, _("“On time” is measured against %(baseline)s now.") % {"baseline": row})
    return redirect("projects:baseline-list", project.code)


def _variance(then, now, project, calendar) -> float | None:
    days = variance_days(to_wall(then, project), to_wall(now, project), calendar, project.minutes_per_day)
    return None if days is None else round(days, 1)
