"""All projects against time, and one project's milestones."""

from django.http import HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone

from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from projects.lifecycle.access import project_view
from projects.timelines.milestones import milestone_chart, milestones_of
from projects.timelines.portfolio import chart_of, lines_of, timeline_page


@signed_in_view
def timeline(request):
    """Every project whose plan one may see."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    page = timeline_page(request)
    today = timezone.localdate()
    lines = lines_of(list(page.rows))
    first, last = page.form.days(today)
    context = {"page": page, "lines": lines, "drawing": chart_of(lines, today, first, last)}
    return render(request, "projects/timelines/timeline.html", context)


@project_view(read=P.SCHEDULE_VIEW)
def milestones(request, project):
    baseline, rows = milestones_of(project)
    context = {
        "project": project,
        "tab": "schedule",
        "view": "milestones",
        "baseline": baseline,
        "rows": rows,
        "drawing": milestone_chart(project, rows),
    }
    return render(request, "projects/timelines/milestones.html", context)
