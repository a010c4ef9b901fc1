"""Pages of conformance: what was promised, whether it still holds, and what shows it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.conformance.forms import CheckForm, RequirementFilter
from delivery.conformance.models import Requirement
from delivery.conformance.trend import conformance_trend
from delivery.products.access import product_view
from delivery.products.hooks import origins_of
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED
from pmdm.ui.lists import ListPage

SORTS = {
    "number": "number",
    "title": "title",
    "checked": "checked_at",
    "conformance": ("conformance", "number"),
}


@product_view(read=P.REQUIREMENT_VIEW)
def requirement_list(request, product):
    """All requirements with their conformance, and how it developed."""
    internal = P.INTERNAL_VIEW in request.can
    promised = product.requirements.visible_to(request.user, product)
    page = ListPage(
        request,
        promised.with_state_of_issues().with_latest_check(),
        sorts=SORTS,
        default_sort="number",
        form=RequirementFilter,
    )
    known = product.known_gaps.visible_to(request.user, product).open()
    context = {
        "product": product,
        "tab": "requirements",
        "page": page,
        "internal": internal,
        "trend": conformance_trend(product),
        "recheck": promised.with_state_of_issues().filter(needs_recheck=True).count(),
        "gaps_open": known.count(),
        "gaps": known[:5],
    }
    return render(request, "delivery/conformance/list.html", context)


@product_view(read=P.REQUIREMENT_VIEW, write=P.CONFORMANCE_EDIT)
def requirement_detail(request, product, number):
    """One promise: its checks, the issues that break it; POST records a check."""
    promised = product.requirements.visible_to(request.user, product)
    requirement = get_object_or_404(promised.with_state_of_issues(), number=number)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        requirement.check_conformance(by=request.user, **form.cleaned_data)
        messages.success(request, _("Recorded: %s.") % Requirement.Conformance(requirement.conformance).label)
        return redirect("delivery:requirement-detail", product.code, number)
    origins_of("requirement", [requirement], request.user)
    context = {
        "product": product,
        "tab": "requirements",
        "requirement": requirement,
        "form": form,
        "internal": P.INTERNAL_VIEW in request.can,
        "checks": requirement.checks.select_related("by", "issue").prefetch_related("files"),
        "issues": requirement.issues.visible_to(request.user, product).for_list().order_by("-created_at")[:50],
        "gaps": requirement.known_gaps.visible_to(request.user, product),
        "now": timezone.now(),
    }
    status = REFUSED if form.is_bound else 200
    return render(request, "delivery/conformance/detail.html", context, status=status)
