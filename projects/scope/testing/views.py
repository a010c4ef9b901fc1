"""Test cases with their latest result, sessions, and the runs of one session."""

from django import forms
from django.db.models import Count, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import read_only
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.lifecycle.access import project_view
from projects.past.moments import at, past_of
from projects.scope.testing.forms import CaseEditForm, CaseFilter, CaseForm, RunForm, SessionForm
from projects.scope.testing.models import TestCase, TestRun, TestSession

SORTS = {"number": "number", "title": "title", "result": "latest", "owner": "owner__name"}


@project_view(read=P.SCOPE_VIEW)
def test_list(request, project):
    latest = TestRun.objects.filter(case=OuterRef("pk")).exclude(result="not_run").order_by("-at", "-pk")
    page = ListPage(
        request,
        project.test_cases.select_related("owner").annotate(
            covers=Count("trace_links", distinct=True),
            latest=Subquery(latest.values("result")[:1]),
            latest_at=Subquery(latest.values("at")[:1]),
        ),
        sorts=SORTS,
        default_sort="number",
        form=CaseFilter,
        past=past_of(project),
    )
    if page.day:
        read_only(request)
    counts = {name: Count("runs", filter=Q(runs__result=name)) for name in ("pass", "fail", "blocked", "not_run")}
    # The order is said again: a count over other rows drops that of the table.
    counted = project.test_sessions.annotate(total=Count("runs"), **{f"n_{k}": v for k, v in counts.items()})
    sessions = list(at(project, page.day)(counted.order_by("-number")))
    labels = dict(TestRun.Result.choices)
    for row in page.rows:
        row.result_label = labels[row.latest or "not_run"]
    return render(request, "projects/scope/test_list.html", _context(project, page=page, sessions=sessions))


@project_view(read=P.TEST_EDIT, write=P.TEST_EDIT)
def case_new(request, project):
    form = CaseForm(request.POST or None, project=project)
    return _form(
        request, project, form, _("New test case"), lambda: _case_url(project, form.create(by=request.user)), None
    )


@project_view(read=P.SCOPE_VIEW)
def case_detail(request, project, number):
    case = get_object_or_404(project.test_cases.select_related("owner"), number=number)
    context = _context(
        project,
        case=case,
        links=case.trace_links.select_related("requirement").order_by("requirement__number"),
        runs=case.runs.select_related("session", "issue", "by", "file").order_by("-session__number"),
    )
    return render(request, "projects/scope/case_detail.html", context)


@project_view(read=P.TEST_EDIT, write=P.TEST_EDIT)
def case_edit(request, project, number):
    case = get_object_or_404(project.test_cases, number=number)
    form = CaseEditForm(request.POST or None, instance=case, project=project)

    def save():
        form.save_all(by=request.user)
        return _case_url(project, case)

    return _form(request, project, form, case.ref, save, _case_url(project, case))


@project_view(read=P.TEST_EDIT, write=P.TEST_EDIT)
def session_new(request, project):
    form = SessionForm(request.POST or None, project=project)

    def save():
        data = dict(form.cleaned_data)
        session = TestSession.plan(project, data.pop("cases"), **data)
        return reverse("projects:session-detail", args=[project.code, session.number])

    return _form(request, project, form, _("New test session"), save, None)


@project_view(read=P.SCOPE_VIEW)
def session_detail(request, project, number):
    return _page(request, project, _session(project, number))


@project_view(read=P.SCOPE_VIEW, write=P.TEST_EDIT)
def session_closure(request, project, number):
    """POST ends the session."""
    session = _session(project, number)
    if request.method != "POST":
        return redirect("projects:session-detail", project.code, number)
    form = forms.Form(request.POST)
    status = attempt(form, lambda: session.close(by=request.user))
    if status == SAVED:
        return redirect("projects:session-detail", project.code, number)
    return _page(request, project, _session(project, number), refused=form, status=status)


@project_view(read=P.SCOPE_VIEW, write=P.TEST_EDIT)
def run_record(request, project, number, pk):
    """GET shows the case with a form for its result; POST records it."""
    session = _session(project, number)
    run = get_object_or_404(session.runs.select_related("case", "issue", "by", "file"), pk=pk)
    run.project, run.session = project, session
    back = reverse("projects:session-detail", args=[project.code, number])
    may = request.can["test_edit"] and not project.locked_reason and not session.closed_at
    initial = {"result": run.result, "note": run.note, "issue": run.issue}
    form = RunForm(request.POST or None, request.FILES or None, project=project, initial=initial)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: run.record(by=request.user, **form.cleaned_data))
        if status == SAVED:
            return redirect(back)
    links = run.case.trace_links.select_related("requirement").order_by("requirement__number")
    context = _context(project, session=session, run=run, form=form if may else None, links=links, back=back)
    return render(request, "projects/scope/run.html", context, status=status)


def _session(project, number):
    session = get_object_or_404(project.test_sessions.select_related("closed_by"), number=number)
    session.project = project
    return session


def _case_url(project, case: TestCase) -> str:
    return reverse("projects:case-detail", args=[project.code, case.number])


def _context(project, **more):
    return {"project": project, "tab": "scope", "view": "tests", **more}


def _form(request, project, form, heading, save, back):
    status = 200
    if request.method == "POST":
        went = []
        status = attempt(form, lambda: went.append(save()))
        if status == SAVED:
            return redirect(went[0])
    back = back or reverse("projects:test-list", args=[project.code])
    return render(
        request, "projects/_form.html", _context(project, form=form, heading=heading, back=back), status=status
    )


def _page(request, project, session, *, refused=None, status=200):
    context = _context(
        project,
        session=session,
        refused=refused,
        runs=session.runs.select_related("case", "issue", "by", "file"),
        may_run=request.can["test_edit"] and not project.locked_reason and not session.closed_at,
    )
    return render(request, "projects/scope/session_detail.html", context, status=status)
