"""Asking for a follow-on project from a product's record."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.moves import NotNow
from delivery.products.access import product_view
from handover.followon.models import FollowOn
from handover.followon.needs import ask_for, running
from handover.followon.prefill import ask, prefill
from pmdm.accounts.roles import Permission as P


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT, even_when_retired=True)
def follow_on(request, product):
    """What the request would say; POST makes it a draft of one's own."""
    if request.method == "POST":
        asked = ask(product, by=request.user)
        messages.success(request, _("The request is a draft of yours: read it, change it, submit it."))
        return redirect("projects:request-step", asked.pk, 1)
    context = {
        "product": product,
        "tab": "record",
        "found": prefill(product),
        "earlier": FollowOn.objects.filter(product=product).select_related("request", "by"),
    }
    return render(request, "handover/followon/follow_on.html", context)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def need(request, product, number):
    """A complaint that is a new need becomes a draft of one's own: of a project, or of a change (POST)."""
    complaint = get_object_or_404(
        product.complaints.current().select_related("issue__organisation", "requirement"), issue__number=number
    )
    back = redirect("delivery:complaint", product.code, number)
    if request.method != "POST":
        return back
    complaint.issue.product = product
    project = None
    if code := request.POST.get("project", ""):
        project = next(
            (each for each in running(product, request.user, complaint.issue.organisation) if each.code == code), None
        )
        if project is None:
            messages.error(request, _("You can't ask for a change of that project now."))
            return back
    try:
        asked = ask_for(complaint, by=request.user, project=project)
    except NotNow as error:
        messages.error(request, error.messages[0])
        return back
    messages.success(request, _("It is a draft of yours, filled from the complaint: read it, change it, submit it."))
    if project:
        return redirect("projects:change-edit", project.code, asked.number)
    return redirect("projects:request-step", asked.pk, 1)
