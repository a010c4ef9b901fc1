"""An approved change is carried out: texts, plan and budget change, and the baselines they touch move, all or nothing.

Runs inside the transaction of the approval, which holds the project's lock.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from projects.budget import reserves, verbs
from projects.changes import baselines, engine
from projects.changes.items import conflict_words
from projects.changes.models import ChangeRequest
from projects.schedule import edits
from projects.schedule.api.ops import Conflicted, Refused
from projects.schedule.models import Task
from projects.scope.models import Requirement
from projects.scope.tracing.models import link


def carry_out(change: ChangeRequest, project, *, by, at) -> dict[str, Any]:
    """Do it; the fields of the request that say which baselines took the place of which."""
    moved: dict[str, Any] = {}
    if change.requirements.exists():
        moved |= _scope(change, project, by=by, at=at)
    if change.edits.exists():
        moved |= _plan(change, project, by=by, at=at)
    if change.money.exists():
        moved |= _budget(change, project, by=by, at=at)
    return moved


def _scope(change, project, *, by, at) -> dict[str, Any]:
    added, removed, reworded = [], [], []
    for item in change.requirements.select_related("requirement", "version").order_by("pk"):
        row = item.requirement
        if row is not None:
            row.project = project
        if item.action == "add":
            row = row or _new_requirement(change, item, at=at)
            if row.state == Requirement.State.DRAFT:
                row.move_on("reviewed")
            if row.state == Requirement.State.REVIEWED:
                row.approve(by=by, at=at)
            if item.requirement_id is None:
                item.requirement = row
                item.save(update_fields=["requirement"])
                link("change", [row], change, by=by, at=at)
            added.append(row)
        elif item.action == "change":
            item.version.requirement = row
            item.version.approve(by=by, at=at, for_change=change)
            reworded.append(row)
        else:
            row.take_out(by=by, reason=f"{change.ref}: {change.title}", at=at)
            removed.append(row)
    before, after = baselines.move_scope(project, added=added, reworded=reworded, removed=removed, by=by, at=at)
    return {"scope_before": before, "scope_after": after}


def _new_requirement(change, item, *, at) -> Requirement:
    row = change.project.requirements.create(
        title=item.title,
        text=item.text,
        type=item.type,
        priority=item.priority,
        source=f"{change.ref}, {change.requester.name}"[:200],
        owner=change.owner,
        created_by=change.requester,
        created_at=at,
    )
    for text in item.criteria.splitlines():
        if text.strip():
            row.add_criterion(text.strip()[:400])
    return row


def _plan(change, project, *, by, at) -> dict[str, Any]:
    rows = list(change.edits.order_by("pk"))
    ops = [op for edit in rows for op in edit.ops]
    label = _("Carry out %(change)s") % {"change": change}
    try:
        applied = edits.apply_ops(project, by=by, ops=ops, label=label[:400])
    except (Conflicted, Refused) as problem:
        # What is out of date was refused before: only what no hash can see comes here.
        words = (
            conflict_words(problem) if isinstance(problem, Conflicted) else [one["message"] for one in problem.errors]
        )
        raise ValidationError(" ".join(words) or _("The plan changed meanwhile."), code=FIRST)
    outcome = applied.outcome
    if outcome.moved.finish[1] != change.impact.finish_after:
        raise ValidationError(
            _("The plan would end on another day than the impact says: hours or calendars changed. Compute it again."),
            code=FIRST,
        )
    touched = {move.task_id for move in outcome.moved.moves} | {row.id for row in outcome.added}
    touched |= {row.id for row in outcome.changed if row.was("is_summary") != row.is_summary}
    known = set(project.tasks.filter(uid__in=[edit.uid for edit in rows if edit.uid]).values_list("pk", flat=True))
    uids = {}
    for edit in rows:
        ref = next((op["ref"] for op in edit.ops if op.get("ref")), None)
        uids[edit.pk] = edit.uid or (applied.added[ref] if ref else None)
        if edit.uid is None and uids[edit.pk]:
            edit.uid = uids[edit.pk]
            edit.save(update_fields=["uid"])
    costs = {uids[edit.pk]: edit.cost for edit in rows if edit.cost is not None and edit.kind != "remove"}
    if costs:
        tasks = list(Task.objects.filter(project=project, uid__in=costs))
        edits.revise(project, by=by, change=[(task, {"cost": costs[task.uid]}) for task in tasks])
    removed = {row.uid for row in outcome.removed}
    before, after = baselines.move_schedule(change, project, touched=touched | known, removed=removed, by=by, at=at)
    return {"schedule_before": before, "schedule_after": after}


def _budget(change, project, *, by, at) -> dict[str, Any]:
    before = baselines.active_budget(project) or baselines.freeze_budget(project, by=by, at=at)
    planned = baselines.planned_by_line(project, before, at=at)
    rows = list(change.money.select_related("line").order_by("pk"))
    deltas = [item.delta for item in rows]
    parts = engine.parts_drawn(deltas) if change.funding != engine.ADDED else [engine.ZERO] * len(rows)
    if change.funding == engine.ADDED and project.approved_budget is not None:
        project.approved_budget += sum(deltas, engine.ZERO)
        project.save_changes(["approved_budget"])
    allowance = project.allowances.filter(kind=change.funding).first()
    for item, part in zip(rows, parts, strict=True):
        line = item.line
        if line is None:
            line = verbs.plan_line(project, by=by, name=item.name, category=item.category, planned=item.delta - part)
            item.line = line
            item.save(update_fields=["line"])
        elif item.delta != part:
            verbs.change_line(line, by=by, planned=line.planned + item.delta - part)
        planned[line.pk] = planned.get(line.pk, engine.ZERO) + item.delta
        if part:
            reason = f"{change.ref}: {change.title}"[:2000]
            draw = reserves.request_draw(
                project, by=change.submitted_by, allowance=allowance, line=line, amount=part, reason=reason, at=at
            )
            reserves.approve_draw(draw, by=by, note=change.ref, at=at)
    project.refresh_from_db(fields=["approved_budget"])
    return {"budget_before": before, "budget_after": baselines.move_budget(project, before, planned, by=by, at=at)}
