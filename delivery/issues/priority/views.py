"""The page of a product's priority matrix."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from delivery.issues.models import Severity
from delivery.issues.priority.models import Impact, PriorityRule, Urgency, matrix_of
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED


class MatrixForm(forms.Form):
    """A priority for each impact and urgency."""

    def __init__(self, *args, matrix, **kwargs):
        super().__init__(*args, **kwargs)
        self.fieldsets = []
        for impact in Impact:
            for urgency in Urgency:
                self.fields[f"cell_{impact}_{urgency}"] = forms.TypedChoiceField(
                    label=urgency.label, choices=Severity.choices, coerce=int, initial=matrix[impact, urgency]
                )
            self.fieldsets.append((impact.label, [f"cell_{impact}_{urgency}" for urgency in Urgency]))

    @property
    def matrix(self):
        return {
            (int(impact), int(urgency)): self.cleaned_data[f"cell_{impact}_{urgency}"]
            for impact in Impact
            for urgency in Urgency
        }


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def priorities(request, product):
    """Which priority each impact and urgency give; change it."""
    matrix = matrix_of(product)
    form = MatrixForm(request.POST or None, matrix=matrix)
    if request.method == "POST" and form.is_valid():
        changed = PriorityRule.agree(product, form.matrix, by=request.user)
        messages.success(
            request,
            ngettext(
                "Saved. %(n)s open issue has another priority now.",
                "Saved. %(n)s open issues have another priority now.",
                changed,
            )
            % {"n": changed},
        )
        return redirect("delivery:priorities", product.code)
    rows = [
        {"impact": impact.label, "cells": [Severity(matrix[impact, urgency]) for urgency in Urgency]}
        for impact in Impact
    ]
    context = {"product": product, "tab": "issues", "form": form, "rows": rows, "urgencies": Urgency.labels}
    status = REFUSED if form.is_bound else 200
    return render(request, "delivery/issues/priorities.html", context, status=status)
