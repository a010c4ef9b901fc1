"""Pages of operational risks: matrix, register, detail."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.products.access import product_view
from delivery.products.hooks import origins_of
from delivery.risks.controls import ControlTest, RiskIncident, length_of
from delivery.risks.forms import (
    LEVELS,
    ControlTestForm,
    RiskCloseForm,
    RiskFilter,
    RiskForm,
    RiskIncidentForm,
    RiskNewForm,
)
from delivery.risks.models import Risk
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui import format as fmt
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import HeatCell

SCORE = F("probability") * F("impact")
SORTS = {
    "score": SCORE.asc(nulls_first=True),
    "number": "number",
    "title": "title",
    "review": F("review_on").asc(nulls_last=True),
    "tested": F("control_tested_on").asc(nulls_first=True),
    "state": "state",
}


@product_view(read=P.PRODUCT_RISK_VIEW)
def risk_list(request, product):
    """The register beside its matrix."""
    page = ListPage(
        request,
        product.risks.select_related("owner", "control_owner"),
        sorts=SORTS,
        default_sort="-score",
        form=RiskFilter,
    )
    origins_of("risk", page.rows, request.user)
    scores = list(product.risks.open().values_list("probability", "impact"))
    context = {
        "product": product,
        "tab": "risks",
        "page": page,
        "cells": cells(product, scores),
        "scored": sum(1 for score in scores if None not in score),
        "unscored": sum(1 for score in scores if None in score),
        "top": product.risks.open().scored().select_related("owner").order_by(SCORE.desc(), "number")[:5],
    }
    return render(request, "delivery/risks/list.html", context)


def cells(product, scores) -> list[HeatCell]:
    """The matrix: how many open risks in each field, linked to the register narrowed to it."""
    url = reverse("delivery:risk-list", args=[product.code])
    counts: dict[tuple[int, int], int] = {}
    for probability, impact in scores:
        if probability and impact:
            counts[probability, impact] = counts.get((probability, impact), 0) + 1
    return [
        HeatCell(likelihood=p, impact=i, more=count, url=f"{url}?probability={p}&impact={i}")
        for (p, i), count in counts.items()
    ]


@product_view(read=P.PRODUCT_RISK_EDIT, write=P.PRODUCT_RISK_EDIT)
def risk_new(request, product):
    """Raise a risk."""
    form = RiskNewForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        risk = Risk.raise_risk(product, by=request.user, **form.cleaned_data)
        messages.success(request, _("%s is on the register.") % risk.ref)
        return redirect("delivery:risk-detail", product.code, risk.number)
    context = {"product": product, "tab": "risks", "form": form}
    return render(request, "delivery/risks/new.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.PRODUCT_RISK_VIEW, write=P.PRODUCT_RISK_EDIT)
def risk_detail(request, product, number):
    """One risk with its control; POST edits it."""
    risk = get_object_or_404(product.risks.select_related("owner", "control_owner"), number=number)
    form = RiskForm(request.POST or None, instance=risk, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:risk-detail", product.code, number)
    return _detail(request, product, risk, form=form, status=status)


@product_view(read=P.PRODUCT_RISK_VIEW, write=P.PRODUCT_RISK_EDIT)
def risk_closure(request, product, number):
    """Close a risk with a reason, or open it again (POST)."""
    risk = get_object_or_404(product.risks.select_related("owner", "control_owner"), number=number)
    if request.method != "POST":
        return redirect("delivery:risk-detail", product.code, number)
    if "reopen" in request.POST:
        form, verb = RiskCloseForm({"reason": "-"}), lambda: risk.reopen(by=request.user)
    else:
        form = RiskCloseForm(request.POST)
        verb = lambda: risk.close(by=request.user, **form.cleaned_data)  # noqa: E731 - one of two verbs
    status = attempt(form, verb)
    if status == SAVED:
        messages.success(
            request, _("%(ref)s is “%(state)s” now.") % {"ref": risk.ref, "state": risk.get_state_display()}
        )
        return redirect("delivery:risk-detail", product.code, number)
    return _detail(request, product, risk, close_form=form, status=status)


def _may_test(request, product, risk) -> bool:
    """Whoever keeps the register, and who answers for the control."""
    mine = risk.control_owner_id == request.user.pk
    return (P.PRODUCT_RISK_EDIT in request.can or mine) and not product.locked_reason


@product_view(read=P.PRODUCT_RISK_VIEW, write=P.PRODUCT_RISK_VIEW)
def risk_test(request, product, number):
    """The control was tried (POST)."""
    risk = get_object_or_404(product.risks.select_related("owner", "control_owner"), number=number)
    if request.method != "POST":
        return redirect("delivery:risk-detail", product.code, number)
    if not _may_test(request, product, risk):
        raise PermissionDenied
    form = ControlTestForm(request.POST)
    status = attempt(form, lambda: ControlTest.record(risk, by=request.user, **form.cleaned_data))
    if status == SAVED:
        messages.success(request, _("Noted. The next test is due on %s.") % fmt.day(risk.control_test_due))
        return redirect("delivery:risk-detail", product.code, number)
    return _detail(request, product, risk, test_form=form, status=status)


@product_view(read=P.PRODUCT_RISK_VIEW, write=P.PRODUCT_RISK_EDIT)
def risk_incident(request, product, number):
    """The risk showed itself in an incident (POST)."""
    risk = get_object_or_404(product.risks.select_related("owner", "control_owner"), number=number)
    if request.method != "POST":
        return redirect("delivery:risk-detail", product.code, number)
    risk.product = product
    form = RiskIncidentForm(request.POST, risk=risk)
    status = attempt(form, lambda: RiskIncident.link(risk, form.cleaned_data["incident"], by=request.user))
    if status == SAVED:
        messages.success(request, _("Linked."))
        return redirect("delivery:risk-detail", product.code, number)
    return _detail(request, product, risk, incident_form=form, status=status)


@product_view(read=P.PRODUCT_RISK_VIEW, write=P.PRODUCT_RISK_EDIT)
def risk_incident_removal(request, product, number, pk):
    """The two have nothing to do with each other (POST)."""
    link = get_object_or_404(RiskIncident, risk__product=product, risk__number=number, pk=pk)
    if request.method == "POST":
        link.delete()
        messages.success(request, _("No longer linked."))
    return redirect("delivery:risk-detail", product.code, number)


def _detail(request, product, risk, *, form=None, close_form=None, test_form=None, incident_form=None, status=200):
    origins_of("risk", [risk], request.user)
    risk.product = product
    links = list(risk.incident_links.select_related("incident"))
    for link in links:
        link.length = link.incident.length()
    may_test = _may_test(request, product, risk) and risk.is_open and risk.control
    context = {
        "product": product,
        "tab": "risks",
        "risk": risk,
        "level_name": LEVELS.get(risk.level),
        "form": form or RiskForm(instance=risk, product=product),
        "close_form": close_form or RiskCloseForm(),
        "inherent_name": LEVELS.get(risk.inherent_level),
        "tests": risk.control_tests.select_related("by"),
        "test_form": test_form or (ControlTestForm() if may_test else None),
        "links": links,
        "blocked": length_of(links),
        "incident_form": incident_form or RiskIncidentForm(risk=risk),
    }
    return render(request, "delivery/risks/detail.html", context, status=status)
