"""How a requirement goes from draft to verified, and what its acceptance criteria decide."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.roles import Permission
from pmdm.files.models import File
from pmdm.registers.editing import FIRST
from projects.lifecycle.standing import while_open

# Which state may follow which. Approval and verification have verbs of their own.
MOVES = {
    "draft": ("reviewed", "rejected"),
    "reviewed": ("approved", "draft", "rejected"),
    "approved": ("built", "reviewed"),
    "built": ("verified", "approved"),
    "verified": ("built",),
    "rejected": ("draft",),
}
# Moves that only an approver makes: into the promise and out of it.
APPROVALS = {("reviewed", "approved"), ("approved", "reviewed")}


class RequirementMoves:
    """The part of Requirement that changes its state."""

    State: Any
    _base_manager: ClassVar[Any]
    project: Any
    criteria: Any
    baseline_items: Any
    state: str
    pk: int
    ref: str
    version: int
    versions: Any
    CONTENT: ClassVar[tuple[str, ...]]
    is_locked: bool
    created_by: Any
    refresh_from_db: Any
    created_at: Any
    get_state_display: Any

    @classmethod
    @while_open
    def write_down(cls, project, *, by, criteria: Iterable[str] = (), **values):
        """A draft, with the lines that must pass."""
        requirement = project.requirements.create(created_by=by, **values)
        requirement.criteria.bulk_create(
            requirement.criteria.model(project=project, requirement=requirement, position=place, text=line)
            for place, line in enumerate(criteria, start=1)
        )
        return requirement

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)  # type: ignore[misc]

    def next_states(self) -> list[str]:
        """States a person may move it to without approving or verifying."""
        return [to for to in MOVES[self.state] if (self.state, to) not in APPROVALS and to != self.State.VERIFIED]

    @while_open
    def move_on(self, to: str) -> None:
        """Move to reviewed, built, rejected or a step back. ValidationError where only an approver or checker may."""
        if (self.state, to) in APPROVALS or to == self.State.VERIFIED:
            raise ValidationError(_("Approving and verifying have a button of their own."), code="state")
        self._move(to)

    @while_open
    def approve(self, *, by, at=None) -> None:
        """Promise it: the text is locked from here and kept as a version."""
        at = at or timezone.now()
        self._move(self.State.APPROVED, approved_by=by, approved_at=at)
        last = self.versions.aggregate(last=Max("number"))["last"] or 0
        self.versions.create(
            project=self.project,
            number=last + 1,
            state="approved",
            reason=_("Approved again after its approval was withdrawn.") if last else "",
            author=self.created_by or by,
            written_at=at if last else min(self.created_at, at),
            approved_by=by,
            approved_at=at,
            **{name: getattr(self, name) for name in self.CONTENT},
        )

    @while_open
    def propose(self, values: dict, *, by, reason: str, at=None):
        """Draft the next version of an approved text; the promise stays as it is until the draft is approved."""
        self._lock()
        reason = reason.strip()
        if not self.is_locked:
            raise ValidationError(_("%(ref)s is not approved: edit its text itself.") % {"ref": self.ref})
        if not reason:
            raise ValidationError({"reason": _("Say why the approved text should change.")})
        if draft := self.versions.filter(state="draft").select_related("author").first():
            raise ValidationError(
                _("%(who)s has drafted version %(number)d already: change or discard that draft first.")
                % {"who": draft.author, "number": draft.number},
                code=FIRST,
            )
        self.refresh_from_db(fields=self.CONTENT)
        content = {name: values.get(name, getattr(self, name)) for name in self.CONTENT}
        if all(content[name] == getattr(self, name) for name in self.CONTENT):
            raise ValidationError(_("Nothing differs from the approved text."))
        last = self.versions.aggregate(last=Max("number"))["last"] or 0
        return self.versions.create(
            project=self.project, number=last + 1, reason=reason, author=by, written_at=at or timezone.now(), **content
        )

    @while_open
    def take_out(self, *, by, reason: str, at=None) -> None:
        """Take it out of the promise, with the reason. A frozen baseline still counts it, as removed."""
        reason = reason.strip()
        if not reason:
            raise ValidationError({"reason": _("Say why it is no longer delivered.")})
        self._lock()
        self._take_out(by, reason, at)

    @classmethod
    @transaction.atomic
    def take_out_each(cls, reasons: Mapping[int, str], *, by, at=None) -> None:
        """Take several out of the promise, each with its reason: {requirement: reason}."""
        for row in cls._base_manager.select_for_update().filter(pk__in=reasons).order_by("pk"):
            row._take_out(by, reasons[row.pk], at)

    def _take_out(self, by, reason, at) -> None:
        if not self.is_locked:
            raise ValidationError(_("%(ref)s was not promised: reject it instead.") % {"ref": self.ref})
        self.versions.filter(state="draft").update(state="discarded", version=F("version") + 1)
        self._change(
            self.State.REJECTED, verified_at=None, removed_by=by, removed_at=at or timezone.now(), removed_reason=reason
        )

    @while_open
    def withdraw_approval(self, *, by) -> None:
        """Take the approval back; what a scope baseline holds stays promised."""
        if self.baseline_items.filter(baseline__is_active=True).exists():
            raise ValidationError(
                _("%(ref)s is in the scope baseline. Freeze a new baseline without it by a change of scope.")
                % {"ref": self.ref},
                code="baseline",
            )
        self._move(self.State.REVIEWED, approved_by=None, approved_at=None)

    @while_open
    def verify(self, *, by, at=None) -> None:
        """Accept what was built: at least one criterion, and all of them passed."""
        self._lock()
        lines = list(self.criteria.all())
        open_lines = [line for line in lines if line.result != "pass"]
        if not lines:
            raise ValidationError(
                _("%(ref)s has no acceptance criterion: add one, so that it can be checked.") % {"ref": self.ref}
            )
        if open_lines:
            raise ValidationError(
                ngettext(
                    "%(n)d criterion has not passed: %(names)s.",
                    "%(n)d criteria have not passed: %(names)s.",
                    len(open_lines),
                )
                % {"n": len(open_lines), "names": "; ".join(line.text for line in open_lines)}
            )
        self._move(self.State.VERIFIED, verified_at=at or timezone.now())

    @while_open
    def add_criterion(self, text: str):
        """Add a line that must pass; possible until the requirement is verified."""
        self._lock()
        if self.state in (self.State.VERIFIED, self.State.REJECTED):
            raise ValidationError(
                _("%(ref)s is %(state)s: its criteria are kept as they are.")
                % {"ref": self.ref, "state": str(self.get_state_display()).lower()}
            )
        last = self.criteria.order_by("-position").values_list("position", flat=True).first() or 0
        return self.criteria.create(project=self.project, position=last + 1, text=text)

    def _move(self, to, **values) -> None:
        before = self.state
        if to not in MOVES[before]:
            raise ValidationError(
                _("%(ref)s is %(state)s; it cannot become %(to)s now.")
                % {
                    "ref": self.ref,
                    "state": str(self.get_state_display()).lower(),
                    "to": str(self.State(to).label).lower(),
                },
                code="state",
            )
        if to != self.State.VERIFIED:
            values["verified_at"] = None
        if before == self.State.REJECTED:
            values |= {"removed_at": None, "removed_by": None, "removed_reason": ""}
        self._change(to, **values)

    def _change(self, to, **values) -> None:
        before = self.state
        # The version counts too: an edit that was open meanwhile must not slip past an approval.
        moved = (
            type(self)
            ._base_manager.filter(pk=self.pk, state=before)
            .update(state=to, version=F("version") + 1, **values)
        )
        if not moved:
            now = type(self)._base_manager.get(pk=self.pk)
            raise ValidationError(
                _("Somebody was first: %(ref)s is %(state)s by now. Nothing of yours was saved.")
                % {"ref": self.ref, "state": str(now.get_state_display()).lower()},
                code=FIRST,
            )
        self.state, self.version = to, self.version + 1
        for name, value in values.items():
            setattr(self, name, value)

    def _lock(self) -> None:
        """Checks, versions and verification of one requirement never overlap."""
        self.state = type(self)._base_manager.select_for_update().values_list("state", flat=True).get(pk=self.pk)


class Checkable:
    """The part of AcceptanceCriterion that is checked."""

    Result: Any
    project: Any
    requirement: Any
    checks: Any
    file: Any
    result: str
    evidence: str
    checked_by: Any
    checked_at: Any
    save: Any
    delete: Any

    @while_open
    def record(self, result: str, *, by, evidence="", file=None, at=None) -> None:
        """Record pass (with evidence), fail or not run; earlier checks stay readable.

        ``evidence`` is words or a web address, ``file`` an upload that a form has checked. A result other than pass
        puts a verified requirement back to built.
        """
        evidence, at = evidence.strip(), at or timezone.now()
        requirement = self.requirement
        requirement._lock()
        if not requirement.is_locked:
            raise ValidationError(
                _("%(ref)s is not approved yet, so there is nothing to check.") % {"ref": requirement.ref}
            )
        if result == self.Result.PASS and not evidence and not file:
            raise ValidationError(
                {"evidence": _("Say what shows that it passes, or attach it: a document, a link, a test.")}
            )
        kept = File.keep(self.project, file, by=by, permission=Permission.SCOPE_VIEW, at=at) if file else None
        ran = result != self.Result.NOT_RUN
        self.result, self.evidence, self.file = result, evidence, kept
        self.checked_by, self.checked_at = (by, at) if ran else (None, None)
        self.save(update_fields=["result", "evidence", "file", "checked_by", "checked_at"])
        version = requirement.versions.filter(state="approved").first()
        self.checks.create(
            project=self.project, version=version, result=result, evidence=evidence, file=kept, by=by, at=at
        )
        if result != self.Result.PASS and requirement.state == requirement.State.VERIFIED:
            requirement._move(requirement.State.BUILT)

    @while_open
    def remove(self, *, by) -> None:
        """Take the line off a text that nobody has approved yet."""
        self.requirement._lock()
        if self.requirement.is_locked:
            raise ValidationError(_("%(ref)s is approved: its criteria stay.") % {"ref": self.requirement.ref})
        self.delete()
