"""How a risk ends, and how an issue begins and ends."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from projects.lifecycle.standing import while_open


class RiskMoves:
    """The part of Risk that ends it."""

    State: Any
    _base_manager: ClassVar[Any]
    project: Any
    ref: str
    pk: int
    title: str
    description: str
    response_plan: str
    owner: Any
    impact: int | None

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)  # type: ignore[misc]

    @classmethod
    @while_open
    def raise_risk(cls, project, *, at=None, **values):
        """Put a risk on the register; its first scores are kept as the inherent ones."""
        values.setdefault("inherent_probability", values.get("probability"))
        values.setdefault("inherent_impact", values.get("impact"))
        return project.risks.create(raised_at=at or timezone.now(), **values)

    @while_open
    def close(self, *, by, reason: str, at=None) -> None:
        """The risk is gone or no longer worth watching."""
        reason = reason.strip()
        if not reason:
            raise ValidationError({"reason": _("Say why the risk is closed.")})
        self._end(self.State.CLOSED, reason, at)

    @while_open
    def occur(self, *, by, note="", at=None):
        """The risk has happened: it leaves the exposure and becomes an issue with all that was known."""
        at = at or timezone.now()
        self._end(self.State.OCCURRED, note.strip(), at)
        Issue = self.project.issues.model
        parts = [
            self.description,
            self.response_plan and _("Planned response: %(plan)s") % {"plan": self.response_plan},
            note.strip(),
        ]
        # An impact of 5 is the worst; a severity of 1 is.
        severity = {5: 1, 4: 2, 3: 3}.get(self.impact or 3, 4)
        return Issue.raise_issue(
            self.project,
            by=by,
            at=at,
            title=self.title,
            description="\n\n".join(part for part in parts if part),
            owner=self.owner,
            severity=severity,
            from_risk=self,
        )

    @while_open
    def reopen(self, *, by) -> None:
        """Put a closed risk back on the register; one that has happened stays an issue."""
        changed = (
            type(self)
            ._base_manager.filter(pk=self.pk, state=self.State.CLOSED)
            .update(state=self.State.OPEN, closed_at=None, version=F("version") + 1)
        )
        if not changed:
            raise ValidationError(_("Only a closed risk can be reopened."), code="state")
        self.state, self.closed_at = self.State.OPEN, None

    def _end(self, to, reason, at) -> None:
        at = at or timezone.now()
        changed = (
            type(self)
            ._base_manager.filter(pk=self.pk, state=self.State.OPEN)
            .update(state=to, closed_at=at, close_reason=reason, version=F("version") + 1)
        )
        if not changed:
            now = type(self)._base_manager.get(pk=self.pk)
            raise ValidationError(
                _("%(ref)s is no longer open: %(state)s already. Nothing of yours was saved.")
                % {"ref": self.ref, "state": str(now.get_state_display()).lower()},
                code=FIRST,
            )
        self.state, self.closed_at, self.close_reason = to, at, reason


class IssueMoves:
    """The part of Issue that begins and ends it."""

    State: Any
    _base_manager: ClassVar[Any]
    ref: str
    pk: int
    closed_at: Any
    resolution: Any

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)  # type: ignore[misc]

    @classmethod
    @while_open
    def raise_issue(cls, project, *, by, at=None, **values):
        return project.issues.create(raised_by=by, raised_at=at or timezone.now(), **values)

    @while_open
    def start(self, *, by) -> None:
        """Somebody works on it."""
        self._move(self.State.OPEN, self.State.IN_PROGRESS)

    @while_open
    def close(self, *, by, resolution: str, at=None) -> None:
        """It is solved, or lived with; the resolution says which."""
        resolution = resolution.strip()
        if not resolution:
            raise ValidationError({"resolution": _("Say how it was resolved.")})
        changed = (
            type(self)
            ._base_manager.filter(pk=self.pk, state__in=("open", "in_progress"))
            .update(
                state=self.State.CLOSED,
                closed_at=at or timezone.now(),
                resolution=resolution,
                version=F("version") + 1,
            )
        )
        if not changed:
            raise ValidationError(
                _("%(ref)s is closed already. Nothing of yours was saved.") % {"ref": self.ref}, code=FIRST
            )
        self.state, self.resolution = self.State.CLOSED, resolution

    @while_open
    def reopen(self, *, by) -> None:
        """It was not resolved after all; the former resolution stays in the audit trail."""
        changed = (
            type(self)
            ._base_manager.filter(pk=self.pk, state=self.State.CLOSED)
            .update(state=self.State.OPEN, closed_at=None, version=F("version") + 1)
        )
        if not changed:
            raise ValidationError(_("Only a closed issue can be reopened."), code="state")
        self.state, self.closed_at = self.State.OPEN, None

    def _move(self, before, to) -> None:
        if not type(self)._base_manager.filter(pk=self.pk, state=before).update(state=to, version=F("version") + 1):
            raise ValidationError(
                _("%(ref)s has changed since you opened the page. Nothing of yours was saved.") % {"ref": self.ref},
                code=FIRST,
            )
        self.state = to
