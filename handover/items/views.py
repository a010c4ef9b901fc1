"""The open items of a handover: a list to filter, decide many at a time, and take what one is asked to take."""

import re

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from handover.items import deciding, finding
from handover.items.forms import DecisionForm, ItemFilter
from handover.items.models import COLUMN, OpenItem
from handover.ties import source_url
from handover.transfer.access import handover_view
from handover.transfer.doing import attempt
from pmdm.accounts.roles import Permission
from pmdm.ui.addresses import address
from pmdm.ui.lists import ListPage

VIEW, EDIT = Permission.HANDOVER_VIEW, Permission.HANDOVER_EDIT
MOST = 5000


# What a row shows of what it stands for and of its people; the rest of those tables would be most of the page's time.
SHOWN = {
    "risk": ("id", "number", "title", "probability", "impact"),
    "issue": ("id", "number", "title", "severity"),
    "requirement": ("id", "number", "title", "state"),
    "task": ("id", "uid", "number", "name", "percent", "finish"),
    "order": ("id", "number", "supplier", "description"),
    "follow_on": ("id", "code", "name"),
    "new_owner": ("id", "name"),
    "decided_by": ("id", "name"),
}
UNSHOWN = [
    f"{relation}__{field.name}"
    for relation, shown in SHOWN.items()
    for field in OpenItem._meta.get_field(relation).related_model._meta.concrete_fields
    if field.name not in shown
]
ENDS = (
    "became_risk", "became_issue", "became_gap", "became_contract",
    "followed_risk", "followed_issue", "followed_requirement",
)  # fmt: skip


def _list(request, handover) -> ListPage:
    # Before its acceptance nothing has become anything.
    rows = handover.open_items.select_related(*SHOWN, *(() if handover.is_open else ENDS)).defer(*UNSHOWN)
    return ListPage(
        request,
        rows,
        sorts={"kind": ("kind", "pk"), "decision": ("decision", "pk")},
        default_sort="kind",
        form=ItemFilter,
        form_kwargs={"receiver_id": handover.receiver_id},
    )


def _show(request, project, handover, *, form=None, chosen=(), status=200):
    page = _list(request, handover)
    editable = handover.is_editable and EDIT in request.can
    secret = Permission.COST_VIEW not in request.can
    for row in page.rows:
        row.handover = handover
        row.label = row.label_for(request.user, request.can)
        row.url = "" if row.kind == "order" and secret else source_url(project.code, COLUMN[row.kind], row.source)
        row.target_url = _target_url(handover, row)
        row.is_chosen = row.pk in chosen
        row.waits = row.needs_consent and handover.is_open
        row.asks_me = row.waits and row.new_owner_id == request.user.pk
    asked = handover.open_items.filter(
        new_owner=request.user, consented_at=None, decision__in=("carry", "op_risk")
    ).exclude(new_owner=handover.receiver_id)
    context = {
        "project": project,
        "tab": "handover",
        "handover": handover,
        "can": request.can,
        "page": page,
        "editable": editable,
        "form": (form or DecisionForm(handover=handover, user=request.user)) if editable else None,
        "asked_of_me": asked.count() if handover.is_open else 0,
        "missing": finding.missing_from(handover) if handover.is_editable else 0,
    }
    return render(request, "handover/items/list.html", context, status=status)


def _target_url(handover, row) -> str:
    product = handover.product
    if product and (became := row.became):
        if row.became_gap:
            return address("delivery:known-gap-list", product.code)
        if row.became_contract:
            return address("delivery:detail", product.code)
        return address(
            "delivery:risk-detail" if row.became_risk else "delivery:issue-detail", product.code, became.number
        )
    return ""


@handover_view(read=VIEW, write=EDIT)
def items(request, project, handover):
    """The list; POST decides the chosen rows, or all that the filter shows."""
    if request.method != "POST":
        return _show(request, project, handover)
    if "refresh" in request.POST:
        status = attempt(request, lambda: _refresh(handover))
        return redirect(request.get_full_path()) if status == 200 else _show(request, project, handover, status=status)
    seen = _chosen(request, handover)
    form = DecisionForm(request.POST, handover=handover, user=request.user)
    if not seen:
        messages.error(request, _("Choose at least one row."))
        return _show(request, project, handover, form=form, status=422)
    if "undo" in request.POST:
        status = attempt(request, lambda: _undo(handover, seen, request.user))
        return redirect(request.get_full_path()) if status == 200 else _show(request, project, handover, status=status)
    status = 422
    if form.is_valid():
        choice = deciding.Choice(**form.cleaned_data)
        status = attempt(request, lambda: deciding.decide_many(handover, seen, choice, by=request.user), form)
    if status != 200:
        handover.refresh_from_db(fields=["state"])
        return _show(request, project, handover, form=form, chosen=seen, status=status)
    text = ngettext("%(n)s item decided.", "%(n)s items decided.", len(seen)) % {"n": len(seen)}
    messages.success(request, text)
    return redirect(request.get_full_path())


def _refresh(handover) -> None:
    from handover.transfer.locking import lock

    finding.refresh(lock(handover, expect=handover.EDITABLE_STATES))


def _undo(handover, seen, user) -> None:
    for item in handover.open_items.filter(pk__in=seen):
        item.handover = handover
        deciding.undo(item, by=user, seen=seen[item.pk])


def _chosen(request, handover) -> dict[int, int | None]:
    """The rows as they were read: 'row' holds id and version; 'all' means all that the filter shows."""
    if "all" in request.POST:
        rows = _list(request, handover).queryset
        return dict(rows.values_list("pk", "version")[:MOST])
    found: dict[int, int | None] = {}
    for value in request.POST.getlist("row"):
        if match := re.fullmatch(r"(\d{1,18}):(\d{1,9})", value):
            found[int(match[1])] = int(match[2])
    return found


@require_POST
@handover_view(read=VIEW, write=VIEW)
def consent(request, project, handover):
    """The named new owner takes rows, or says why not."""
    mine = handover.open_items.filter(new_owner=request.user)
    row = request.POST.get("row", "")
    if "decline" in request.POST:
        item = mine.filter(pk=row if row.isdecimal() else 0).first()
        if item is None:
            messages.error(request, _("Nothing of this is asked of you any more."))
            return _show(request, project, handover, status=409)
        item.handover = handover
        reason = request.POST.get("reason", "")
        status = attempt(request, lambda: deciding.decline(item, by=request.user, reason=reason))
    else:
        ids = [int(row)] if row.isdecimal() else list(mine.values_list("pk", flat=True))
        status = attempt(request, lambda: deciding.consent(handover, ids, by=request.user))
    if status == 200:
        return redirect("handover:items", project.code, handover.number)
    return _show(request, project, handover, status=status)
