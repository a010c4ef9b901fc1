"""Asking for a follow-on project from a product's record."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from delivery.products.access import product_view
from handover.followon.models import FollowOn
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
