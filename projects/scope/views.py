"""The requirement register, one requirement with its criteria, the scope baseline."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Prefetch, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import read_only
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.lifecycle.access import project_view
from projects.past.moments import at, past_of
from projects.scope import baseline as baselines
from projects.scope import listing
from projects.scope.forms import (
    CheckForm,
    CriterionForm,
    MoveForm,
    RemovalForm,
    RequirementEditForm,
    RequirementFilter,
    RequirementForm,
)
from projects.scope.models import CriterionCheck, RequirementVersion, ScopeBaselineItem
from projects.scope.onward import onward
from projects.scope.sorting import SORTS
from projects.scope.tracing import matrix
from projects.scope.tracing.columns import columns_for
from projects.scope.tracing.forms import LinkForm


@project_view(read=P.SCOPE_VIEW)
def requirement_list(request, project):
    page = ListPage(
        request,
        listing.rows_of(project),
        sorts=SORTS,
        default_sort="number",
        form=RequirementFilter,
        past=past_of(project),
    )
    listing.fill(page.rows, at(project, page.day) if page.day else None)
    if page.day:
        read_only(request)
    context = {
        "project": project,
        "tab": "scope",
        "view": "requirements",
        "page": page,
        "progress": None if page.day else baselines.progress(project),
    }
    return render(request, "projects/scope/requirement_list.html", context)


@project_view(read=P.SCOPE_EDIT, write=P.SCOPE_EDIT)
def requirement_new(request, project):
    form = RequirementForm(request.POST or None, project=project)
    status = 200
    if request.method == "POST":
        made = []
        status = attempt(form, lambda: made.append(form.create(by=request.user)))
        if status == SAVED:
            return redirect("projects:requirement-detail", project.code, made[0].number)
    context = {
        "project": project,
        "tab": "scope",
        "form": form,
        "heading": _("New requirement"),
        "back": reverse("projects:requirement-list", args=[project.code]),
    }
    return render(request, "projects/_form.html", context, status=status)


@project_view(read=P.SCOPE_VIEW)
def requirement_detail(request, project, number):
    return _page(request, project, _requirement(project, number))


@project_view(read=P.SCOPE_EDIT, write=P.SCOPE_EDIT)
def requirement_edit(request, project, number):
    requirement = _requirement(project, number)
    if requirement.is_locked:
        messages.error(
            request,
            _("%(ref)s is approved, so its text is locked. Propose the next version.") % {"ref": requirement.ref},
        )
        return redirect("projects:requirement-detail", project.code, number)
    form = RequirementEditForm(request.POST or None, instance=requirement, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            return redirect("projects:requirement-detail", project.code, number)
    context = {
        "project": project,
        "tab": "scope",
        "form": form,
        "heading": requirement.ref,
        "back": reverse("projects:requirement-detail", args=[project.code, number]),
    }
    return render(request, "projects/_form.html", context, status=status)


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_EDIT)
def requirement_state(request, project, number):
    """POST moves along draft, reviewed, built, or rejects; approving and verifying have their own address."""
    requirement = _requirement(project, number)
    return _act(request, project, requirement, lambda form: requirement.move_on(form.cleaned_data["state"]), MoveForm)


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_APPROVE)
def requirement_approval(request, project, number):
    """POST approves; POST with ``withdraw`` takes the approval back."""
    requirement = _requirement(project, number)
    withdraw = "withdraw" in request.POST
    return _act(
        request,
        project,
        requirement,
        lambda form: (
            requirement.withdraw_approval(by=request.user) if withdraw else requirement.approve(by=request.user)
        ),
    )


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_APPROVE)
def requirement_withdrawal(request, project, number):
    """POST takes a promise back, with the reason."""
    requirement = _requirement(project, number)
    return _act(
        request,
        project,
        requirement,
        lambda form: requirement.take_out(by=request.user, reason=form.cleaned_data["reason"]),
        RemovalForm,
    )


@project_view(read=P.SCOPE_VIEW, write=P.CRITERION_CHECK)
def requirement_verification(request, project, number):
    requirement = _requirement(project, number)
    return _act(request, project, requirement, lambda form: requirement.verify(by=request.user))


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_EDIT)
def criterion_new(request, project, number):
    requirement = _requirement(project, number)
    return _act(
        request, project, requirement, lambda form: requirement.add_criterion(form.cleaned_data["text"]), CriterionForm
    )


@project_view(read=P.SCOPE_VIEW, write=P.CRITERION_CHECK)
def criterion_check(request, project, number, pk):
    requirement = _requirement(project, number)
    criterion = get_object_or_404(requirement.criteria, pk=pk)
    criterion.requirement = requirement
    return _act(
        request,
        project,
        requirement,
        lambda form: criterion.record(**form.cleaned_data, by=request.user),
        CheckForm,
        criterion=criterion,
    )


@project_view(read=P.SCOPE_EDIT, write=P.SCOPE_EDIT)
def criterion_removal(request, project, number, pk):
    requirement = _requirement(project, number)
    criterion = get_object_or_404(requirement.criteria, pk=pk)
    back = reverse("projects:requirement-detail", args=[project.code, number])
    if request.method == "POST":
        criterion.requirement = requirement
        try:
            criterion.remove(by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect(back)
    context = {
        "project": project,
        "tab": "scope",
        "heading": _("Remove this criterion?"),
        "text": criterion.text,
        "back": back,
    }
    return render(request, "projects/_confirm.html", context)


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_APPROVE)
def scope_baseline(request, project):
    """The active baseline beside what came after it; POST freezes a new one."""
    form = forms.Form(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: baselines.freeze(project, by=request.user))
        if status == SAVED:
            messages.success(request, _("The scope baseline is frozen."))
            return redirect("projects:scope-baseline", project.code)
    progress = baselines.progress(project)
    wanted = request.GET.get("baseline", "")
    shown = progress.baseline
    if wanted.isdecimal() and len(wanted) < 5:
        shown = project.scope_baselines.filter(number=int(wanted)).first() or shown
    items = (
        ScopeBaselineItem.objects.filter(baseline=shown)
        .select_related("requirement", "version")
        .order_by("requirement__number")
        if shown
        else ()
    )
    context = {
        "project": project,
        "tab": "scope",
        "view": "baseline",
        "form": form,
        "progress": progress,
        "items": items,
        "shown": shown,
        "removed": baselines.removed_since(progress.baseline).select_related("requirement") if shown else (),
        "changed": _changed(progress.baseline) if shown else (),
        "creep": project.requirements.after_baseline() if progress.baseline else (),
        "history": project.scope_baselines.select_related("frozen_by", "made_by_change").prefetch_related(
            "replaced_by_changes"
        ),
        "by_change": baselines.by_changes(project).select_related("change", "requirement").order_by("pk")
        if progress.baseline
        else (),
        "approved": project.requirements.approved().count(),
    }
    return render(request, "projects/scope/baseline.html", context, status=status)


def _changed(baseline):
    """Each changed item with ``now``, the number of the version in force."""
    in_force = RequirementVersion.objects.filter(requirement=OuterRef("requirement"), state="approved")
    return (
        baselines.changed_since(baseline)
        .select_related("requirement", "version")
        .annotate(now=Subquery(in_force.order_by("-number").values("number")[:1]))
        .order_by("requirement__number")
    )


def _requirement(project, number):
    requirement = get_object_or_404(
        project.requirements.select_related("owner", "approved_by", "removed_by"), number=number
    )
    requirement.project = project
    return requirement


def _act(request, project, requirement, save, form_class=None, criterion=None):
    """POST does one thing and returns to the page; a refusal shows the page with its reason."""
    if request.method != "POST":
        return redirect("projects:requirement-detail", project.code, requirement.number)
    form = (form_class or forms.Form)(request.POST, request.FILES)
    status = attempt(form, lambda: save(form))
    if status == SAVED:
        return redirect("projects:requirement-detail", project.code, requirement.number)
    return _page(request, project, _requirement(project, requirement.number), refused=form, at=criterion, status=status)


def requirement_page(request, project, number, *, refused=None, status=200):
    """The page of a requirement with a form that was refused; for the views of its links."""
    return _page(request, project, _requirement(project, number), refused=refused, status=status)


def _page(request, project, requirement, *, refused=None, at=None, status=200):
    can, writable = request.can, not project.locked_reason
    criteria = list(
        requirement.criteria.select_related("checked_by", "file").prefetch_related(
            Prefetch("checks", CriterionCheck.objects.select_related("by", "file", "version"))
        )
    )
    versions = list(requirement.versions.select_related("author", "approved_by"))
    may_check = can["criterion_check"] and writable and requirement.is_locked
    for line in criteria:
        if may_check:
            mine = refused if at and at.pk == line.pk else None
            line.form = mine or CheckForm(
                initial={"result": line.result, "evidence": line.evidence}, auto_id=f"check-{line.pk}-%s"
            )
    sees_risks, columns = bool(can["risk_view"]), columns_for(project, request.user)
    traced = matrix.rows(project, [requirement], sees_risks=sees_risks, columns=columns)[0]
    names = matrix.headings(matrix.kinds_for(sees_risks), columns)
    is_link = isinstance(refused, LinkForm)
    is_criterion = isinstance(refused, CriterionForm)
    State = requirement.State
    context = {
        "project": project,
        "tab": "scope",
        "requirement": requirement,
        "criteria": criteria,
        "passed": sum(1 for line in criteria if line.result == "pass"),
        "versions": versions,
        "traced": [(name, *cell) for name, cell in zip(names, traced.cells, strict=True)],
        "link_form": (refused if is_link else LinkForm(project=project, auto_id="link-%s"))
        if can["scope_edit"] and writable
        else None,
        "current": next((version for version in versions if version.state == "approved"), None),
        "draft": next((version for version in versions if version.state == "draft"), None),
        "may_propose": can["scope_edit"] and writable and requirement.is_locked,
        "removal_form": (refused if isinstance(refused, RemovalForm) else RemovalForm(auto_id="removal-%s"))
        if can["scope_approve"] and writable and requirement.is_locked
        else None,
        "removal_open": isinstance(refused, RemovalForm),
        "onward": onward(requirement, request.user),
        "refused": refused
        if refused and not is_criterion and not is_link and not at and not isinstance(refused, RemovalForm)
        else None,
        "criterion_form": (refused if is_criterion else CriterionForm(auto_id="criterion-%s"))
        if can["scope_edit"] and writable and requirement.state not in (State.VERIFIED, State.REJECTED)
        else None,
        "moves": [(to, State(to).label) for to in requirement.next_states()] if can["scope_edit"] and writable else [],
        "may_edit": can["scope_edit"] and writable and not requirement.is_locked,
        "may_approve": can["scope_approve"] and writable and requirement.state == State.REVIEWED,
        "may_withdraw": can["scope_approve"] and writable and requirement.state == State.APPROVED,
        "may_verify": can["criterion_check"] and writable and requirement.state == State.BUILT,
        "frozen": requirement.baseline_items.filter(baseline__is_active=True).select_related("version").first(),
    }
    return render(request, "projects/scope/requirement_detail.html", context, status=status)
