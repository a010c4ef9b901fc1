"""The team page: people by role, what their hours cost, and who is who in the plan."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import ROLE_NAMES, Role
from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from pmdm.registers.editing import SAVED, attempt
from projects.budget.models import Rate
from projects.budget.rates import set_role_rate
from projects.budget.verbs import set_rate
from projects.lifecycle.access import project_view
from projects.team import verbs
from projects.team.forms import JoinForm, RateForm, ResourceForm, RoleForm, RoleRateForm


@project_view(read=P.TEAM_VIEW, write=P.TEAM_EDIT)
def team(request, project):
    """GET: everybody by role. POST: somebody joins."""
    form, status = None, 200
    if request.can["team_edit"]:
        form = JoinForm(request.POST or None, project=project)
        if request.method == "POST":
            done: list = []
            status = attempt(form, lambda: done.extend(verbs.give_role(project, by=request.user, **form.cleaned_data)))
            if status == SAVED:
                _say(request, *done)
                return redirect("projects:team", project.code)
    return _page(request, project, status, join=form)


@project_view(read=P.TEAM_EDIT, write=P.TEAM_EDIT)
def team_member(request, project, membership_id):
    """Change a person's role."""
    membership = get_object_or_404(project.memberships.select_related("user__organisation"), pk=membership_id)
    form = RoleForm(request.POST or None, initial={"role": membership.role})
    status = 200
    if request.method == "POST":
        former: list = []
        status = attempt(
            form, lambda: former.append(verbs.change_role(membership, by=request.user, role=form.cleaned_data["role"]))
        )
        if status == SAVED:
            _say(request, membership, former[0])
            return redirect("projects:team", project.code)
    context = {"project": project, "tab": "team", "membership": membership, "form": form}
    return render(request, "projects/team/member.html", context, status=status)


@project_view(read=P.TEAM_EDIT, write=P.TEAM_EDIT)
def team_member_removal(request, project, membership_id):
    membership = get_object_or_404(project.memberships.select_related("user"), pk=membership_id)
    problem = ""
    if request.method == "POST":
        try:
            verbs.remove(membership, by=request.user)
        except ValidationError as error:
            problem = error.message
        else:
            messages.success(request, _("%(user)s has left the team.") % {"user": membership.user})
            return redirect("projects:team", project.code)
    context = {"project": project, "tab": "team", "membership": membership, "problem": problem}
    return render(request, "projects/team/removal.html", context, status=422 if problem else 200)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def team_rates(request, project):
    """Set what an hour of a person costs from a day on."""
    if request.method == "GET":
        return redirect("projects:team", project.code)
    if "role" in request.POST:
        return _role_rate(request, project)
    form = RateForm(request.POST, project=project)
    status = attempt(form, lambda: set_rate(by=request.user, currency=project.currency, **form.cleaned_data))
    if status == SAVED:
        messages.success(request, _("The rate is set. Time booked without a cost from that day on has one now."))
        return redirect("projects:team", project.code)
    return _page(request, project, status, rate=form)


def _role_rate(request, project):
    form = RoleRateForm(request.POST, project=project)
    status = attempt(form, lambda: set_role_rate(project, by=request.user, **form.cleaned_data))
    if status == SAVED:
        messages.success(request, _("The rate is set for people of this role without a rate of their own."))
        return redirect("projects:team", project.code)
    return _page(request, project, status, role_rate=form)


@project_view(read=P.TEAM_EDIT, write=P.TEAM_EDIT)
def team_resource(request, project, uid):
    """Say which of our people a resource of the plan is."""
    resource = get_object_or_404(project.resources, uid=uid)
    form = ResourceForm(request.POST or None, project=project, initial={"user": resource.user_id})
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: verbs.name_person(resource, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("%(resource)s is saved.") % {"resource": resource})
            return redirect("projects:team", project.code)
    context = {"project": project, "tab": "team", "resource": resource, "form": form}
    return render(request, "projects/team/resource.html", context, status=status)


def _page(request, project, status, *, join=None, rate=None, role_rate=None):
    memberships = list(
        project.memberships.select_related("user__organisation", "user__department").order_by("user__name")
    )
    groups = []
    for role in ROLE_NAMES:
        people = [membership for membership in memberships if membership.role == role]
        if people:
            groups.append({"name": ROLE_NAMES[role], "people": people})
    missing = [ROLE_NAMES[role] for role in verbs.KEY_ROLES if not any(m.role == role for m in memberships)]
    context = {
        "project": project,
        "tab": "team",
        "groups": groups,
        "missing": missing,
        "past": Asked(request, reverse("projects:past", args=[project.code, "team"])),
        "resources": project.resources.select_related("user", "skill").order_by("kind", "name"),
    }
    if request.can["team_edit"]:
        context["join"] = join or JoinForm(project=project)
    if request.can["cost_edit"]:
        people = {membership.user_id for membership in memberships if membership.role != Role.CLIENT}
        context["rates"] = Rate.objects.filter(user__in=people, currency=project.currency).select_related("user")
        context["rate_form"] = rate or RateForm(project=project)
        context["role_rates"] = project.role_rates.all()
        context["role_rate_form"] = role_rate or RoleRateForm(project=project)
    return render(request, "projects/team/team.html", context, status=status)


def _say(request, membership, former) -> None:
    words = {"user": membership.user, "role": ROLE_NAMES[Role(membership.role)]}
    messages.success(request, _("%(user)s is %(role)s now.") % words)
    if former is not None and former.user_id != membership.user_id and former.pk:
        words = {"user": former.user, "role": ROLE_NAMES[Role(former.role)]}
        messages.info(request, _("%(user)s is %(role)s from now on.") % words)
