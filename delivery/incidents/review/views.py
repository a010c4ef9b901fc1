"""Pages of the post-incident review and its actions."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.incidents import times
from delivery.incidents.forms import ActionDoneForm, ActionForm, ActionMoveForm, ReviewForm
from delivery.incidents.review.models import IncidentReview, ReviewAction
from delivery.incidents.views import find, timeline_of
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import CONFLICT, SAVED, attempt


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def review(request, product, number):
    """The review; before there is one, POST opens it, filled from the incident; then POST saves it."""
    incident = find(request, product, number)
    found = IncidentReview.objects.filter(incident=incident).first()
    if found is None:
        if request.method == "POST":
            try:
                IncidentReview.open(incident, by=request.user)
            except Exception as error:
                if not hasattr(error, "messages"):
                    raise
                messages.error(request, error.messages[0])
                return _page(request, product, incident, None, status=CONFLICT)
            messages.success(request, _("The review is open, filled from the incident."))
            return redirect("delivery:incident-review", product.code, number)
        return _page(request, product, incident, None)
    found.product = product
    form = ReviewForm(request.POST or None, instance=found)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: form.revise(by=request.user))
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:incident-review", product.code, number)
    return _page(request, product, incident, found, form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def review_agreement(request, product, number):
    """It is agreed, or open again (POST)."""
    incident = find(request, product, number)
    found = get_object_or_404(IncidentReview, incident=incident)
    if request.method != "POST":
        return redirect("delivery:incident-review", product.code, number)
    form = ReviewForm(instance=found)
    again = "reopen" in request.POST
    verb = found.reopen if again else found.agree
    holder = ActionDoneForm({"outcome": "-"})
    status = attempt(holder, lambda: verb(by=request.user))
    if status == SAVED:
        messages.success(request, _("A draft again.") if again else _("Agreed. Its actions go on."))
        return redirect("delivery:incident-review", product.code, number)
    for problem in holder.non_field_errors():
        messages.error(request, problem)
    found.refresh_from_db()
    return _page(request, product, incident, found, form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def action_new(request, product, number):
    """One more action (POST)."""
    incident = find(request, product, number)
    found = get_object_or_404(IncidentReview, incident=incident)
    if request.method != "POST":
        return redirect("delivery:incident-review", product.code, number)
    form = ActionForm(request.POST, product=product)
    status = attempt(form, lambda: ReviewAction.agree(found, by=request.user, **form.cleaned_data))
    if status == SAVED:
        messages.success(request, _("The action is on the list of its owner."))
        return redirect("delivery:incident-review", product.code, number)
    return _page(request, product, incident, found, action_form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def action(request, product, number, pk):
    """One action: POST closes it, or with ``move`` gives it to another person or day."""
    incident = find(request, product, number)
    row = get_object_or_404(ReviewAction.objects.select_related("owner", "closed_by"), review__incident=incident, pk=pk)
    row.product = product
    moving = "move" in request.POST
    move_form = ActionMoveForm(request.POST if moving else None, instance=row)
    done_form = ActionDoneForm(request.POST if request.method == "POST" and not moving else None)
    status = 200
    if request.method == "POST":
        form = move_form if moving else done_form
        verb = (lambda: move_form.move(by=request.user)) if moving else (
            lambda: row.finish(by=request.user, **done_form.cleaned_data)
        )  # fmt: skip
        status = attempt(form, verb)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:incident-review", product.code, number)
        row.refresh_from_db()
    context = {
        "product": product, "tab": "issues", "subtab": "incidents", "incident": incident, "action": row,
        "move_form": move_form, "done_form": done_form, "late": row.is_late(),
        "may_work": P.ISSUE_WORK in request.can and not product.locked_reason,
    }  # fmt: skip
    return render(request, "delivery/incidents/action.html", context, status=status)


def _page(request, product, incident, found, *, form=None, action_form=None, status=200):
    today = timezone.localdate()
    actions = list(found.actions.select_related("owner", "closed_by")) if found else []
    for row in actions:
        row.late = row.is_late(today)
    context = {
        "product": product,
        "tab": "issues",
        "subtab": "incidents",
        "incident": incident,
        "review": found,
        "form": form or (ReviewForm(instance=found) if found else None),
        "action_form": action_form or (ActionForm(product=product) if found else None),
        "actions": actions,
        "entries": timeline_of(incident, request.user),
        "spans": times.spans(incident),
        "impact": times.impact(incident, timezone.now()),
        "requirements": list(found.requirements.all()) if found else [],
        "may_work": P.ISSUE_WORK in request.can and not product.locked_reason,
        "can_open": incident.state in ("resolved", "stood_down"),
    }
    return render(request, "delivery/incidents/review.html", context, status=status)
