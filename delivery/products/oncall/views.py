"""Pages of on-call turns: who is called now and next, and how turns change hands."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.moves import NotNow
from delivery.products.access import product_view
from delivery.products.oncall.forms import ChangeForm, RotaForm
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import CONFLICT, SAVED, attempt
from pmdm.ui.lists import ListPage


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_TEAM_EDIT)
def on_call(request, product):
    """The turns from now on; POST adds a rota."""
    form = RotaForm(request.POST or None, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: form.plan(product, by=request.user))
        if status == SAVED:
            messages.success(request, _("The turns are planned."))
            return redirect("delivery:on-call", product.code)
    return _page(request, product, form, status)


def turns_page(request, product, now) -> ListPage:
    """The turns to come, or those that are over (``?past=1``)."""
    past = bool(request.GET.get("past"))
    turns = product.on_call_turns.select_related("person")
    turns = turns.filter(ends_at__lte=now) if past else turns.filter(ends_at__gt=now)
    return ListPage(request, turns, sorts={"start": ("starts_at", "line")}, default_sort="-start" if past else "start")


def _page(request, product, form, status=200):
    now = timezone.now()
    past = bool(request.GET.get("past"))
    page = turns_page(request, product, now)
    for turn in page.rows:
        turn.is_now = turn.starts_at <= now < turn.ends_at
        turn.may_change = turn.ends_at > now and may_change(request, turn)
    context = {
        "product": product,
        "tab": "record",
        "form": form,
        "page": page,
        "past": past,
        "now": now,
        "called": list(product.on_call_turns.at(now).select_related("person")),
        "changes": product.on_call_changes.select_related("was", "now", "by", "turn")[:20],
    }
    return render(request, "delivery/record/on_call.html", context, status=status)


def may_change(request, turn) -> bool:
    """Whoever manages the team, and whose turn it is."""
    return P.PRODUCT_TEAM_EDIT in request.can or turn.person_id == request.user.pk


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def on_call_change(request, product, pk):
    """Give a turn to somebody else or swap two."""
    turn = _turn(product, pk)
    if not may_change(request, turn):
        raise PermissionDenied(_("A turn is changed by whose it is, or by the delivery manager."))
    form = ChangeForm(request.POST or None, turn=turn)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: form.change(by=request.user))
        if status == SAVED:
            messages.success(request, _("The turn has changed hands."))
            return redirect("delivery:on-call", product.code)
    context = {
        "product": product,
        "tab": "record",
        "form": form,
        "turn": turn,
        "title": _("Change a turn"),
    }
    return render(request, "delivery/record/on_call_change.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_TEAM_EDIT)
def on_call_removal(request, product, pk):
    """Take out a turn that has not begun (POST)."""
    turn = _turn(product, pk)
    if request.method != "POST":
        return redirect("delivery:on-call", product.code)
    try:
        turn.cancel(by=request.user)
    except NotNow as error:
        messages.error(request, error.message)
        return _page(request, product, RotaForm(product=product), CONFLICT)
    messages.success(request, _("The turn is removed."))
    return redirect("delivery:on-call", product.code)


def _turn(product, pk):
    turn = get_object_or_404(product.on_call_turns.select_related("person"), pk=pk)
    turn.product = product
    return turn
