"""Who is free, and what if: suggestions with their free hours; the load before and after, before anything is saved."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from projects.lifecycle.access import project_view
from projects.team import staffing
from projects.team.heatmap import Choice, heat_map, monday_of
from projects.team.staffing_forms import AssignForm, FreeForm, GenericForm, ReplaceForm


@project_view(read=P.STAFF_VIEW, write=P.TEAM_EDIT)
def free(request, project):
    """GET: people ranked for a task or a period. POST: put one on the task; ``do=preview`` shows what if."""
    form = FreeForm(request.GET, project=project)
    context = {"project": project, "tab": "team", "form": form, "status": 200}
    if request.method == "POST":
        answer = _assign(request, project, context)
        if answer is not None:
            return answer
    if form.is_valid():
        asked = form.cleaned_data
        wanted = staffing.Wanted(asked["first"], asked["last"], asked["percent"], asked["skill"])
        context |= {"wanted": wanted, "task": asked["task"], "found": staffing.suggest(project, wanted)}
        context["taken"] = (
            set(asked["task"].assignments.values_list("resource__user", flat=True)) if asked["task"] else ()
        )
    status = context.pop("status")
    return render(request, "projects/team/free.html", context, status=status if form.is_valid() else 422)


def _assign(request, project, context):
    form = AssignForm(request.POST, project=project)
    if not request.can["schedule_edit"] or not form.is_valid():
        context |= {"problem": _("Choose a task of this plan, a person, and a share from 1 to 100 %."), "status": 422}
        return None
    task, person, percent = (form.cleaned_data[name] for name in ("task", "person", "percent"))
    task.project = project
    if request.POST.get("do") == "save":
        status = attempt(form, lambda: staffing.assign(task, person, by=request.user, units=percent))
        if status == SAVED:
            messages.success(request, _("%(who)s is on “%(task)s”.") % {"who": person, "task": task.name})
            return redirect("projects:task-detail", project.code, task.uid)
        context |= {"problem": " ".join(map(str, form.non_field_errors())), "status": status}
        return None
    extra = staffing.what_if(task, person, percent)
    first = monday_of(max(timezone.localdate(task.start), timezone.localdate()))
    choice = Choice(first=first, weeks=8, project=project, person=person)
    before, after = (heat_map(request.user, choice, extra=more) for more in ((), (extra,)))
    context["what_if"] = {
        "task": task,
        "person": person,
        "percent": percent,
        "weeks": [
            {"week": week, "before": old, "after": new}
            for week, old, new in zip(before.weeks, before.rows[0].cells, after.rows[0].cells, strict=True)
        ],
        "over": sum(
            new.over and not old.over for old, new in zip(before.rows[0].cells, after.rows[0].cells, strict=True)
        ),
        "load": extra.demand.minutes,
    }
    return None


@project_view(read=P.TEAM_EDIT, write=P.TEAM_EDIT)
def generic_new(request, project):
    """A resource that is nobody yet."""
    form, status = GenericForm(request.POST or None), 200
    if request.method == "POST":
        status = attempt(form, lambda: staffing.add_generic(project, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("%(name)s can be put on tasks now.") % {"name": form.cleaned_data["name"]})
            return redirect("projects:team", project.code)
    context = {"project": project, "tab": "team", "form": form, "heading": _("A resource that is nobody yet")}
    return render(request, "projects/team/generic.html", context, status=status)


@project_view(read=P.TEAM_EDIT, write=P.TEAM_EDIT)
def generic_people(request, project, uid):
    """Named people take the place of a generic resource."""
    resource = get_object_or_404(project.resources.select_related("skill"), uid=uid)
    if resource.user_id or resource.kind != resource.Kind.WORK:
        raise Http404
    resource.project = project
    form, status = ReplaceForm(request.POST or None), 200
    if request.method == "POST" and "remove" in request.POST:
        try:
            staffing.remove_generic(resource, by=request.user)
        except ValidationError as error:
            form, status = ReplaceForm(), 409
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("“%(name)s” is removed.") % {"name": resource})
            return redirect("projects:team", project.code)
    elif request.method == "POST":
        status = attempt(
            form, lambda: staffing.replace_generic(resource, list(form.cleaned_data["people"]), by=request.user)
        )
        if status == SAVED:
            messages.success(
                request,
                _("%(name)s has names now; allocation and work stay as planned. Undo in the schedule takes it back.")
                % {"name": resource},
            )
            return redirect("projects:team", project.code)
    context = {
        "project": project,
        "tab": "team",
        "form": form,
        "heading": _("Who takes the place of “%(name)s”?") % {"name": resource},
        "resource": resource,
        "assignments": resource.assignments.select_related("task").order_by("task__number"),
    }
    return render(request, "projects/team/generic.html", context, status=status)
