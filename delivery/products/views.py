"""Pages of the product itself: list, launch, overview, facts, stage, team, service levels."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.issues.durations import words
from delivery.issues.models import ServiceLevel
from delivery.issues.service_hours import service_hours
from delivery.moves import NotNow
from delivery.products import listing
from delivery.products.access import product_view
from delivery.products.forms import (
    LaunchForm,
    MemberForm,
    ProductFilter,
    ProductForm,
    ServiceLevelForm,
    StageForm,
)
from delivery.products.models import Product
from delivery.products.overview import overview
from pmdm.accounts.access import may_on_site, signed_in_view, site_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import CONFLICT, REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage


def product_page(request) -> ListPage:
    """All products that the reader may see."""
    return ListPage(
        request,
        listing.rows_for(request.user),
        sorts=listing.SORTS,
        default_sort="name",
        form=ProductFilter,
        form_kwargs={"products": Product.objects.visible_to(request.user), "reader": request.user},
    )


@signed_in_view
def product_list(request):
    """The list of products."""
    page = product_page(request)
    context = {
        "page": page,
        "columns": listing.fill(page.rows, request.user),
        "may_create": may_on_site(request.user, P.PRODUCT_CREATE),
    }
    return render(request, "delivery/products/list.html", context)


@site_view(read=P.PRODUCT_CREATE, write=P.PRODUCT_CREATE)
def product_new(request):
    """Launch a product that has no project behind it."""
    form = LaunchForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        product = form.launch(by=request.user)
        messages.success(request, _("%s is launched.") % product)
        return redirect(product)
    status = REFUSED if form.is_bound else 200
    return render(request, "delivery/products/new.html", {"form": form}, status=status)


@product_view(read=P.PRODUCT_VIEW)
def product_detail(request, product):
    """The overview: where it stands, and what needs somebody."""
    context = overview(product, request.user, request.can)
    return render(request, "delivery/products/detail.html", {"product": product, "tab": "overview", **context})


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def product_edit(request, product):
    """Edit the facts."""
    form = ProductForm(request.POST or None, instance=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: form.revise(by=request.user))
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect(product)
    context = {"product": product, "tab": "overview", "form": form}
    return render(request, "delivery/products/edit.html", context, status=status)


@product_view(read=P.PRODUCT_VIEW, write=P.PRODUCT_STAGE)
def stage(request, product):
    """The stages so far, and the move to the next with a reason."""
    form = StageForm(request.POST or None, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda: product.change_stage(
                form.cleaned_data["stage"], by=request.user, reason=form.cleaned_data["reason"]
            ),
        )
        if status == SAVED:
            messages.success(
                request,
                _("%(product)s is now “%(stage)s”.") % {"product": product, "stage": product.get_stage_display()},
            )
            return redirect(product)
    context = {
        "product": product,
        "tab": "overview",
        "form": form,
        "changes": product.stage_changes.select_related("by"),
    }
    return render(request, "delivery/products/stage.html", context, status=status)


@product_view(read=P.PRODUCT_TEAM_VIEW, write=P.PRODUCT_TEAM_EDIT)
def team(request, product):
    """Who does what on this product; add a person."""
    form = MemberForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        product.add_member(form.cleaned_data["user"], form.cleaned_data["role"], by=request.user)
        messages.success(request, _("%s is on the team.") % form.cleaned_data["user"])
        return redirect("delivery:team", product.code)
    return _team_page(request, product, form, REFUSED if form.is_bound else 200)


@product_view(read=P.PRODUCT_TEAM_VIEW, write=P.PRODUCT_TEAM_EDIT)
def member(request, product, pk):
    """Take a role away (POST)."""
    membership = get_object_or_404(product.memberships.select_related("user"), pk=pk)
    if request.method != "POST":
        return redirect("delivery:team", product.code)
    try:
        product.remove_member(membership, by=request.user)
    except NotNow as error:
        messages.error(request, error.message)
        return _team_page(request, product, MemberForm(product=product), CONFLICT)
    messages.success(request, _("%s no longer has this role.") % membership.user)
    return redirect("delivery:team", product.code)


def _team_page(request, product, form, status):
    members = product.memberships.select_related("user__organisation", "user__department")
    context = {"product": product, "tab": "team", "form": form, "members": members}
    return render(request, "delivery/products/team.html", context, status=status)


@product_view(read=P.ISSUE_VIEW, write=P.PRODUCT_EDIT)
def service_levels(request, product):
    """What was promised per severity, in the product's service hours."""
    hours = service_hours(product)
    form = ServiceLevelForm(request.POST or None, product=product, hours=hours)
    if request.method == "POST" and form.is_valid():
        ServiceLevel.agree(product, form.levels, by=request.user)
        messages.success(request, _("Saved. Open issues have their dues from these levels now."))
        return redirect("delivery:service-level-list", product.code)
    levels = [
        {
            "level": level,
            "response": words(level.response, hours.minutes_per_day),
            "resolution": words(level.resolution, hours.minutes_per_day),
        }
        for level in product.service_levels.all()
    ]
    context = {"product": product, "tab": "levels", "form": form, "levels": levels, "hours": hours}
    status = REFUSED if form.is_bound else 200
    return render(request, "delivery/products/service_levels.html", context, status=status)
