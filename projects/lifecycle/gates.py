"""The gate that ends a phase: who decides, what a decision does."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.roles import Permission
from pmdm.files.models import File
from pmdm.registers.editing import FIRST
from pmdm.ui import format as fmt
from projects.lifecycle import conditions as promised
from projects.lifecycle import order
from projects.lifecycle.conditions import Wanted
from projects.lifecycle.standing import while_open

# Where a line wants more than words.
LINK = re.compile(r"https?://\S+")


class Gate:
    """The part of Phase that decides at its gate."""

    Kind: Any
    State: Any
    objects: Any
    _base_manager: ClassVar[Any]
    project: Any
    checklist: Any
    decisions: Any
    key: str
    kind: str
    state: str
    pk: int
    approver: Any
    approver_id: int | None
    gate_due: Any
    save: Any

    @property
    def has_gate(self) -> bool:
        """Monitoring passes the gate of execution."""
        return order.has_gate(self.kind)

    @cached_property
    def places(self) -> list[order.Place]:
        """All phases of the project in their order."""
        return [order.Place(*row) for row in self.project.phases.order_by("position").values_list("key", "kind")]

    @property
    def leads_on(self) -> bool:
        """Whether another phase follows its gate."""
        return self.has_gate and bool(order.opens(self.places, self.key))

    @property
    def decider(self):
        """Who decides here: the named approver while they may, else the sponsor; None when nobody is named."""
        if self.approver_id and self.project.allows(self.approver, Permission.GATE_DECIDE):
            return self.approver
        return self.project.sponsor

    def may_be_decided_by(self, user) -> bool:
        if not self.project.allows(user, Permission.GATE_DECIDE):
            return False
        named = self.approver_id and self.project.allows(self.approver, Permission.GATE_DECIDE)
        return not named or user.pk == self.approver_id

    def missing(self) -> list:
        """Required checklist lines of this gate that are not met."""
        together = order.ends_with(self.places, self.key)
        return list(
            self.project.checklist_items.filter(phase__key__in=together, required=True)
            .exclude(promised.met())
            .order_by("phase__position", "position", "pk")
        )

    @while_open
    def decide(
        self, decision: str, *, by, conditions: Sequence[Wanted] = (), note="", seen: int | None = None, at=None
    ):
        """Record the decision and do what it says. ``seen``: how many decisions the decider had read.

        Each of the ``conditions`` becomes a task of the plan and a required line of the next gate.
        """
        at = at or timezone.now()
        Decision = self.decisions.model.Decision
        note = note.strip()
        if not self.has_gate:
            raise ValidationError(_("Monitoring has no gate of its own: it passes the gate of execution."))
        if not self.may_be_decided_by(by):
            raise PermissionDenied(_("Only the approver of this gate decides here."))
        # The project before the phase, as all who change both: nobody pauses or closes it in between.
        self.project.state = promised.lock(self.project).state
        current = type(self)._base_manager.select_for_update().get(pk=self.pk)
        if current.state == self.State.ACTIVE and seen is not None and self.decisions.count() != seen:
            raise ValidationError(self._who_was_first(), code=FIRST)
        if current.state == self.State.DONE and self.decisions.exists():
            raise ValidationError(self._who_was_first(), code=FIRST)
        if current.state != self.State.ACTIVE:
            raise ValidationError(_("This phase is not in progress, so there is nothing to decide yet."), code="state")
        if self.project.state != self.project.State.ACTIVE:
            raise ValidationError(_("The project is not active: resume it before deciding at a gate."), code="state")
        self._check(decision, conditions, note, at)
        record = self.decisions.create(
            project=self.project,
            decision=decision,
            conditions="\n".join(one.text for one in conditions) if decision == Decision.CONDITIONS else "",
            note=note,
            decided_by=by,
            decided_at=at,
        )
        if decision in (Decision.GO, Decision.CONDITIONS):
            self._pass(record, conditions if decision == Decision.CONDITIONS else (), by, at)
        elif decision == Decision.STOP:
            self.project.cancel(by=by, reason=note, at=at)
        return record

    def _check(self, decision, conditions, note, at) -> None:
        Decision = self.decisions.model.Decision
        if decision == Decision.GO and (missing := self.missing()):
            names = "; ".join(item.text for item in missing)
            raise ValidationError(
                {
                    "decision": ngettext(
                        "%(n)d required line is not ticked: %(names)s. Tick it, or choose another decision.",
                        "%(n)d required lines are not ticked: %(names)s. Tick them, or choose another decision.",
                        len(missing),
                    )
                    % {"n": len(missing), "names": names}
                }
            )
        if decision == Decision.CONDITIONS:
            if not self.leads_on:
                raise ValidationError(
                    {"decision": _("No phase follows that could meet conditions. Choose go, hold or stop.")}
                )
            promised.check(self.project, conditions, at)
        if decision in (Decision.HOLD, Decision.STOP) and not note:
            raise ValidationError({"note": _("Say why: a hold or a stop needs its reason.")})

    def _pass(self, record, conditions, by, at) -> None:
        phases = self.project.phases
        ended, opened = order.ends_with(self.places, self.key), order.opens(self.places, self.key)
        promised.keep_met(self.project, ended, at)
        phases.filter(key__in=ended, state=self.State.ACTIVE).update(state=self.State.DONE, finished_at=at)
        phases.filter(key__in=opened, state=self.State.PENDING).update(state=self.State.ACTIVE, started_at=at)
        self.state = self.State.DONE
        if conditions:
            promised.agree(record, phases.get(key=opened[0]), conditions, by=by, at=at)

    @while_open
    def plan_gate(self, *, by, gate_due, approver) -> None:
        """When the gate is due, and who decides there: None for the sponsor."""
        self.gate_due, self.approver = gate_due, approver
        self.save(update_fields=["gate_due", "approver"])

    @while_open
    def add_line(self, text: str, *, required=True):
        """Add a line to the checklist of this gate."""
        last = self.checklist.order_by("-position").values_list("position", flat=True).first() or 0
        return self.checklist.create(project=self.project, position=last + 1, text=text, required=required)

    def _who_was_first(self) -> str:
        last = self.decisions.select_related("decided_by").first()
        if last is None:
            return _("This gate has changed since you opened the page.")
        return _("%(who)s was first: decided “%(decision)s”, %(when)s. Nothing of yours was saved.") % {
            "who": last.decided_by.name,
            "decision": last.get_decision_display(),
            "when": fmt.when(last.decided_at),
        }


class Tickable:
    """The part of ChecklistItem that is ticked off."""

    _base_manager: ClassVar[Any]
    phase: Any
    required: bool
    done_at: Any
    done_by: Any
    evidence: str
    evidence_kind: str
    file: Any
    project: Any
    pk: int
    delete: Any

    @while_open
    def tick(self, *, by, evidence="", upload=None, at=None) -> None:
        """Mark as met; a required line has evidence: words, a link or a file. Ticking twice keeps the first.

        ``upload`` replaces the file of an earlier tick that was taken back. A condition is met by its task alone.
        """
        evidence = evidence.strip()
        at = at or timezone.now()
        if condition := getattr(self, "condition", None):
            promised.check_tick(condition)
        if self.required:
            self._check_evidence(evidence, bool(upload or self.file))
        if upload:
            self.file = File.keep(self.project, upload, by=by, permission=Permission.PROJECT_ACTIVITY_VIEW, at=at)
        self._write(done_at__isnull=True, by=by, evidence=evidence, at=at)

    def _check_evidence(self, words: str, has_file: bool) -> None:
        """ValidationError unless what the line asks for is there."""
        link = LINK.search(words)
        if self.evidence_kind == "file" and not has_file:
            raise ValidationError({"upload": _("This line asks for a file: attach it.")})
        if self.evidence_kind == "link" and not link:
            raise ValidationError({"evidence": _("This line asks for a link, such as https://wiki.example.com/plan.")})
        if self.evidence_kind == "document" and not (has_file or link):
            raise ValidationError({"evidence": _("This line asks for the document: attach it, or write its link.")})
        if not (words or has_file):
            raise ValidationError({"evidence": _("Say what shows it, or attach it: a document, a link, a date.")})

    @while_open
    def remove(self) -> None:
        """Take the line off the checklist; ticked lines, conditions and the lines of a passed gate stay."""
        if self.done_at or self.phase.state == "done":
            raise ValidationError(_("A ticked line stays: take the tick back first."))
        if hasattr(self, "condition"):
            raise ValidationError(_("This was agreed at the last gate: it stays until it is met."))
        self.delete()

    @while_open
    def untick(self) -> None:
        """Take the tick back; the evidence stays to be corrected."""
        self._write(done_at__isnull=False, by=None, evidence=self.evidence, at=None)

    def _write(self, *, by, evidence, at, **still) -> None:
        if self.phase.state == "done":
            raise ValidationError(_("This phase has passed its gate; its checklist is kept as it was."))
        changed = (
            type(self)
            ._base_manager.filter(pk=self.pk, **still)
            .update(done_by=by, done_at=at, evidence=evidence, file=self.file)
        )
        if changed:
            self.done_by, self.done_at, self.evidence = by, at, evidence
