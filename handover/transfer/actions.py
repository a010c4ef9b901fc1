"""The verbs of a handover. Each checks where the record stands, and the one who comes second is told who was first."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery.models import Product
from handover import hooks
from handover.criteria import verbs as criteria
from handover.hooks import Blocker
from handover.items import deciding, finding
from handover.items.carrying import carry_over
from handover.reminders import verbs as reminders
from handover.transfer.content import content, content_hash, hash_of
from handover.transfer.locking import AlreadyMoved, lock
from handover.transfer.models import Condition, Handover, Remark, Round, Signature
from pmdm.accounts.models import User

__all__ = ["AlreadyMoved", "Wanted", "accept", "give_back", "obstacles", "start", "submit", "take_up", "withdraw"]

State = Handover.State
LONGEST = 300  # characters of a condition


@dataclass(frozen=True)
class Wanted:
    """A condition as the receiver names it: what, by whom, until when."""

    text: str
    owner: Any
    due: datetime.date


@transaction.atomic
def start(
    project, *, by, at=None, kind: str = Handover.Kind.SOFTWARE, is_final: bool = True, title: str = ""
) -> Handover:
    """Open the record: receiver from the project's delivery manager, criteria of the template, all open items listed.

    ``is_final`` False: a release is handed over while the project runs. ValidationError if the project has an open
    handover, no manager, or has ended and a release is asked for.
    """
    at = at or timezone.now()
    type(project).objects.select_for_update().get(pk=project.pk)
    if running := project.handovers.open().first():
        raise ValidationError(_("%(ref)s is open already; finish or withdraw it first.") % {"ref": running.ref})
    if project.manager is None:
        raise ValidationError(_("The project has no project manager; name one before handing over."))
    if not is_final and not project.is_open:
        raise ValidationError(_("The project has ended: hand over all that is left."))
    # What comes later joins what was handed over first.
    earlier = project.handovers.accepted().select_related("product").order_by("-accepted_at").first()
    receiver = project.delivery_manager
    handover = Handover.objects.create(
        project=project,
        giver=project.manager,
        receiver=receiver if receiver != project.manager else None,
        product=earlier.product if earlier else None,
        product_code="" if earlier else project.code,
        product_name="" if earlier else project.name,
        kind_of_product=earlier.kind_of_product if earlier else kind,
        is_final=is_final,
        title=title.strip(),
        scope=project.goal,
        created_at=at,
    )
    handover.project = project
    criteria.copy_template(handover)
    finding.refresh(handover)
    hooks.tell("started", handover, by=by, at=at)
    return handover


@transaction.atomic
def revise(handover: Handover, fields: list[str], *, by, version: int) -> None:
    """Write what was edited; StaleVersion if somebody saved since. A new receiver takes the former one's places."""
    current = lock(handover, expect=Handover.EDITABLE_STATES)
    before, kind, was_final = current.receiver, current.kind_of_product, current.is_final
    handover.save_changes(fields, version=version)
    if handover.receiver_id != (before.pk if before else None):
        criteria.follow_receiver(handover, before)
        deciding.follow_receiver(handover, before)
    if handover.kind_of_product != kind:
        criteria.change_kind(handover, by=by)
    if handover.is_final != was_final:
        finding.refresh(handover)
    reminders.plan(handover)


# --- What blocks it ---------------------------------------------------------------------------------------


def blockers(handover: Handover):
    """What the record itself lacks."""
    project, giver = handover.project, handover.giver
    url = _url("handover:details", handover)
    if handover.is_final and project.is_open:
        yield Blocker(
            _("The project is not closed yet. Close it first: handover freezes what was reached."),
            giver,
            _project_url("projects:closure", handover),
            key="project-open",
        )
    if handover.receiver is None:
        yield Blocker(_("No delivery manager is named; name one in the project's team."), giver, url, key="receiver")
    elif handover.receiver_id == handover.giver_id:
        yield Blocker(
            _("Giver and receiver are the same person; responsibility has to move to somebody else."), giver, url
        )
    elif not handover.receiver.is_active:
        yield Blocker(_("%(name)s has left; name who receives instead.") % {"name": handover.receiver}, giver, url)
    if handover.product is None:
        yield from (Blocker(text, giver, url, key="product") for text in _product_obstacles(handover))
    elif handover.receiver and (owner := handover.product.delivery_manager) and owner.pk != handover.receiver_id:
        text = _("%(product)s belongs to %(owner)s; only they can receive more for it.")
        yield Blocker(text % {"product": handover.product, "owner": owner}, giver, url, key="product")
    unsent = handover.remarks.filter(sent_at=None).count()
    if unsent and handover.is_in_review:
        text = ngettext(
            "%(n)s remark of this review is open: return it, make it a condition, or take the remark back.",
            "%(n)s remarks of this review are open: return it, make them conditions, or take the remarks back.",
            unsent,
        )
        yield Blocker(
            text % {"n": unsent}, handover.receiver, _url("handover:review", handover), stage="accept", key="remarks"
        )


def _url(name: str, handover: Handover) -> str:
    return reverse(name, args=[handover.project.code, handover.number])


def _project_url(name: str, handover: Handover) -> str:
    return reverse(name, args=[handover.project.code])


def _product_obstacles(handover: Handover) -> list[str]:
    if not handover.product_code or not handover.product_name:
        return [_("The delivered product has no code or no name.")]
    if Product.objects.filter(code=handover.product_code).exists():
        return [
            _("A product with the code %(code)s exists; choose it, or another code.") % {"code": handover.product_code}
        ]
    return []


def obstacles(handover: Handover) -> list[str]:
    """Why it can't be submitted yet, one sentence each; empty when it can."""
    return [str(one.sentence) for one in hooks.blockers(handover, "submit")]


# --- Its way ----------------------------------------------------------------------------------------------


@transaction.atomic
def submit(handover: Handover, *, by, at=None) -> Signature:
    """The giver signs and passes the record to the receiver. ValidationError lists what is missing."""
    at = at or timezone.now()
    current = lock(handover, expect=Handover.EDITABLE_STATES)
    current.as_of = at
    if found := hooks.blockers(current, "submit"):
        raise ValidationError([str(one.sentence) for one in found])
    last = current.rounds.first()
    values = content(current)
    current.rounds.create(
        project_id=current.project_id,
        number=last.number + 1 if last else 1,
        submitted_at=at,
        submitted_by=by,
        content=values,
        content_hash=hash_of(values),
    )
    current.state, current.submitted_at, current.return_reason, current.returned_at = State.SUBMITTED, at, "", None
    current.save(update_fields=["state", "submitted_at", "return_reason", "returned_at"])
    signature = _sign(current, Signature.Side.GIVER, by=by, at=at, digest=hash_of(values))
    hooks.tell("submitted", current, by=by, at=at)
    return signature


def _sign(handover: Handover, side: str, *, by, at, digest: str) -> Signature:
    handover.signatures.filter(side=side, voided_at=None).update(voided_at=at)
    return Signature.objects.create(
        project_id=handover.project_id, handover=handover, side=side, user=by, signed_at=at, content_hash=digest
    )


@transaction.atomic
def take_up(handover: Handover, *, by, at=None) -> None:
    """The receiver begins to read: the giver sees that it is being looked at."""
    current = lock(handover, expect=(State.SUBMITTED,))
    _only_the_receiver(current, by)
    current.state = State.IN_REVIEW
    current.save(update_fields=["state"])
    current.rounds.filter(outcome="").update(review_at=at or timezone.now())


@transaction.atomic
def remark(handover: Handover, *, by, text: str, criterion=None, item=None, at=None) -> Remark:
    """What the receiver wants put right on a line; the giver reads it when the record is returned."""
    current = lock(handover, expect=Handover.REVIEW_STATES)
    _only_the_receiver(current, by)
    if not text.strip():
        raise ValidationError({"text": _("Say what is missing on this line.")})
    line = criterion or item
    return Remark.objects.create(
        project_id=current.project_id,
        handover=current,
        round=current.rounds.get(outcome=""),
        criterion=criterion,
        item=item,
        line=str(line)[:320] if line else _("The whole"),
        text=text.strip(),
        by=by,
        at=at or timezone.now(),
    )


@transaction.atomic
def take_back_remark(row: Remark, *, by) -> None:
    """It is fine after all; only before it was sent."""
    current = lock(row.handover, expect=Handover.REVIEW_STATES)
    _only_the_receiver(current, by)
    if not Remark.objects.filter(pk=row.pk, sent_at=None).delete()[0]:
        raise AlreadyMoved(_("It was sent already."))


@transaction.atomic
def answer_remark(row: Remark, *, by, answer: str, at=None) -> None:
    """The giver's side says what was done about it."""
    lock(row.handover, expect=(State.RETURNED,))
    if not answer.strip():
        raise ValidationError({"answer": _("Say what was done about it.")})
    Remark.objects.filter(pk=row.pk).exclude(sent_at=None).update(
        answer=answer.strip(), answered_by=by, answered_at=at or timezone.now()
    )
    row.refresh_from_db()


@transaction.atomic
def give_back(handover: Handover, *, by, reason: str = "", at=None) -> None:
    """The receiver asks for more, line by line or in a sentence. Signatures are void, the record can be corrected."""
    at = at or timezone.now()
    current = lock(handover, expect=Handover.REVIEW_STATES)
    _only_the_receiver(current, by)
    remarks = current.remarks.filter(sent_at=None).count()
    reason = reason.strip()
    if not reason and remarks:
        reason = ngettext("%(n)s line needs more work.", "%(n)s lines need more work.", remarks) % {"n": remarks}
    if not reason:
        raise ValidationError({"reason": _("Say what is missing, so that it can be put right.")})
    current.remarks.filter(sent_at=None).update(sent_at=at)
    current.state, current.returned_at, current.return_reason = State.RETURNED, at, reason
    current.save(update_fields=["state", "returned_at", "return_reason"])
    _end_round(current, Round.Outcome.RETURNED, by, at, reason)
    current.signatures.filter(voided_at=None).update(voided_at=at)
    hooks.tell("returned", current, by=by, at=at)


@transaction.atomic
def withdraw(handover: Handover, *, by, at=None) -> None:
    """The giver takes the record back for good; a new one can be opened."""
    at = at or timezone.now()
    current = lock(handover, expect=Handover.OPEN_STATES)
    current.state = State.WITHDRAWN
    current.save(update_fields=["state"])
    _end_round(current, Round.Outcome.WITHDRAWN, by, at)
    current.signatures.filter(voided_at=None).update(voided_at=at)
    hooks.tell("withdrawn", current, by=by, at=at)


@transaction.atomic
def accept(handover: Handover, *, by, conditions: Sequence[Wanted] = (), at=None):
    """The receiver signs; at this instant responsibility moves and the delivered product exists. Returns it.

    ``conditions`` are tasks of the handover, each with an owner and a day. ValidationError if what the giver signed is
    not what stands there now, something blocks it, or ``by`` is not the receiver.
    """
    at = at or timezone.now()
    current = lock(handover, expect=Handover.REVIEW_STATES)
    _only_the_receiver(current, by)
    given = current.signatures.filter(side=Signature.Side.GIVER, voided_at=None).first()
    digest = content_hash(current)
    if given is None or given.content_hash != digest:
        raise ValidationError(
            _("The content was changed after the project manager signed it. Return it, so that it is signed again.")
        )
    current.as_of = at
    if found := hooks.blockers(current, "accept"):
        raise ValidationError([str(one.sentence) for one in found])
    _check_conditions(current, conditions, at)
    _sign(current, Signature.Side.RECEIVER, by=by, at=at, digest=digest)
    product = carry_over(current, by=by, at=at)
    current.product, current.accepted_at = product, at
    current.state = State.CONDITIONS if conditions else State.ACCEPTED
    current.save(update_fields=["product", "state", "accepted_at"])
    Condition.objects.bulk_create(
        Condition(project_id=current.project_id, handover=current, text=one.text.strip(), owner=one.owner, due=one.due)
        for one in conditions
    )
    _end_round(current, Round.Outcome.CONDITIONS if conditions else Round.Outcome.ACCEPTED, by, at)
    reminders.plan(current, now=at)
    hooks.tell("accepted", current, by=by, at=at)
    return product


def _only_the_receiver(handover: Handover, by) -> None:
    if by.pk != handover.receiver_id:
        raise ValidationError(_("Only %(receiver)s can sign as receiver.") % {"receiver": handover.receiver})


def _end_round(handover: Handover, outcome: str, by, at, reason: str = "") -> None:
    handover.rounds.filter(outcome="").update(outcome=outcome, decided_at=at, decided_by=by, reason=reason)


# --- Conditions -------------------------------------------------------------------------------------------


def owners_of_conditions(handover: Handover):
    """Who can be asked for more: our own people of the project, and both signers."""
    team = Q(project_memberships__project=handover.project_id) | Q(pk__in=[handover.giver_id, handover.receiver_id])
    return User.objects.filter(team, is_active=True, organisation=None).distinct().order_by("name")


def _check_conditions(handover: Handover, conditions: Sequence[Wanted], at) -> None:
    today = timezone.localtime(at).date()
    ours = set(owners_of_conditions(handover).values_list("pk", flat=True)) if conditions else set()
    for one in conditions:
        if not one.text.strip() or len(one.text) > LONGEST:
            problem = _("A condition has 1 to %(n)d characters.") % {"n": LONGEST}
        elif one.owner.pk not in ours:
            problem = _("%(name)s has no role on this project. Name somebody of its team.") % {"name": one.owner}
        elif one.due < today:
            problem = _("“%(text)s” would be due before it was agreed. Choose a later day.") % {"text": one.text}
        else:
            continue
        raise ValidationError({"conditions": problem})


@transaction.atomic
def meet(condition: Condition, *, by, evidence: str, at=None) -> None:
    """The owner says that it is done, and what shows it."""
    if by.pk != condition.owner_id:
        raise PermissionDenied(_("Only %(name)s reports on this condition.") % {"name": condition.owner})
    if not evidence.strip():
        raise ValidationError({"evidence": _("Say what shows that this is done: a sentence, a document, a link.")})
    # Still theirs: it may have been given to somebody else meanwhile.
    before = {"met_at": None, "owner": by}
    _change(condition, before, met_at=at or timezone.now(), met_by=by, evidence=evidence.strip())


@transaction.atomic
def confirm(condition: Condition, *, by, met: bool, at=None) -> None:
    """The receiver agrees that it is met, or opens it again."""
    if by.pk != condition.handover.receiver_id:
        raise PermissionDenied(_("Only %(name)s confirms conditions.") % {"name": condition.handover.receiver})
    if met:
        _change(
            condition,
            {"met_at__isnull": False, "confirmed_at": None},
            confirmed_at=at or timezone.now(),
            confirmed_by=by,
        )
    else:
        _change(condition, {"met_at__isnull": False, "confirmed_at": None}, met_at=None, met_by=None)


@transaction.atomic
def pass_on(condition: Condition, owner, *, by) -> None:
    """The receiver gives it to somebody else, as when its owner leaves; what and until when stay as agreed."""
    if by.pk != condition.handover.receiver_id:
        raise PermissionDenied(_("Only %(name)s gives conditions to others.") % {"name": condition.handover.receiver})
    if not owners_of_conditions(condition.handover).filter(pk=owner.pk).exists():
        raise ValidationError(_("%(name)s has no role on this project. Name somebody of its team.") % {"name": owner})
    _change(condition, {"met_at": None, "owner": condition.owner_id}, owner=owner)


def _change(condition: Condition, before: dict, **values) -> None:
    if not Condition.objects.filter(pk=condition.pk, **before).update(**values):
        raise AlreadyMoved(_("“%(text)s” was changed while you looked at it.") % {"text": condition.text})
    condition.refresh_from_db()
