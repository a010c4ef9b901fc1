"""What the client accepts, line by line, and the project manager's side of it. No internal word reaches this page."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from handover.client import verbs
from handover.transfer.access import handover_view
from handover.transfer.doing import attempt
from pmdm.accounts.roles import Permission
from projects.lifecycle.access import project_view


class LineForm(forms.Form):
    """The client's word on one line."""

    comment = forms.CharField(label=gettext_lazy("Comment"), max_length=2000, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class ProtocolForm(forms.Form):
    protocol = forms.CharField(
        label=gettext_lazy("Signed protocol"),
        max_length=500,
        help_text=gettext_lazy("What the client signed, by whom, and where it is kept."),
    )


def _show(request, project, handover, *, bound=None, protocol_form=None, status=200):
    is_client = verbs.is_client_of(project, request.user)
    staff = Permission.HANDOVER_VIEW in request.can
    # Neither asked nor one of us: there is nothing here yet.
    opened = handover.client_asked_at is not None or staff
    lines = []
    if opened:
        lines = list(
            handover.scope_lines.select_related("requirement", "decided_by").prefetch_related(
                "requirement__criteria__file"
            )
        )
    may_decide = is_client and handover.is_editable and handover.client_asked_at is not None
    for line in lines:
        line.is_verified = line.requirement.state == "verified"
        if may_decide and line.is_verified:
            line.form = (bound or {}).get(line.pk) or LineForm(
                prefix=f"line-{line.pk}", initial={"comment": line.comment, "seen": line.result}
            )
    may_edit = Permission.HANDOVER_EDIT in request.can and handover.is_editable
    verified = [line for line in lines if line.is_verified]
    context = {
        "project": project,
        "tab": "handover" if staff else "acceptance",
        "handover": handover,
        "can": request.can,
        "lines": lines,
        "opened": opened,
        "is_client": is_client,
        "may_edit": may_edit,
        "staff": staff,
        "done": sum(bool(line.result) for line in verified),
        "total": len(verified),
        "protocol_form": (protocol_form or ProtocolForm()) if may_edit else None,
    }
    if may_edit and not handover.is_final:
        mine = {line.requirement_id for line in lines}
        free = list(project.requirements.filter(product_link=None).exclude(state="rejected"))
        for row in free:
            row.is_chosen = row.pk in mine
        context["free"] = free
    return render(request, "handover/client/lines.html", context, status=status)


@project_view(read=Permission.SCOPE_VIEW)
def latest(request, project):
    """For the client: the record they were asked about last."""
    records = project.handovers.exclude(client_asked_at=None).exclude(state="withdrawn")
    handover = records.select_related("giver", "receiver", "product").order_by("-number").first()
    if handover is None:
        context = {"project": project, "tab": "acceptance", "handover": None, "can": request.can}
        return render(request, "handover/client/lines.html", context)
    handover.project = project
    return _show(request, project, handover)


@handover_view(read=Permission.SCOPE_VIEW)
def client(request, project, handover):
    """The lines with criteria and evidence."""
    return _show(request, project, handover)


@require_POST
@handover_view(read=Permission.SCOPE_VIEW, write=Permission.DELIVERABLE_ACCEPT)
def decision(request, project, handover, pk):
    """The client accepts or rejects a line."""
    line = get_object_or_404(handover.scope_lines.select_related("requirement"), pk=pk)
    line.handover = handover
    form = LineForm(request.POST, prefix=f"line-{pk}")
    if not form.is_valid() or not {"accept", "reject"} & set(request.POST):
        return _show(request, project, handover, bound={line.pk: form}, status=422)
    data = form.cleaned_data
    status = attempt(
        request,
        lambda: verbs.decide(
            line, by=request.user, accept="accept" in request.POST, comment=data["comment"], seen=data["seen"]
        ),
        form,
    )
    if status != 200:
        bound = {line.pk: form} if form.errors else {}
        handover.refresh_from_db(fields=["state"])
        return _show(request, project, handover, bound=bound, status=status)
    return redirect("handover:client", project.code, handover.number)


@require_POST
@handover_view(read=Permission.HANDOVER_VIEW, write=Permission.HANDOVER_EDIT)
def asking(request, project, handover):
    """Ask the client, record what they signed elsewhere, or choose what a release carries."""
    form = ProtocolForm(request.POST)
    if "ask" in request.POST:
        status = attempt(request, lambda: verbs.ask(handover, by=request.user))
        if status == 200:
            messages.success(request, _("The client can accept line by line now."))
    elif "scope" in request.POST:
        ids = [int(pk) for pk in request.POST.getlist("requirement") if pk.isdecimal()]
        chosen = list(project.requirements.filter(pk__in=ids))
        status = attempt(request, lambda: verbs.choose(handover, chosen, by=request.user))
    elif form.is_valid():
        status = attempt(
            request, lambda: verbs.record_all(handover, by=request.user, protocol=form.cleaned_data["protocol"]), form
        )
    else:
        status = 422
    if status != 200:
        return _show(request, project, handover, protocol_form=form if form.errors else None, status=status)
    return redirect("handover:client", project.code, handover.number)
