"""One's own week: a grid that saves as you go; what of it was submitted, approved, sent back."""

import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.ui import format as fmt
from projects.budget.engine import format_minutes
from projects.budget.models import TimeEntry
from projects.lifecycle.models import Project
from projects.timesheets import verbs
from projects.timesheets.exporting import MOST, answer, header, rows_of
from projects.timesheets.grid import Grid, read_grid, tasks_to_add
from projects.timesheets.locking import monday_of
from projects.timesheets.models import TimesheetPart
from projects.timesheets.typed import Outcome, save_cells
from projects.timesheets.verbs import WEEK


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_view
def timesheet(request):
    """GET: the week ``?week=``. POST: save cells, add a row, copy last week, submit, take back."""
    if request.user.organisation_id:
        raise Http404
    week = _week(request.GET.get("week", ""))
    if request.method != "POST":
        return _page(request, read_grid(request.user, week))
    match request.POST.get("do", "save"):
        case "add":
            return _add(request, week)
        case "copy":
            count = verbs.copy_last_week(request.user, week, by=request.user)
            text = ngettext("%(n)d row of last week is here.", "%(n)d rows of last week are here.", count)
            messages.success(request, text % {"n": count} if count else _("Last week has no rows that are not here."))
        case "submit":
            outcome, grid = _saved(request, week)  # what was typed last goes along
            if outcome.status != 200:
                return _page(request, grid, outcome)
            _try(request, lambda: verbs.submit(request.user, week, by=request.user), _("The week is submitted."))
        case "withdraw":
            _try(request, lambda: verbs.withdraw(request.user, week, by=request.user), _("The week is open again."))
        case _:
            outcome, grid = _saved(request, week)
            if "application/json" in request.headers.get("Accept", ""):
                return _json(request, week, outcome)
            if outcome.status != 200:
                return _page(request, grid, outcome)
            messages.success(request, _("Saved."))
    return redirect(_url(week))


def _saved(request, week) -> tuple[Outcome, Grid]:
    grid = read_grid(request.user, week)
    return save_cells(request.user, grid, request.POST), grid


def _try(request, act, words) -> None:
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, words)


def _add(request, week):
    """``row`` is project-task, as the list offers it; task 0 is the project as a whole."""
    project_id, _sep, task_id = request.POST.get("row", "").partition("-")
    bookable = Project.objects.allowing(request.user, P.TIME_BOOK).filter(state__in=Project.OPEN_STATES)
    project = bookable.filter(pk=project_id).first() if project_id.isdigit() else None
    task = None
    if project and task_id.isdigit() and int(task_id):
        task = project.tasks.filter(pk=task_id, is_summary=False, is_active=True).first()
    if project is None or (task_id not in ("", "0") and task is None):
        messages.error(request, _("Choose a project or task to add a row for."))
    else:
        verbs.add_row(request.user, week, project, task)
    return redirect(_url(week))


def _page(request, grid: Grid, outcome: Outcome | None = None):
    if outcome:
        for key, cell in grid.cells.items():
            if f"c-{key}" in request.POST:
                cell.typed, cell.typed_note = request.POST[f"c-{key}"][:40], request.POST.get(f"n-{key}")
            if key in outcome.errors:
                cell.error = outcome.errors[key]
            elif key in outcome.conflicts:
                cell.error = str(outcome.conflicts[key])
    this = monday_of(timezone.localdate())
    context = {
        "grid": grid,
        "outcome": outcome,
        "columns": [
            {"day": day, "minutes": minutes, "hours": hours}
            for day, minutes, hours in zip(grid.days, grid.day_minutes, grid.hours, strict=True)
        ],
        "to_add": tasks_to_add(grid.bookable),
        "previous_week": grid.week - WEEK,
        "next_week": grid.week + WEEK if grid.week < this + WEEK else None,
        "this_week": this,
        "today": timezone.localdate(),
        "may_submit": grid.week <= this,
        "errors": [*outcome.errors.values(), *map(str, outcome.conflicts.values())] if outcome else [],
    }
    return render(request, "projects/timesheets/timesheet.html", context, status=outcome.status if outcome else 200)


def _json(request, week, outcome: Outcome) -> JsonResponse:
    grid = read_grid(request.user, week)
    body = {
        "saved": {key: _told(saved) for key, saved in outcome.saved.items()},
        "errors": outcome.errors,
        "conflicts": {key: {**_told(changed), "message": str(changed)} for key, changed in outcome.conflicts.items()},
        "totals": {
            **{f"row-{row.key}": _sum(row.minutes) for row in grid.rows},
            **{f"day-{day}": _sum(minutes) for day, minutes in zip(grid.days, grid.day_minutes, strict=True)},
            "week": _sum(grid.minutes),
        },
    }
    return JsonResponse(body, status=outcome.status)


def _told(cell) -> dict:
    """What a cell holds now, as the script shows it."""
    return {"text": format_minutes(cell.minutes) if cell.minutes else "", "was": cell.minutes, "note": cell.note}


def _sum(minutes: int) -> str:
    return fmt.minutes(minutes, per_day=600_000)  # hours and minutes, never days: as the page writes it


@require_safe
@signed_in_view
def timesheet_export(request, kind):
    """Own hours as a file: the week asked for, or all from ``from`` to ``to``."""
    if request.user.organisation_id or kind not in ("csv", "xlsx"):
        raise Http404
    week = _week(request.GET.get("week", ""))
    first, last = (
        _day(request.GET.get("from")) or week,
        _day(request.GET.get("to")) or week + WEEK - datetime.timedelta(1),
    )
    entries = TimeEntry.objects.filter(user=request.user, day__range=(first, last))
    # No cost: an hour's price is not the person's business here, whatever role they hold elsewhere.
    return export(entries, kind, f"hours-{first}-{last}", cost=False)


def export(entries, kind, name, *, cost: bool):
    found = entries.select_related("user", "project", "task").order_by("day", "project__code", "user__name", "pk")[
        :MOST
    ]
    parts = TimesheetPart.objects.filter(
        user__in=entries.order_by().values("user"), project__in=entries.order_by().values("project")
    )
    words = dict(TimesheetPart.State.choices)
    states = {(user, project, week): str(words[state]) for user, project, week, state in
              parts.order_by().values_list("user", "project", "week", "state")}  # fmt: skip
    return answer(kind, name, header(cost), rows_of(found, states, cost))


def _week(text: str) -> datetime.date:
    day = _day(text) or timezone.localdate()
    return monday_of(day)


def _day(text: str | None) -> datetime.date | None:
    """The day that the text says; None where it is no date or far away."""
    try:
        day = datetime.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= timezone.localdate().year + 1 else None


def _url(week: datetime.date) -> str:
    return f"{reverse('projects:timesheet')}?week={week}"


def words_of(week: datetime.date) -> str:
    return f"{fmt.day(week)} – {fmt.day(week + WEEK - datetime.timedelta(days=1))}"
