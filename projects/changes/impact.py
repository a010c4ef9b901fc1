"""What a change would do, computed from a draft of plan, scope and budget that is never saved."""

import datetime
import hashlib
import json
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.registers.editing import FIRST
from projects.budget import reserves
from projects.budget.models import BudgetLine
from projects.changes import engine
from projects.changes.items import try_out
from projects.changes.models import ChangeImpact, ChangeRequest
from projects.lifecycle.models import Project
from projects.lifecycle.standing import while_open
from projects.schedule import journal
from projects.schedule.localtime import to_wall
from projects.scope.models import Requirement

LISTED = 200  # tasks that moved; all are counted
ZERO = Decimal(0)
PARTS = {
    "plan": gettext_lazy("the plan"),
    "budget": gettext_lazy("the budget"),
    "scope": gettext_lazy("the scope"),
    "change": gettext_lazy("the request itself"),
}


@while_open
def compute(change: ChangeRequest, *, by, at=None) -> ChangeImpact:
    """Work the impact out and keep it as the latest. ValidationError (409) once the change is decided."""
    project = Project.objects.select_for_update(of=("self",)).get(pk=change.project_id)
    state = ChangeRequest.objects.select_for_update(of=("self",)).values_list("state", flat=True).get(pk=change.pk)
    if state not in ChangeRequest.OPEN_STATES:
        raise ValidationError(_("%(ref)s is decided: its impact stays as it was.") % {"ref": change.ref}, code=FIRST)
    problems: list[str] = []
    days = days_of(change, project, problems, by=by)
    scope = scope_of(change, problems)
    money = money_of(change, project, problems)
    last = change.impacts.aggregate(last=Max("number"))["last"] or 0
    impact = change.impacts.create(
        project=project,
        number=last + 1,
        computed_at=at or timezone.now(),
        computed_by=by,
        seen=seen(change),
        problems=problems,
        scope=scope,
        days=days | {"shift": None if days["shift"] is None else str(days["shift"])},
        money=money,
        shift=days["shift"],
        finish_before=_instant(days["finish"][0]),
        finish_after=_instant(days["finish"][1]),
        delta=Decimal(money["delta"]),
    )
    ChangeRequest.objects.filter(pk=change.pk).update(impact=impact)
    change.impact = impact
    return impact


# Out of date


def seen(change: ChangeRequest, *, lock: bool = False) -> dict[str, str]:
    """What an impact is computed from, each part as a short hash. ``lock`` keeps it so until the transaction ends."""

    def rows(queryset, *fields, order="pk"):
        queryset = queryset.order_by(order)
        if lock:
            list(queryset.select_for_update(of=("self",)).values_list("pk", flat=True))
        return list(queryset.values_list(*fields))

    project = Project.objects.get(pk=change.project_id)
    plan = [journal.revision_of(project), project.schedule_start, project.status_date]
    # Set apart before the lines, as everybody who draws takes them.
    budget = [
        project.approved_budget,
        rows(project.allowances.all(), "kind", "amount"),
        rows(project.budget_lines.all(), "pk", "name", "category", "planned"),
        list(project.draws.filter(state="approved").aggregate(n=Count("pk"), last=Max("pk")).values()),
    ]
    items = change.requirements.order_by("pk")
    scope = [
        list(project.scope_baselines.filter(is_active=True).values_list("pk")),
        rows(project.requirements.filter(Q(state__in=Requirement.LOCKED_STATES)), "pk", "priority"),
        list(project.requirement_versions.filter(state="approved").aggregate(n=Count("pk"), last=Max("pk")).values()),
        rows(project.requirements.filter(change_items__change=change), "pk", "title", "text", "priority"),
        list(items.values_list("version__pk", "version__state", "version__version")),
    ]
    now = ChangeRequest.objects.values_list("title", "reason", "description", "funding").get(pk=change.pk)
    own = [
        now,
        list(items.values_list("pk", "action", "requirement", "title", "text", "priority", "criteria")),
        list(change.edits.order_by("pk").values_list("pk", "ops", "cost")),
        list(change.money.order_by("pk").values_list("pk", "line", "name", "category", "delta")),
    ]
    return {
        name: hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]
        for name, value in (("plan", plan), ("budget", budget), ("scope", scope), ("change", own))
    }


def out_of_date(change: ChangeRequest, *, lock: bool = False) -> list[str]:
    """What changed since the latest impact was computed, in words; empty while it holds."""
    now = seen(change, lock=lock)
    return [str(PARTS[name]) for name, value in now.items() if change.impact.seen.get(name) != value]


# Days


def days_of(change: ChangeRequest, project, problems: list[str], *, by) -> dict[str, Any]:
    """Finish before and after, tasks and milestones that move, in working days of the project's calendar."""
    ops = [op for edit in change.edits.order_by("pk") for op in edit.ops]
    now = _iso(project.computed_finish)
    nothing: dict[str, Any] = {
        "finish": [now, now], "shift": ZERO, "moved": 0, "tasks": [], "milestones": [], "added": [], "removed": [],
    }  # fmt: skip
    if not ops:
        return nothing
    try:
        applied = try_out(project, ops, by=by)
    except ValidationError as error:
        problems += error.messages
        return nothing | {"finish": [now, None], "shift": None}
    plan, moved = applied.plan, applied.outcome.moved

    def later(before, after) -> str | None:
        if before is None or after is None:
            return None
        minutes = plan.calendar.between(to_wall(before, project), to_wall(after, project))  # type: ignore[arg-type]
        return str(_days(minutes, project))

    def told(move) -> dict[str, Any]:
        return {
            "uid": plan.by_id[move.task_id].uid,
            "number": move.number,
            "name": move.name,
            "start": [_iso(move.start[0]), _iso(move.start[1])],
            "finish": [_iso(move.finish[0]), _iso(move.finish[1])],
            "days": later(*move.finish),
        }

    there = [move for move in moved.tasks if move.finish[0] is not None]
    milestones = [move for move in there if plan.by_id[move.task_id].is_milestone]
    shift = later(*moved.finish)
    return {
        "finish": [_iso(moved.finish[0]), _iso(moved.finish[1])],
        "shift": None if shift is None else Decimal(shift),
        "moved": len(there),
        "tasks": [told(move) for move in there[:LISTED]],
        "milestones": [told(move) for move in milestones[:LISTED]],
        "added": [
            {"name": row.name, "start": _iso(row.start), "finish": _iso(row.finish)}
            for row in applied.outcome.added[:LISTED]
        ],
        "removed": [{"uid": row.uid, "name": row.name} for row in applied.outcome.removed[:LISTED]],
    }


def _days(minutes: float, project) -> Decimal:
    return (Decimal(round(minutes)) / project.minutes_per_day).quantize(Decimal("0.01"))


def _instant(text: str | None) -> datetime.datetime | None:
    return None if text is None else datetime.datetime.fromisoformat(text)


def _iso(instant) -> str | None:
    return None if instant is None else instant.isoformat()


# Scope


def scope_of(change: ChangeRequest, problems: list[str]) -> dict[str, Any]:
    """Requirements promised before and after, by priority, and the share of the frozen scope that is touched.

    Weight = (added + changed + removed) ÷ frozen, the volatility of PMI, Requirements Management: A Practice Guide.
    """
    project = change.project
    priorities = dict.fromkeys(Requirement.Priority.values, 0)
    active = project.scope_baselines.filter(is_active=True).first()
    promised = active.items if active else project.requirements.approved()
    counted = promised.order_by().values_list("priority").annotate(n=Count("pk"))
    before = {**priorities, **dict(counted)}
    after = dict(before)
    touched = dict.fromkeys(("add", "change", "remove"), 0)
    in_baseline = dict(active.items.values_list("requirement_id", "priority")) if active else {}
    for item in change.requirements.select_related("requirement", "version").order_by("pk"):
        touched[item.action] += 1
        problems += _problems_of(item)
        held = in_baseline.get(item.requirement_id or 0) if active else item.requirement and item.requirement.priority
        if item.action == "add":
            after[item.requirement.priority if item.requirement else item.priority] += 1
        elif held is not None:
            after[held] -= 1
        if item.action == "change":
            after[item.version.priority] += 1
    frozen = sum(before.values())
    return {
        **touched,
        "promised": [frozen, sum(after.values())],
        "priorities": [[name, before[name], after[name]] for name in priorities],
        "weight": 100 * sum(touched.values()) / frozen if frozen else None,
        "frozen": active is not None,
    }


def _problems_of(item) -> list[str]:
    row = item.requirement
    if item.action == "change" and item.version.state != "draft":
        return [
            _("The new text of %(ref)s is %(state)s already, past this change: remove it from the change.")
            % {"ref": row.ref, "state": str(item.version.get_state_display()).lower()}
        ]
    if item.action != "add" and not row.is_locked:
        return [_("%(ref)s is no longer promised: remove it from the change.") % {"ref": row.ref}]
    if item.action == "add" and row is not None and row.state == Requirement.State.REJECTED:
        return [_("%(ref)s has been rejected meanwhile: remove it from the change.") % {"ref": row.ref}]
    return []


# Money


def money_of(change: ChangeRequest, project, problems: list[str]) -> dict[str, Any]:
    """Each line before and after, and the layers of the budget; amounts as texts, to the cent."""
    layers = reserves.layers(project)
    lines, deltas = [], []
    for item in change.money.select_related("line").order_by("pk"):
        line: BudgetLine | None = item.line
        before = line.planned if line else ZERO
        deltas.append(item.delta)
        lines.append(
            {
                "ref": line.ref if line else "",
                "name": line.name if line else item.name,
                "category": line.category if line else item.category,
                "before": str(before),
                "delta": str(item.delta),
                "after": str(before + item.delta),
            }
        )
        if before + item.delta < 0:
            problems.append(_("%(line)s would fall below zero.") % {"line": line})
    now = engine.Layers(layers.lines, layers.contingency, layers.approved, layers.reserve)
    then = engine.after(now, deltas, change.funding)
    if then.contingency < 0 or then.reserve < 0:
        source = _("the contingency") if then.contingency < 0 else _("the management reserve")
        problems.append(_("There is not enough left in %(source)s to pay for it.") % {"source": source})
    if then.approved is not None and then.approved < 0:
        problems.append(_("The approved budget would fall below zero."))
    if now.approved is None and change.funding == engine.RESERVE and engine.needed(deltas):
        problems.append(_("No budget is approved yet that the reserve could add to."))

    def pair(name: str) -> list[str | None]:
        return [None if amount is None else str(amount) for amount in (getattr(now, name), getattr(then, name))]

    costs = [edit for edit in change.edits.all() if edit.cost is not None]
    known = dict(project.tasks.filter(uid__in=[edit.uid for edit in costs if edit.uid]).values_list("uid", "cost"))
    return {
        "delta": str(sum(deltas, ZERO)),
        "rows": lines,
        "lines": pair("lines"),
        "contingency": pair("contingency"),
        "approved": pair("approved"),
        "undistributed": pair("undistributed"),
        "reserve": pair("reserve"),
        "tasks": str(sum((edit.cost - (known.get(edit.uid or 0) or ZERO) for edit in costs), ZERO)) if costs else None,
    }
