"""Ending a project without its result: what the sponsor still accepts, and what is used again elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission
from pmdm.registers.editing import FIRST
from projects.closing.models import AcceptedPart, SalvageItem


@dataclass(frozen=True)
class Salvage:
    """One line of the list as it is named: what, of which kind, where it goes, who takes it."""

    what: str
    kind: str
    goes_to: str
    taker: Any


@transaction.atomic
def cancel(project, *, by, reason: str, salvage: Iterable[Salvage] = (), at=None):
    """Cancel with the list of what is used again; the state change."""
    at = at or timezone.now()
    change = project.cancel(by=by, reason=reason, at=at)
    for one in salvage:
        add_salvage(project, one, by=by, at=at)
    return change


def cancellation_of(project):
    """The state change that cancelled the project as it is; None while it is not cancelled."""
    if project.state != project.State.CANCELLED:
        return None
    return project.state_changes.filter(to_state="cancelled").select_related("by").first()


@transaction.atomic
def add_salvage(project, one: Salvage, *, by, at=None) -> SalvageItem:
    if not one.what.strip() or not one.goes_to.strip():
        raise ValidationError(_("Say what is used again, and where it goes."))
    return SalvageItem.objects.create(
        project=project,
        cancellation=_cancelled(project),
        what=one.what.strip(),
        kind=one.kind,
        goes_to=one.goes_to.strip(),
        taker=one.taker,
        created_by=by,
        created_at=at or timezone.now(),
    )


@transaction.atomic
def confirm_taken(item: SalvageItem, *, by, at=None) -> None:
    """It has arrived with whoever takes it."""
    _cancelled(item.project)
    taken = SalvageItem.objects.filter(pk=item.pk, taken_at=None)
    if not taken.update(taken_at=at or timezone.now(), confirmed_by=by):
        raise ValidationError(_("%(ref)s is taken already.") % {"ref": item.ref}, code=FIRST)


@transaction.atomic
def remove_salvage(item: SalvageItem, *, by) -> None:
    """Take a line off the list; what was taken stays on it."""
    _cancelled(item.project)
    if not SalvageItem.objects.filter(pk=item.pk, taken_at=None).delete()[0]:
        raise ValidationError(_("%(ref)s is taken already: it stays on the list.") % {"ref": item.ref}, code=FIRST)


def acceptable(project) -> dict[str, list]:
    """What the sponsor may accept as it is: requirements not verified, deliverables not accepted."""
    return {
        "requirement": list(project.requirements.exclude(state__in=("verified", "rejected")).order_by("number")),
        "deliverable": list(project.deliverables.exclude(state="accepted").order_by("number")),
    }


@transaction.atomic
def accept_parts(project, notes: Mapping[tuple[str, int], str], *, by, at=None) -> int:
    """Accept requirements and deliverables as they are: {(kind, row): how it is}. How many.

    PermissionDenied for others than the sponsor and who stands in; what was accepted already keeps its words.
    """
    if not project.allows(by, Permission.CLOSURE_AUTHORISE):
        raise PermissionDenied(_("The sponsor decides what is accepted."))
    cancellation = _cancelled(project)
    known = {(kind, row.pk): row for kind, rows in acceptable(project).items() for row in rows}
    if not set(notes) <= set(known):
        raise ValidationError(_("That is no open requirement or deliverable of this project."))
    if not all(note.strip() for note in notes.values()):
        raise ValidationError(_("Say in which state it is accepted."))
    there = AcceptedPart.objects.filter(cancellation=cancellation).count()
    AcceptedPart.objects.bulk_create(
        [
            AcceptedPart(
                project=project,
                cancellation=cancellation,
                note=note.strip()[:500],
                accepted_by=by,
                accepted_at=at or timezone.now(),
                **{kind: known[kind, row]},
            )
            for (kind, row), note in notes.items()
        ],
        ignore_conflicts=True,
    )
    return AcceptedPart.objects.filter(cancellation=cancellation).count() - there


def _cancelled(project):
    """The cancellation, with the project's row locked so that nobody reopens it meanwhile."""
    row = type(project)._base_manager.select_for_update(of=("self",)).only("pk", "state").get(pk=project.pk)
    if row.state != project.State.CANCELLED:
        raise ValidationError(_("Only a cancelled project has a salvage list."), code="state")
    return project.state_changes.filter(to_state="cancelled").first()
