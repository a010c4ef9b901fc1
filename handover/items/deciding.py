"""What becomes of each open thing: one row or thousands, decided in one statement, and the new owner's consent."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.items.models import OpenItem
from handover.transfer.locking import AlreadyMoved, lock
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission
from projects.models import Risk

D = OpenItem.Decision

# A risk is nothing that is missing, so it can't be a gap; a contract is no error.
ALLOWED = {
    "risk": (D.CARRY, D.FOLLOW_ON, D.CLOSE, D.KEEP),
    "issue": (D.CARRY, D.KNOWN_GAP, D.OP_RISK, D.FOLLOW_ON, D.CLOSE, D.KEEP),
    "defect": (D.CARRY, D.KNOWN_GAP, D.OP_RISK, D.FOLLOW_ON, D.CLOSE, D.KEEP),
    "requirement": (D.CARRY, D.KNOWN_GAP, D.OP_RISK, D.FOLLOW_ON, D.CLOSE, D.KEEP),
    "task": (D.CARRY, D.KNOWN_GAP, D.OP_RISK, D.FOLLOW_ON, D.CLOSE, D.KEEP),
    "order": (D.CARRY, D.OP_RISK, D.FOLLOW_ON, D.CLOSE, D.KEEP),
}


@dataclass(frozen=True)
class Choice:
    """What is decided, for one row or for many alike."""

    decision: str
    reason: str = ""
    new_owner: Any = None  # the receiver unless somebody else is named
    control: str = ""  # empty: the risk's planned response
    control_test_on: datetime.date | None = None  # None: the risk's next review
    workaround: str = ""
    follow_on: Any = None


def decide(item: OpenItem, *, by, decision: str, at=None, seen: int | None = None, **words) -> None:
    """Decide about one row; see ``decide_many``."""
    decide_many(item.handover, {item.pk: seen}, Choice(decision, **words), by=by, at=at)
    item.refresh_from_db()


@transaction.atomic
def decide_many(handover: Handover, seen: Mapping[int, int | None], choice: Choice, *, by, at=None) -> int:
    """Decide about rows alike, all or none; how many. ``seen``: the version of each as it was read (None: any).

    ValidationError says what is missing; AlreadyMoved that somebody decided one of them meanwhile.
    """
    at = at or timezone.now()
    current = lock(handover, expect=Handover.EDITABLE_STATES)
    rows = list(current.open_items.filter(pk__in=list(seen)).select_related("risk"))
    if len(rows) != len(seen):
        raise AlreadyMoved(_("Some of these rows are no longer on the list; they were closed meanwhile."))
    changed = [row for row in rows if seen[row.pk] is not None and seen[row.pk] != row.version]
    if changed:
        raise AlreadyMoved(
            ngettext(
                "“%(first)s” was decided while you looked at it. Nothing of yours was saved.",
                "“%(first)s” and %(more)s more were decided while you looked at them. Nothing of yours was saved.",
                len(changed),
            )
            % {"first": changed[0], "more": len(changed) - 1}
        )
    values = _checked(current, rows, choice, by, at)
    values |= {"decided_by": by, "decided_at": at, "version": F("version") + 1}
    # The receiver agrees by signing; whoever names themselves agrees by that.
    owner = values["new_owner"]
    values["consented_at"] = at if owner and owner.pk == by.pk else None
    mine = current.open_items.filter(pk__in=list(seen))
    if choice.decision == D.CARRY:
        mine.filter(kind="risk").update(**values, **_controls_of(choice))
        mine = mine.exclude(kind="risk")
    mine.update(
        **values,
        control=choice.control.strip() if choice.decision == D.OP_RISK else "",
        control_test_on=choice.control_test_on if choice.decision == D.OP_RISK else None,
    )
    return len(rows)


def _checked(handover: Handover, rows: list[OpenItem], choice: Choice, by, at) -> dict[str, Any]:
    decision, errors = choice.decision, {}
    wrong = sorted({row.kind for row in rows if decision not in ALLOWED[row.kind]})
    if wrong or (decision == D.KEEP and handover.is_final):
        kinds = wrong or sorted({row.kind for row in rows})
        fitting = set.intersection(*(set(ALLOWED[kind]) for kind in kinds))
        labels = [str(D(one).label) for one in D.values if one in fitting and (one != D.KEEP or not handover.is_final)]
        raise ValidationError(
            {
                "decision": _("For %(kinds)s choose one of: %(allowed)s.")
                % {
                    "kinds": ", ".join(str(OpenItem.Kind(kind).label) for kind in kinds),
                    "allowed": ", ".join(labels),
                }
            }
        )
    if decision != D.CARRY and not choice.reason.strip():
        errors["reason"] = _("Give the reason, so that operations knows why this is not carried over.")
    owner = None
    if decision in (D.CARRY, D.OP_RISK):
        owner = choice.new_owner or handover.receiver
        if owner is None:
            errors["new_owner"] = _("No delivery manager is named yet: name the new owner.")
        elif not owner.is_active or owner.organisation_id:
            errors["new_owner"] = _("The new owner is somebody of ours who is active.")
        elif owner.pk != handover.receiver_id and not handover.project.allows(owner, Permission.HANDOVER_VIEW):
            errors["new_owner"] = _(
                "%(name)s cannot see this handover. Give them a role on the project, so that they can agree."
            ) % {"name": owner}
    follow_on = None
    if decision == D.FOLLOW_ON:
        follow_on = choice.follow_on
        if follow_on is None:
            errors["follow_on"] = _("Choose the project that takes it on.")
        elif follow_on.pk == handover.project_id:
            errors["follow_on"] = _("A project does not follow itself.")
        elif not follow_on.is_open:
            errors["follow_on"] = _("%(project)s has ended; choose one that runs.") % {"project": follow_on}
        elif not follow_on.allows(by, Permission.RISK_EDIT):
            errors["follow_on"] = _("You may not add to %(project)s. Ask its manager.") % {"project": follow_on}
    risks = [row for row in rows if row.kind == "risk"] if decision == D.CARRY else []
    needs_control = decision == D.OP_RISK or any(not row.risk.response_plan.strip() for row in risks)
    if needs_control and not choice.control.strip():
        errors["control"] = _("Name the control: what keeps this risk small in operations?")
    today = timezone.localtime(at).date()
    if choice.control_test_on and choice.control_test_on < today:
        errors["control_test_on"] = _("The next test of the control is on a day to come.")
    needs_day = decision == D.OP_RISK or any(not row.risk.review_on or row.risk.review_on < today for row in risks)
    if needs_day and not choice.control_test_on:
        errors["control_test_on"] = _("Say when the control is tested next.")
    if errors:
        raise ValidationError(errors)
    return {
        "decision": decision,
        "reason": choice.reason.strip(),
        "new_owner": owner,
        "follow_on": follow_on,
        "workaround": choice.workaround.strip() if decision == D.KNOWN_GAP else "",
    }


def _controls_of(choice: Choice) -> dict[str, Any]:
    """What was typed; else each carried risk keeps its planned response as control and its next review as the test."""
    risk = Risk.objects.filter(pk=OuterRef("risk"))
    return {
        "control": choice.control.strip() or Subquery(risk.values("response_plan")[:1]),
        "control_test_on": choice.control_test_on or Subquery(risk.values("review_on")[:1]),
    }


@transaction.atomic
def undo(item: OpenItem, *, by, seen: int | None = None) -> None:
    """Take a decision back."""
    current = lock(item.handover, expect=Handover.EDITABLE_STATES)
    _clear(current.open_items.filter(pk=item.pk), item, seen)


def _clear(rows, item, seen) -> None:
    if seen is not None:
        rows = rows.filter(version=seen)
    if not rows.update(**_UNDECIDED, version=F("version") + 1):
        raise AlreadyMoved(_("“%(line)s” was changed while you looked at it.") % {"line": item})
    item.refresh_from_db()


_UNDECIDED: dict[str, Any] = {
    "decision": "",
    "reason": "",
    "new_owner": None,
    "consented_at": None,
    "control": "",
    "control_test_on": None,
    "workaround": "",
    "follow_on": None,
    "decided_by": None,
    "decided_at": None,
}


@transaction.atomic
def consent(handover: Handover, ids, *, by, at=None) -> int:
    """The named new owner takes these rows; only their own count. How many were taken now."""
    current = lock(handover, expect=Handover.OPEN_STATES)
    mine = current.open_items.filter(pk__in=list(ids), new_owner=by, decision__in=(D.CARRY, D.OP_RISK))
    return mine.filter(consented_at=None).update(consented_at=at or timezone.now(), version=F("version") + 1)


@transaction.atomic
def decline(item: OpenItem, *, by, reason: str, at=None) -> None:
    """The named new owner does not take it: the row is undecided again, the reason stays with it.

    Under review the receiver returns the handover; until then a declined row would change what was signed.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why not, so that another owner can be found.")})
    current = lock(item.handover, expect=Handover.EDITABLE_STATES)
    rows = current.open_items.filter(pk=item.pk, new_owner=by, decision__in=(D.CARRY, D.OP_RISK))
    words = _("%(name)s does not take it: %(reason)s") % {"name": by.name, "reason": reason.strip()}
    if not rows.update(**(_UNDECIDED | {"reason": words}), version=F("version") + 1):
        raise AlreadyMoved(_("You are no longer named as the new owner of “%(line)s”.") % {"line": item})
    item.refresh_from_db()


def follow_receiver(handover: Handover, before) -> None:
    """What the former receiver was to take goes to the new one, who has not agreed to anything yet."""
    if before is None or handover.receiver_id is None:
        return
    handover.open_items.filter(new_owner=before).update(
        new_owner=handover.receiver_id, consented_at=None, version=F("version") + 1
    )
