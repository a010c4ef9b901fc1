"""How a deliverable or a whole delivery is submitted, accepted or rejected."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission
from pmdm.files.models import File
from pmdm.registers.editing import FIRST
from projects.lifecycle.standing import while_open
from projects.scope.tracing.models import set_requirements


def _values(to: str, *, by, at, reason="") -> dict:
    """The columns of a state."""
    if to == "submitted":
        return {"submitted_by": by, "submitted_at": at, "decided_by": None, "decided_at": None, "reason": ""}
    return {"decided_by": by, "decided_at": at, "reason": reason}


def _reason(accept: bool, reason: str) -> str:
    reason = reason.strip()
    if not accept and not reason:
        raise ValidationError({"reason": _("Say what is missing, so that it can be put right.")})
    return reason


class Moves:
    State: Any
    OPEN_STATES: ClassVar[tuple[str, ...]]
    _base_manager: ClassVar[Any]
    project: Any
    pk: int
    ref: str
    state: str

    def _to(self, before: tuple[str, ...], to: str, **values) -> None:
        changed = type(self)._base_manager.filter(pk=self.pk, state__in=before).update(state=to, **values)
        if not changed:
            now = type(self)._base_manager.get(pk=self.pk)
            raise ValidationError(
                _("%(ref)s is %(state)s by now. Nothing of yours was saved.")
                % {"ref": self.ref, "state": str(now.get_state_display()).lower()},
                code=FIRST,
            )
        self.state = to
        for name, value in values.items():
            if name != "version":
                setattr(self, name, value)


class DeliverableMoves(Moves):
    """The part of Deliverable that is planned, submitted and decided."""

    @classmethod
    @while_open
    def plan(cls, project, *, by, requirements=(), at=None, **values):
        """One more thing to hand over, traced to what it delivers."""
        at = at or timezone.now()
        deliverable = project.deliverables.create(created_at=at, **values)
        set_requirements("deliverable", deliverable, requirements, by=by, at=at)
        return deliverable

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)  # type: ignore[misc]

    @while_open
    def submit(self, *, by, file=None, at=None) -> None:
        """Hand it in for acceptance, with the file itself where it is one."""
        at = at or timezone.now()
        self._alone()
        values = _values("submitted", by=by, at=at)
        if file:
            values["file"] = File.keep(self.project, file, by=by, permission=Permission.SCOPE_VIEW, at=at)
        self._to(self.OPEN_STATES, "submitted", version=F("version") + 1, **values)

    @while_open
    def decide(self, *, accept: bool, by, reason="", at=None) -> None:
        """Accept it, or reject it with a reason; then it may be submitted again."""
        self._alone()
        reason = _reason(accept, reason)
        values = _values("accepted" if accept else "rejected", by=by, at=at or timezone.now(), reason=reason)
        self._to(("submitted",), "accepted" if accept else "rejected", version=F("version") + 1, **values)

    def _alone(self) -> None:
        # Under its row lock, so that no delivery takes it in the same moment.
        mine = type(self)._base_manager.select_for_update(of=("self",)).select_related("delivery").get(pk=self.pk)
        if mine.delivery and mine.delivery.state in ("planned", "submitted"):
            raise ValidationError(
                _("It is part of %(delivery)s and goes with it.") % {"delivery": mine.delivery}, code="bundled"
            )


class DeliveryMoves(Moves):
    """The part of Delivery that pushes its state to what it bundles."""

    deliverables: Any

    @classmethod
    @while_open
    def bundle(cls, project, deliverables, *, title: str, by, note="", at=None):
        """Put deliverables that are planned or were rejected into one delivery."""
        rows = list(project.deliverables.select_for_update().filter(pk__in=[row.pk for row in deliverables]))
        if not rows:
            raise ValidationError({"deliverables": _("Choose at least one deliverable.")})
        # Read under the lock: another delivery may have taken one of them.
        taken = {row.pk: row for row in project.deliveries.filter(state__in=("planned", "submitted"))}  # type: ignore
        for row in rows:
            if row.state not in cls.OPEN_STATES or row.delivery_id in taken:
                raise ValidationError(
                    {"deliverables": _("%(ref)s is handed in already or part of another delivery.") % {"ref": row.ref}}
                )
        delivery = cls(project=project, title=title, note=note, created_at=at or timezone.now())  # type: ignore
        delivery.save()  # type: ignore[attr-defined]
        project.deliverables.filter(pk__in=[row.pk for row in rows]).update(delivery=delivery, version=F("version") + 1)
        return delivery

    @while_open
    def submit(self, *, by, at=None) -> None:
        """Hand in everything it bundles."""
        values = _values("submitted", by=by, at=at or timezone.now())
        self._to(("planned",), "submitted", **values)
        self.deliverables.update(state="submitted", version=F("version") + 1, **values)

    @while_open
    def decide(self, *, accept: bool, by, reason="", at=None) -> None:
        """Accept or reject everything it bundles; rejected deliverables go into a next delivery or alone."""
        reason = _reason(accept, reason)
        to = "accepted" if accept else "rejected"
        values = _values(to, by=by, at=at or timezone.now(), reason=reason)
        self._to(("submitted",), to, **values)
        self.deliverables.update(state=to, version=F("version") + 1, **values)
