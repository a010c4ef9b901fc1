"""Naming who signs, sending a delegate, signing. All under the lock of the record."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from handover.around import WAITING_STATES, locked
from handover.signoff.models import Signer, SignOff
from handover.signoff.standing import absent, holds
from handover.transfer.content import content_hash
from handover.transfer.models import Handover, Signature
from pmdm.accounts.roles import Permission
from pmdm.registers.editing import FIRST

EDITABLE = Handover.EDITABLE_STATES


@transaction.atomic
def name_signer(handover: Handover, user, *, by, capacity: str, step: int = 1) -> Signer:
    """Somebody whose signature is needed. Giver and receiver sign by submitting and accepting, not here."""
    current = locked(handover, *EDITABLE)
    if user.pk in (current.giver_id, current.receiver_id):
        raise ValidationError({"user": _("%(user)s signs by submitting or accepting already.") % {"user": user}})
    if not current.project.allows(user, Permission.HANDOVER_VIEW):
        raise ValidationError(
            {"user": _("%(user)s can't see this handover: give a role on the project first.") % {"user": user}}
        )
    if current.signers.filter(user=user).exists():
        raise ValidationError({"user": _("%(user)s is named already.") % {"user": user}})
    return Signer.objects.create(
        project_id=current.project_id, handover=current, user=user, capacity=capacity, step=step
    )


@transaction.atomic
def remove_signer(signer: Signer, *, by) -> None:
    """No signature is needed from them. Who has signed once stays on the record."""
    locked(signer.handover, *EDITABLE)
    if signer.sign_offs.exists():
        raise ValidationError(
            _("%(user)s signed an earlier submission; the record of it stays.") % {"user": signer.user}
        )
    signer.delete()


@transaction.atomic
def send_delegate(signer: Signer, delegate, *, by, away_from=None, away_until=None) -> None:
    """Name who signs on days of absence, with own dates where no absence is recorded. Only the signer may do that."""
    current = locked(signer.handover, *Handover.OPEN_STATES)
    if by.pk != signer.user_id:
        raise ValidationError(_("Only %(user)s can name a delegate.") % {"user": signer.user})
    if delegate and delegate.pk == signer.user_id:
        raise ValidationError({"delegate": _("Choose somebody else.")})
    if delegate and delegate.pk in (current.giver_id, current.receiver_id):
        raise ValidationError({"delegate": _("Giver and receiver sign for themselves only.")})
    if delegate and not current.project.allows(delegate, Permission.HANDOVER_VIEW):
        raise ValidationError({"delegate": _("%(user)s can't see this handover.") % {"user": delegate}})
    if bool(away_from) != bool(away_until) or (away_from and away_until < away_from):
        raise ValidationError({"away_until": _("Give the first and the last day of the absence.")})
    Signer.objects.filter(pk=signer.pk).update(delegate=delegate, away_from=away_from, away_until=away_until)
    signer.refresh_from_db()


@transaction.atomic
def sign(signer: Signer, *, by, seen: str, at=None) -> SignOff:
    """Sign the content whose hash was ``seen``. ValidationError says why not; code FIRST where somebody was faster.

    Held here: the record waits for signatures, what was seen and what the giver signed is what stands there, earlier
    steps have signed, ``by`` is the signer or, while the signer is absent, their delegate. One signature for each
    content and submission, whatever races.
    """
    at = at or timezone.now()
    current = locked(signer.handover, *WAITING_STATES)
    signer = Signer.objects.select_related("user", "delegate").get(pk=signer.pk)
    signer.handover = current
    digest = content_hash(current)
    _check_content(current, digest, seen)
    _check_person(signer, by, at)
    rows = [row for row in current.sign_offs.all() if holds(row, current, digest)]
    if any(row.signer_id == signer.pk for row in rows):
        raise ValidationError(_("This is signed already."), code=FIRST)
    signed = {row.signer_id for row in rows}
    before = [
        row for row in current.signers.select_related("user").filter(step__lt=signer.step) if row.pk not in signed
    ]
    if before:
        names = ", ".join(str(row.user) for row in before)
        raise ValidationError(_("First %(names)s.") % {"names": names})
    return SignOff.objects.create(
        project_id=current.project_id,
        handover=current,
        signer=signer,
        user=by,
        signed_at=at,
        content_hash=digest,
        submitted_at=current.submitted_at,
    )


def _check_content(handover: Handover, digest: str, seen: str) -> None:
    given = handover.signatures.filter(side=Signature.Side.GIVER, voided_at=None).first()
    if given is None or given.content_hash != digest:
        raise ValidationError(
            _("The content was changed after %(giver)s signed it: it has to be returned and submitted again.")
            % {"giver": handover.giver}
        )
    if seen != digest:
        raise ValidationError(_("The content was changed while you read it. Read it again, then sign."), code=FIRST)


def _check_person(signer: Signer, by, at) -> None:
    if by.pk == signer.user_id:
        return
    if by.pk != signer.delegate_id:
        raise ValidationError(_("Only %(user)s can sign here.") % {"user": signer.user})
    if not absent([signer], timezone.localdate(at)):
        raise ValidationError(_("You are the delegate of %(user)s, who is not absent today.") % {"user": signer.user})
