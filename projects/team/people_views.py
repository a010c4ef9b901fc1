"""A person: skills, hours, absences, rates. Each reader sees what is theirs to see; the person edits their own."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pmdm.accounts import skills
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.worktime import verbs as worktime
from projects.budget.models import Rate
from projects.budget.verbs import set_rate
from projects.lifecycle.models import Project
from projects.team.models import Membership
from projects.team.people_forms import AbsenceForm, HoursForm, RateForm, SkillForm


@dataclass(frozen=True)
class Rights:
    """What a reader may do on a person's page."""

    own: bool  # it is the reader's own
    people: bool  # manages people
    rates: bool  # may see what an hour costs

    @property
    def edits(self) -> bool:
        """Skills and absences."""
        return self.own or self.people

    @property
    def kinds(self) -> bool:
        """Why somebody is absent: nobody else's business."""
        return self.own or self.people


def person_for(reader, pk: int) -> tuple[User, Rights]:
    """One of our people whom the reader works with, or whose page is their business; else 404."""
    if reader.organisation_id:
        raise Http404
    person = get_object_or_404(User.objects.select_related("department"), pk=pk, organisation=None)
    people = P.SITE_PEOPLE in reader.site_permissions
    own = person.pk == reader.pk

    def shares(permission):
        ours = Project.objects.allowing(reader, permission).values("pk")
        return Membership.objects.filter(user=person, project__in=ours).exists()

    if not (own or reader.sees_all or shares(P.TEAM_VIEW)):
        raise Http404
    rates = P.COST_VIEW in reader.site_permissions or (not own and shares(P.COST_VIEW))
    return person, Rights(own, people, rates)


@require_safe
@signed_in_view
def person(request, pk):
    who, rights = person_for(request.user, pk)
    return _page(request, who, rights)


@require_POST
@signed_in_view
def person_skills(request, pk):
    """Add a skill or change its level."""
    who, rights = _editable(request, pk)
    form = SkillForm(request.POST)
    status = attempt(form, lambda: skills.set_skill(who, by=request.user, **form.cleaned_data))
    return _done(request, who, rights, status, skill=form)


@require_POST
@signed_in_view
def person_absences(request, pk):
    who, rights = _editable(request, pk)
    form = AbsenceForm(request.POST, auto_id="absence-%s")
    status = attempt(form, lambda: worktime.add_absence(who, by=request.user, **form.cleaned_data))
    return _done(request, who, rights, status, absence=form)


@require_POST
@signed_in_view
def person_hours(request, pk):
    """Hours are the business of whoever manages people."""
    who, rights = _managed(request, pk)
    form = HoursForm(request.POST, auto_id="hours-%s")
    status = attempt(form, lambda: worktime.set_hours(who, by=request.user, **form.cleaned_data))
    return _done(request, who, rights, status, hours=form)


@require_http_methods(["POST"])
@signed_in_view
def person_rates(request, pk):
    who, rights = _managed(request, pk)
    if not rights.rates:
        raise Http404
    form = RateForm(request.POST)
    status = attempt(form, lambda: set_rate(who, by=request.user, **form.cleaned_data))
    return _done(request, who, rights, status, rate=form)


# What a person's page takes away: where it stands, by which column, whose business it is, and the verb.
REMOVALS = {
    "skill": ("skills", "skill", "edits", skills.drop_skill),
    "absence": ("absences", "pk", "edits", worktime.remove_absence),
    "hours": ("working_hours", "pk", "people", worktime.remove_hours),
}


@require_POST
@signed_in_view
def person_removal(request, pk, kind, key):
    """Take away a skill, an absence or hours."""
    who, rights = person_for(request.user, pk)
    related, column, right, remove = REMOVALS[kind]
    if not getattr(rights, right):
        raise Http404
    remove(get_object_or_404(getattr(who, related), **{column: key}), by=request.user)
    messages.success(request, _("Removed."))
    return redirect("projects:person", pk)


def _editable(request, pk):
    who, rights = person_for(request.user, pk)
    if not rights.edits:
        raise Http404
    return who, rights


def _managed(request, pk):
    who, rights = person_for(request.user, pk)
    if not rights.people:
        raise Http404
    return who, rights


def _done(request, who, rights, status, **forms):
    if status == SAVED:
        messages.success(request, _("Saved."))
        return redirect("projects:person", who.pk)
    return _page(request, who, rights, status, **forms)


def _page(request, who, rights: Rights, status=200, *, skill=None, absence=None, hours=None, rate=None):
    today = timezone.localdate()
    absences = who.absences.filter(last__gte=today) if not rights.kinds else who.absences.all()
    context = {
        "person": who,
        "rights": rights,
        "skills": who.skills.select_related("skill").order_by("-level", "skill__name"),
        "absences": absences.order_by("-first")[:50],
        "hours": who.working_hours.select_related("calendar").order_by("-valid_from"),
        "roles": _roles(request.user, who),
        "today": today,
    }
    if rights.edits:
        context |= {"skill_form": skill or SkillForm(), "absence_form": absence or AbsenceForm(auto_id="absence-%s")}
    if rights.people:
        context["hours_form"] = hours or HoursForm(auto_id="hours-%s")
    if rights.rates:
        context["rates"] = Rate.objects.filter(user=who).order_by("currency", "-valid_from")
        if rights.people:
            context["rate_form"] = rate or RateForm()
    return render(request, "projects/team/person.html", context, status=status)


def _roles(reader, who):
    """Where the person works, as far as the reader may see it."""
    visible = Project.objects.allowing(reader, P.TEAM_VIEW) if reader != who else Project.objects.visible_to(reader)
    open_ones = Q(project__state__in=Project.OPEN_STATES)
    return (
        Membership.objects.filter(open_ones, user=who, project__in=visible.values("pk"))
        .select_related("project")
        .order_by("project__name")
    )
