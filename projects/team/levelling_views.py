"""Level resources: choose, let a worker find what would move, look at the difference, save it as one step."""

import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission as P
from pmdm.jobs import work
from pmdm.jobs.models import Work
from pmdm.ui.addresses import address
from projects.lifecycle.access import project_view
from projects.lifecycle.crumbs import crumbs
from projects.lifecycle.models import Project
from projects.schedule.api.ops import Conflicted, Refused
from projects.schedule.models import Resource, Task
from projects.team import levelling

KIND = "team.level"


class LevelForm(forms.Form):
    scope = forms.ChoiceField(
        label=gettext_lazy("How far"),
        choices=[
            ("float", gettext_lazy("Within float only: the finish stays")),
            ("finish", gettext_lazy("Until nobody is overloaded: the finish may slip")),
        ],
        initial="float",
        widget=forms.RadioSelect,
    )
    people = forms.ModelMultipleChoiceField(
        Resource.objects.none(),
        label=gettext_lazy("People"),
        required=False,
        help_text=gettext_lazy("None chosen: all."),
        widget=forms.CheckboxSelectMultiple,
    )
    first = forms.ModelMultipleChoiceField(
        Task.objects.none(),
        label=gettext_lazy("Tasks that go first"),
        required=False,
        help_text=gettext_lazy("Of two that begin on the same day these keep their place."),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        resources = project.resources.filter(kind=Resource.Kind.WORK).exclude(assignments=None)
        self.fields["people"].queryset = resources.order_by("name")
        tasks = project.tasks.filter(is_summary=False, is_active=True, percent=0).exclude(assignments=None)
        self.fields["first"].queryset = tasks.order_by("number").distinct()


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def level(request, project):
    """GET: the choices. POST: a worker works the proposal out; nothing is saved by it."""
    form = LevelForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["people"]
        payload = {
            "project": project.pk,
            "within_float": form.cleaned_data["scope"] == "float",
            "people": [f"u{one.user_id}" if one.user_id else f"r{one.pk}" for one in chosen] or None,
            "first": [task.uid for task in form.cleaned_data["first"]],
        }
        title = _("Level resources of %(project)s") % {"project": project}
        way = crumbs(project, (_("Team"), address("projects:team", project.code)))
        begun = work.start(KIND, title, payload, by=request.user, crumbs=way)
        return redirect(begun)
    context = {"project": project, "tab": "team", "form": form}
    return render(request, "projects/team/level.html", context, status=422 if form.is_bound else 200)


@work.does(KIND)
def level_work(report, payload):
    project = Project.objects.select_related("calendar").filter(pk=payload["project"]).first()
    if project is None:
        raise work.Refused(_("The project is gone."))
    options = levelling.Options(
        within_float=payload["within_float"],
        people=frozenset(payload["people"]) if payload["people"] else None,
        first=frozenset(payload["first"]),
    )
    try:
        proposal = levelling.propose(project, options, report)
    except ValidationError as problem:  # planned backwards, or a plan that can't be computed: say which
        raise work.Refused(" ".join(problem.messages))
    mine = Work.objects.filter(kind=KIND, payload=payload, state=Work.State.RUNNING).order_by("-pk").first()
    url = reverse("projects:level-proposal", args=[project.code, mine.pk]) if mine else ""
    return {
        "url": url,
        "moves": proposal.moves,
        "finish": [moment.isoformat() if moment else None for moment in proposal.finish],
        "before": [[who, week.isoformat(), minutes] for who, week, minutes in proposal.before],
        "after": [[who, week.isoformat(), minutes] for who, week, minutes in proposal.after],
    }


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def level_proposal(request, project, work_id):
    """GET: what would move and why. POST: save it, as one step that the plan's undo takes back."""
    done = get_object_or_404(Work.objects.filter(kind=KIND, asked_by=request.user, state=Work.State.DONE), pk=work_id)
    if done.payload.get("project") != project.pk:
        raise Http404
    result, status, problem = done.result, 200, ""
    if request.method == "POST":
        try:
            applied = levelling.apply(project, result["moves"], by=request.user)
        except (levelling.Stale, Conflicted):
            status, problem = 409, _("The plan has changed since. Nothing was saved: level it once more.")
        except Refused as refused:
            status, problem = 422, str(refused)
        else:
            messages.success(request, applied.sentence)
            return redirect("projects:schedule", project.code)
    finish = [_moment(text) for text in result["finish"]]
    context = {
        "project": project,
        "tab": "team",
        "moves": [
            {**move, "start": list(map(_moment, move["start"])), "finish": list(map(_moment, move["finish"]))}
            for move in result["moves"]
        ],
        "finish": finish,
        "slips": bool(finish[0] and finish[1] and finish[1] > finish[0]),
        "before": len(result["before"]),
        "left": [(who, datetime.date.fromisoformat(week), minutes) for who, week, minutes in result["after"]],
        "within_float": done.payload["within_float"],
        "problem": problem,
    }
    return render(request, "projects/team/level_proposal.html", context, status=status)


def _moment(text: str | None) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(text) if text else None
