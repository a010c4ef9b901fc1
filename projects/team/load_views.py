"""The heat map: for the site, and for one project. A cell opens to the tasks behind it."""

import datetime
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from projects.lifecycle.access import project_view
from projects.team.heatmap import WEEK, Choice, causes_of, heat_map, monday_of, seen_by
from projects.team.load_forms import LoadFilter

STEP = 4  # weeks to scroll on by
FURTHEST = datetime.timedelta(days=366 * 5)


@require_safe
@signed_in_view
def load(request):
    """Everybody of ours in the projects that the reader may see."""
    if request.user.organisation_id:
        raise Http404
    form = LoadFilter(request.GET, projects=list(seen_by(request.user)))
    return _page(request, form, "projects/team/load.html", {})


@require_safe
@project_view(read=P.TEAM_VIEW)
def project_load(request, project):
    """The people of one project, with all that they have to do elsewhere too."""
    context = {"project": project, "tab": "team"}
    return _page(request, LoadFilter(request.GET), "projects/team/project_load.html", context, project)


def _page(request, form, template, context, project=None):
    wanted = form.cleaned_data if form.is_valid() else {}
    first = _first(wanted.get("week"))
    choice = Choice(
        first=first,
        weeks=wanted.get("weeks") or 12,
        project=project or wanted.get("project"),
        skill=wanted.get("skill"),
        department=wanted.get("department"),
        only_over=bool(wanted.get("over")),
    )
    heat = heat_map(request.user, choice)
    kept = [(name, request.GET[name]) for name in form.fields if name != "week" and request.GET.get(name)]
    this = monday_of(timezone.localdate())

    def address(week, **more):
        return request.path + "?" + urlencode([*kept, ("week", week), *more.items()])

    context |= {
        "heat": heat,
        "form": form,
        "opened": _opened(request, heat),
        "query": urlencode([*kept, ("week", first)]),
        "earlier": address(first - STEP * WEEK),
        "later": address(first + STEP * WEEK),
        "today": address(this) if first != this else "",
        "this_week": this,
        "last_day": heat.weeks[-1] + WEEK - datetime.timedelta(days=1),
    }
    return render(request, template, context)


def _first(day: datetime.date | None) -> datetime.date:
    this = monday_of(timezone.localdate())
    return monday_of(day) if day and abs(day - this) < FURTHEST else this


def _opened(request, heat) -> dict | None:
    """The cell asked for as ``open=u12:2026-03-02``; None where there is none such."""
    key, _sep, week = request.GET.get("open", "").partition(":")
    for row in heat.rows:
        if row.key == key:
            for cell in row.cells:
                if cell.week.isoformat() == week:
                    causes, elsewhere = causes_of(heat, key, cell.week)
                    return {"row": row, "cell": cell, "causes": causes, "elsewhere": elsewhere}
    return None
