"""How a change request goes from draft to its decision and beyond."""

import datetime
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import FIRST
from projects.changes.frozen import MOVES
from projects.lifecycle.standing import while_open


class ChangeMoves:
    """The part of ChangeRequest that changes its state."""

    State: Any
    _base_manager: ClassVar[Any]
    project: Any
    project_id: int
    pk: int
    ref: str
    state: str
    version: int
    requester_id: int
    created_by_id: int
    submitted_by_id: int | None
    impact: Any
    impact_id: int | None
    impacts: Any
    steps: Any
    requirements: Any
    deferred_until: Any
    get_state_display: Any
    refresh_from_db: Any

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its end; what it affects can be changed."""
        return self.state in ("draft", "submitted", "assessment", "deferred")

    def may(self, to: str) -> bool:
        return to in MOVES[self.state]

    def may_be_decided_by(self, user) -> bool:
        """Whoever holds the approver's role, and neither asked for it nor wrote or submitted it."""
        return self.project.allows(user, P.CHANGE_APPROVE) and user.pk not in (
            self.requester_id,
            self.created_by_id,
            self.submitted_by_id,
        )

    @classmethod
    @while_open
    def write_down(cls, project, *, by, **values):
        """A draft: its writer's, and of who assesses."""
        return project.change_requests.create(created_by=by, **values)

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)  # type: ignore[misc]

    @while_open
    def submit(self, *, by, at=None) -> None:
        """Hand it in; whoever approves and who assesses are told by mail."""
        from projects.changes import mail
        from projects.scope.tracing.models import link

        at = at or timezone.now()
        self._locked()
        self._move("submitted", by=by, at=at, submitted_by=by, submitted_at=at)
        link("change", [item.requirement for item in self._traced()], self, by=by, at=at)
        mail.submitted(self)

    @while_open
    def assess(self, *, by, at=None) -> None:
        """Take it up: its effects are worked out now. Also what was deferred is taken up again like this."""
        self._locked()
        cleared: dict[str, Any] = {"decided_by": None, "decided_at": None, "decision_note": "", "deferred_until": None}
        self._move("assessment", by=by, at=at or timezone.now(), **cleared)

    @while_open
    def approve(self, *, by, impact: int | None, note: str = "", at=None) -> None:
        """Do what was asked, all of it or nothing, and move the baselines it touches.

        ``impact`` is the one the approver read: another one, or one that plan, budget or scope have left behind, is
        refused with 409, and so is whoever comes second.
        """
        from projects.changes import applying, mail
        from projects.changes.impact import out_of_date

        at = at or timezone.now()
        project = self._locked()
        self._check_decider(by)
        if not self.may("approved"):
            raise self._beaten("approved")
        if self.impact_id is None:
            raise ValidationError(_("Compute its impact first: nobody approves what nobody has seen."), code="impact")
        if impact != self.impact_id:
            raise ValidationError(
                _("The impact was computed anew since you opened the page. Read it, then decide."), code=FIRST
            )
        if parts := out_of_date(self, lock=True):  # type: ignore[arg-type]
            raise ValidationError(
                _("The impact is out of date: %(parts)s changed since. Compute it again, then decide.")
                % {"parts": ", ".join(parts)},
                code=FIRST,
            )
        if self.impact.problems:
            raise ValidationError([_("It can't be done as it stands:"), *self.impact.problems], code="problems")
        moved = applying.carry_out(self, project, by=by, at=at)  # type: ignore[arg-type]
        self._move("approved", by=by, at=at, reason=note, decided_by=by, decided_at=at, decision_note=note, **moved)
        mail.decided(self)

    @while_open
    def reject(self, *, by, note: str, at=None) -> None:
        self._decide("rejected", by=by, note=note, at=at)

    @while_open
    def defer(self, *, by, note: str, until: datetime.date, at=None) -> None:
        """Put it off until a day; what it affects stays drafted."""
        at = at or timezone.now()
        if until is None or until <= timezone.localdate(at):
            raise ValidationError({"until": _("Say until when: a day to come.")})
        self._decide("deferred", by=by, note=note, at=at, deferred_until=until)

    @while_open
    def withdraw(self, *, by, note: str, at=None) -> None:
        """The requester takes it back, or who assesses does."""
        at = at or timezone.now()
        if not note.strip():
            raise ValidationError({"note": _("Say why it is withdrawn.")})
        self._locked()
        if by.pk not in (self.requester_id, self.submitted_by_id) and not self.project.allows(by, P.CHANGE_ASSESS):
            raise PermissionDenied(_("Its requester withdraws it, or whoever assesses changes."))
        self._let_go()
        ended = {"decided_by": by, "decided_at": at, "decision_note": note.strip(), "deferred_until": None}
        self._move("withdrawn", by=by, at=at, reason=note, **ended)

    @while_open
    def implement(self, *, by, note: str = "", at=None) -> None:
        """Everything it asked for is done."""
        at = at or timezone.now()
        self._locked()
        self._move("implemented", by=by, at=at, reason=note, implemented_by=by, implemented_at=at)

    def _decide(self, to: str, *, by, note: str, at, **values) -> None:
        from projects.changes import mail

        at = at or timezone.now()
        if not note.strip():
            raise ValidationError({"note": _("Say why, so that whoever asked understands it.")})
        self._locked()
        self._check_decider(by)
        if to == "rejected" and self.may(to):
            self._let_go()
            values["deferred_until"] = None
        values |= {"decided_by": by, "decided_at": at, "decision_note": note.strip()}
        self._move(to, by=by, at=at, reason=note, **values)
        mail.decided(self)

    def _check_decider(self, by) -> None:
        if not self.project.allows(by, P.CHANGE_APPROVE):
            raise PermissionDenied(_("The sponsor decides about changes, or the PMO."))
        if not self.may_be_decided_by(by):
            raise ValidationError(
                _("Whoever asks for a change never decides about it. Somebody else who may approve has to."),
                code="own request",
            )

    def _let_go(self) -> None:
        """Texts drafted for this change alone are no drafts any more."""
        for item in self.requirements.filter(action="change", version__state="draft").select_related("version"):
            item.version.discard(by=None, for_change=self)

    def _traced(self):
        return self.requirements.exclude(requirement=None).select_related("requirement")

    def _locked(self):
        """The project's row first, as in every edit of a plan, then this one; both as they are now."""
        project = type(self.project)._base_manager.select_for_update(of=("self",)).get(pk=self.project_id)
        type(self)._base_manager.select_for_update(of=("self",)).only("pk").get(pk=self.pk)
        self.refresh_from_db(fields=["state", "version", "impact", "requester", "submitted_by", "funding"])
        return project

    def _move(self, to: str, *, by, at, reason: str = "", **values) -> None:
        if not self.may(to):
            raise self._beaten(to)
        moved = (
            type(self)
            ._base_manager.filter(pk=self.pk, state=self.state)
            .update(state=to, version=F("version") + 1, **values)
        )
        if not moved:
            raise self._beaten(to)
        self.state, self.version = to, self.version + 1
        for name, value in values.items():
            setattr(self, name, value)
        self.steps.create(
            project=self.project, state=to, by=by, at=at, reason=reason.strip(), until=values.get("deferred_until")
        )

    def _beaten(self, to: str) -> ValidationError:
        return ValidationError(
            _("%(ref)s is %(state)s by now, so it cannot become %(to)s. Nothing of yours was saved.")
            % {
                "ref": self.ref,
                "state": str(self.get_state_display()).lower(),
                "to": str(self.State(to).label).lower(),
            },
            code=FIRST,
        )
