"""How a drafted version of a requirement is changed, discarded, or becomes what is promised."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from projects.lifecycle.standing import while_open
from projects.scope.engine.words import Part, compare


class VersionMoves:
    """The part of RequirementVersion that changes."""

    State: Any
    _base_manager: ClassVar[Any]
    requirement: Any
    project: Any
    pk: int
    number: int
    state: str
    version: int
    change_items: Any
    get_state_display: Any
    get_type_display: Any
    get_priority_display: Any

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)  # type: ignore[misc]

    @while_open
    def approve(self, *, by, version: int | None = None, at=None, for_change=None) -> None:
        """Make this text the promise. ``version`` is the draft as it was read: a draft changed since is refused (409).

        What was built or verified against the former text is approved again only: its criteria are to be run anew,
        their earlier results stay in the history.
        """
        at = at or timezone.now()
        requirement = self.requirement
        requirement._lock()
        self._check_change(for_change)
        if not requirement.is_locked:
            raise ValidationError(_("%(ref)s is no longer promised.") % {"ref": requirement.ref})
        read = self.version if version is None else version
        self._end(self.State.APPROVED, read, approved_by=by, approved_at=at)
        content = {name: getattr(self, name) for name in requirement.CONTENT}
        requirement._change(requirement.State.APPROVED, verified_at=None, approved_by=by, approved_at=at, **content)
        requirement.criteria.exclude(result="not_run").update(
            result="not_run", evidence="", file=None, checked_by=None, checked_at=None
        )

    @while_open
    def discard(self, *, by, version: int | None = None, for_change=None) -> None:
        """Leave the approved text as it is; the draft stays readable."""
        self._check_change(for_change)
        self._end(self.State.DISCARDED, self.version if version is None else version)

    def _check_change(self, for_change) -> None:
        """A text drafted for a change request is decided with it, never past it."""
        item = self.change_items.select_related("change").exclude(change=for_change).first()
        if item is not None and item.change.is_open:
            raise ValidationError(
                _("This text was drafted for %(change)s and is decided with it.") % {"change": item.change.ref},
                code="change",
            )

    def _end(self, to, read: int, **values) -> None:
        changed = (
            type(self)
            ._base_manager.filter(pk=self.pk, state=self.State.DRAFT, version=read)
            .update(state=to, version=F("version") + 1, **values)
        )
        if not changed:
            now = type(self)._base_manager.get(pk=self.pk)
            raise ValidationError(
                _("Version %(number)d was changed meanwhile and is %(state)s now. Nothing of yours was saved.")
                % {"number": self.number, "state": str(now.get_state_display()).lower()},
                code=FIRST,
            )
        self.state, self.version = to, read + 1
        for name, value in values.items():
            setattr(self, name, value)

    def changes_since(self, before) -> list[tuple[str, list[Part]]]:
        """Field by field what differs from another version: its label and the parts of its text."""
        return [
            (str(field.verbose_name), compare(_shown(before, name), _shown(self, name)))
            for name in ("title", "text", "type", "priority", "source")
            if _shown(before, name) != _shown(self, name)
            for field in [type(self)._meta.get_field(name)]  # type: ignore[attr-defined]
        ]


def _shown(version, name: str) -> str:
    display = getattr(version, f"get_{name}_display", None)
    return str(display()) if display else getattr(version, name)
