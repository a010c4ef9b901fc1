"""The figures of a project, and each with the rows it came from."""

from django.shortcuts import render

from pmdm.accounts.roles import Permission
from pmdm.activity.asof import Asked, read_only
from pmdm.kpis import pages
from projects.lifecycle.access import project_view


@project_view(read=Permission.PROJECT_KPI_VIEW)
def figure_list(request, project):
    asked = Asked(request)
    if asked.day:
        context = pages.past_context("project", project, asked.day, request.can)
        read_only(request)
    else:
        context = pages.list_context("project", project, request.can)
    context |= {"project": project, "tab": "overview", "asked": asked}
    return render(request, "projects/kpis/figure_list.html", context)


@project_view(read=Permission.PROJECT_KPI_VIEW)
def figure(request, project, kpi):
    """One figure, opened to its numbers; figures of cost need the permission to see cost."""
    context = pages.figure_context("project", project, kpi, request)
    return render(request, "projects/kpis/figure.html", {"project": project, "tab": "overview", **context})
