"""The versions of a requirement: draft the next one, read any, see what differs, approve or discard."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from projects.lifecycle.access import project_view
from projects.scope.forms import DecisionForm, DraftForm, ProposalForm
from projects.scope.models import Requirement


@project_view(read=P.SCOPE_EDIT, write=P.SCOPE_EDIT)
def version_new(request, project, number):
    """The approved text in a form; saved, it is the draft of the next version."""
    requirement = _requirement(project, number)
    if draft := requirement.versions.filter(state="draft").first():
        messages.info(request, _("Version %(n)d is drafted already; change it here.") % {"n": draft.number})
        return redirect("projects:version-edit", project.code, number, draft.number)
    if not requirement.is_locked:
        return redirect("projects:requirement-edit", project.code, number)
    initial = {name: getattr(requirement, name) for name in Requirement.CONTENT}
    form = ProposalForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        made = []

        def save():
            data = dict(form.cleaned_data)
            reason = data.pop("reason")
            made.append(requirement.propose(data, by=request.user, reason=reason))

        status = attempt(form, save)
        if status == SAVED:
            return redirect("projects:version-detail", project.code, number, made[0].number)
    return _form_page(request, project, requirement, form, status)


@project_view(read=P.SCOPE_EDIT, write=P.SCOPE_EDIT)
def version_edit(request, project, number, version):
    requirement = _requirement(project, number)
    draft = _version(requirement, version)
    if draft.state != "draft":
        messages.error(request, _("%(version)s is no draft any more: it stays as it is.") % {"version": draft})
        return redirect("projects:version-detail", project.code, number, version)
    form = DraftForm(request.POST or None, instance=draft)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            return redirect("projects:version-detail", project.code, number, version)
    return _form_page(request, project, requirement, form, status)


@project_view(read=P.SCOPE_VIEW)
def version_detail(request, project, number, version):
    requirement = _requirement(project, number)
    return _page(request, project, requirement, _version(requirement, version))


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_APPROVE)
def version_decision(request, project, number, version):
    """POST approves the draft as it was read."""
    return _decide(request, project, number, version, lambda draft, read: draft.approve(by=request.user, version=read))


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_EDIT)
def version_discard(request, project, number, version):
    """POST drops the draft; it stays readable."""
    return _decide(request, project, number, version, lambda draft, read: draft.discard(by=request.user, version=read))


def _decide(request, project, number, version, verb):
    requirement = _requirement(project, number)
    draft = _version(requirement, version)
    if request.method != "POST":
        return redirect("projects:version-detail", project.code, number, version)
    form = DecisionForm(request.POST)
    status = attempt(form, lambda: verb(draft, form.cleaned_data["version"]))
    if status == SAVED:
        return redirect("projects:requirement-detail", project.code, number)
    return _page(request, project, requirement, _version(requirement, version), refused=form, status=status)


def _requirement(project, number):
    requirement = get_object_or_404(project.requirements, number=number)
    requirement.project = project
    return requirement


def _version(requirement, number):
    version = get_object_or_404(requirement.versions.select_related("author", "approved_by"), number=number)
    version.requirement = requirement
    return version


def _page(request, project, requirement, version, *, refused=None, status=200):
    """One version beside the approved one before it."""
    before = requirement.versions.filter(state="approved", number__lt=version.number).first()
    writable = not project.locked_reason and version.state == "draft"
    asked = version.change_items.select_related("change").first()
    with_change = asked is not None and asked.change.is_open
    current = requirement.versions.filter(state="approved").first()
    context = {
        "project": project,
        "tab": "scope",
        "requirement": requirement,
        "version": version,
        "before": before,
        "changes": version.changes_since(before) if before else [],
        "is_current": current is not None and current.number == version.number and requirement.is_locked,
        "refused": refused,
        "may_edit": request.can["scope_edit"] and writable,
        "may_approve": request.can["scope_approve"] and writable and not with_change,
        "with_change": with_change,
        "asked": asked.change if asked and asked.change.state != "draft" and request.can["change_view"] else None,
        "baselines": version.baseline_items.select_related("baseline").order_by("baseline__number"),
    }
    return render(request, "projects/scope/version_detail.html", context, status=status)


def _form_page(request, project, requirement, form, status):
    context = {
        "project": project,
        "tab": "scope",
        "form": form,
        "heading": _("Next version of %(ref)s") % {"ref": requirement.ref},
        "back": reverse("projects:requirement-detail", args=[project.code, requirement.number]),
        "save_label": _("Save the draft"),
    }
    return render(request, "projects/_form.html", context, status=status)
