"""The verbs of a handover. Each checks where the record stands, and the one who comes second is told who was first."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover import hooks
from handover.transfer import items
from handover.transfer.checklist import default_lines
from handover.transfer.content import content_hash
from handover.transfer.models import ChecklistItem, Handover, OpenItem, Signature
from handover.transfer.transition import carry_over

State = Handover.State


class AlreadyMoved(ValidationError):
    """The handover is not in a state this may be done from, perhaps because somebody was faster."""


def _lock(handover: Handover, *, expect: tuple[str, ...]) -> Handover:
    records = Handover.objects.select_for_update(of=("self",)).select_related("project", "giver", "receiver", "product")
    current = records.get(pk=handover.pk)
    if current.state not in expect:
        raise AlreadyMoved(
            _("This handover is %(state)s now; it was changed while you looked at it.")
            % {"state": current.get_state_display().lower()}
        )
    return current


@transaction.atomic
def start(project, *, by, at=None) -> Handover:
    """Open the record: receiver from the project's delivery manager, standard checklist, all open items listed.

    ValidationError if the project has an open handover or no manager.
    """
    at = at or timezone.now()
    type(project).objects.select_for_update().get(pk=project.pk)
    if running := project.handovers.open().first():
        raise ValidationError(_("%(ref)s is open already; finish or withdraw it first.") % {"ref": running.ref})
    if project.manager is None:
        raise ValidationError(_("The project has no project manager; name one before handing over."))
    handover = Handover.objects.create(
        project=project,
        giver=project.manager,
        receiver=project.delivery_manager,
        product_code=project.code,
        product_name=project.name,
        scope=project.goal,
        created_at=at,
    )
    ChecklistItem.objects.bulk_create(
        ChecklistItem(
            project=project, handover=handover, position=position, category=category, text=text, required=required
        )
        for position, (category, text, required) in enumerate(default_lines(), 1)
    )
    items.refresh(handover)
    return handover


@transaction.atomic
def tick(line: ChecklistItem, *, by, evidence: str, at=None) -> None:
    """Confirm a line with its evidence (a sentence or a link); without evidence: ValidationError."""
    handover = _lock(line.handover, expect=Handover.EDITABLE_STATES)
    if not evidence.strip():
        raise ValidationError({"evidence": _("Say what shows that this is done: a sentence, a document, a link.")})
    line.handover = handover
    line.evidence, line.done_by, line.done_at = evidence.strip(), by, at or timezone.now()
    line.save(update_fields=["evidence", "done_by", "done_at"])


@transaction.atomic
def untick(line: ChecklistItem, *, by) -> None:
    """Take a confirmation back; the evidence stays to be corrected."""
    _lock(line.handover, expect=Handover.EDITABLE_STATES)
    line.done_by = line.done_at = None
    line.save(update_fields=["done_by", "done_at"])


@transaction.atomic
def decide(item: OpenItem, *, by, decision: str, reason: str = "", at=None) -> None:
    """Decide about one open item. Closing something or leaving a gap wants a reason."""
    _lock(item.handover, expect=Handover.EDITABLE_STATES)
    kind = items.kind_of(item)
    if decision not in items.ALLOWED[kind]:
        allowed = ", ".join(str(choice.label) for choice in items.ALLOWED[kind])
        raise ValidationError({"decision": _("Choose one of: %(allowed)s.") % {"allowed": allowed}})
    if decision != OpenItem.Decision.CARRY and not reason.strip():
        raise ValidationError({"reason": _("Give the reason, so that operations knows why this is not carried over.")})
    item.decision, item.reason = decision, reason.strip()
    item.decided_by, item.decided_at = by, at or timezone.now()
    item.save(update_fields=["decision", "reason", "decided_by", "decided_at"])


def obstacles(handover: Handover) -> list[str]:
    """Why it can't be submitted yet, one sentence each; empty when it can."""
    found = []
    project = handover.project
    if project.is_open:
        found.append(_("The project is not closed yet. Close it first: handover freezes what was reached."))
    if handover.receiver is None:
        found.append(_("No delivery manager is named; name one in the project's team."))
    elif handover.receiver_id == handover.giver_id:
        found.append(_("Giver and receiver are the same person; responsibility has to move to somebody else."))
    if handover.product is None:
        found.extend(_product_obstacles(handover))
    elif handover.receiver and (owner := handover.product.delivery_manager) and owner.pk != handover.receiver_id:
        found.append(
            _("%(product)s belongs to %(owner)s; only they can receive more for it.")
            % {"product": handover.product, "owner": owner}
        )
    open_lines = handover.checklist.filter(required=True, done_at=None).count()
    if open_lines:
        found.append(
            ngettext(
                "%(n)s required line of the checklist is not confirmed.",
                "%(n)s required lines of the checklist are not confirmed.",
                open_lines,
            )
            % {"n": open_lines}
        )
    undecided = handover.open_items.filter(decision="").count()
    if undecided:
        found.append(
            ngettext("%(n)s open item has no decision.", "%(n)s open items have no decision.", undecided)
            % {"n": undecided}
        )
    if missing := items.missing_from(handover):
        found.append(
            ngettext(
                "%(n)s thing was opened since the list was made; look again.",
                "%(n)s things were opened since the list was made; look again.",
                missing,
            )
            % {"n": missing}
        )
    return found


def _product_obstacles(handover: Handover) -> list[str]:
    from delivery.models import Product

    if not handover.product_code or not handover.product_name:
        return [_("The delivered product has no code or no name.")]
    if Product.objects.filter(code=handover.product_code).exists():
        return [
            _("A product with the code %(code)s exists; choose it, or another code.") % {"code": handover.product_code}
        ]
    return []


@transaction.atomic
def submit(handover: Handover, *, by, at=None) -> Signature:
    """The giver signs and passes the record to the receiver. ValidationError lists what is missing."""
    at = at or timezone.now()
    current = _lock(handover, expect=Handover.EDITABLE_STATES)
    if found := obstacles(current):
        raise ValidationError(found)
    current.state, current.submitted_at, current.return_reason, current.returned_at = State.SUBMITTED, at, "", None
    current.save(update_fields=["state", "submitted_at", "return_reason", "returned_at"])
    return _sign(current, Signature.Side.GIVER, by=by, at=at)


def _sign(handover: Handover, side: str, *, by, at) -> Signature:
    handover.signatures.filter(side=side, voided_at=None).update(voided_at=at)
    return Signature.objects.create(
        project_id=handover.project_id,
        handover=handover,
        side=side,
        user=by,
        signed_at=at,
        content_hash=content_hash(handover),
    )


@transaction.atomic
def give_back(handover: Handover, *, by, reason: str, at=None) -> None:
    """The receiver refuses with reasons; the giver's signature is void, the record can be corrected."""
    at = at or timezone.now()
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is missing, so that it can be put right.")})
    current = _lock(handover, expect=(State.SUBMITTED,))
    current.state, current.returned_at, current.return_reason = State.RETURNED, at, reason.strip()
    current.save(update_fields=["state", "returned_at", "return_reason"])
    current.signatures.filter(voided_at=None).update(voided_at=at)


@transaction.atomic
def withdraw(handover: Handover, *, by, at=None) -> None:
    """The giver takes the record back for good; a new one can be opened."""
    at = at or timezone.now()
    current = _lock(handover, expect=Handover.OPEN_STATES)
    current.state = State.WITHDRAWN
    current.save(update_fields=["state"])
    current.signatures.filter(voided_at=None).update(voided_at=at)


@transaction.atomic
def accept(handover: Handover, *, by, at=None):
    """The receiver signs; at this instant responsibility moves and the delivered product exists. Returns it.

    ValidationError if what the giver signed is not what stands there now, or ``by`` is not the receiver.
    """
    at = at or timezone.now()
    current = _lock(handover, expect=(State.SUBMITTED,))
    if by.pk != current.receiver_id:
        raise ValidationError(_("Only %(receiver)s can sign as receiver.") % {"receiver": current.receiver})
    given = current.signatures.filter(side=Signature.Side.GIVER, voided_at=None).first()
    if given is None or given.content_hash != content_hash(current):
        raise ValidationError(
            _("The content was changed after the project manager signed it. Return it, so that it is signed again.")
        )
    if found := obstacles(current) + [str(one.sentence) for one in hooks.blockers(current, "accept")]:
        raise ValidationError(found)
    _sign(current, Signature.Side.RECEIVER, by=by, at=at)
    product = carry_over(current, by=by, at=at)
    current.product, current.state, current.accepted_at = product, State.ACCEPTED, at
    current.save(update_fields=["product", "state", "accepted_at"])
    hooks.tell("accepted", current, by=by, at=at)
    return product
