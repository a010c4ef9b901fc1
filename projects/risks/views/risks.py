"""The risk register with its matrix, and one risk."""

from django import forms
from django.db.models import F
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
from projects.risks.forms import OccurrenceForm, ReasonForm, RiskEditForm, RiskFilter, RiskForm
from projects.risks.matrix import heat_cells, summary
from projects.risks.models import Risk
from projects.risks.views._form_page import form_page

SORTS = {
    "number": "number",
    "title": "title",
    "score": [F("score_now").asc(nulls_first=True), F("impact").asc(nulls_first=True)],
    "owner": "owner__name",
    "review": F("review_on").asc(nulls_last=True),
}


@project_view(read=P.RISK_VIEW)
def risk_list(request, project):
    page = ListPage(
        request,
        project.risks.annotate(score_now=F("probability") * F("impact")).select_related("owner"),
        sorts=SORTS,
        default_sort="-score",
        form=RiskFilter,
        form_kwargs={"project": project},
        past=past_of(project),
    )
    risks = list(at(project, page.day)(project.risks.open()))
    if page.day:
        read_only(request)
    context = {
        "project": project,
        "tab": "risks",
        "page": page,
        "cells": heat_cells(project, risks),
        "today": page.day or timezone.localdate(),
        **summary(risks, page.day or timezone.localdate()),
    }
    return render(request, "projects/risks/risk_list.html", context)


@project_view(read=P.RISK_EDIT, write=P.RISK_EDIT)
def risk_new(request, project):
    form = RiskForm(request.POST or None, project=project, with_cost=P.COST_VIEW in request.can)

    def save():
        return _url(project, Risk.raise_risk(project, **form.cleaned_data))

    back = reverse("projects:risk-list", args=[project.code])
    return form_page(request, project, "risks", form, _("Raise a risk"), save, back=back)


@project_view(read=P.RISK_VIEW)
def risk_detail(request, project, number):
    return _page(request, project, _risk(project, number))


@project_view(read=P.RISK_EDIT, write=P.RISK_EDIT)
def risk_edit(request, project, number):
    risk = _risk(project, number)
    with_cost = P.COST_VIEW in request.can
    form = RiskEditForm(request.POST or None, instance=risk, project=project, with_cost=with_cost)
    return form_page(request, project, "risks", form, str(risk), form.save_changes, back=_url(project, risk))


@project_view(read=P.RISK_VIEW, write=P.RISK_EDIT)
def risk_closure(request, project, number):
    return _act(
        request, project, number, ReasonForm, lambda risk, data: risk.close(by=request.user, reason=data["reason"])
    )


@project_view(read=P.RISK_VIEW, write=P.RISK_EDIT)
def risk_occurrence(request, project, number):
    """POST: the risk has happened and becomes an issue."""
    return _act(
        request, project, number, OccurrenceForm, lambda risk, data: risk.occur(by=request.user, note=data["note"])
    )


@project_view(read=P.RISK_VIEW, write=P.RISK_EDIT)
def risk_reopening(request, project, number):
    return _act(request, project, number, forms.Form, lambda risk, data: risk.reopen(by=request.user))


def _url(project, risk):
    return reverse("projects:risk-detail", args=[project.code, risk.number])


def _risk(project, number):
    risk = get_object_or_404(project.risks.select_related("owner"), number=number)
    risk.project = project
    return risk


def _act(request, project, number, form_class, verb):
    risk = _risk(project, number)
    if request.method != "POST":
        return redirect(_url(project, risk))
    form = form_class(request.POST)
    made = []
    status = attempt(form, lambda: made.append(verb(risk, form.cleaned_data)))
    if status == SAVED:
        if made[0] is not None:
            return redirect("projects:issue-detail", project.code, made[0].number)
        return redirect(_url(project, risk))
    return _page(request, project, _risk(project, number), refused=form, status=status)


def _page(request, project, risk, *, refused=None, status=200):
    writable = request.can["risk_edit"] and not project.locked_reason
    closing = refused if isinstance(refused, ReasonForm) else ReasonForm(auto_id="close-%s")
    occurring = refused if isinstance(refused, OccurrenceForm) else OccurrenceForm(auto_id="occur-%s")
    context = {
        "project": project,
        "tab": "risks",
        "risk": risk,
        "inherent": (risk.inherent_probability or 0) * (risk.inherent_impact or 0) or None,
        "issue": project.issues.filter(from_risk=risk).first(),
        "refused": refused,
        "writable": writable,
        "close_form": closing if writable and risk.is_open else None,
        "occur_form": occurring if writable and risk.is_open else None,
    }
    return render(request, "projects/risks/risk_detail.html", context, status=status)
