"""Changes of state that hold only from where they start: the loser of a race sees who was first."""

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from pmdm.prepared import reread
from pmdm.registers.editing import FIRST


class NotNow(ValidationError):
    """The record is no longer in a state from which this can be done; the message says so to a person."""

    def __init__(self, message):
        super().__init__(message, code=FIRST)


def move(record, from_states, **changes) -> None:
    """Write ``changes`` if the record's ``state`` is one of ``from_states``; else NotNow with what it is now."""
    model = type(record)
    if hasattr(record, "version"):
        changes = {**changes, "version": F("version") + 1}
    moved = model._base_manager.filter(pk=record.pk, state__in=from_states).update(**changes)
    reread(record)
    if not moved:
        raise NotNow(
            _("This cannot be done now: %(record)s is “%(state)s”.")
            % {"record": record, "state": record.get_state_display()}
        )
