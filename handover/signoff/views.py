"""Who has to sign a handover, what they sign, and the signatures."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from handover import around
from handover.signoff import verbs
from handover.signoff.forms import DelegateForm, SignerForm
from handover.signoff.standing import standings
from handover.signoff.text import signed_hash, signed_text
from handover.transfer.access import handover_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt

VIEW, EDIT = P.HANDOVER_VIEW, P.HANDOVER_EDIT


def _page(request, project, handover, *, form=None, refused=None, status=200):
    digest = signed_hash(handover)
    rows = standings(handover, digest)
    me = request.user.pk
    for row in rows:
        row.may_sign = row.is_turn and (row.signer.user_id == me or (row.signer.delegate_id == me and row.is_away))
        row.may_delegate = row.signer.user_id == me and handover.state in handover.OPEN_STATES and not row.is_valid
    may_edit = request.can["handover_edit"] and handover.is_editable
    context = around.page(
        request, project, handover, "signoff",
        rows=rows, digest=digest, may_edit=may_edit, refused=refused,
        form=(form or SignerForm(handover=handover)) if may_edit else None,
        history=handover.sign_offs.select_related("user", "signer__user").order_by("-signed_at", "-pk"),
        sides=handover.signatures.select_related("user").filter(voided_at=None),
    )  # fmt: skip
    return render(request, "handover/signoff/signoff.html", context, status=status)


@handover_view(read=VIEW, write=EDIT)
def signoff(request, project, handover):
    """Who signs, and who has; POST names one more."""
    if request.method == "POST":
        form = SignerForm(request.POST, handover=handover)
        status = attempt(form, lambda: verbs.name_signer(handover, by=request.user, **form.cleaned_data))
        if status != SAVED:
            return _page(request, project, handover, form=form, status=status)
        return redirect("handover:signoff", project.code, handover.number)
    return _page(request, project, handover)


@require_POST
@handover_view(read=VIEW, write=EDIT)
def signer_removal(request, project, handover, pk):
    signer = _signer(handover, pk)
    return around.do(request, project, handover, "signoff", lambda: verbs.remove_signer(signer, by=request.user), _page)


@handover_view(read=VIEW, write=VIEW)
def delegate(request, project, handover, pk):
    """The signer names who signs while they are away."""
    signer = _signer(handover, pk)
    form = DelegateForm(request.POST or None, instance=signer, handover=handover)
    return around.row_form(
        request,
        project,
        handover,
        "signoff",
        form,
        _("While you are absent") if signer.user == request.user else str(signer),
        lambda: verbs.send_delegate(signer, by=request.user, **form.cleaned_data),
    )


@require_POST
@handover_view(read=VIEW, write=VIEW)
def signature(request, project, handover, pk):
    """Sign. Who may is the signer's to say, not the role's."""
    signer = _signer(handover, pk)

    def sign():
        verbs.sign(signer, by=request.user, seen=request.POST.get("seen", ""))
        messages.success(request, _("Signed. Your name, the time and the hash of the content are kept."))

    return around.do(request, project, handover, "signoff", sign, _page)


def _signer(handover, pk):
    signer = get_object_or_404(handover.signers.select_related("user", "delegate"), pk=pk)
    signer.handover = handover
    return signer


@require_safe
@handover_view(read=VIEW)
def content_file(request, project, handover):
    """The text whose SHA-256 is signed, byte for byte."""
    return HttpResponse(
        signed_text(handover),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{project.code}-{handover.ref}.json"',
            "Cache-Control": "private, no-store",
        },
    )
