"""Pause, resume, cancel, reopen: always from a state it fits, always with a reason, never silently twice."""

import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from pmdm.ui import format as fmt


class StateMoves:
    """The part of Project that changes its state."""

    State: Any
    _base_manager: ClassVar[Any]
    state: str
    pk: int
    phases: Any
    state_changes: Any

    # Which moves a person may ask for, and from where. Closing and cancelling have pages of their own.
    MOVES = {
        "pause": ("active",),
        "resume": ("paused",),
        "cancel": ("active", "paused"),
        "reopen": ("closed", "cancelled"),
    }

    def may_move(self, move: str) -> bool:
        return self.state in self.MOVES[move]

    def pause(self, *, by, reason, at=None):
        """Stop the clock for a while; the project stays open."""
        return self.move("pause", self.State.PAUSED, by=by, reason=reason, at=at)

    def resume(self, *, by, reason, at=None):
        return self.move("resume", self.State.ACTIVE, by=by, reason=reason, at=at)

    def cancel(self, *, by, reason, at=None):
        """End the project without a result; it becomes read-only."""
        return self.move("cancel", self.State.CANCELLED, by=by, reason=reason, at=at)

    @transaction.atomic
    def reopen(self, *, by, reason, at=None):
        """Make a closed or cancelled project writable again; the phases that closing ended go on."""
        closure = getattr(self, "closure", None)
        change = self.move("reopen", self.State.ACTIVE, by=by, reason=reason, at=at)
        if closure:
            ended = self.phases.filter(finished_at=closure.closed_at)
            if not ended.exists():
                last = self.phases.filter(kind="closing", state="done").order_by("-position")[:1]
                ended = self.phases.filter(pk__in=[phase.pk for phase in last])
            ended.update(state="active", finished_at=None)
            # The audit trail keeps the frozen result; closing again freezes a new one.
            closure.delete()
            self.__dict__.pop("closure", None)
            self._state.fields_cache.pop("closure", None)  # type: ignore[attr-defined]
        return change

    @transaction.atomic
    def move(self, move: str, to: str, *, by, reason: str, at: datetime.datetime | None = None):
        """Change the state if it still is what was read; ValidationError says who was first."""
        reason = reason.strip()
        if not reason:
            raise ValidationError({"reason": _("Say why: the reason is kept with the project.")})
        before = self.state
        if before not in self.MOVES.get(move, ("active",)):
            raise ValidationError(_refusal(move, before), code="state")
        if not type(self)._base_manager.filter(pk=self.pk, state=before, awaits_closure=False).update(state=to):
            if type(self)._base_manager.filter(pk=self.pk, awaits_closure=True).exists():
                raise ValidationError(
                    _("The end report waits for the sponsor: withdraw it, or have it returned, first."), code="state"
                )
            raise ValidationError(self._who_was_first(), code=FIRST)
        self.state = to
        return self.state_changes.create(from_state=before, to_state=to, reason=reason, by=by, at=at or timezone.now())

    def _who_was_first(self) -> str:
        last = self.state_changes.select_related("by").first()
        if last is None:
            return _("Somebody changed the state of this project before you. Nothing of yours was saved.")
        return _("%(who)s was first: the project has been %(state)s since %(when)s. Nothing of yours was saved.") % {
            "who": last.by.name,
            "state": last.get_to_state_display().lower(),
            "when": fmt.when(last.at),
        }


def _refusal(move: str, state: str) -> str:
    texts = {
        "pause": _("Only an active project can be paused."),
        "resume": _("Only a paused project can be resumed."),
        "cancel": _("Only an open project can be cancelled."),
        "reopen": _("Only a closed or cancelled project can be reopened."),
        "close": _("Only an active project can be closed: resume it first."),
    }
    return texts[move]
