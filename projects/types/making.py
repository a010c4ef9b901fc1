"""What a template makes of a new project: phases with gates, roles, risks, and the plan; in one transaction."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pmdm.accounts.models import Skill
from projects.types import engine
from projects.types.engine.plan import PlannedTask


@transaction.atomic
def make(project, version, *, by, owner, at, with_plan: bool = True) -> None:
    """Copy everything in; the project's first phase begins. ``owner`` owns the risks."""
    template = version.template
    _phases(project, template, at)
    _risks(project, template, owner, at)
    if with_plan:
        _plan(project, template, by)


def _phases(project, template: engine.Template, at) -> None:
    from projects.lifecycle import order
    from projects.lifecycle.models import ChecklistItem, Phase

    begun = order.begins([order.Place(phase.key, phase.kind) for phase in template.phases])
    phases = Phase.objects.bulk_create(
        Phase(
            project=project,
            key=phase.key,
            name=phase.name.strip(),
            kind=phase.kind,
            position=position,
            state=Phase.State.ACTIVE if phase.key in begun else Phase.State.PENDING,
            started_at=at if phase.key in begun else None,
        )
        for position, phase in enumerate(template.phases, start=1)
    )
    by_key = {phase.key: phase for phase in phases}
    wanted = [(line.phase, line.text, line.required, line.evidence) for line in template.lines]
    wanted += [
        (one.phase, _("Document: %(title)s") % {"title": one.title}, one.required, "document")
        for one in template.documents
    ]
    ChecklistItem.objects.bulk_create(
        ChecklistItem(
            project=project,
            phase=by_key[phase],
            position=position,
            text=text.strip(),
            required=required,
            evidence_kind=evidence,
        )
        for position, (phase, text, required, evidence) in enumerate(wanted, start=1)
    )


def _risks(project, template: engine.Template, owner, at) -> None:
    for risk in template.risks:
        project.risks.create(
            title=risk.title.strip(),
            description=risk.description,
            category=risk.category,
            probability=risk.probability,
            impact=risk.impact,
            inherent_probability=risk.probability,
            inherent_impact=risk.impact,
            response=risk.response,
            response_plan=risk.response_plan,
            owner=owner,
            raised_at=at,
        )


def _plan(project, template: engine.Template, by) -> None:
    """Roles as resources that are nobody yet, tasks with their links, and the days of the gates."""
    from projects.schedule import edits
    from projects.schedule.api.ops import Refused
    from projects.schedule.models import Resource, Task

    # A skill that the company does not list any more is left out.
    skills = {skill.name.casefold(): skill for skill in Skill.objects.all()}
    Resource.objects.bulk_create(
        Resource(project=project, uid=uid, name=role.name.strip(), skill=skills.get(role.skill.strip().casefold()))
        for uid, role in enumerate(template.roles, start=1)
    )
    rows, made = operations(project, template, {role.key: role.name.strip() for role in template.roles})
    try:
        applied = edits.apply_ops(project, by=by, ops=made, label=_("Plan of the template"))
    except Refused as refused:
        raise ValidationError(_("The plan of the template can't be made: %(why)s") % {"why": refused}) from refused
    gates = {applied.added[row.key]: row.gate_of for row in rows if row.gate_of}
    finishes = dict(Task.objects.filter(project=project, uid__in=gates).values_list("uid", "finish"))
    phases = list(project.phases.filter(key__in=gates.values()))
    due = {gates[uid]: finish for uid, finish in finishes.items() if finish}
    for phase in phases:
        if finish := due.get(phase.key):
            phase.gate_due = _wall(finish, project).date()
    project.phases.model.objects.bulk_update(phases, ["gate_due"])


def operations(project, template: engine.Template, roles: dict[str, str] | None = None):
    """The rows of the plan, and the operations that make them; ``roles`` names the resources, None leaves them out."""
    from projects.schedule.plan import Plan

    plan = Plan(project)
    rows = engine.planned_tasks(template, _("Gate: {name}"))
    made = [_added(row, roles or {}, plan) for row in rows]
    made += [
        {"op": "link", "from": before, "to": row.key, "type": kind, "lag": f"{lag}d"}
        for row in rows
        for before, kind, lag in row.after
    ]
    return rows, made


def _wall(instant, project) -> datetime.datetime:
    from projects.schedule.localtime import to_wall

    wall = to_wall(instant, project)
    assert wall is not None
    return wall


def _added(row: PlannedTask, roles: dict[str, str], plan) -> dict:
    fields: dict = {"name": row.name}
    if row.days is not None:
        fields["duration"] = f"{row.days}d"
    if row.not_before is not None:
        start = plan.calendar.add(plan.start(), row.not_before * plan.project.minutes_per_day)
        # The end of a working day is the start of the next.
        fields |= {"constraint": "SNET", "constraint_date": plan.calendar.next_working(start).date().isoformat()}
    if row.role in roles and row.days:
        fields["people"] = roles[row.role]
    operation: dict = {"op": "add", "ref": row.key, "fields": fields}
    if row.parent:
        operation["parent"] = row.parent
    return operation
