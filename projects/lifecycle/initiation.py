"""How a project begins: charter, key people, five phases with their gates."""

import re
from typing import Any, Self

from django.db import transaction
from django.utils import timezone

from pmdm.accounts.roles import Role
from projects.lifecycle.checklists import DEFAULT_CHECKLISTS

_SUGGESTED = re.compile(r"^PRJ-(\d+)$")


class Initiation:
    """The part of Project that starts one."""

    objects: Any
    memberships: Any
    phases: Any
    checklist_items: Any

    @classmethod
    @transaction.atomic
    def initiate(
        cls,
        *,
        by,
        manager=None,
        sponsor=None,
        delivery_manager=None,
        template=None,
        with_plan=True,
        at=None,
        **charter,
    ) -> Self:
        """Create the project with its phases and gate checklists; its first phase begins. ``by`` manages unless named.

        ``template``, a published version of a project type, says which phases, lines, roles, risks and, ``with_plan``,
        which tasks; without one there are the five phases with the usual checklists.
        """
        from projects.types import making

        at = at or timezone.now()
        project = cls.objects.create(created_by=by, created_at=at, template=template, **charter)
        people = {
            Role.MANAGER: manager or by,
            Role.SPONSOR: sponsor,
            Role.DELIVERY_MANAGER: delivery_manager,
        }
        for role, person in people.items():
            if person:
                project.memberships.create(user=person, role=role, since=at)
        if template is None:
            project._open_phases(at)
        else:
            making.make(project, template, by=by, owner=manager or by, with_plan=with_plan, at=at)
        return project

    def _open_phases(self, at) -> None:
        Phase, ChecklistItem = self.phases.model, self.checklist_items.model
        phases = Phase.objects.bulk_create(
            Phase(
                project=self,
                key=kind,
                kind=kind,
                position=position,
                state=Phase.State.ACTIVE if position == 1 else Phase.State.PENDING,
                started_at=at if position == 1 else None,
            )
            for position, kind in enumerate(Phase.Kind.values, start=1)
        )
        ChecklistItem.objects.bulk_create(
            ChecklistItem(project=self, phase=phase, position=position, text=str(text), required=required)
            for phase in phases
            for position, (text, required) in enumerate(DEFAULT_CHECKLISTS[phase.kind], start=1)
        )

    @classmethod
    def suggest_code(cls) -> str:
        """The next free code of the form PRJ-42. A suggestion only: the unique constraint decides."""
        codes = cls.objects.filter(code__regex=r"^PRJ-[0-9]{1,6}$").values_list("code", flat=True)
        numbers = [int(match[1]) for code in codes if (match := _SUGGESTED.match(code))]
        return f"PRJ-{max(numbers, default=0) + 1}"
