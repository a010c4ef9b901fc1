"""Sprints of a project, one of them, what is taken in and out, its start and its end."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from pmdm.registers.editing import FIRST, SAVED, attempt
from projects.lifecycle.access import project_view
from projects.schedule.exporting import people_by_task
from projects.schedule.localtime import zone
from projects.schedule.models import Task
from projects.sprints import verbs
from projects.sprints.figures import capacity, chart, with_tasks
from projects.sprints.forms import ClosureForm, SprintForm
from projects.sprints.models import Sprint

BACKLOG = 200


@project_view(read=P.SCHEDULE_VIEW)
def sprint_list(request, project):
    rows = with_tasks(project.sprints).order_by("-start")[:200]
    context = _context(request, project) | {
        "rows": rows,
        "left": verbs.backlog(project).count(),
        "past": Asked(request, reverse("projects:past", args=[project.code, "sprints"])),
    }
    return render(request, "projects/sprints/list.html", context)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def sprint_new(request, project):
    form = SprintForm(request.POST or None, instance=Sprint(project=project))
    status = 200
    if request.method == "POST":
        made: list = []
        status = attempt(form, lambda: made.append(verbs.plan_sprint(project, by=request.user, **form.values())))
        if status == SAVED:
            messages.success(request, _("“%(name)s” is planned: now take tasks in.") % {"name": made[0].name})
            return redirect("projects:sprint", project.code, made[0].number)
    context = _context(request, project) | {"form": form, "heading": _("New sprint"), "back": _list_url(project)}
    return render(request, "projects/sprints/form.html", context, status=status)


@project_view(read=P.SCHEDULE_VIEW)
def sprint(request, project, number):
    row = _sprint(project, number)
    today = timezone.localdate(timezone=zone(project.time_zone))
    # A closed one shows what was in it to its end.
    inside = Q(sprint_entries__sprint=row) & (
        Q(sprint_entries__removed_at=None) | Q(sprint_entries__removed_at__gte=row.closed_at)
        if row.closed_at
        else Q(sprint_entries__removed_at=None)
    )
    tasks = list(Task.objects.filter(inside).distinct().order_by("number").defer("notes", "splits"))
    context = _context(request, project) | {
        "sprint": row,
        "figure": chart(row, today),
        "capacity": capacity(row),
        "tasks": tasks,
        "people": people_by_task(project, [task.pk for task in tasks]) if request.can["team_view"] else {},
    }
    if context["can_edit"] and not row.closed_at:
        left = verbs.backlog(project)
        context |= {"backlog": left[:BACKLOG], "backlog_count": left.count()}
    return render(request, "projects/sprints/detail.html", context)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def sprint_edit(request, project, number):
    row = _sprint(project, number)
    form = SprintForm(request.POST or None, instance=row)
    status = 200
    if request.method == "POST":

        def save():
            form.instance.project = project
            verbs.change_sprint(form.instance, by=request.user, version=form.cleaned_data["version"])

        status = attempt(form, save)
        if status == SAVED:
            messages.success(request, _("“%(name)s” is saved.") % {"name": form.instance.name})
            return redirect("projects:sprint", project.code, number)
    back = reverse("projects:sprint", args=[project.code, number])
    context = _context(request, project) | {"form": form, "heading": row.name, "back": back}
    return render(request, "projects/sprints/form.html", context, status=status)


@project_view(read=P.SCHEDULE_VIEW, write=P.SCHEDULE_EDIT)
def sprint_tasks(request, project, number):
    """POST: ``take`` in or ``leave`` out the tasks ``uid``."""
    row = _sprint(project, number)
    if request.method == "POST":
        uids = [int(uid) for uid in request.POST.getlist("uid")[:1000] if uid.isdigit() and len(uid) < 10]
        tasks = project.tasks.filter(uid__in=uids)
        try:
            if request.POST.get("do") == "leave":
                count = verbs.take_out(row, tasks, by=request.user)
                words = ngettext("%(n)s task went out.", "%(n)s tasks went out.", count)
            else:
                count = verbs.take_in(row, tasks, by=request.user)
                words = ngettext("%(n)s task came in.", "%(n)s tasks came in.", count)
            messages.success(request, words % {"n": count}) if count else messages.info(
                request, _("Nothing was chosen.")
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    return redirect("projects:sprint", project.code, number)


@project_view(read=P.SCHEDULE_VIEW, write=P.SCHEDULE_EDIT)
def sprint_start(request, project, number):
    """POST: it begins."""
    row = _sprint(project, number)
    if request.method == "POST":
        try:
            verbs.start(row, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("“%(name)s” is under way.") % {"name": row.name})
    return redirect("projects:sprint", project.code, number)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def sprint_closure(request, project, number):
    """What is not done, and where it goes; then the end, in one step."""
    row = _sprint(project, number)
    form = ClosureForm(request.POST or None, sprint=row)
    status = 200
    if request.method == "POST":
        moved: list = []
        status = attempt(form, lambda: moved.append(verbs.close(row, by=request.user, to=form.target)))
        if status == SAVED:
            words = _("“%(name)s” is closed.") % {"name": row.name}
            if moved[0]:
                where = form.target.name if form.target else _("the backlog")
                words += " " + ngettext(
                    "%(n)s task went to %(where)s.", "%(n)s tasks went to %(where)s.", moved[0]
                ) % {"n": moved[0], "where": where}  # fmt: skip
            messages.success(request, words)
            return redirect("projects:sprint", project.code, number)
    left = list(verbs.unfinished(row)[:300])
    context = _context(request, project) | {"sprint": row, "form": form, "left": left, "first": FIRST}
    return render(request, "projects/sprints/closure.html", context, status=status)


def _context(request, project) -> dict:
    can_edit = request.can["schedule_edit"] and not project.locked_reason
    return {"project": project, "tab": "schedule", "view": "sprints", "can_edit": can_edit}


def _sprint(project, number) -> Sprint:
    row = get_object_or_404(project.sprints, number=number)
    row.project = project
    return row


def _list_url(project) -> str:
    return reverse("projects:sprint-list", args=[project.code])
