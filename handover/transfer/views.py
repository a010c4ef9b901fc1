"""The pages of a handover: one record per project, worked on by both managers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from handover.transfer import actions, items
from handover.transfer.forms import DecisionForm, DetailsForm, EvidenceForm, HandoverFilter, ReturnForm
from handover.transfer.models import Handover, Signature
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission
from pmdm.registers.models import StaleVersion
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Conflict
from projects.lifecycle.access import project_view
from projects.models import Project

VIEW, EDIT = Permission.HANDOVER_VIEW, Permission.HANDOVER_EDIT


@signed_in_view
def handover_list(request):
    projects = Project.objects.allowing(request.user, VIEW)
    rows = (
        Handover.objects.filter(project__in=projects)
        .select_related("project", "giver", "receiver", "product")
        .with_progress()
    )
    page = ListPage(
        request,
        rows,
        sorts={"project": "project__name", "state": "state", "target": "target_date", "created": "created_at"},
        default_sort="-created",
        form=HandoverFilter,
    )
    return render(request, "handover/list.html", {"page": page})


@vary_on_headers("HX-Request")
@project_view(read=VIEW, write=EDIT, even_when_closed=True)
def detail(request, project):
    """The latest record of the project; POST opens one."""
    if request.method == "POST":
        try:
            actions.start(project, by=request.user)
        except ValidationError as error:
            for text in error.messages:
                messages.error(request, text)
        return redirect("handover:detail", project.code)
    return _record(request, project, _latest(project))


def _latest(project, number=None):
    records = project.handovers.select_related("giver", "receiver", "product")
    return records.filter(number=number).first() if number else records.order_by("-number").first()


def _current(project) -> Handover:
    handover = _latest(project)
    if handover is None:
        raise Http404
    handover.project = project
    return handover


def _record(request, project, handover, *, status=200, bound=None, return_form=None):
    """The record as page or, for htmx, its body. ``bound``: the one form that was refused, by its key."""
    bound = bound or {}
    context = {"project": project, "tab": "handover", "handover": handover, "can": request.can, "earlier": []}
    if handover:
        handover.project = project
        editable = handover.is_editable and EDIT in request.can
        lines = list(handover.checklist.select_related("done_by"))
        for line in lines:
            line.form = bound.get(("line", line.pk)) or EvidenceForm(
                prefix=f"line-{line.pk}", initial={"evidence": line.evidence}
            )
        open_items = list(
            handover.open_items.select_related(
                "risk__project",
                "issue__project",
                "requirement__project",
                "decided_by",
                "became_risk__product",
                "became_issue__product",
                "became_gap__product",
            )
        )
        for item in open_items:
            item.kind = items.kind_of(item)
            item.url = _source_url(project, item)
            item.became_url = _became_url(item)
            if editable:
                item.form = bound.get(("item", item.pk)) or DecisionForm(item=item)
        context |= {
            "lines": lines,
            "open_items": open_items,
            "summary": {
                "lines": len(lines),
                "lines_done": sum(line.done_at is not None for line in lines),
                "items": len(open_items),
                "items_decided": sum(bool(item.decision) for item in open_items),
            },
            "editable": editable,
            "obstacles": actions.obstacles(handover) if handover.is_editable else [],
            "signatures": list(handover.signatures.select_related("user")),
            "return_form": return_form or ReturnForm(prefix="return"),
            "may_sign": handover.state == Handover.State.SUBMITTED and handover.receiver_id == request.user.pk,
            "earlier": list(project.handovers.exclude(pk=handover.pk).select_related("receiver")),
            "giver_side": Signature.Side.GIVER,
        }
    template = "handover/detail.html" + ("#record" if request.htmx and handover else "")
    return render(request, template, context, status=status)


def _source_url(project, item):
    name = {"risk": "risk-detail", "issue": "issue-detail", "requirement": "requirement-detail"}[item.kind]
    return reverse(f"projects:{name}", args=[project.code, item.source.number])


def _became_url(item):
    target = item.became
    if target is None:
        return ""
    if item.became_gap_id:
        return reverse("delivery:known-gap-list", args=[target.product.code])
    name = "risk-detail" if item.became_risk_id else "issue-detail"
    return reverse(f"delivery:{name}", args=[target.product.code, target.number])


def _done(request, project):
    """After a change: the page again, or its body for htmx."""
    if request.htmx:
        return _record(request, project, _latest(project))
    return redirect("handover:detail", project.code)


def _refused(request, project, handover, error):
    for text in error.messages:
        messages.error(request, text)
    return _record(request, project, _latest(project), status=409 if isinstance(error, actions.AlreadyMoved) else 422)


@project_view(read=VIEW, write=EDIT, even_when_closed=True)
def details(request, project):
    """Who receives, which product, from when."""
    handover = _current(project)
    if not handover.is_editable:
        messages.error(request, _("It is signed; withdraw or return it to change it."))
        return redirect("handover:detail", project.code)
    form = DetailsForm(request.POST or None, instance=handover, user=request.user)
    context = {"project": project, "tab": "handover", "handover": handover, "form": form, "can": request.can}
    if request.method == "POST" and form.is_valid():
        try:
            handover.save_changes(DetailsForm.Meta.fields, version=form.cleaned_data["version"])
        except StaleVersion as stale:
            context["conflicts"] = _conflicts(form, stale.theirs)
            form.data = {**form.data.dict(), "version": stale.theirs.version}
            return render(request, "handover/details.html", context, status=409)
        return redirect("handover:detail", project.code)
    return render(request, "handover/details.html", context, status=422 if form.errors else 200)


def _conflicts(form, theirs):
    rows = []
    for name in DetailsForm.Meta.fields:
        mine, other = form.cleaned_data.get(name), getattr(theirs, name)
        if mine != other:
            base = form.initial.get(name)
            rows.append(
                Conflict(
                    label=form.fields[name].label, base=str(base or ""), theirs=str(other or ""), mine=str(mine or "")
                )
            )
    return rows


@require_POST
@project_view(read=VIEW, write=EDIT, even_when_closed=True)
def checklist_line(request, project, pk):
    """Confirm a line with evidence, or take the confirmation back."""
    handover = _current(project)
    line = get_object_or_404(handover.checklist, pk=pk)
    line.handover = handover
    form = EvidenceForm(request.POST, prefix=f"line-{line.pk}")
    try:
        if "undo" in request.POST:
            actions.untick(line, by=request.user)
        elif form.is_valid():
            actions.tick(line, by=request.user, evidence=form.cleaned_data["evidence"])
    except actions.AlreadyMoved as error:
        return _refused(request, project, handover, error)
    except ValidationError as error:
        form.add_error(None, error)
    if form.errors and "undo" not in request.POST:
        return _record(request, project, _latest(project), status=422, bound={("line", line.pk): form})
    return _done(request, project)


@require_POST
@project_view(read=VIEW, write=EDIT, even_when_closed=True)
def open_items(request, project):
    """Look again for what is open."""
    handover = _current(project)
    if handover.is_editable:
        items.refresh(handover)
    return _done(request, project)


@require_POST
@project_view(read=VIEW, write=EDIT, even_when_closed=True)
def open_item(request, project, pk):
    """Decide about one open item."""
    handover = _current(project)
    item = get_object_or_404(handover.open_items.select_related("risk", "issue", "requirement"), pk=pk)
    item.handover = handover
    form = DecisionForm(request.POST, item=item)
    if form.is_valid():
        try:
            actions.decide(item, by=request.user, **form.cleaned_data)
            return _done(request, project)
        except actions.AlreadyMoved as error:
            return _refused(request, project, handover, error)
        except ValidationError as error:
            form.add_error(None, error)
    return _record(request, project, _latest(project), status=422, bound={("item", item.pk): form})


@require_POST
@project_view(read=VIEW, write=Permission.HANDOVER_GIVE, even_when_closed=True)
def submission(request, project):
    """The giver signs and submits."""
    handover = _current(project)
    try:
        actions.submit(handover, by=request.user)
    except ValidationError as error:
        return _refused(request, project, handover, error)
    messages.success(request, _("Submitted. %(name)s can accept or return it now.") % {"name": handover.receiver})
    return redirect("handover:detail", project.code)


@require_POST
@project_view(read=VIEW, write=Permission.HANDOVER_GIVE, even_when_closed=True)
def withdrawal(request, project):
    handover = _current(project)
    try:
        actions.withdraw(handover, by=request.user)
    except ValidationError as error:
        return _refused(request, project, handover, error)
    messages.success(request, _("Withdrawn. A new handover can be opened."))
    return redirect("handover:detail", project.code)


@require_POST
@project_view(read=VIEW, write=Permission.HANDOVER_RECEIVE, even_when_closed=True)
def refusal(request, project):
    """The receiver returns it with reasons."""
    handover = _current(project)
    form = ReturnForm(request.POST, prefix="return")
    if not form.is_valid():
        return _record(request, project, handover, status=422, return_form=form)
    try:
        actions.give_back(handover, by=request.user, reason=form.cleaned_data["reason"])
    except ValidationError as error:
        return _refused(request, project, handover, error)
    messages.success(request, _("Returned to %(name)s with your reasons.") % {"name": handover.giver})
    return redirect("handover:detail", project.code)


@require_POST
@project_view(read=VIEW, write=Permission.HANDOVER_RECEIVE, even_when_closed=True)
def acceptance(request, project):
    """The receiver signs; responsibility moves."""
    handover = _current(project)
    try:
        product = actions.accept(handover, by=request.user)
    except ValidationError as error:
        return _refused(request, project, handover, error)
    messages.success(request, _("Accepted. %(product)s is yours now.") % {"product": product})
    return redirect("delivery:detail", product.code)
