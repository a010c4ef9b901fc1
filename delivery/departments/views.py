"""Pages of work across departments: requests of a product and of one's department; roadblocks with the time blocked."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Avg, F
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.departments.forms import (
    AcceptForm,
    EscalateForm,
    OwnForm,
    RequestFilter,
    RequestForm,
    RoadblockFilter,
    RoadblockForm,
    TextForm,
)
from delivery.departments.models import DepartmentRequest, Roadblock, time_blocked
from delivery.products.access import product_view
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui import format as fmt
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Text, Tile

PERIOD = 90  # days of the figures
REQUEST_SORTS = {
    "due": "due",
    "title": "title",
    "department": ("department__name", "due"),
    "state": ("state", "due"),
    "asked": "asked_at",
}
ROADBLOCK_SORTS = {
    "raised": "raised_at",
    "title": "title",
    "state": ("state", "raised_at"),
    "due": F("due").asc(nulls_last=True),
}


# --- Requests ---------------------------------------------------------------------------------------------


def requests_page(request, rows) -> ListPage:
    page = ListPage(
        request, rows.select_related("department", "owner", "asked_by", "product"), sorts=REQUEST_SORTS,
        default_sort="due", form=RequestFilter,
    )  # fmt: skip
    today = timezone.localdate()
    for row in page.rows:
        row.late = row.is_late(today)
    return page


@product_view(read=P.INTERNAL_VIEW)
def request_list(request, product):
    """What this product's team and the departments ask of each other."""
    context = {
        "product": product, "tab": "issues", "subtab": "requests",
        "page": requests_page(request, product.department_requests.all()),
        "may_ask": P.ISSUE_WORK in request.can and not product.locked_reason,
    }  # fmt: skip
    return render(request, "delivery/departments/requests.html", context)


@signed_in_view
def my_department(request):
    """What is asked of my department, and all requests of my products."""
    if request.user.organisation_id:
        raise PermissionDenied(_("This is for our own people."))
    page = requests_page(request, DepartmentRequest.objects.visible_to(request.user))
    return render(request, "delivery/departments/my_department.html", {"page": page, "across": True})


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def request_new(request, product):
    """Ask a department, or write down what it asks of us."""
    form = RequestForm(request.POST or None, product=product)
    status = 200
    if request.method == "POST":
        made = []
        status = attempt(form, lambda: made.append(form.ask(by=request.user)))
        if status == SAVED:
            messages.success(request, _("%s is asked.") % made[0].ref)
            return redirect("delivery:department-request", made[0].pk)
    context = {"product": product, "tab": "issues", "subtab": "requests", "form": form}
    return render(request, "delivery/departments/request_new.html", context, status=status)


@dataclass(frozen=True)
class Step:
    """A button of a page: from which states, what it asks for, the verb."""

    label: Text
    from_states: tuple[str, ...]
    form: Callable[..., forms.Form]
    act: Callable
    done: Text


def _text(label, required=True):
    return lambda data, row, by: TextForm(data, label=label, required=required)


ANSWERS = {
    "acceptance": Step(
        gettext_lazy("Accept"), ("asked",), lambda data, row, by: AcceptForm(data, request_row=row, by=by),
        lambda row, by, data: row.accept(by=by, **data), gettext_lazy("Accepted."),
    ),
    "refusal": Step(
        gettext_lazy("Decline"), ("asked",), _text(gettext_lazy("Why not?")),
        lambda row, by, data: row.decline(by=by, answer=data["text"]), gettext_lazy("Declined."),
    ),
    "completion": Step(
        gettext_lazy("Done"), ("accepted",), _text(gettext_lazy("What came of it?")),
        lambda row, by, data: row.finish(by=by, outcome=data["text"]), gettext_lazy("Done."),
    ),
}  # fmt: skip
WITHDRAWAL = Step(
    gettext_lazy("Withdraw"), DepartmentRequest.OPEN_STATES, _text(gettext_lazy("Why?"), required=False),
    lambda row, by, data: row.withdraw(by=by, answer=data["text"]), gettext_lazy("Withdrawn."),
)  # fmt: skip


def _request_of(request, pk) -> DepartmentRequest:
    rows = DepartmentRequest.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("product", "department", "owner", "asked_by", "answered_by", "issue"), pk=pk
    )


def steps_of(row, user) -> dict[str, Step]:
    """What this person may do with it now."""
    if row.product.locked_reason:
        return {}
    offered = {}
    if row.may_answer(user) or (row.owner_id == user.pk and row.state == "accepted"):
        offered = {name: step for name, step in ANSWERS.items() if row.state in step.from_states}
    if row.may_withdraw(user) and row.is_open:
        offered["withdrawal"] = WITHDRAWAL
    return offered


@signed_in_view
def request_detail(request, pk):
    """One request, for the product's team and for the people of the department that is asked."""
    row = _request_of(request, pk)
    context = {
        "row": row, "late": row.is_late(), "steps": steps_of(row, request.user),
        "sees_product": row.product.allows(request.user, P.INTERNAL_VIEW),
    }  # fmt: skip
    return render(request, "delivery/departments/request.html", context)


@signed_in_view
def request_step(request, pk, step):
    """Accept, decline, done, withdraw, with what it asks for."""
    row = _request_of(request, pk)
    known = {**ANSWERS, "withdrawal": WITHDRAWAL}
    if step not in known:
        raise Http404
    chosen = known[step]
    may = row.may_withdraw(request.user) if step == "withdrawal" else (
        row.may_answer(request.user) or (step == "completion" and row.owner_id == request.user.pk)
    )  # fmt: skip
    if not may or row.product.locked_reason:
        raise PermissionDenied
    form = chosen.form(request.POST or None, row, request.user)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: chosen.act(row, request.user, form.cleaned_data))
        if status == SAVED:
            messages.success(request, chosen.done)
            return redirect("delivery:department-request", pk)
        row = _request_of(request, pk)
    context = {"row": row, "form": form, "step": chosen}
    return render(request, "delivery/departments/request_step.html", context, status=status)


# --- Roadblocks -------------------------------------------------------------------------------------------


def roadblocks_page(request, product) -> ListPage:
    return ListPage(
        request, product.roadblocks.select_related("owner", "escalated_to", "department", "issue"),
        sorts=ROADBLOCK_SORTS, default_sort="raised", form=RoadblockFilter,
    )  # fmt: skip


def blocked_tiles(product, now) -> list[Tile]:
    """Open now, time blocked (overlaps once), mean time to remove, over the last 90 days."""
    since = now - datetime.timedelta(days=PERIOD)
    rows = product.roadblocks.order_by()
    open_now = rows.open().count()
    escalated = rows.filter(state=Roadblock.State.ESCALATED).count()
    length = time_blocked(product, since, now)
    removed = rows.filter(removed_at__gt=since)
    mean = removed.aggregate(mean=Avg(F("removed_at") - F("raised_at")))["mean"]
    return [
        Tile(label=_("Open"), value=fmt.number(open_now), note=_("%s escalated") % escalated, url="?"),
        Tile(label=_("Time blocked"), sub=_("last 90 days"), value=fmt.elapsed(length), url="?state=all",
             note=_("%s of the time; what overlaps counts once") % fmt.ratio(length / (now - since), 1)),
        Tile(label=_("Removed after"), sub=_("mean"), value=fmt.elapsed(mean) if mean is not None else "",
             url="?state=removed", note=_("%s removed in 90 days") % removed.count(),
             reason="" if mean is not None else _("None was removed in the last 90 days.")),
    ]  # fmt: skip


@product_view(read=P.INTERNAL_VIEW)
def roadblock_list(request, product):
    """What stands in the team's way, and how long."""
    now = timezone.now()
    page = roadblocks_page(request, product)
    for row in page.rows:
        row.length = row.blocked(now)
    context = {
        "product": product, "tab": "issues", "subtab": "roadblocks", "page": page, "tiles": blocked_tiles(product, now),
        "may_raise": P.ISSUE_WORK in request.can and not product.locked_reason, "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "delivery/departments/roadblocks.html", context)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def roadblock_new(request, product):
    """Raise one: the clock of the time blocked begins."""
    form = RoadblockForm(request.POST or None, product=product)
    status = 200
    if request.method == "POST":
        made = []
        status = attempt(form, lambda: made.append(Roadblock.raise_one(product, by=request.user, **form.cleaned_data)))
        if status == SAVED:
            messages.success(request, _("%s is raised; its time counts from now.") % made[0].ref)
            return redirect("delivery:roadblock", product.code, made[0].number)
    context = {"product": product, "tab": "issues", "subtab": "roadblocks", "form": form}
    return render(request, "delivery/departments/roadblock_new.html", context, status=status)


ROADBLOCK_STEPS = {
    "ownership": Step(
        gettext_lazy("Give it an owner"), Roadblock.OPEN_STATES,
        lambda data, row, by: OwnForm(data, product=row.product, by=by),
        lambda row, by, data: row.own(data["person"], due=data["due"], by=by), gettext_lazy("It has an owner."),
    ),
    "escalation": Step(
        gettext_lazy("Escalate"), ("owned", "escalated"), lambda data, row, by: EscalateForm(data, product=row.product),
        lambda row, by, data: row.escalate(data["person"], reason=data["reason"], by=by), gettext_lazy("Escalated."),
    ),
    "removal": Step(
        gettext_lazy("Removed"), Roadblock.OPEN_STATES, _text(gettext_lazy("How was it removed?")),
        lambda row, by, data: row.remove(how=data["text"], by=by), gettext_lazy("It is out of the way."),
    ),
}  # fmt: skip


def _roadblock_of(product, number) -> Roadblock:
    row = get_object_or_404(
        product.roadblocks.select_related("owner", "escalated_to", "department", "issue", "raised_by"), number=number
    )
    row.product = product
    return row


@product_view(read=P.INTERNAL_VIEW)
def roadblock_detail(request, product, number):
    """One roadblock: who removes it, what was done, how long it blocks."""
    row = _roadblock_of(product, number)
    may_work = P.ISSUE_WORK in request.can and not product.locked_reason
    context = {
        "product": product, "tab": "issues", "subtab": "roadblocks", "row": row, "length": row.blocked(),
        "done": row.steps.select_related("by"),
        "steps": {name: step for name, step in ROADBLOCK_STEPS.items() if may_work and row.state in step.from_states},
    }  # fmt: skip
    return render(request, "delivery/departments/roadblock.html", context)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def roadblock_step(request, product, number, step):
    """Own, escalate, remove, with what it asks for."""
    if step not in ROADBLOCK_STEPS:
        raise Http404
    row, chosen = _roadblock_of(product, number), ROADBLOCK_STEPS[step]
    form = chosen.form(request.POST or None, row, request.user)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: chosen.act(row, request.user, form.cleaned_data))
        if status == SAVED:
            messages.success(request, chosen.done)
            return redirect("delivery:roadblock", product.code, number)
        row = _roadblock_of(product, number)
    context = {
        "product": product, "tab": "issues", "subtab": "roadblocks", "row": row, "form": form, "step": chosen
    }  # fmt: skip
    return render(request, "delivery/departments/roadblock_step.html", context, status=status)
