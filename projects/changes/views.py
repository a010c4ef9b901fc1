"""The register of change requests, one request with what it affects and would do, its way to the decision."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, IntegerField, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import read_only
from pmdm.interchange.tabular import MAX_ROWS, write_csv, write_xlsx
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.changes import impact as impacts
from projects.changes import showing
from projects.changes.forms import ChangeEditForm, ChangeFilter, ChangeForm, DecisionForm, FundingForm, NoteForm
from projects.changes.models import ChangeRequest
from projects.lifecycle.access import project_view
from projects.origins import origins
from projects.past.moments import past_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST = "projects:change-list"


def _rank(field: str, values: list[str]) -> Case:
    """The order of a list of choices, not of their letters."""
    return Case(
        *(When(**{field: value}, then=Value(place)) for place, value in enumerate(values)),
        output_field=IntegerField(),
    )


SORTS = {
    "number": "number",
    "title": "title",
    "state": _rank("state", ChangeRequest.State.values),
    "urgency": _rank("urgency", ChangeRequest.Urgency.values),
    "requester": "requester__name",
    "needed": F("needed_by").asc(nulls_last=True),
    "submitted": F("submitted_at").asc(nulls_last=True),
    "decided": F("decided_at").asc(nulls_last=True),
    "days": F("impact__shift").asc(nulls_last=True),
}


def _list(request, project) -> ListPage:
    sorts = SORTS
    if request.can["cost_view"]:  # whoever may not see money can't sort by it either
        sorts = {**SORTS, "money": F("impact__delta").asc(nulls_last=True)}
    rows = project.change_requests.readable_by(project, request.user).select_related("requester", "owner", "impact")
    page = ListPage(request, rows, sorts=sorts, default_sort="-number", form=ChangeFilter, past=past_of(project))
    if page.day:
        read_only(request)
    return page


@project_view(read=P.CHANGE_VIEW)
def change_list(request, project):
    context = _context(project, page=_list(request, project), today=timezone.localdate())
    return render(request, "projects/changes/list.html", context)


@require_safe
@project_view(read=P.CHANGE_VIEW)
def change_export(request, project, kind):
    """The register, filtered and sorted as the page, as CSV or XLSX; no cell that a spreadsheet would run."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    columns = showing.columns(project, with_cost=bool(request.can["cost_view"]))
    head = [name for name, _width, _value in columns]
    lines = ([value(row) for _name, _width, value in columns] for row in _list(request, project).queryset[:MAX_ROWS])
    if kind == "xlsx":
        content, mime = write_xlsx(_("Changes"), [(name, width) for name, width, _v in columns], lines), XLSX
    else:
        # The mark tells spreadsheets that it is UTF-8.
        content, mime = ("\ufeff" + write_csv(head, lines)).encode(), "text/csv; charset=utf-8"
    name = f"{project.code}-changes.{kind}"
    return HttpResponse(content, content_type=mime, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@project_view(read=P.CHANGE_RAISE, write=P.CHANGE_RAISE)
def change_new(request, project):
    blank = ChangeRequest(project=project, created_by=request.user)
    form = ChangeForm(request.POST or None, project=project, user=request.user, instance=blank)
    status = 200
    if request.method == "POST":
        made = []
        status = attempt(form, lambda: made.append(form.create(by=request.user)))
        if status == SAVED:
            messages.success(request, _("%(ref)s is a draft. Submit it when it says all.") % {"ref": made[0].ref})
            return redirect("projects:change-detail", project.code, made[0].number)
    return _form_page(request, project, form, _("New change request"), reverse(LIST, args=[project.code]), status)


@project_view(read=P.CHANGE_VIEW)
def change_detail(request, project, number):
    return _page(request, project, found(request, project, number))


@project_view(read=P.CHANGE_RAISE, write=P.CHANGE_RAISE)
def change_edit(request, project, number):
    change = found(request, project, number)
    if not may_edit(request, change):
        messages.error(request, _("%(ref)s is submitted: its text stays as it is.") % {"ref": change.ref})
        return redirect(change)
    form = ChangeEditForm(request.POST or None, project=project, user=request.user, instance=change)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            return redirect(change)
    return _form_page(request, project, form, str(change), change.get_absolute_url(), status)


@project_view(read=P.CHANGE_VIEW, write=P.CHANGE_RAISE)
def change_submission(request, project, number):
    """POST hands the draft in."""
    change = found(request, project, number)
    if request.method == "POST" and not may_edit(request, change) and change.state == "draft":
        raise PermissionDenied
    return _act(request, project, change, NoteForm, lambda form: change.submit(by=request.user))


@project_view(read=P.CHANGE_VIEW, write=P.CHANGE_ASSESS)
def change_assessment(request, project, number):
    """POST takes it up, also what was deferred."""
    change = found(request, project, number)
    return _act(request, project, change, NoteForm, lambda form: change.assess(by=request.user))


@project_view(read=P.CHANGE_VIEW, write=P.CHANGE_VIEW)
def change_impact(request, project, number):
    """POST computes the impact: for who assesses and for who decides."""
    change = found(request, project, number)
    if request.method == "POST" and not may_compute(request):
        raise PermissionDenied
    return _act(request, project, change, NoteForm, lambda form: impacts.compute(change, by=request.user), at="impact")


@project_view(read=P.CHANGE_VIEW, write=P.CHANGE_APPROVE)
def change_decision(request, project, number):
    """POST approves, rejects or defers."""
    change = found(request, project, number)

    def decide(form):
        data = form.cleaned_data
        if data["how"] == "approve":
            change.approve(by=request.user, impact=data["impact"], note=data["note"])
        elif data["how"] == "reject":
            change.reject(by=request.user, note=data["note"])
        else:
            change.defer(by=request.user, note=data["note"], until=data["until"])

    return _act(request, project, change, DecisionForm, decide)


@project_view(read=P.CHANGE_VIEW, write=P.CHANGE_RAISE)
def change_withdrawal(request, project, number):
    """POST takes it back, with the reason."""
    change = found(request, project, number)
    return _act(
        request,
        project,
        change,
        NoteForm,
        lambda form: change.withdraw(by=request.user, note=form.cleaned_data["note"]),
        at="withdrawal",
    )


@project_view(read=P.CHANGE_VIEW, write=P.CHANGE_ASSESS)
def change_implementation(request, project, number):
    """POST says that all of it is done."""
    change = found(request, project, number)
    return _act(
        request,
        project,
        change,
        NoteForm,
        lambda form: change.implement(by=request.user, note=form.cleaned_data["note"]),
        at="implementation",
    )


@project_view(read=P.COST_VIEW)
def budget_baselines(request, project):
    """The approved budget as it stood before and after each change."""
    rows = list(project.budget_baselines.select_related("frozen_by", "made_by_change"))
    asked = request.GET.get("baseline", "")
    shown = next((row for row in rows if str(row.number) == asked), rows[0] if rows else None)
    context = _context(project, rows=rows, shown=shown, lines=list(shown.lines.all()) if shown else [])
    return render(request, "projects/changes/budget_baselines.html", context)


# Shared with the views of what a change affects


def found(request, project, number):
    rows = project.change_requests.readable_by(project, request.user)
    change = get_object_or_404(
        rows.select_related(
            "requester", "owner", "created_by", "submitted_by", "decided_by", "implemented_by", "impact__computed_by",
            "scope_before", "scope_after", "schedule_before", "schedule_after", "budget_before", "budget_after",
        ),
        number=number,
    )  # fmt: skip
    change.project = project
    return change


def may_edit(request, change) -> bool:
    """Its text: while it is a draft its writer's; until it is decided also of who assesses."""
    if request.can["change_assess"]:
        return change.is_open
    return change.state == "draft" and request.user.pk in (change.requester_id, change.created_by_id)


def may_compute(request) -> bool:
    return bool(request.can["change_assess"] or request.can["change_approve"])


def _context(project, **more):
    return {"project": project, "tab": "changes", **more}


def _form_page(request, project, form, heading, back, status):
    context = _context(project, form=form, heading=heading, back=back)
    return render(request, "projects/_form.html", context, status=status)


def _act(request, project, change, form_class, verb, at="decision"):
    """POST does one thing and returns to the page; a refusal shows the page with its reason and what was typed."""
    if request.method != "POST":
        return redirect(change)
    form = form_class(request.POST, auto_id=f"{at}-%s")
    status = attempt(form, lambda: verb(form))
    if status == SAVED:
        return redirect(change)
    return _page(request, project, found(request, project, change.number), refused=form, at=at, status=status)


def _page(request, project, change, *, refused=None, at="", status=200):
    """One request; ``at`` says which of its forms was refused."""
    can, writable = request.can, not project.locked_reason
    outdated = impacts.out_of_date(change) if change.impact and change.is_open else []
    assesses = bool(can["change_assess"]) and writable and change.is_open and change.state != "draft"
    decides = (
        bool(can["change_approve"])
        and writable
        and (change.may("rejected") or change.may("approved"))
        and change.may_be_decided_by(request.user)
    )
    mine = request.user.pk in (change.requester_id, change.submitted_by_id)
    withdraws = writable and change.may("withdrawn") and (mine or bool(can["change_assess"]))
    context = _context(
        project,
        change=change,
        today=timezone.localdate(),
        refused=refused,
        refused_at=at,
        outdated=outdated,
        impact=showing.impact(change, project, with_cost=bool(can["cost_view"])),
        requirements=change.requirements.select_related("requirement", "version"),
        edits=showing.edits(change, with_cost=bool(can["cost_view"])),
        money=change.money.select_related("line") if can["cost_view"] else [],
        steps=change.steps.select_related("by"),
        origins=origins(change, request.user),
        may_edit=may_edit(request, change) and writable and bool(can["change_raise"]),
        may_submit=change.state == "draft" and writable and (mine or may_edit(request, change)),
        may_assess=assesses and change.may("assessment"),
        may_affect=assesses,
        may_move_money=assesses and bool(can["cost_edit"]),
        may_compute=may_compute(request) and writable and change.is_open,
        may_implement=bool(can["change_assess"]) and writable and change.may("implemented"),
        own_request=bool(can["change_approve"]) and change.is_open and not change.may_be_decided_by(request.user),
        ready=change.may("approved") and change.impact is not None and not outdated and not change.impact.problems,
        decision=_form(decides, DecisionForm, refused, at, "decision", impact=change.impact_id),
        withdrawal=_form(withdraws, NoteForm, refused, at, "withdrawal"),
        implementation=_form(
            bool(can["change_assess"]) and writable and change.may("implemented"),
            NoteForm,
            refused,
            at,
            "implementation",
        ),
        funding=FundingForm(instance=change, auto_id="funding-%s") if assesses and can["cost_edit"] else None,
    )
    return render(request, "projects/changes/detail.html", context, status=status)


def _form(wanted, form_class, refused, at, place, **initial):
    if not wanted:
        return None
    if refused is not None and at == place and isinstance(refused, form_class):
        if "impact" in initial:  # having read the page anew is a decision
            refused.data = {**refused.data.dict(), "impact": initial["impact"]}
        return refused
    return form_class(initial=initial, auto_id=f"{place}-%s")
