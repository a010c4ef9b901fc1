"""A change as it is shown: columns of the register, drafted edits and the impact in words."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.ui import format as fmt
from projects.budget.models import Category
from projects.changes.models import ChangeEdit
from projects.schedule.localtime import zone
from projects.scope.models import Requirement

CELLS = {
    "name": gettext_lazy("name"),
    "duration": gettext_lazy("duration"),
    "start": gettext_lazy("start"),
    "finish": gettext_lazy("finish"),
    "deadline": gettext_lazy("deadline"),
    "people": gettext_lazy("people"),
}


def columns(project, *, with_cost: bool) -> list[tuple[str, int, Any]]:
    """(name, width, value of a row) of each column of the exported register."""
    tz = zone(project.time_zone)

    def day(value):
        return None if value is None else value.astimezone(tz).date()

    found = [
        (_("Number"), 10, lambda row: row.ref),
        (_("Title"), 50, lambda row: row.title),
        (_("State"), 14, lambda row: str(row.get_state_display())),
        (_("Kind"), 24, lambda row: str(row.get_kind_display())),
        (_("Source"), 16, lambda row: str(row.get_source_display())),
        (_("Urgency"), 12, lambda row: str(row.get_urgency_display())),
        (_("Why"), 60, lambda row: row.reason),
        (_("Requester"), 24, lambda row: row.requester.name),
        (_("Owner"), 24, lambda row: row.owner.name if row.owner else ""),
        (_("Decision needed by"), 14, lambda row: row.needed_by),
        (_("Submitted"), 14, lambda row: day(row.submitted_at)),
        (_("Decided"), 14, lambda row: day(row.decided_at)),
        (_("Reason of the decision"), 50, lambda row: row.decision_note),
        (_("Deferred until"), 14, lambda row: row.deferred_until),
        (_("Implemented"), 14, lambda row: day(row.implemented_at)),
        (_("Finish, working days"), 14, lambda row: row.impact.shift if row.impact else None),
    ]
    if with_cost:
        name = _("Budget lines (%(currency)s)") % {"currency": project.currency}
        found.append((name, 16, lambda row: row.impact.delta if row.impact else None))
    return found


@dataclass(frozen=True)
class ShownEdit:
    edit: ChangeEdit
    details: list[tuple[str, str]]
    cost: Decimal | None


def edits(change, *, with_cost: bool) -> list[ShownEdit]:
    """Each drafted edit with what it does, in words; two queries."""
    rows = list(change.edits.all())
    named: set[int] = set()
    refs: dict[str, str] = {}
    for edit in rows:
        for op in edit.ops:
            named |= {value for key in ("from", "to", "after") if isinstance(value := op.get(key), int)}
            if op.get("ref"):
                refs[op["ref"]] = edit.name
    names = dict(change.project.tasks.filter(uid__in=named).values_list("uid", "name"))

    def name(value) -> str:
        return refs.get(value) or names.get(value) or _("a task that is gone")

    return [ShownEdit(edit, list(_details(edit, name)), edit.cost if with_cost else None) for edit in rows]


def _details(edit: ChangeEdit, name):
    for op in edit.ops:
        kind = op["op"]
        if kind == "add":
            yield _("duration"), op["fields"].get("duration", "")
            if op["fields"].get("people"):
                yield _("people"), op["fields"]["people"]
        elif kind == "link" and op["to"] == edit.ops[0].get("ref"):
            yield _("waits for"), name(op["from"])
        elif kind == "link":
            yield _("before"), name(op["to"])
        elif kind == "set":
            for field_name, value in op["fields"].items():
                was = (op.get("was") or {}).get(field_name)
                if str(was) != str(value):
                    before = was or _("nothing")
                    yield str(CELLS.get(field_name, field_name)), f"{before} → {value or _('nothing')}"


@dataclass
class Shown:
    """The latest impact, its JSON read into values that templates format."""

    number: int
    problems: list[str]
    finish: tuple[datetime.datetime | None, datetime.datetime | None]
    shift: Decimal | None
    moved: int
    tasks: list[dict] = field(default_factory=list)
    milestones: list[dict] = field(default_factory=list)
    added: list[dict] = field(default_factory=list)
    removed: list[dict] = field(default_factory=list)
    scope: dict[str, Any] = field(default_factory=dict)
    money: dict[str, Any] | None = None

    @property
    def touches_plan(self) -> bool:
        return bool(self.moved or self.added or self.removed or self.shift)


def impact(change, project, *, with_cost: bool) -> Shown | None:
    row = change.impact
    if row is None:
        return None
    tz = zone(project.time_zone)

    def instant(text):
        return None if not text else datetime.datetime.fromisoformat(text).astimezone(tz)

    def moved(one):
        return {
            **one,
            "start": [instant(text) for text in one["start"]],
            "finish": [instant(text) for text in one["finish"]],
            "days": None if one["days"] is None else Decimal(one["days"]),
        }

    days, scope = row.days, dict(row.scope)
    words = dict(Requirement.Priority.choices)
    scope["priorities"] = [
        (words[name], before, after, after - before) for name, before, after in scope.get("priorities", [])
    ]
    return Shown(
        row.number,
        row.problems,
        (instant(days["finish"][0]), instant(days["finish"][1])),
        row.shift,
        days["moved"],
        [moved(one) for one in days["tasks"]],
        [moved(one) for one in days["milestones"]],
        [{**one, "start": instant(one["start"]), "finish": instant(one["finish"])} for one in days["added"]],
        days["removed"],
        scope,
        _money(row.money) if with_cost else None,
    )


def _money(found: dict[str, Any]) -> dict[str, Any]:
    def read(text):
        return None if text is None else Decimal(text)

    words = dict(Category.choices)
    names = {
        "lines": _("Budget lines"),
        "contingency": _("Contingency"),
        "undistributed": _("Not distributed"),
        "approved": _("Approved budget (budget at completion)"),
        "reserve": _("Management reserve"),
    }
    layers = []
    for key, name in names.items():
        before, after = (read(text) for text in found[key])
        layers.append((name, before, after, None if before is None or after is None else after - before))
    delta = read(found["delta"])
    tasks = read(found["tasks"])
    return {
        "delta": delta,
        "rows": [
            {
                **row,
                "category": words.get(row["category"], ""),
                **{name: read(row[name]) for name in ("before", "delta", "after")},
            }
            for row in found["rows"]
        ],
        "layers": layers,
        "tasks": tasks,
        "differs": tasks is not None and tasks != delta,
    }


def signed(value: Decimal | None) -> str:
    """'+3' or '−1.5': working days with their sign."""
    if value is None:
        return fmt.DASH
    return f"{'+' if value > 0 else ''}{fmt.number(value)}"
