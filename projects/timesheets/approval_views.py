"""The hours of one project's people: decide on what was submitted, see who has not submitted."""

from collections import defaultdict

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import FIRST
from projects.budget.models import TimeEntry
from projects.lifecycle.access import project_view
from projects.timesheets import verbs
from projects.timesheets.missing import missing_of
from projects.timesheets.models import TimesheetPart
from projects.timesheets.verbs import WEEK
from projects.timesheets.views import export

SHOWN = 60
DECISIONS = {"approve": verbs.approve, "reject": verbs.reject, "unlock": verbs.unlock}


class NoteForm(forms.Form):
    note = forms.CharField(max_length=300, required=False)


@project_view(read=P.TIME_APPROVE, write=P.TIME_APPROVE)
def approvals(request, project):
    """GET: what waits, what was decided, who is missing. POST ``part`` and ``do``: approve, reject, unlock, or all."""
    status, wrong = 200, {}
    if request.method == "POST":
        if request.POST.get("do") == "approve-all":
            return _all(request, project)
        status, wrong = _decide(request, project)
        if status == 200:
            return redirect("projects:timesheet-approvals", project.code)
    parts = list(
        project.timesheet_parts.filter(state="submitted").select_related("user").order_by("week", "user__name")
    )
    decided = project.timesheet_parts.exclude(state="submitted").select_related("user", "decided_by")
    decided = list(decided.order_by("-decided_at")[:SHOWN])
    context = {
        "project": project,
        "tab": "time",
        "waiting": _with_hours(project, parts[:SHOWN], request.user),
        "more": max(0, len(parts) - SHOWN),
        "decided": _with_hours(project, decided, request.user),
        "missing": missing_of([project], timezone.localdate()),
        "wrong": wrong,
    }
    return render(request, "projects/timesheets/approvals.html", context, status=status)


def _decide(request, project) -> tuple[int, dict]:
    pk, do = request.POST.get("part", ""), DECISIONS.get(request.POST.get("do", ""))
    if do is None or not pk.isdigit():
        return 422, {"message": _("Choose what to do with which hours.")}
    part = get_object_or_404(project.timesheet_parts.select_related("user", "project"), pk=pk)
    form = NoteForm(request.POST)
    note = request.POST.get("note", "")
    if not form.is_valid():
        return 422, {"part": part.pk, "note": note, "message": " ".join(map(str, form.errors["note"]))}
    try:
        extra = {} if do is verbs.approve else {"note": form.cleaned_data["note"]}
        do(part, by=request.user, **extra)
    except ValidationError as error:
        first = getattr(error, "code", None) == FIRST
        return (409 if first else 422), {"part": part.pk, "note": note, "message": " ".join(error.messages)}
    messages.success(request, _("%(who)s: %(state)s.") % {"who": part.user, "state": part.get_state_display()})
    return 200, {}


def _all(request, project):
    """Approve all that waits, except the reader's own."""
    done = 0
    parts = project.timesheet_parts.filter(state="submitted").exclude(user=request.user)
    for part in parts.select_related("user", "project").order_by("user_id", "week"):
        try:
            verbs.approve(part, by=request.user)
        except ValidationError:
            continue  # taken back or decided meanwhile: the page shows what became of it
        done += 1
    messages.success(request, _("%(n)d weeks are approved.") % {"n": done})
    return redirect("projects:timesheet-approvals", project.code)


def _with_hours(project, parts: list[TimesheetPart], reader) -> list[dict]:
    """Each part with its minutes by day and what was done: one query for all."""
    if not parts:
        return []
    first, last = min(part.week for part in parts), max(part.week for part in parts) + WEEK
    entries = TimeEntry.objects.filter(project=project, user__in={part.user_id for part in parts})
    by_part: dict[tuple, list[TimeEntry]] = defaultdict(list)
    for entry in entries.filter(day__gte=first, day__lt=last).select_related("task").order_by("day", "pk"):
        by_part[entry.user_id, verbs.monday_of(entry.day)].append(entry)
    rows = []
    for part in parts:
        there = by_part[part.user_id, part.week]
        days = [0] * 7
        for entry in there:
            days[entry.day.weekday()] += entry.minutes
        rows.append(
            {"part": part, "days": days, "minutes": sum(days), "entries": there, "own": part.user_id == reader.pk}
        )
    return rows


@require_safe
@project_view(read=P.TEAM_VIEW)
def time_export(request, project, kind):
    """Hours booked on the project as a file; cost only for those who may see cost."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    today = timezone.localdate()
    entries = project.time_entries.all()
    return export(entries, kind, f"{project.code}-hours-{today:%Y-%m-%d}", cost=request.can["cost_view"])
