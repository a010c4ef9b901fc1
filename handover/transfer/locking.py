"""Whoever changes a handover holds its row; the one who comes second is told who was first."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST


class AlreadyMoved(ValidationError):
    """Somebody was faster; nothing of this was saved."""

    def __init__(self, message, code=FIRST):
        super().__init__(message, code=code)


def lock(handover, *, expect: Collection[str]):
    """The record as it is now, kept until the transaction ends; AlreadyMoved unless its state is expected."""
    records = type(handover).objects.select_for_update(of=("self",))
    current = records.select_related("project", "giver", "receiver", "product").get(pk=handover.pk)
    if current.state not in expect:
        raise AlreadyMoved(
            _("This handover is %(state)s now; it was changed while you looked at it.")
            % {"state": current.get_state_display().lower()}
        )
    return current


def same(row, seen: int | None):
    """The row as it is now; AlreadyMoved if its version is not the one that was read. Call it under ``lock``."""
    now = type(row)._base_manager.get(pk=row.pk)
    if seen is not None and now.version != seen:
        raise AlreadyMoved(
            _("“%(line)s” was changed while you looked at it. Nothing of yours was saved; this is how it is now.")
            % {"line": now}
        )
    return now
