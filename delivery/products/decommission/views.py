"""Pages of decommissioning: start, steps with evidence, retire, call off."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.products.access import product_view
from delivery.products.decommission.forms import BeginForm, CallOffForm, OwnerForm, StepForm
from delivery.products.decommission.models import Decommission, DecommissionStep
from delivery.products.models import Membership
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.files.models import File
from pmdm.registers.editing import CONFLICT, FIRST, REFUSED, SAVED, attempt


def people_around(product):
    """Our own people on this product: whoever may do a step."""
    members = Membership.objects.filter(product=product).exclude(role=Role.CLIENT)
    return User.objects.filter(pk__in=members.values("user"), is_active=True, organisation=None)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_STAGE, even_when_retired=True)
def decommission(request, product):
    """What is left to do; POST begins."""
    form = BeginForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: Decommission.begin(product, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("It is on its way out of service."))
            return redirect("delivery:decommission", product.code)
    return _page(request, product, form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def decommission_step(request, product, kind):
    """One step: POST completes it with what shows it, or gives it to somebody else."""
    process = product.decommissions.filter(state="running").first()
    step = get_object_or_404(DecommissionStep.objects.select_related("owner"), decommission=process, kind=kind)
    if request.method != "POST":
        return redirect("delivery:decommission", product.code)
    manages = P.PRODUCT_STAGE in request.can
    if not manages and step.owner_id != request.user.pk:
        raise PermissionDenied(_("A step is done by whose it is, or by the delivery manager."))
    step.product = product
    if "person" in request.POST:
        form = OwnerForm(request.POST, people=people_around(product))
        status = attempt(form, lambda: step.give_to(form.cleaned_data["person"], by=request.user))
    else:
        form = StepForm(request.POST, request.FILES)
        status = attempt(form, lambda: _complete(step, form.cleaned_data, by=request.user))
    if status == SAVED:
        messages.success(request, _("Saved."))
        return redirect("delivery:decommission", product.code)
    return _page(request, product, tried=(step.kind, form), status=status)


def _complete(step, data, *, by) -> None:
    file = data["file"] and File.keep(step.product, data["file"], by=by, permission=P.INTERNAL_VIEW)
    step.complete(by=by, evidence=data["evidence"], file=file or None)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_STAGE)
def decommission_end(request, product):
    """Retire the product, or call the decommissioning off (POST)."""
    process = product.decommissions.filter(state="running").first()
    if request.method != "POST" or process is None:
        return redirect("delivery:decommission", product.code)
    process.product = product
    if "retire" in request.POST:
        try:
            process.retire(by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            product.refresh_from_db()
            return _page(request, product, status=CONFLICT if getattr(error, "code", "") == FIRST else REFUSED)
        messages.success(request, _("%s is retired.") % product)
        return redirect(product)
    form = CallOffForm(request.POST)
    status = attempt(form, lambda: process.call_off(by=request.user, **form.cleaned_data))
    if status == SAVED:
        messages.success(request, _("It is called off: the product goes on."))
        return redirect("delivery:decommission", product.code)
    return _page(request, product, call_off_form=form, status=status)


def _page(request, product, *, form=None, tried=("", None), call_off_form=None, status=200):
    process = product.decommissions.exclude(state="called_off").select_related("started_by").first()
    steps = list(process.steps.select_related("owner", "done_by", "file")) if process else []
    manages = P.PRODUCT_STAGE in request.can
    people = people_around(product) if process and process.state == "running" and manages else None
    for step in steps:
        mine = step.owner_id == request.user.pk and P.ISSUE_WORK in request.can
        step.may = step.done_at is None and process.state == "running" and (manages or mine)
        step.form = StepForm(auto_id=f"id_{step.kind}_%s")
        if tried[0] == step.kind and isinstance(tried[1], StepForm):
            step.form = tried[1]
        step.owner_form = None
        if people is not None and step.done_at is None:
            step.owner_form = OwnerForm(people=people, initial={"person": step.owner_id}, auto_id=f"id_{step.kind}_%s")
        step.file_url = step.file.url_below(product) if step.file else ""
    today = timezone.localdate()
    context = {
        "product": product,
        "tab": "record",
        "process": process,
        "steps": steps,
        "done": sum(1 for step in steps if step.done_at),
        "form": form or BeginForm(),
        "call_off_form": call_off_form or CallOffForm(),
        "earlier": product.decommissions.filter(state="called_off"),
        "facts": {
            "clients": product.clients.count(),
            "contracts": product.agreements.running(today).count(),
            "members": product.memberships.filter(role=Role.CLIENT).count(),
            "sources": product.alert_sources.filter(revoked_at=None).count(),
            "issues": product.issues.open().count(),
        },
    }
    return render(request, "delivery/record/decommission.html", context, status=status)
