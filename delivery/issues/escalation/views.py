"""Pages of escalations: the breach list of one product and of all of mine, the steps of a product."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.issues.durations import words
from delivery.issues.escalation.forms import BreachFilter, StepForm, breaches
from delivery.issues.escalation.models import Escalation, EscalationStep
from delivery.issues.service_hours import service_hours
from delivery.products.access import product_view
from delivery.products.models import Product
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage

SORTS = {
    # What can still be met comes first, then what was broken first.
    "pressing": ("rank", "presses", "number"),
    "title": "title",
    "severity": ("severity", "presses"),
    "product": ("product__name", "rank", "presses"),
    "assignee": ("assignee__name", "presses"),
}


@product_view(read=P.INTERNAL_VIEW)
def breach_list(request, product):
    """What is at risk or broken on this product."""
    page = breach_page(request, Product.objects.filter(pk=product.pk))
    last_told(page.rows)
    context = {"product": product, "tab": "breaches", "page": page, "now": timezone.now()}
    return render(request, "delivery/issues/breaches.html", context)


@signed_in_view
def all_breaches(request):
    """The same over all products whose inner side the reader may see."""
    page = breach_page(request, pressing_products(request.user))
    last_told(page.rows)
    return render(request, "delivery/issues/all_breaches.html", {"page": page, "now": timezone.now(), "across": True})


def pressing_products(reader):
    """Those whose inner side the reader may see, over all products."""
    return Product.objects.live().allowing(reader, P.INTERNAL_VIEW)


def breach_page(request, products) -> ListPage:
    return ListPage(
        request,
        breaches(products),
        sorts=SORTS,
        default_sort="pressing",
        form=BreachFilter,
        form_kwargs={"reader": request.user},
    )


def last_told(issues) -> None:
    """Put on each issue when somebody was told last and who, with two queries."""
    told = Escalation.objects.filter(issue__in=[issue.pk for issue in issues]).exclude(fired_at=None)
    latest = {row.issue_id: row for row in told.order_by("fired_at", "step__minutes").only("issue", "fired_at", "told")}
    names = names_of(latest.values())
    for issue in issues:
        row = latest.get(issue.pk)
        issue.last_told = row and {"at": row.fired_at, "whom": [names[key] for key in row.told if key in names]}


def names_of(rows) -> dict[int, str]:
    """The names of everybody these escalations told."""
    return dict(User.objects.filter(pk__in={key for row in rows for key in row.told}).values_list("pk", "name"))


def history(issue) -> list[dict]:
    """The escalations of one issue for its page: waiting, fired or not needed, with the names of who was told."""
    rows = list(issue.escalations.select_related("step"))
    names = names_of(rows)
    return [{"row": row, "whom": [names[key] for key in row.told if key in names]} for row in rows]


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def step_list(request, product):
    """Who is told when; add a step."""
    per_day = service_hours(product).minutes_per_day
    form = StepForm(request.POST or None, product=product, per_day=per_day)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: form.agree(by=request.user))
        if status == SAVED:
            messages.success(request, _("The step holds from now on."))
            return redirect("delivery:escalation-step-list", product.code)
    steps = sorted(product.escalation_steps.current(), key=lambda step: (step.clock != "response", step.order))
    rows = [{"step": step, "after": words(step.minutes, per_day) if step.minutes else ""} for step in steps]
    context = {"product": product, "tab": "levels", "form": form, "rows": rows}
    return render(request, "delivery/issues/escalation_steps.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def step_removal(request, product, pk):
    """Nobody is told by this step any more (POST)."""
    step = get_object_or_404(EscalationStep, product=product, pk=pk)
    if request.method == "POST":
        step.product = product
        step.end(by=request.user)
        messages.success(request, _("The step is removed; what it told stays."))
    return redirect("delivery:escalation-step-list", product.code)
