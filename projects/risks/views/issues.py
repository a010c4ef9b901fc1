"""The issue register, and one issue."""

from django import forms
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import read_only
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.lifecycle.access import project_view
from projects.past.moments import past_of
from projects.risks.forms import IssueEditForm, IssueFilter, IssueForm, ResolutionForm
from projects.risks.models import Issue
from projects.risks.views._form_page import form_page

SORTS = {
    "number": "number",
    "title": "title",
    "severity": "severity",
    "state": "state",
    "owner": "owner__name",
    "due": F("due").asc(nulls_last=True),
}


@project_view(read=P.RISK_VIEW)
def issue_list(request, project):
    page = ListPage(
        request,
        project.issues.select_related("owner"),
        sorts=SORTS,
        default_sort="severity",
        form=IssueFilter,
        form_kwargs={"project": project},
        past=past_of(project),
    )
    if page.day:
        read_only(request)
    return render(request, "projects/risks/issue_list.html", {"project": project, "tab": "issues", "page": page})


@project_view(read=P.RISK_EDIT, write=P.RISK_EDIT)
def issue_new(request, project):
    form = IssueForm(request.POST or None, project=project)

    def save():
        return _url(project, Issue.raise_issue(project, by=request.user, **form.cleaned_data))

    back = reverse("projects:issue-list", args=[project.code])
    return form_page(request, project, "issues", form, _("Raise an issue"), save, back=back)


@project_view(read=P.RISK_VIEW)
def issue_detail(request, project, number):
    return _page(request, project, _issue(project, number))


@project_view(read=P.RISK_EDIT, write=P.RISK_EDIT)
def issue_edit(request, project, number):
    issue = _issue(project, number)
    form = IssueEditForm(request.POST or None, instance=issue, project=project)
    return form_page(request, project, "issues", form, str(issue), form.save_changes, back=_url(project, issue))


@project_view(read=P.RISK_VIEW, write=P.RISK_EDIT)
def issue_start(request, project, number):
    return _act(request, project, number, forms.Form, lambda issue, data: issue.start(by=request.user))


@project_view(read=P.RISK_VIEW, write=P.RISK_EDIT)
def issue_closure(request, project, number):
    return _act(
        request,
        project,
        number,
        ResolutionForm,
        lambda issue, data: issue.close(by=request.user, resolution=data["resolution"]),
    )


@project_view(read=P.RISK_VIEW, write=P.RISK_EDIT)
def issue_reopening(request, project, number):
    return _act(request, project, number, forms.Form, lambda issue, data: issue.reopen(by=request.user))


def _url(project, issue):
    return reverse("projects:issue-detail", args=[project.code, issue.number])


def _issue(project, number):
    issue = get_object_or_404(project.issues.select_related("owner", "raised_by", "from_risk"), number=number)
    issue.project = project
    return issue


def _act(request, project, number, form_class, verb):
    issue = _issue(project, number)
    if request.method != "POST":
        return redirect(_url(project, issue))
    form = form_class(request.POST)
    status = attempt(form, lambda: verb(issue, form.cleaned_data))
    if status == SAVED:
        return redirect(_url(project, issue))
    return _page(request, project, _issue(project, number), refused=form, status=status)


def _page(request, project, issue, *, refused=None, status=200):
    writable = request.can["risk_edit"] and not project.locked_reason
    closing = refused if isinstance(refused, ResolutionForm) else ResolutionForm(auto_id="close-%s")
    context = {
        "project": project,
        "tab": "issues",
        "issue": issue,
        "refused": refused,
        "writable": writable,
        "close_form": closing if writable and issue.is_open else None,
    }
    return render(request, "projects/risks/issue_detail.html", context, status=status)
