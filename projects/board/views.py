"""The board: looked at by all who see the plan, moved by who reports progress, arranged by who plans."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.models import StaleVersion
from pmdm.ui import format as fmt
from projects.board.cards import Elsewhere, Sure, cards_of, move_card, set_priority
from projects.board.columns import arrange, columns_of, version_of
from projects.board.forms import ColumnsForm, QuickAddForm
from projects.board.models import Card
from projects.board.page import BoardPage
from projects.lifecycle.access import project_view
from projects.schedule import edits

CONFLICT, REFUSED = 409, 422


@project_view(read=P.SCHEDULE_VIEW)
def board(request, project):
    return _board(request, project)


@project_view(read=P.SCHEDULE_VIEW, write=P.PROGRESS_EDIT)
def card_move(request, project):
    """POST: put ``card`` from column ``was`` into ``to``; above card ``before``, or to a ``place`` of its column."""
    if request.method != "POST":
        return redirect(_url(project))
    if not request.POST.get("card"):
        messages.error(request, _("No card was named: nothing has changed."))
        return _board(request, project, status=REFUSED)
    task = _card(project, request.POST.get("card", ""))
    asked = {name: request.POST.get(name, "") for name in ("card", "to", "was", "before", "place")}
    sure = request.POST.getlist("sure")
    before = int(asked["before"]) if asked["before"].isdigit() and len(asked["before"]) < 10 else None
    try:
        dropped = move_card(
            task, by=request.user, to=asked["to"], was=asked["was"], before=before, place=asked["place"], sure=sure
        )
    except Elsewhere as error:
        return _board(request, project, clash=error, moved=task, status=CONFLICT)
    except Sure as error:
        ask = {"sentence": error.sentence, "fields": asked, "sure": [*sure, error.code], "task": task}
        return _board(request, project, ask=ask, moved=task, status=REFUSED)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _board(request, project, moved=task, status=REFUSED)
    words = {"name": task.name, "column": dropped.column.name}
    if asked["to"] != asked["was"]:
        messages.success(request, _("“%(name)s” is in “%(column)s”.") % words + _and(dropped.moved))
    return _back(request, project, task)


@project_view(read=P.SCHEDULE_VIEW, write=P.SCHEDULE_EDIT)
def card_priority(request, project):
    """POST: say that card ``card`` has ``priority`` 1 (high) to 3 (low)."""
    if request.method != "POST":
        return redirect(_url(project))
    if not request.POST.get("card"):
        messages.error(request, _("No card was named: nothing has changed."))
        return _board(request, project, status=REFUSED)
    task = _card(project, request.POST.get("card", ""))
    text = request.POST.get("priority", "")
    try:
        set_priority(task, by=request.user, priority=int(text) if text.isdigit() and len(text) == 1 else 0)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _board(request, project, moved=task, status=REFUSED)
    messages.success(
        request,
        _("“%(name)s” has priority %(priority)s.")
        % {"name": task.name, "priority": Card.Priority(int(text)).label.lower()},
    )
    return _back(request, project, task)


@project_view(read=P.SCHEDULE_VIEW, write=P.SCHEDULE_EDIT)
def card_new(request, project):
    """POST: a new card, which is a new task of one day."""
    if request.method != "POST":
        return redirect(_url(project))
    form = QuickAddForm(request.POST, project=project)
    if not form.is_valid():
        return _board(request, project, quick=form, status=REFUSED)
    parent = None
    if uid := form.cleaned_data["parent"]:
        parent = get_object_or_404(project.tasks, uid=uid)
    try:
        task, moved = edits.add_task(project, by=request.user, name=form.cleaned_data["name"], parent=parent)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _board(request, project, quick=form, status=REFUSED)
    words = {"name": task.name, "number": task.number}
    messages.success(request, _("“%(name)s” is task %(number)s of the plan.") % words + _and(moved))
    return _back(request, project, task)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def columns(request, project):
    """Names, order and limits of the columns."""
    there = columns_of(project)
    initial = [
        {"key": column.key, "position": column.position, "name": column.name, "wip_limit": column.wip_limit}
        for column in there
    ]
    last = max(column.position for column in there)
    initial += [{"position": last + more} for more in (1, 2)]
    version = version_of(project)
    status, problems = 200, []
    form = ColumnsForm(request.POST or None, initial=initial, prefix="c")
    if request.method == "POST":
        status = REFUSED
        sent = request.POST.get("version", "")
        if form.is_valid():
            try:
                arrange(
                    project,
                    by=request.user,
                    columns=form.wanted(),
                    version=int(sent) if sent.isdigit() and len(sent) < 9 else -1,
                )
            except StaleVersion:
                status = CONFLICT
                problems = [
                    _("Somebody arranged the columns since you opened the page: %(names)s. Save again to replace that.")
                    % {"names": ", ".join(column.name for column in there)}
                ]
            except ValidationError as error:
                problems = error.messages
            else:
                messages.success(request, _("The columns are saved."))
                return redirect(_url(project))
    context = {"project": project, "tab": "schedule", "view": "board", "form": form, "version": version}
    return render(request, "projects/board/columns.html", {**context, "problems": problems}, status=status)


def _board(request, project, *, clash=None, ask=None, quick=None, moved=None, status=200):
    """The page, or the board alone for htmx."""
    page = BoardPage(project, request.user, request.GET, path=_url(project), with_people=request.can["team_view"])
    can_plan = request.can["schedule_edit"] and not project.locked_reason
    context = {
        "project": project,
        "tab": "schedule",
        "view": "board",
        "page": page,
        "clash": clash,
        "clash_when": fmt.when(clash.when) if clash and clash.when else "",
        "ask": ask,
        "moved": moved,
        "quick": quick or (QuickAddForm(project=project) if can_plan else None),
        "can_plan": can_plan,
        "can_move": request.can["progress_edit"] and not project.locked_reason,
        "priorities": Card.Priority.choices,
    }
    fragment = request.htmx and not request.htmx.history_restore_request
    template = "projects/board/board.html" + ("#board" if fragment else "")
    return render(request, template, context, status=status)


def _back(request, project, task):
    if request.htmx:
        return _board(request, project, moved=task)
    page = BoardPage(project, request.user, request.GET, path=_url(project), with_people=request.can["team_view"])
    return redirect(f"{_url(project)}{page.state}#card-{task.uid}")


def _card(project, uid: str):
    if not uid.isdigit() or len(uid) > 9:
        raise Http404
    task = get_object_or_404(project.tasks, uid=uid)
    if not cards_of(project).filter(pk=task.pk).exists():
        raise Http404
    task.project = project
    return task


def _and(moved) -> str:
    return f" {moved.sentence}" if moved and moved.tasks else ""


def _url(project) -> str:
    return reverse("projects:board", args=[project.code])
