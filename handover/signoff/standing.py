"""Who has signed, whose signature is void, whose turn it is. A fixed number of queries."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from handover.signoff.models import Signer, SignOff
from handover.signoff.text import signed_hash
from handover.transfer.models import Handover
from pmdm.worktime.models import Absence


@dataclass
class Standing:
    """One signer: the signature that holds, or the latest that does not; whether it is their turn."""

    signer: Signer
    signature: SignOff | None
    is_valid: bool
    is_turn: bool
    is_away: bool

    @property
    def why_void(self) -> str:
        """Why the latest signature doesn't hold; '' where it does or there is none."""
        if self.signature is None or self.is_valid:
            return ""
        if self.signature.submitted_at != self.signer.handover.submitted_at:
            return _("Given before it was returned; it has to be signed again.")
        return _("The content was changed after it was signed.")


def standings(handover: Handover, digest: str | None = None, today: datetime.date | None = None) -> list[Standing]:
    """Every signer in order; ``digest``: the content's hash, if it is known already."""
    signers = list(handover.signers.select_related("user", "delegate"))
    if not signers:
        return []
    digest = digest or signed_hash(handover)
    away = absent(signers, today or timezone.localdate())
    given: dict[int, SignOff] = {}
    valid: set[int] = set()
    for row in SignOff.objects.filter(handover=handover).select_related("user", "signer").order_by("signed_at", "pk"):
        if holds(row, handover, digest):
            given[row.signer_id] = row
            valid.add(row.signer_id)
        elif row.signer_id not in valid:
            given[row.signer_id] = row
    waiting = handover.state in Handover.OPEN_STATES and not handover.is_editable
    turn = min((signer.step for signer in signers if signer.pk not in valid), default=0)
    for signer in signers:
        signer.handover = handover
    return [
        Standing(
            signer,
            given.get(signer.pk),
            signer.pk in valid,
            waiting and signer.pk not in valid and signer.step == turn,
            signer.pk in away,
        )
        for signer in signers
    ]


def holds(row: SignOff, handover: Handover, digest: str) -> bool:
    """Of the latest submission and of the content as it stands."""
    return row.submitted_at == handover.submitted_at and row.content_hash == digest


def absent(signers: list[Signer], today: datetime.date) -> set[int]:
    """Ids of the signers who are away: by a recorded absence, or by the dates they gave here."""
    people = set(
        Absence.objects.filter(
            user__in=[signer.user_id for signer in signers], first__lte=today, last__gte=today
        ).values_list("user", flat=True)
    )
    return {
        signer.pk
        for signer in signers
        if signer.user_id in people
        or (signer.away_from and signer.away_until and signer.away_from <= today <= signer.away_until)
    }
