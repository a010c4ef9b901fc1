"""The plan as files: the page that offers them, and the files."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from pmdm.accounts.roles import Permission as P
from projects.lifecycle.access import project_view
from projects.schedule.exporting import FORMATS, export
from projects.schedule.picture_views import PictureForm


@project_view(read=P.SCHEDULE_VIEW)
def plan_exports(request, project):
    """What the plan can be taken away as."""
    context = {
        "project": project,
        "tab": "schedule",
        "formats": FORMATS,
        "task_count": project.tasks.count(),
        "picture_form": PictureForm(can=request.can),
    }
    return render(request, "projects/schedule/export.html", context)


@project_view(read=P.SCHEDULE_VIEW)
def plan_export(request, project, format):
    """The plan in that format; amounts only for those who see costs, people and notes for those who see the team."""
    if format not in FORMATS:
        raise Http404
    content = export(project, format, cost=request.can["cost_view"], internal=request.can["team_view"])
    response = HttpResponse(content, content_type=FORMATS[format].content_type)
    name = f"{project.code}-plan-{timezone.localdate():%Y-%m-%d}.{FORMATS[format].extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
