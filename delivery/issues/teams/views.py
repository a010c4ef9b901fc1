"""Pages of teams: who is in which, what each has, how long it took them."""

import datetime

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.issues.service_hours import service_hours
from delivery.issues.teams import time
from delivery.issues.teams.forms import TeamForm
from delivery.issues.teams.models import Team
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.forms import FilterForm


class PeriodForm(FilterForm):
    """Of which time the sums are."""

    days = forms.TypedChoiceField(
        required=False,
        label=gettext_lazy("Handed on or solved in the last"),
        choices=[(30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("365 days"))],
        coerce=int,
    )


def rows_of(request, product):
    """Each team's figures over the asked period (``?days=``), the period's form, its days."""
    period = PeriodForm({"days": request.GET.get("days", "90")})
    days = (period.is_valid() and period.cleaned_data["days"]) or 90
    return time.of_product(product, timezone.now() - datetime.timedelta(days=days)), period, days


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_TEAM_EDIT)
def team_list(request, product):
    """Each team's queue in figures, and the time it had issues; POST forms a team."""
    form = TeamForm(request.POST or None, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: Team.form(product, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("%s can be given issues now.") % form.cleaned_data["name"])
            return redirect("delivery:issue-team-list", product.code)
    rows, period, days = rows_of(request, product)
    context = {
        "product": product,
        "tab": "issues",
        "subtab": "teams",
        "rows": rows,
        "total": sum(row.minutes for row in rows),
        "hours": service_hours(product),
        "period": period,
        "days": days,
        "form": form,
    }
    return render(request, "delivery/issues/teams/list.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_TEAM_EDIT)
def team_edit(request, product, pk):
    """Its name and people."""
    team = get_object_or_404(product.teams.current(), pk=pk)
    form = TeamForm(request.POST or None, product=product, team=team)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: team.revise(by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:issue-team-list", product.code)
    context = {"product": product, "tab": "issues", "subtab": "teams", "team": team, "form": form}
    return render(request, "delivery/issues/teams/edit.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_TEAM_EDIT)
def team_end(request, product, pk):
    """It takes no more issues (POST)."""
    team = get_object_or_404(product.teams.current(), pk=pk)
    if request.method != "POST":
        return redirect("delivery:issue-team-list", product.code)
    form = forms.Form(request.POST)
    status = attempt(form, lambda: team.end(by=request.user))
    if status == SAVED:
        messages.success(request, _("%s takes no more issues; how long it had them stays.") % team)
        return redirect("delivery:issue-team-list", product.code)
    form = TeamForm(None, product=product, team=team)
    context = {"product": product, "tab": "issues", "subtab": "teams", "team": team, "form": form, "refused": True}
    return render(request, "delivery/issues/teams/edit.html", context, status=status)
