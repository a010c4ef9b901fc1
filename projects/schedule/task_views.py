"""Tasks: a row becomes a form, moves, goes. Each works as a page of its own and, with htmx, inside the plan."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import CONFLICT, SAVED, attempt
from projects.lifecycle.access import project_view
from projects.schedule import edits
from projects.schedule.calendars import project_calendar
from projects.schedule.exporting import links_by_successor, units_of
from projects.schedule.forms import NewTaskForm, TaskForm
from projects.schedule.views import plan_response

DIRECTIONS = ("up", "down", "in", "out")


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def task_new(request, project):
    """Add a task: below ``after``, or last under ``parent``, or at the end of the plan."""
    form = NewTaskForm(request.POST or None, units=units_of(project))
    after, parent = _named(project, request, "after"), _named(project, request, "parent")
    status = 200
    if request.method == "POST":
        done: list = []

        def save():
            duration = form.cleaned_data["duration"]
            fields = {
                "duration": round(duration.minutes),
                "duration_elapsed": duration.elapsed,
                "is_milestone": not duration.minutes,
            }
            done.extend(
                edits.add_task(
                    project, by=request.user, name=form.cleaned_data["name"], after=after, parent=parent, **fields
                )
            )

        status = attempt(form, save)
        if status == SAVED:
            task, moved = done
            messages.success(request, _("“%(name)s” is task %(number)s.") % {"name": task.name, "number": task.number})
            return _done(request, project, moved)
    if request.htmx:
        return plan_response(request, project, new=form, status=status)
    context = {"project": project, "tab": "schedule", "form": form, "after": after, "parent": parent}
    return render(request, "projects/schedule/task_new.html", context, status=status)


@project_view(read=P.SCHEDULE_VIEW, write=P.PROGRESS_EDIT)
def task(request, project, uid):
    """GET: the row as a form. POST: save it; progress alone for those who may not plan."""
    row = _task(project, uid)
    form = _form(request, project, row)
    status = 200
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        typed = request.POST
        done: list = []
        status = attempt(
            form,
            lambda: done.append(
                edits.change_task(row, by=request.user, version=form.cleaned_data["version"], **form.changes())
            ),
        )
        if status == SAVED:
            return _done(request, project, done[0])
        if status == CONFLICT:
            # A form with a list of people needs its values as lists.
            data = typed.copy()
            data["version"] = str(form.data["version"])
            form.data = data
        row = _task(project, uid)
    if request.htmx:
        return plan_response(request, project, editing=row, form=form, status=status)
    context = {"project": project, "tab": "schedule", "form": form, "task": row, "state": _state(request)}
    context |= {"can_edit": request.can["schedule_edit"] and not project.locked_reason}
    return render(request, "projects/schedule/task.html", context, status=status)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def task_position(request, project, uid):
    """POST ``move``: up, down, in (below the task above) or out (one level)."""
    row = _task(project, uid)
    direction = request.POST.get("move", "")
    if request.method == "GET" or direction not in DIRECTIONS:
        return redirect(_url(project, "task-detail", uid) + _state(request))
    try:
        moved = edits.move_task(row, direction, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        if request.htmx:
            return plan_response(
                request, project, editing=row, form=_form(request, project, row, bound=False), status=422
            )
        return redirect(_url(project, "task-detail", uid) + _state(request))
    messages.success(request, moved.sentence)
    row = _task(project, uid)
    if request.htmx:
        return plan_response(request, project, editing=row, form=_form(request, project, row, bound=False))
    return redirect(_url(project, "task-detail", uid) + _state(request))


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def task_removal(request, project, uid):
    """Ask, then delete; tasks below go with it only when the page has said so."""
    row = _task(project, uid)
    below = project.tasks.filter(wbs__startswith=f"{row.wbs}.").count() if row.is_summary else 0
    booked = row.time_entries.count()
    problem = ""
    if request.method == "POST":
        try:
            moved = edits.delete_task(row, by=request.user, with_children="with_children" in request.POST)
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            messages.success(request, _("“%(name)s” is deleted.") % {"name": row.name})
            return _done(request, project, moved)
    context = {"project": project, "tab": "schedule", "task": row, "below": below, "booked": booked, "problem": problem}
    return render(request, "projects/schedule/task_removal.html", context, status=422 if problem else 200)


def _form(request, project, row, bound=True) -> TaskForm | None:
    """The form this person gets: all of it, progress alone, or none."""
    if project.locked_reason or not (request.can["schedule_edit"] or request.can["progress_edit"]):
        return None
    progress_only = not request.can["schedule_edit"]
    if progress_only and row.is_summary:
        return None
    links = links_by_successor(project, [row.pk]).get(row.pk, [])
    numbers = dict(project.tasks.filter(pk__in=[link.predecessor for link in links]).values_list("pk", "number"))
    data = request.POST if bound and request.method == "POST" else None
    return TaskForm(
        data,
        task=row,
        calendar=project_calendar(project),
        units=units_of(project),
        progress_only=progress_only,
        links=links,
        numbers=numbers,
    )


def _done(request, project, moved):
    """What moved, in one sentence; the plan for htmx, else back to where the person was."""
    messages.info(request, moved.sentence)
    if request.htmx:
        return plan_response(request, project)
    return redirect(reverse("projects:schedule", args=[project.code]) + _state(request))


def _task(project, uid):
    row = get_object_or_404(project.tasks.select_related("parent"), uid=uid)
    row.project = project
    return row


def _named(project, request, name):
    uid = request.POST.get(name) or request.GET.get(name) or ""
    return get_object_or_404(project.tasks, uid=uid) if uid.isdigit() and len(uid) < 12 else None


def _state(request) -> str:
    query: QueryDict = request.GET.copy()
    for name in ("after", "parent"):
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else ""


def _url(project, name, uid) -> str:
    return reverse(f"projects:{name}", args=[project.code, uid])
