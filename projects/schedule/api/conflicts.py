"""Somebody else was first: which fields, what they hold now, who changed them and when (from the audit trail)."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.activity.models import Change
from projects.schedule.journal import PlanChange
from projects.schedule.plan import Plan

# The columns behind a cell, and its name for people.
COLUMNS: dict[str, list[str]] = {
    "name": ["name"],
    "notes": ["notes"],
    "mode": ["mode"],
    "milestone": ["is_milestone"],
    "active": ["is_active"],
    "duration": ["duration", "duration_elapsed"],
    "percent": ["percent"],
    "start": ["start", "constraint_date", "actual_start", "manual_start"],
    "finish": ["finish", "constraint_date", "actual_finish", "manual_finish"],
    "constraint": ["constraint"],
    "constraint_date": ["constraint_date"],
    "deadline": ["deadline"],
    "actual_start": ["actual_start"],
    "actual_finish": ["actual_finish"],
    "calendar": ["calendar_id"],
    "parent": ["parent_id", "number"],
    "number": ["number"],
}
LABELS = {
    "name": gettext_lazy("Name"),
    "notes": gettext_lazy("Notes"),
    "mode": gettext_lazy("Scheduling"),
    "milestone": gettext_lazy("Milestone"),
    "active": gettext_lazy("Active"),
    "duration": gettext_lazy("Duration"),
    "percent": gettext_lazy("% complete"),
    "start": gettext_lazy("Start"),
    "finish": gettext_lazy("Finish"),
    "constraint": gettext_lazy("Constraint"),
    "constraint_date": gettext_lazy("Constraint date"),
    "deadline": gettext_lazy("Deadline"),
    "actual_start": gettext_lazy("Actual start"),
    "actual_finish": gettext_lazy("Actual finish"),
    "calendar": gettext_lazy("Calendar"),
    "predecessors": gettext_lazy("Predecessors"),
    "people": gettext_lazy("People"),
    "parent": gettext_lazy("Outline"),
    "number": gettext_lazy("Order"),
}
LISTED = 50
LOOKED_AT = 500


def same(name: str, one, other, cells=None) -> bool:
    """Whether two texts of a cell mean the same: '' and null, '2d' and '2 d', a date with and without its seconds."""
    a, b = _plain(one), _plain(other)
    if a == b:
        return True
    if name in ("predecessors", "people"):
        return sorted(filter(None, a.replace(";", ",").split(","))) == sorted(
            filter(None, b.replace(";", ",").split(","))
        )
    if name == "percent":
        return a.removesuffix("%") == b.removesuffix("%")
    if name == "duration" and cells is not None:
        from projects.schedule.notation import NotationError, parse_duration

        try:
            x, y = parse_duration(a, cells.units), parse_duration(b, cells.units)
        except NotationError:
            return False
        return (x.minutes, x.elapsed) == (y.minutes, y.elapsed)
    return False


def _plain(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    text = str(value)
    return "".join(text.split()).lower() if len(text) < 2000 else text


def told(plan: Plan, found: list[dict]) -> list[dict]:
    """The conflicts with who changed the field last and when."""
    by_uid = {row.uid: row for row in plan.rows}
    for one in found[:LISTED]:
        one["label"] = str(LABELS.get(one["field"], one["field"]))
        if "who" in one:
            continue
        row = by_uid.get(one["uid"])
        change = None if row is None else last_change(plan.project, row.id, one["field"])
        one["who"] = change.actor.name if change and change.actor else _("somebody else")
        one["when"] = change.at.isoformat() if change else None
    return found[:LISTED]


def reordered_since(project, revision: int) -> PlanChange | None:
    """The first change after that revision that gave rows other numbers."""
    later = PlanChange.objects.filter(project=project, revision__gt=revision).select_related("user")
    return later.filter(Q(reordered=True) | Q(reload=True)).order_by("revision").first()


def last_change(project, task_id: int, name: str) -> Change | None:
    """The newest entry of the audit trail that touched this field of the task."""
    if name in ("predecessors", "people"):
        table, key = ("projects_link", "successor_id") if name == "predecessors" else ("projects_assignment", "task_id")
        of_project = Change.objects.filter(subject_type="project", subject_id=project.pk, table=table)
        for change in of_project.select_related("actor").order_by("-id")[:LOOKED_AT]:
            if (change.after or change.before).get(key) == task_id:
                return change
        return None
    changes = Change.objects.filter(table="projects_task", row_id=task_id).select_related("actor").order_by("-id")
    columns = set(COLUMNS.get(name, [name]))
    for change in changes[:LOOKED_AT]:
        if columns & set(change.before) or change.operation == Change.INSERT:
            return change
    return None
