"""What is done with a criterion: shown by its owner, judged by its verifier, or waived by somebody who may.

Lines change while the record may be edited; words are said at any time until it is accepted; a waiver can also be
settled in operations. Each verb holds the record, checks what was read, and tells the second who was first.
"""

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from handover.criteria.library import template_of
from handover.criteria.models import Criterion, CriterionComment
from handover.transfer.locking import lock, same
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission
from pmdm.files.models import File

State = Criterion.State


def copy_template(handover: Handover) -> None:
    """Copy the library's lines for its kind of product; lines that are there already stay."""
    have = set(handover.criteria.exclude(source=None).values_list("source_id", flat=True))
    rows = []
    for position, line in enumerate(template_of(handover.kind_of_product), 1):
        if line.pk in have:
            continue
        gives = line.provided_by == line.Side.GIVER
        owner, verifier = (handover.giver, handover.receiver) if gives else (handover.receiver, handover.giver)
        rows.append(
            Criterion(
                project_id=handover.project_id,
                handover=handover,
                source=line,
                position=position,
                category=line.category,
                text=line.text,
                guidance=line.guidance,
                is_required=line.is_required,
                owner=owner,
                verifier=verifier,
            )
        )
    Criterion.objects.bulk_create(rows)


@transaction.atomic
def change_kind(handover: Handover, *, by) -> None:
    """Fit the lines to another kind of product: untouched lines of the former template go, the new ones come."""
    current = lock(handover, expect=Handover.EDITABLE_STATES)
    wanted = set(template_of(current.kind_of_product).values_list("pk", flat=True))
    untouched = current.criteria.filter(state=State.OPEN, evidence="", file=None, comments=None, waiver_approver=None)
    untouched.exclude(source=None).exclude(source__in=wanted).delete()
    copy_template(current)


def follow_receiver(handover: Handover, before) -> None:
    """A new receiver takes the place of the former one in lines that are not settled, and the empty places."""
    if handover.receiver_id is None:
        return
    lines = handover.criteria.filter(state__in=(State.OPEN, State.NOT_MET))
    old = Q(verifier=before) if before else Q(verifier=None)
    lines.filter(old).exclude(owner=handover.receiver_id).update(
        verifier=handover.receiver_id, version=F("version") + 1
    )
    old = Q(owner=before) if before else Q(owner=None)
    lines.filter(old).exclude(verifier=handover.receiver_id).exclude(verified_by=handover.receiver_id).update(
        owner=handover.receiver_id, version=F("version") + 1
    )


@transaction.atomic
def add(handover: Handover, *, by, category: str, text: str, guidance="", is_required=True, owner=None, verifier=None):
    """A line of this handover's own."""
    current = lock(handover, expect=Handover.EDITABLE_STATES)
    _check_people(owner, verifier)
    last = current.criteria.order_by("-position").values_list("position", flat=True).first() or 0
    return current.criteria.create(
        project_id=current.project_id,
        position=last + 1,
        category=category,
        text=text.strip(),
        guidance=guidance.strip(),
        is_required=is_required,
        owner=owner or current.giver,
        verifier=verifier or (current.receiver if current.receiver != owner else None),
    )


@transaction.atomic
def revise(line: Criterion, *, by, seen: int | None = None, **values) -> None:
    """Change text, category, guidance, whether it is required, owner or verifier. A judged line is judged anew."""
    allowed = {"category", "text", "guidance", "is_required", "owner", "verifier"}
    if unknown := set(values) - allowed:
        raise ValueError(f"A criterion has no {', '.join(sorted(unknown))} to revise.")
    now = _held(line, seen)
    _check_people(values.get("owner", now.owner), values.get("verifier", now.verifier))
    changed = [name for name, value in values.items() if getattr(now, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(now, name, values[name])
    if set(changed) - {"guidance", "is_required"}:
        _reopen(now)
    _write(now, line)


@transaction.atomic
def remove(line: Criterion, *, by, seen: int | None = None) -> None:
    """Take a line off this handover. One that the library asks for is waived, not removed."""
    now = _held(line, seen)
    if now.source_id and now.is_required:
        raise ValidationError(
            _("The library asks for this line. If it does not apply here, ask for a waiver and say why.")
        )
    now.delete()


@transaction.atomic
def provide(line: Criterion, *, by, evidence: str = "", file=None, seen: int | None = None, at=None) -> None:
    """Show that it is met, in words or with a link, or with a file. Evidence that changes is judged anew."""
    at = at or timezone.now()
    now = _held(line, seen)
    if not evidence.strip() and not file and not now.file_id:
        raise ValidationError({"evidence": _("Say what shows that this is done: a sentence, a link, or a file.")})
    if file:
        now.file = File.keep(now.project, file, by=by, permission=Permission.HANDOVER_VIEW, at=at)
    now.evidence, now.provided_by, now.provided_at = evidence.strip(), by, at
    _reopen(now)
    _write(now, line)


@transaction.atomic
def judge(line: Criterion, *, by, met: bool, verdict: str = "", seen: int | None = None, at=None) -> None:
    """The verifier's word. Never the owner's; met needs evidence, not met a reason."""
    now = _held(line, seen)
    _judge(now, by=by, met=met, verdict=verdict, at=at)
    _write(now, line)


@transaction.atomic
def settle(line: Criterion, *, by, evidence: str, seen: int | None = None, at=None) -> None:
    """In operations: what was waived is met now. Its verifier or the receiver says so; the waiver ends."""
    current = lock(line.handover, expect=Handover.ACCEPTED_STATES)
    now = same(line, seen)
    if now.state != State.WAIVED:
        raise ValidationError(_("Only a waived criterion is settled after acceptance."))
    if by.pk not in (now.verifier_id, current.receiver_id):
        raise PermissionDenied(_("The verifier or the delivery manager says that it is met."))
    now.evidence, now.provided_by, now.provided_at = evidence.strip(), by, at or timezone.now()
    if by.pk == now.owner_id:
        now.owner = None
    _judge(now, by=by, met=True, verdict="", at=at, after=True)
    _write(now, line)


def _judge(now: Criterion, *, by, met: bool, verdict: str, at, after: bool = False) -> None:
    if by.pk == now.owner_id:
        raise PermissionDenied(_("Nobody verifies what they answer for themselves."))
    if not after and by.pk != now.verifier_id:
        raise PermissionDenied(
            _("Only %(name)s verifies this line.") % {"name": now.verifier}
            if now.verifier
            else _("Name a verifier first.")
        )
    if met and not now.has_evidence:
        raise ValidationError({"evidence": _("There is no evidence yet: a sentence, a link, or a file.")})
    if not met and not verdict.strip():
        raise ValidationError({"verdict": _("Say what is missing, so that it can be put right.")})
    now.state = State.MET if met else State.NOT_MET
    now.verdict, now.verified_by, now.verified_at = verdict.strip(), by, at or timezone.now()


def approvers(handover: Handover) -> list:
    """Who may waive: the receiver and the sponsor, who bear what comes of it; never the giver."""
    people = [handover.receiver, handover.project.sponsor]
    return [one for one in dict.fromkeys(people) if one and one.is_active and one.pk != handover.giver_id]


@transaction.atomic
def ask_waiver(
    line: Criterion, *, by, reason: str, expires: datetime.date, approver, seen: int | None = None, at=None
) -> None:
    """Ask that it need not be met until a day. Who may approve and asks has approved."""
    at = at or timezone.now()
    current = lock(line.handover, expect=Handover.EDITABLE_STATES)
    current.project = line.handover.project
    now = same(line, seen)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it cannot be met now.")})
    if expires <= timezone.localtime(at).date():
        raise ValidationError({"expires": _("A waiver ends on a day to come; on it the criterion opens again.")})
    if approver not in approvers(current):
        raise ValidationError({"approver": _("Only the delivery manager or the sponsor can waive a criterion.")})
    if approver.pk == now.owner_id:
        raise ValidationError({"approver": _("The owner of a line does not waive it. Choose the other approver.")})
    _reopen(now)
    now.waiver_reason, now.waiver_expires, now.waiver_approver = reason.strip(), expires, approver
    now.waiver_asked_by = by
    if by.pk == approver.pk:
        now.state, now.waived_at = State.WAIVED, at
    _write(now, line)


@transaction.atomic
def answer_waiver(line: Criterion, *, by, approve: bool, note: str = "", seen: int | None = None, at=None) -> None:
    """The named approver waives it, or says no with a reason, which stays as a comment."""
    at = at or timezone.now()
    now = _held(line, seen)
    if not now.waiver_is_asked:
        raise ValidationError(_("Nobody asked for a waiver of this line."))
    if by.pk != now.waiver_approver_id:
        raise PermissionDenied(_("Only %(name)s decides on this waiver.") % {"name": now.waiver_approver})
    if approve:
        if now.waiver_expires <= timezone.localtime(at).date():
            raise ValidationError(_("The day it was asked until has passed. Ask for it anew."))
        now.state, now.waived_at = State.WAIVED, at
    else:
        if not note.strip():
            raise ValidationError({"note": _("Say why not, so that it can be put right.")})
        comment(now, by=by, text=_("Not waived: %(note)s") % {"note": note.strip()}, at=at)
        _reopen(now)
    _write(now, line)


@transaction.atomic
def comment(line: Criterion, *, by, text: str, at=None) -> CriterionComment:
    """A word on a line, from planning on, by either side."""
    if not text.strip():
        raise ValidationError({"text": _("Say something.")})
    return CriterionComment.objects.create(
        project_id=line.project_id, criterion=line, text=text.strip(), by=by, at=at or timezone.now()
    )


def _held(line: Criterion, seen: int | None) -> Criterion:
    lock(line.handover, expect=Handover.EDITABLE_STATES)
    return same(line, seen)


def _check_people(owner, verifier) -> None:
    if owner and verifier and owner.pk == verifier.pk:
        raise ValidationError({"verifier": _("The verifier is somebody other than the owner.")})


def _reopen(now: Criterion) -> None:
    """No verdict and no waiver hold any more."""
    now.state, now.verdict, now.verified_by, now.verified_at = State.OPEN, "", None, None
    now.waiver_reason, now.waiver_expires, now.waiver_approver, now.waived_at = "", None, None, None
    now.waiver_asked_by = None


WRITTEN = [
    "category", "text", "guidance", "is_required", "owner", "verifier", "evidence", "file", "provided_by",
    "provided_at", "state", "verdict", "verified_by", "verified_at", "waiver_reason", "waiver_expires",
    "waiver_asked_by", "waiver_approver", "waived_at",
]  # fmt: skip


def _write(now: Criterion, line: Criterion) -> None:
    now.save_changes(WRITTEN)
    for name in (*WRITTEN, "version"):
        setattr(line, name, getattr(now, name))
