"""Pages of releases: what reached the customers, and what each one fixed."""

from django.contrib import messages
from django.db.models import Count, F, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.products.access import product_view
from delivery.releases.forms import ReleaseForm, ReleaseNewForm
from delivery.releases.models import Release
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage

SORTS = {
    "released": F("released_on").asc(nulls_last=True),
    "name": "name",
    "fixes": "fix_count",
}


@product_view(read=P.RELEASE_VIEW)
def release_list(request, product):
    """All releases, planned ones first, then the latest."""
    # Clients count the fixes of their own issues, as everywhere.
    mine = Q(fixes__in=product.issues.visible_to(request.user, product))
    page = ListPage(
        request,
        product.releases.annotate(fix_count=Count("fixes", filter=mine)),
        sorts=SORTS,
        default_sort="-released",
    )
    context = {"product": product, "tab": "releases", "page": page}
    return render(request, "delivery/releases/list.html", context)


@product_view(read=P.RELEASE_EDIT, write=P.RELEASE_EDIT)
def release_new(request, product):
    """Add a release."""
    form = ReleaseNewForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        release = Release.objects.create(product=product, **form.cleaned_data)
        messages.success(request, _("%s is added.") % release)
        return redirect("delivery:release-detail", product.code, release.pk)
    context = {"product": product, "tab": "releases", "form": form}
    return render(request, "delivery/releases/new.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.RELEASE_VIEW, write=P.RELEASE_EDIT)
def release_detail(request, product, pk):
    """Notes and fixes of one release; POST edits it."""
    release = get_object_or_404(product.releases, pk=pk)
    form = ReleaseForm(request.POST or None, instance=release, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:release-detail", product.code, pk)
    context = {
        "product": product,
        "tab": "releases",
        "release": release,
        "form": form,
        "fixes": release.fixes.visible_to(request.user, product).for_list().order_by("severity", "number"),
    }
    return render(request, "delivery/releases/detail.html", context, status=status)
