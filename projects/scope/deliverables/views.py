"""The deliverable register, one deliverable, deliveries."""

from django.db.models import Count, F
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import read_only
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.lifecycle.access import project_view
from projects.past.moments import at, past_of
from projects.scope.deliverables.forms import (
    DecisionForm,
    DeliverableEditForm,
    DeliverableFilter,
    DeliverableForm,
    DeliveryForm,
    SubmissionForm,
)
from projects.scope.deliverables.models import Deliverable, Delivery

SORTS = {
    "number": "number",
    "title": "title",
    "state": "state",
    "owner": "owner__name",
    "due": F("due").asc(nulls_last=True),
}


@project_view(read=P.SCOPE_VIEW)
def deliverable_list(request, project):
    page = ListPage(
        request,
        project.deliverables.select_related("owner", "delivery").annotate(covers=Count("trace_links")),
        sorts=SORTS,
        default_sort="number",
        form=DeliverableFilter,
        past=past_of(project),
    )
    if page.day:
        read_only(request)
    deliveries = at(project, page.day)(project.deliveries.annotate(n=Count("deliverables")).order_by("-number"))
    context = _context(project, page=page, deliveries=deliveries, today=page.day or timezone.localdate())
    return render(request, "projects/scope/deliverable_list.html", context)


@project_view(read=P.SCOPE_EDIT, write=P.SCOPE_EDIT)
def deliverable_new(request, project):
    form = DeliverableForm(request.POST or None, project=project)
    return _form(
        request,
        project,
        form,
        _("New deliverable"),
        lambda: _url(form.create(by=request.user), project),
        reverse("projects:deliverable-list", args=[project.code]),
    )


@project_view(read=P.SCOPE_VIEW)
def deliverable_detail(request, project, number):
    return _page(request, project, _deliverable(project, number))


@project_view(read=P.SCOPE_EDIT, write=P.SCOPE_EDIT)
def deliverable_edit(request, project, number):
    row = _deliverable(project, number)
    if row.state == "accepted":
        return redirect(_url(row, project))
    form = DeliverableEditForm(request.POST or None, instance=row, project=project)

    def save():
        form.save_all(by=request.user)
        return _url(row, project)

    return _form(request, project, form, row.ref, save, _url(row, project))


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_EDIT)
def deliverable_submission(request, project, number):
    row = _deliverable(project, number)
    return _act(
        request, project, row, SubmissionForm, lambda form: row.submit(by=request.user, file=form.cleaned_data["file"])
    )


@project_view(read=P.SCOPE_VIEW, write=P.DELIVERABLE_ACCEPT)
def deliverable_decision(request, project, number):
    row = _deliverable(project, number)
    return _act(request, project, row, DecisionForm, lambda form: row.decide(by=request.user, **form.verdict()))


@project_view(read=P.SCOPE_EDIT, write=P.SCOPE_EDIT)
def delivery_new(request, project):
    form = DeliveryForm(request.POST or None, project=project)
    return _form(
        request,
        project,
        form,
        _("New delivery"),
        lambda: _url(Delivery.bundle(project, by=request.user, **form.cleaned_data), project),
        reverse("projects:deliverable-list", args=[project.code]),
    )


@project_view(read=P.SCOPE_VIEW)
def delivery_detail(request, project, number):
    return _page(request, project, _delivery(project, number))


@project_view(read=P.SCOPE_VIEW, write=P.SCOPE_EDIT)
def delivery_submission(request, project, number):
    row = _delivery(project, number)
    return _act(request, project, row, SubmissionForm, lambda form: row.submit(by=request.user))


@project_view(read=P.SCOPE_VIEW, write=P.DELIVERABLE_ACCEPT)
def delivery_decision(request, project, number):
    row = _delivery(project, number)
    return _act(request, project, row, DecisionForm, lambda form: row.decide(by=request.user, **form.verdict()))


def _deliverable(project, number):
    rows = project.deliverables.select_related("owner", "task", "delivery", "file", "submitted_by", "decided_by")
    return _found(project, rows, number)


def _delivery(project, number):
    return _found(project, project.deliveries.select_related("submitted_by", "decided_by"), number)


def _found(project, rows, number):
    row = get_object_or_404(rows, number=number)
    row.project = project
    return row


def _url(row, project) -> str:
    name = "deliverable" if isinstance(row, Deliverable) else "delivery"
    return reverse(f"projects:{name}-detail", args=[project.code, row.number])


def _context(project, **more):
    return {"project": project, "tab": "scope", "view": "deliverables", **more}


def _form(request, project, form, heading, save, back):
    status = 200
    if request.method == "POST":
        went = []
        status = attempt(form, lambda: went.append(save()))
        if status == SAVED:
            return redirect(went[0])
    return render(
        request, "projects/_form.html", _context(project, form=form, heading=heading, back=back), status=status
    )


def _act(request, project, row, form_class, verb):
    """POST does one thing and returns to the page; a refusal shows the page with its reason and what was typed."""
    if request.method != "POST":
        return redirect(_url(row, project))
    form = form_class(request.POST, request.FILES)
    status = attempt(form, lambda: verb(form))
    if status == SAVED:
        return redirect(_url(row, project))
    return _page(request, project, row, refused=form, status=status)


def _page(request, project, row, *, refused=None, status=200):
    is_delivery = isinstance(row, Delivery)
    fresh = _delivery(project, row.number) if is_delivery else _deliverable(project, row.number)
    writable = not project.locked_reason
    bundled = not is_delivery and fresh.delivery and fresh.delivery.state in ("planned", "submitted")
    may_submit = (
        request.can["scope_edit"]
        and writable
        and not bundled
        and fresh.state in (("planned",) if is_delivery else Deliverable.OPEN_STATES)
    )
    may_decide = request.can["deliverable_accept"] and writable and not bundled and fresh.state == "submitted"
    context = _context(
        project,
        row=fresh,
        is_delivery=is_delivery,
        refused=refused,
        bundled=bundled,
        may_edit=not is_delivery and request.can["scope_edit"] and writable and fresh.state != "accepted",
        submission=(refused if isinstance(refused, SubmissionForm) else SubmissionForm(auto_id="submit-%s"))
        if may_submit
        else None,
        decision=(refused if isinstance(refused, DecisionForm) else DecisionForm(auto_id="decide-%s"))
        if may_decide
        else None,
        deliverables=fresh.deliverables.select_related("owner") if is_delivery else (),
        links=() if is_delivery else fresh.trace_links.select_related("requirement").order_by("requirement__number"),
    )
    return render(request, "projects/scope/deliverable_detail.html", context, status=status)
