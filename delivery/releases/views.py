"""Pages of releases: planning, approval, launch, checks, notes; who runs what."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.products.access import product_view
from delivery.releases.calendar import around, may_freeze
from delivery.releases.forms import (
    CheckForm,
    CheckNewForm,
    FreezeForm,
    ItemForm,
    OverrideForm,
    ReasonForm,
    ReleaseForm,
    ReleaseNewForm,
)
from delivery.releases.models import FreezeWindow, ReleaseCheck
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage

SORTS = {
    "released": F("released_on").asc(nulls_last=True),
    "planned": F("starts_at").asc(nulls_last=True),
    "name": "name",
    "fixes": "fix_count",
}
# What a button does, and what holding it takes.
MOVES = {
    "ask": P.RELEASE_EDIT,
    "approve": P.RELEASE_APPROVE,
    "refuse": P.RELEASE_APPROVE,
    "take_back": P.RELEASE_EDIT,
    "cancel": P.RELEASE_EDIT,
    "launch": P.RELEASE_EDIT,
    "verify": P.RELEASE_EDIT,
    "roll_back": P.RELEASE_EDIT,
}
WITH_REASON = ("approve", "refuse", "take_back", "cancel", "roll_back")


def release_page(request, product) -> ListPage:
    """All releases that the reader may see, planned ones first, then the latest."""
    # Clients count the fixes of their own issues, as everywhere.
    mine = Q(fixes__in=product.issues.visible_to(request.user, product))
    return ListPage(
        request,
        product.releases.visible_to(request.user, product).annotate(fix_count=Count("fixes", filter=mine)),
        sorts=SORTS,
        default_sort="-released",
    )


@product_view(read=P.RELEASE_VIEW)
def release_list(request, product):
    """The releases, and which client runs which."""
    page = release_page(request, product)
    context = {"product": product, "tab": "releases", "page": page, "running": running(product, request.user)}
    return render(request, "delivery/releases/list.html", context)


def running(product, reader) -> list[dict]:
    """Which client runs which version: its own production, else that of all clients. A client sees its own row."""
    places = list(product.environments.running().filter(kind="production").with_version())
    clients = product.clients.known_to(reader).order_by("name")
    rows = []
    for client in clients:
        own = [place for place in places if place.organisation_id == client.pk]
        rows += [
            {"client": client, "place": place}
            for place in own or [place for place in places if place.organisation_id is None]
        ]
    return rows


@product_view(read=P.RELEASE_EDIT, write=P.RELEASE_EDIT)
def release_new(request, product):
    """Add a release."""
    form = ReleaseNewForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        release = form.create()
        messages.success(request, _("%s is added.") % release)
        return redirect("delivery:release-detail", product.code, release.pk)
    context = {"product": product, "tab": "releases", "form": form}
    return render(request, "delivery/releases/new.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.RELEASE_VIEW, write=P.RELEASE_EDIT)
def release_detail(request, product, pk):
    """What is in it and how it stands; POST edits it. Clients read the notes of what was launched."""
    release = _release(request, product, pk)
    form = ReleaseForm(request.POST or None, instance=release, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:release-detail", product.code, pk)
    return _page(request, product, release, form=form, status=status)


@product_view(read=P.RELEASE_VIEW)
def release_notes(request, product, pk):
    """The notes on a page of their own, as clients read them."""
    release = _release(request, product, pk)
    return render(request, "delivery/releases/notes.html", notes_of(release, product))


def notes_of(release, product) -> dict:
    """What anybody who may see the release may read of it: never a title of an issue, never an internal word."""
    return {
        "product": product,
        "tab": "releases",
        "release": release,
        "lines": [item.public_text for item in release.items.exclude(public_text="")],
    }


@product_view(read=P.INTERNAL_VIEW, write=P.INTERNAL_VIEW)
def release_move(request, product, pk, what):
    """One step of its life (POST), by whoever holds what it takes."""
    release = _release(request, product, pk)
    if request.method != "POST" or what not in MOVES:
        return redirect("delivery:release-detail", product.code, pk)
    if MOVES[what] not in request.can:
        raise PermissionDenied
    form = ReasonForm(request.POST)
    without: list[str] = []

    def move():
        reason = {"reason": form.cleaned_data["reason"]} if what in WITH_REASON else {}
        without.extend(getattr(release, what)(by=request.user, **reason) or ())

    status = attempt(form, move)
    if status == SAVED:
        messages.success(request, _("%(name)s: %(state)s.") % {"name": release, "state": release.get_state_display()})
        if without:
            messages.warning(request, _("No version before it is on record for %s.") % ", ".join(without))
        return redirect("delivery:release-detail", product.code, pk)
    return _page(request, product, _release(request, product, pk), refused=form, moved=what, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.RELEASE_EDIT)
def release_items(request, product, pk):
    """One more thing is in it (POST)."""
    release = _release(request, product, pk)
    if request.method != "POST":
        return redirect("delivery:release-detail", product.code, pk)
    form = ItemForm(request.POST, release=release)
    if not release.is_planning:
        form.add_error(None, _("What is in it changes only while it is a draft: plan it anew first."))
    if form.is_valid():
        form.add()
        return redirect("delivery:release-detail", product.code, pk)
    shown = {"item_form": form} if release.is_planning else {"refused": form}
    return _page(request, product, release, status=REFUSED, **shown)


@product_view(read=P.INTERNAL_VIEW, write=P.RELEASE_EDIT)
def release_item_removal(request, product, pk, item):
    """That is not in it after all (POST)."""
    release = _release(request, product, pk)
    row = get_object_or_404(release.items, pk=item)
    if request.method == "POST":
        if release.is_planning:
            row.delete()
        else:
            messages.error(request, _("What is in it changes only while it is a draft: plan it anew first."))
    return redirect("delivery:release-detail", product.code, pk)


@product_view(read=P.INTERNAL_VIEW, write=P.RELEASE_EDIT)
def release_checks(request, product, pk):
    """One more thing to look at after the launch (POST)."""
    release = _release(request, product, pk)
    if request.method != "POST":
        return redirect("delivery:release-detail", product.code, pk)
    form = CheckNewForm(request.POST)
    if release.state in ("verified", "rolled_back", "cancelled"):
        form.add_error(None, _("It is over: nothing more is checked."))
    if form.is_valid():
        ReleaseCheck.objects.create(product=product, release=release, text=form.cleaned_data["text"])
        return redirect("delivery:release-detail", product.code, pk)
    return _page(request, product, release, check_form=form, status=REFUSED)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def release_check(request, product, pk, check):
    """What was found (POST)."""
    release = _release(request, product, pk)
    row = get_object_or_404(release.checks, pk=check)
    if request.method != "POST":
        return redirect("delivery:release-detail", product.code, pk)
    form = CheckForm(request.POST)
    status = attempt(form, lambda: row.record(by=request.user, **form.cleaned_data))
    if status == SAVED:
        return redirect("delivery:release-detail", product.code, pk)
    return _page(request, product, release, tried=(row.pk, form), status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.FREEZE_OVERRIDE)
def release_override(request, product, pk):
    """It may come although changes are frozen (POST)."""
    release = _release(request, product, pk)
    if request.method != "POST":
        return redirect("delivery:release-detail", product.code, pk)
    form = OverrideForm(request.POST, freezes=release.freezes())
    status = attempt(
        form,
        lambda: release.override(form.cleaned_data["freeze"], by=request.user, reason=form.cleaned_data["reason"]),
    )
    if status == SAVED:
        messages.success(request, _("The freeze is overridden for this release."))
        return redirect("delivery:release-detail", product.code, pk)
    return _page(request, product, release, override_form=form, status=status)


def _release(request, product, pk):
    release = get_object_or_404(product.releases.visible_to(request.user, product), pk=pk)
    release.product = product
    return release


def _page(request, product, release, *, form=None, item_form=None, check_form=None, override_form=None, refused=None,
          moved="", tried=(None, None), status=200):  # fmt: skip
    if P.INTERNAL_VIEW not in request.can:
        fixes = release.fixes.visible_to(request.user, product).for_list().order_by("severity", "number")
        context = {**notes_of(release, product), "fixes": fixes}
        return render(request, "delivery/releases/notes.html", context, status=status)
    checks = list(release.checks.select_related("by"))
    for check in checks:
        check.form = tried[1] if tried[0] == check.pk else CheckForm(auto_id=f"id_check_{check.pk}_%s")
    freezes = release.freezes() if release.state in ("draft", "requested", "approved") else FreezeWindow.objects.none()
    windows = list(freezes.select_related("product"))
    mine = release.asked_by_id == request.user.pk
    context = {
        "product": product,
        "tab": "releases",
        "release": release,
        "form": form or ReleaseForm(instance=release, product=product),
        "refused": refused,
        "moved": moved,
        "items": release.items.select_related("issue", "requirement"),
        "item_form": item_form or ItemForm(release=release),
        "checks": checks,
        "check_form": check_form or CheckNewForm(auto_id="id_new_check_%s"),
        "freezes": windows,
        # A freeze of the whole house is for the project office: nobody else is offered to override it.
        "may_override": any(each.may_be_overridden_by(request.user, product) for each in windows),
        "overrides": release.overrides.select_related("freeze", "by"),
        "override_form": override_form or OverrideForm(freezes=freezes),
        "clashes": around(release, request.user),
        "steps": release.steps.select_related("by"),
        "deployments": release.deployments.select_related("environment", "by")[:30],
        "targets": release.targets.all(),
        "components": release.components.all(),
        "may_decide": P.RELEASE_APPROVE in request.can and not mine,
        "mine": mine,
        "is_over": release.state in ("rolled_back", "cancelled"),
        "fixes": release.fixes.visible_to(request.user, product).for_list().order_by("severity", "number"),
    }
    return render(request, "delivery/releases/detail.html", context, status=status)


# --- Freezes over products --------------------------------------------------------------------------------


@signed_in_view
def freeze_new(request):
    """Freeze a product, or the whole house."""
    if not may_freeze(request.user):
        raise Http404
    form = FreezeForm(request.POST or None, reader=request.user)
    if request.method == "POST" and form.is_valid():
        FreezeWindow.objects.create(by=request.user, **form.cleaned_data)
        messages.success(request, _("Nothing is released in that time."))
        return redirect("delivery:release-calendar")
    return render(request, "delivery/releases/freeze.html", {"form": form}, status=REFUSED if form.is_bound else 200)


@signed_in_view
def freeze_end(request, pk):
    """It freezes nothing any more (POST)."""
    if not may_freeze(request.user):
        raise Http404
    freeze = get_object_or_404(FreezeWindow.objects.select_related("product"), pk=pk)
    if not freeze.may_be_overridden_by(request.user, freeze.product):
        raise Http404
    if request.method == "POST":
        freeze.end(by=request.user)
        messages.success(request, _("The freeze is ended."))
    return redirect("delivery:release-calendar")
