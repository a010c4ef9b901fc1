"""What a template would make, with the dates it would give: computed by the same engine, nothing is written."""

import datetime
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.types import engine


@dataclass
class PhasePreview:
    name: str
    kind: str
    gate: datetime.date | None = None
    lines: list[tuple[str, bool, str]] = field(default_factory=list)  # text, required, evidence
    tasks: list[tuple[str, datetime.date | None, datetime.date | None]] = field(default_factory=list)


@dataclass
class Preview:
    """Phases with their gates and tasks; roles and risks beside them."""

    phases: list[PhasePreview]
    roles: list[str]
    risks: list[str]
    tasks: int
    finish: datetime.date | None


def preview(version, *, start: datetime.date, calendar=None, with_plan: bool = True) -> Preview:
    """For a project that starts on this day and works by the given calendar (a stored one, or the standard)."""
    from projects.lifecycle.models import ChecklistItem, Phase

    template = version.template
    dates = _dates(template, start, calendar) if with_plan else {}
    words = dict(ChecklistItem.Evidence.choices)
    kinds = dict(Phase.Kind.choices)
    phases = []
    for phase in template.phases:
        lines = [
            (line.text, line.required, "" if line.evidence == "any" else str(words[line.evidence]))
            for line in template.lines
            if line.phase == phase.key
        ]
        lines += [
            (_("Document: %(title)s") % {"title": one.title}, one.required, str(words["document"]))
            for one in template.documents
            if one.phase == phase.key
        ]
        tasks = [(task.name, *dates.get(task.key, (None, None))) for task in template.tasks if task.phase == phase.key]
        gate = dates.get(f"gate:{phase.key}", (None, None))[1]
        phases.append(PhasePreview(phase.name, str(kinds[phase.kind]), gate, lines, tasks if with_plan else []))
    finishes = [finish for _start, finish in dates.values() if finish]
    return Preview(
        phases,
        [role.name for role in template.roles],
        [risk.title for risk in template.risks],
        len(template.tasks) if with_plan else 0,
        max(finishes, default=None),
    )


def _dates(template: engine.Template, start: datetime.date, calendar):
    """{key: (first day, last day)} as the plan would compute them."""
    from projects.models import Project
    from projects.schedule import edits
    from projects.types.making import operations

    # A project that exists in memory only: a preview of operations writes nothing.
    project = Project(pk=0, code="PREVIEW", target_start=start, created_at=timezone.now(), calendar=calendar)
    rows, made = operations(project, template)
    applied = edits.apply_ops(project, by=None, ops=made, preview=True)
    found = {}
    for row in rows:
        dates = applied.outcome.result.tasks[applied.refs[row.key].id]
        found[row.key] = (dates.start.date() if dates.start else None, dates.finish.date() if dates.finish else None)
    return found
