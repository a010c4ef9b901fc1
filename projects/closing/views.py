"""Closing a project: the end report, what becomes of open things, and the sponsor's word."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.roles import Permission as P
from pmdm.kpis import figures
from pmdm.registers.editing import CONFLICT, FIRST, REFUSED, SAVED, attempt
from projects.closing.authorising import may_authorise, open_report
from projects.closing.content import facts, parts
from projects.closing.forms import AuthorisationForm, MatterForm, ReportForm
from projects.closing.matters import kind_of, open_matters
from projects.closing.models import EndReport
from projects.lifecycle.access import project_view
from projects.lifecycle.models import Closure


@require_safe
@project_view(read=P.PROJECT_KPI_VIEW)
def closure(request, project):
    """Where closing stands; once closed, the frozen result."""
    return _page(request, project)


@project_view(read=P.PROJECT_STATE, write=P.PROJECT_STATE)
def closure_report(request, project):
    """The text of the end report."""
    report = _current(project) or EndReport(project=project, created_by=request.user)
    if not report.is_open or project.state != project.State.ACTIVE:
        return redirect("projects:closure", project.code)
    form, status = ReportForm(request.POST or None, instance=report), 200
    if request.method == "POST":

        def save():
            if form.instance.pk is None:
                form.instance = _with(open_report(project, by=request.user), form)
            form.write()

        status = attempt(form, save)
        if status == SAVED:
            messages.success(request, _("The end report is saved."))
            return redirect("projects:closure", project.code)
    context = {"project": project, "tab": "overview", "form": form}
    return render(request, "projects/closing/report.html", context, status=status)


@project_view(read=P.PROJECT_STATE, write=P.PROJECT_STATE)
def closure_decisions(request, project, kind):
    """POST decides what becomes of the open things of one kind."""
    found = kind_of(kind)
    if found is None or (found.needs and found.needs not in request.can):
        raise Http404
    if request.method != "POST":
        return redirect("projects:closure", project.code)
    report = open_report(project, by=request.user)
    matter = next((one for one in open_matters(project, report) if one.kind.code == kind), None)
    if matter is None:
        messages.info(request, _("None of these is open any more."))
        return redirect("projects:closure", project.code)
    form = MatterForm(request.POST, matter=matter)
    status = attempt(form, lambda: form.save(report, by=request.user))
    if status == SAVED:
        return redirect("projects:closure", project.code)
    return _page(request, project, matter_form=form, status=status)


@require_safe
@project_view(read=P.PROJECT_KPI_VIEW)
def closure_preview(request, project):
    """The report as it would be submitted now."""
    if project.locked_reason and not project.awaits_closure:
        return redirect("projects:closure", project.code)
    report = _current(project) or EndReport(project=project, created_by=request.user)
    found = [part for part in _parts(report) if not part.money or P.COST_VIEW in request.can]
    context = {"project": project, "tab": "overview", "report": report, "parts": found, "facts": facts(report)}
    return render(request, "projects/closing/preview.html", context)


@project_view(read=P.PROJECT_STATE, write=P.PROJECT_STATE)
def closure_submission(request, project):
    """POST gives the report to the sponsor."""
    report = _current(project)
    if request.method != "POST" or report is None:
        return redirect("projects:closure", project.code)
    return _act(request, project, lambda: report.submit(by=request.user), _("Submitted: the sponsor decides."))


@project_view(read=P.PROJECT_STATE, write=P.PROJECT_STATE, even_when_closed=True)
def closure_withdrawal(request, project):
    """POST takes the report back; the project can be changed again."""
    report = _current(project)
    if request.method != "POST" or report is None:
        return redirect("projects:closure", project.code)
    return _act(request, project, lambda: report.withdraw(by=request.user), _("Withdrawn: it can be changed again."))


@project_view(read=P.PROJECT_KPI_VIEW, write=P.CLOSURE_AUTHORISE, even_when_closed=True)
def closure_authorisation(request, project):
    """POST authorises the report, which closes the project, or returns it."""
    report = _current(project)
    if request.method != "POST" or report is None:
        return redirect("projects:closure", project.code)
    form = AuthorisationForm(request.POST, auto_id="authorise-%s")
    status = attempt(form, lambda: form.decide(report, by=request.user))
    if status == SAVED:
        closed = form.cleaned_data["decision"] == "authorise"
        said = _("The project is closed. Its result is frozen.") if closed else _("The report is returned.")
        messages.success(request, said)
        return redirect("projects:closure", project.code)
    project.refresh_from_db(fields=["state", "awaits_closure"])
    return _page(request, project, authorisation=form, status=status)


def _current(project) -> EndReport | None:
    report = project.end_reports.exclude(state=EndReport.State.AUTHORISED).first()
    if report:
        report.project = project
    return report


def _with(report, form) -> EndReport:
    """The report just begun, with what was typed."""
    for name in form.Meta.fields:
        setattr(report, name, form.cleaned_data[name])
    return report


def _parts(report) -> list:
    matters = open_matters(report.project, report if report.pk else None)
    return parts(report, matters)


def _act(request, project, verb, said):
    """Do it and go back to the page; refused, the page says why."""
    try:
        verb()
    except ValidationError as error:
        status = CONFLICT if getattr(error, "code", "") == FIRST else REFUSED
        project.refresh_from_db(fields=["state", "awaits_closure"])
        return _page(request, project, problems=error.messages, status=status)
    messages.success(request, said)
    return redirect("projects:closure", project.code)


def _page(request, project, *, matter_form=None, authorisation=None, problems=(), status=200):
    closed = (
        Closure.objects.filter(project=project).select_related("closed_by", "end_report").first()
        if project.state == project.State.CLOSED
        else None
    )
    submissions = _submissions(project)
    if closed:
        return render(request, "projects/closing/closed.html", _closed(request, project, closed, submissions))
    report = _current(project)
    every = open_matters(project, report)
    matters = [matter for matter in every if matter.kind.needs is None or matter.kind.needs in request.can]
    waiting = next((one for one in submissions if not one.decision), None)
    may_write = request.can["project_state"] and project.state == project.State.ACTIVE
    may_edit = may_write and (report is None or report.is_open)
    may_decide = waiting is not None and may_authorise(project, request.user, waiting.submitted_by_id)
    forms, obstacles = [], []
    if may_edit:
        obstacles = (report or EndReport(project=project)).obstacles(every)
    for matter in matters:
        mine = matter_form is not None and matter_form.matter.kind.code == matter.kind.code
        forms.append((matter, matter_form if mine else MatterForm(matter=matter)))
    context = {
        "project": project,
        "tab": "overview",
        "report": report,
        "matters": forms,
        "obstacles": obstacles,
        "may_edit": may_edit,
        "may_withdraw": waiting is not None and may_write,
        "waiting": waiting,
        "returned": next((one for one in submissions if one.decision == "returned"), None)
        if report and report.state == EndReport.State.RETURNED
        else None,
        "authorisation": authorisation or (AuthorisationForm(auto_id="authorise-%s") if may_decide else None),
        "submissions": submissions,
        "problems": problems,
    }
    return render(request, "projects/closing/closure.html", context, status=status)


def _submissions(project) -> list:
    from projects.closing.models import EndReportSubmission

    rows = EndReportSubmission.objects.filter(project=project).order_by("-submitted_at", "-number")
    return list(rows.select_related("report", "submitted_by", "decided_by", "paper", "paper_without_money"))


def _closed(request, project, closed, submissions) -> dict:
    decisions = []
    if closed.end_report:
        for one in closed.end_report.decisions.all():
            kind = kind_of(one.kind)
            if kind is None or kind.needs is None or kind.needs in request.can:
                decisions.append((kind.label if kind else one.kind, one))
    left = [
        (kind.label if (kind := kind_of(code)) else code, row)
        for code, row in closed.left_open.items()
        if not (kind_of(code) and kind_of(code).needs) or kind_of(code).needs in request.can
    ]
    frozen = figures.headline(figures.frozen("project", project.code, closed.result))
    return {
        "project": project,
        "tab": "overview",
        "closure": closed,
        "left_open": [] if closed.end_report else left,
        "decisions": decisions,
        "submissions": submissions,
        "figures": [one for one in frozen if one.kpi.permission is None or one.kpi.permission in request.can],
    }
