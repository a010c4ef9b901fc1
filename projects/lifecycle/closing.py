"""Closing: nothing is left silently open, the result is frozen, the project becomes read-only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SHOWN = 10

# Kind: (label, what the decision is about, may go to the handover).
KINDS = {
    "gates": (gettext_lazy("Gates without a decision"), False),
    "tasks": (gettext_lazy("Tasks that are not finished"), False),
    "requirements": (gettext_lazy("Requirements that are not verified"), True),
    "issues": (gettext_lazy("Open issues"), True),
    "risks": (gettext_lazy("Open risks"), True),
    "hours": (gettext_lazy("Booked hours without a rate"), False),
}


@dataclass(frozen=True)
class Matter:
    """One kind of thing that is still open: how many, and the first of them as (ref, text, url)."""

    kind: str
    count: int
    items: list[tuple[str, str, str]]

    @property
    def label(self):
        return KINDS[self.kind][0]

    @property
    def to_handover(self) -> bool:
        """Whether these may live on in the delivered product."""
        return KINDS[self.kind][1]

    @property
    def more(self) -> int:
        return self.count - len(self.items)


class Closing:
    """The part of Project that closes it."""

    State: Any
    pk: int
    code: str
    phases: Any
    tasks: Any
    issues: Any
    risks: Any
    requirements: Any
    time_entries: Any
    move: Any

    def open_matters(self) -> list[Matter]:
        """Everything that closing would leave open, kind by kind; empty when nothing is."""
        unmet = self.requirements.filter(
            Q(state__in=("approved", "built")) | (~Q(state="verified") & Q(baseline_items__baseline__is_active=True))
        ).distinct()
        found = [
            self._matter(
                "gates",
                self.phases.exclude(kind="monitoring").exclude(state="done"),
                lambda phase: ("", str(phase), self._url("projects:phase", phase.kind)),
            ),
            self._matter(
                "tasks",
                self.tasks.filter(percent__lt=100, is_summary=False),
                lambda task: (str(task.number), task.name, self._url("projects:schedule")),
            ),
            self._matter("requirements", unmet, self._numbered("projects:requirement-detail")),
            self._matter("issues", self.issues.open(), self._numbered("projects:issue-detail")),
            self._matter("risks", self.risks.open(), self._numbered("projects:risk-detail")),
            self._matter(
                "hours",
                self.time_entries.filter(cost=None).select_related("user"),
                lambda entry: (str(entry.day), entry.user.name, self._url("projects:time-list")),
            ),
        ]
        return [matter for matter in found if matter.count]

    @transaction.atomic
    def close(self, *, by, report="", decisions: Mapping[str, str] | None = None, handed_over=(), at=None):
        """Close the project and freeze its result.

        ``decisions`` says for each kind of open thing why it is right to close with it; risks, issues and unmet
        requirements must also be named in ``handed_over``. ValidationError names the kinds that lack it.
        """
        at = at or timezone.now()
        decisions = decisions or {}
        matters = self.open_matters()
        errors = {}
        for matter in matters:
            if not decisions.get(matter.kind, "").strip():
                errors[matter.kind] = _("%(label)s (%(n)d): say why it is right to close with them.") % {
                    "label": matter.label,
                    "n": matter.count,
                }
            elif matter.to_handover and matter.kind not in handed_over:
                errors[matter.kind] = _("%(label)s (%(n)d): close them, or confirm that they go to the handover.") % {
                    "label": matter.label,
                    "n": matter.count,
                }
        if errors:
            raise ValidationError(errors)
        change = self.move("close", self.State.CLOSED, by=by, reason=report.strip() or _("Closed"), at=at)
        self.phases.filter(state="active").update(state="done", finished_at=at)
        from pmdm.kpis import figures
        from projects.lifecycle.models import Closure

        self.closure = Closure.objects.create(
            project=self,
            closed_at=at,
            closed_by=by,
            report=report.strip(),
            result=figures.result("project", self.pk, as_of=at),
            left_open={
                matter.kind: {
                    "count": matter.count,
                    "refs": [ref or text for ref, text, _url in matter.items],
                    "to_handover": matter.kind in handed_over,
                    "reason": decisions[matter.kind].strip(),
                }
                for matter in matters
            },
        )
        return change

    def _matter(self, kind, queryset, describe) -> Matter:
        rows = list(queryset[: SHOWN + 1])
        count = len(rows) if len(rows) <= SHOWN else queryset.count()
        return Matter(kind, count, [describe(row) for row in rows[:SHOWN]])

    def _numbered(self, url_name):
        return lambda row: (row.ref, row.title, self._url(url_name, row.number))

    def _url(self, name, *args) -> str:
        return reverse(name, args=[self.code, *args])
