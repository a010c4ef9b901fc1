"""Hypercare: agreed in the record, seen and ended on the product; early issues classed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from delivery.products.access import product_view
from handover import around
from handover.hypercare import verbs
from handover.hypercare.facts import meters_of
from handover.hypercare.forms import AgreedForm, ChangeForm, ExitForm, ExtensionForm, ThresholdsForm
from handover.hypercare.meters import days_until_eligible
from handover.hypercare.models import Hypercare, IssueClass
from handover.hypercare.words import class_chart, rows_of
from handover.transfer.access import handover_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt

LISTED = 200


@handover_view(read=P.HANDOVER_VIEW, write=P.HANDOVER_EDIT)
def agreement(request, project, handover):
    """The thresholds of the record; afterwards the product's page says how they stand."""
    row = Hypercare.objects.filter(handover=handover).select_related("product").first()
    data = request.POST or None
    form = AgreedForm(data, instance=row) if row else ThresholdsForm(data)
    may = request.can["handover_edit"] and handover.is_editable
    status = 200
    if request.method == "POST":

        def save():
            values = {name: form.cleaned_data[name] for name in Hypercare.THRESHOLDS}
            verbs.agree(handover, values, by=request.user, version=form.cleaned_data.get("version"))

        status = attempt(form, save)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("handover:hypercare-agreement", project.code, handover.number)
    shown = [(form.fields[name].label, getattr(row, name)) for name in Hypercare.THRESHOLDS] if row else []
    context = around.page(
        request, project, handover, "hypercare", form=form if may or status != 200 else None, row=row, shown=shown
    )
    return render(request, "handover/hypercare/agreement.html", context, status=status)


def _of(product) -> Hypercare | None:
    rows = Hypercare.objects.filter(product=product).select_related("product", "handover__project")
    return rows.order_by("-started_at").first()


def _page(request, product, *, extension=None, leaving=None, status=200):
    row, now = _of(product), timezone.now()
    if row and row.ended_at:
        now = row.ended_at
    context = {"product": product, "tab": "hypercare", "hypercare": row, "can": request.can}
    if row:
        running = row.state == Hypercare.State.RUNNING
        found = meters_of(row, now)
        may = running and request.can["product_edit"]
        issues = list(
            verbs.early_issues(row).select_related("early_class", "organisation").order_by("-created_at")[:LISTED]
        )
        context |= {
            "running": running,
            "meters": rows_of(found),
            "days": days_until_eligible(found),
            "eligible": all(meter.is_met for meter in found),
            "events": row.events.select_related("by"),
            "issues": issues,
            "unclassed": sum(not hasattr(issue, "early_class") for issue in issues),
            "chart": class_chart(row),
            "classes": IssueClass.Kind.choices,
            "may_class": request.can["issue_work"],
            "leaving": (leaving or ExitForm(prefix="exit")) if may else None,
            "extension": (extension or ExtensionForm(prefix="extend")) if may else None,
            "may_change": may,
        }
    return render(request, "handover/hypercare/hypercare.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW)
def hypercare(request, product):
    """The meters, live, and what early issues were about."""
    return _page(request, product)


def _running(product) -> Hypercare:
    if (row := _of(product)) is None:
        raise Http404
    return row


@require_POST
@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def leaving(request, product):
    """The formal exit."""
    row = _running(product)
    form = ExitForm(request.POST, prefix="exit")
    status = attempt(form, lambda: verbs.leave(row, by=request.user, **form.cleaned_data))
    if status != SAVED:
        return _page(request, product, leaving=form, status=status)
    messages.success(request, _("Hypercare has ended."))
    return redirect("handover:hypercare", product.code)


@require_POST
@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def extension(request, product):
    row = _running(product)
    form = ExtensionForm(request.POST, prefix="extend")
    status = attempt(form, lambda: verbs.extend(row, by=request.user, **form.cleaned_data))
    if status != SAVED:
        return _page(request, product, extension=form, status=status)
    messages.success(request, _("Hypercare goes on."))
    return redirect("handover:hypercare", product.code)


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def thresholds(request, product):
    """Other thresholds while it runs, with a reason."""
    row = _of(product)
    if row is None:
        return redirect("handover:hypercare", product.code)
    form = ChangeForm(request.POST or None, instance=row)
    status = 200
    if request.method == "POST":

        def save():
            values = {name: form.cleaned_data[name] for name in Hypercare.THRESHOLDS}
            verbs.change(
                row, values, by=request.user, version=form.cleaned_data["version"], reason=form.cleaned_data["reason"]
            )

        status = attempt(form, save)
        if status == SAVED:
            return redirect("handover:hypercare", product.code)
    context = {"product": product, "tab": "hypercare", "form": form, "can": request.can}
    context["back"] = reverse("handover:hypercare", args=[product.code])
    return render(request, "handover/hypercare/thresholds.html", context, status=status)


@require_POST
@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def issue_class(request, product, number):
    """What an early issue was."""
    row = _running(product)
    issue = get_object_or_404(verbs.early_issues(row), number=number)
    form = ExitForm(request.POST)
    form.fields.clear()
    status = attempt(form, lambda: verbs.classify(row, issue, request.POST.get("kind", ""), by=request.user))
    if status != SAVED:
        messages.error(request, "; ".join(str(error) for errors in form.errors.values() for error in errors))
        return _page(request, product, status=REFUSED)
    return redirect(f"{reverse('handover:hypercare', args=[product.code])}#issue-{issue.number}")
