"""What people do to a plan: each verb takes the project's lock, changes the plan in memory, saves, says what moved.

A verb changes one thing; ``apply_ops`` takes many at once (``api/ops.py``). Both end in the same few functions of
``tasking`` and ``outline``, so that a form, a cell, a drag and a pasted block follow one set of rules.
"""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.registers.models import StaleVersion
from projects.schedule import outline, tasking
from projects.schedule.api import ops as ops_api
from projects.schedule.api import steps
from projects.schedule.engine import LinkIn
from projects.schedule.models import Link, Resource, Task
from projects.schedule.outline import MAX_LEVEL
from projects.schedule.plan import UID_PREFIX, Moved, Plan
from projects.schedule.tasking import PLAN_FIELDS, PROGRESS_FIELDS, Person

__all__ = [
    "MAX_LEVEL",
    "PLAN_FIELDS",
    "PROGRESS_FIELDS",
    "UID_PREFIX",
    "Person",
    "add_task",
    "add_tasks",
    "apply_ops",
    "change_task",
    "delete_task",
    "move_task",
    "name_people",
    "revise",
]


@transaction.atomic
def add_task(project, *, by, name: str, after: Task | None = None, parent: Task | None = None, **fields):
    """Add a task below ``after`` (its sibling), or last under ``parent``, or at the end. Returns (task, Moved)."""
    tasking.known(fields)
    plan = Plan.locked(project, by=by)
    _of(project, after, parent)
    row = plan.new_row()
    plan.insert(row, len(plan.rows))
    if after is not None:
        outline.put_after(plan, row, plan.row(after.pk))
    elif parent is not None:
        outline.put_inside(plan, row, plan.row(parent.pk))
    tasking.change(plan, row, {"name": name, **fields}, at=timezone.now())
    moved = _save(plan, project, _("Add “%(name)s”") % {"name": row.name})
    return Task.objects.get(pk=row.id), moved


@transaction.atomic
def add_tasks(project, *, by, rows: Iterable[dict], links: Iterable[tuple] = ()) -> tuple[list[Task], Moved]:
    """Add many at once: rows are fields of a task with ``level`` from 1; links (predecessor, successor, type, lag) by
    position among them. Computed once, at the end."""
    plan = Plan.locked(project, by=by)
    added, chain = [], []
    now = timezone.now()
    for fields in rows:
        values = dict(fields)
        level = values.pop("level", 1)
        row = plan.new_row()
        tasking.change(plan, row, values, at=now)
        chain = [*chain[: level - 1], row]
        if len(chain) > 1:
            row.parent_id = chain[-2].id
        added.append(row)
    parents = {row.parent_id for row in added}
    for row in added:
        if row.id in parents:
            outline.becomes_summary(plan, row)
    plan.rows = [*plan.rows, *added]
    plan.forget_index()
    for before, after, *rest in links:
        plan.ties[added[before].id, added[after].id] = (
            str(rest[0]) if rest else Link.Type.FS.value,
            rest[1] if len(rest) > 1 else 0,
            Link.LagUnit.WORK.value,
        )
    moved = _save(plan, project, ngettext("Add %(n)d task", "Add %(n)d tasks", len(added)) % {"n": len(added)})
    tasks = Task.objects.in_bulk([row.id for row in added])
    return [tasks[row.id] for row in added], moved


@transaction.atomic
def change_task(
    task: Task,
    *,
    by,
    version: int | None = None,
    predecessors: list[LinkIn] | None = None,
    people: list[Person] | None = None,
    at=None,
    **fields,
) -> Moved:
    """Change a task; StaleVersion when somebody saved since ``version``. Links replace those there are.

    ``predecessors`` name the earlier tasks by row number. Done means 100 % with an actual start and finish: what is
    not given is taken from the plan, but never later than ``at``.
    """
    tasking.known(fields)
    project = task.project
    plan = Plan.locked(project, by=by)
    row = plan.row(task.pk)
    if version is not None and version != row.version:
        raise StaleVersion(Task.objects.get(pk=task.pk))
    tasking.change(plan, row, fields, at=at or timezone.now())
    if predecessors is not None:
        tasking.link(plan, row, predecessors)
    if people is not None:
        tasking.assign(plan, row, people)
    moved = _save(plan, project, _("Change “%(name)s”") % {"name": row.name})
    for name, value in fields.items():
        setattr(task, name, getattr(row, name, value))
    task.version = row.version
    return moved


@transaction.atomic
def revise(
    project,
    *,
    by,
    add: Iterable[dict] = (),
    parent: Task | None = None,
    change: Iterable[tuple[Task, dict]] = (),
    remove: Iterable[Task] = (),
) -> tuple[list[Task], Moved]:
    """Change, add (last under ``parent``) and remove several tasks as one step, computed once; the added ones.

    Rows to add are fields of a task, with ``people`` (a list of Person) if somebody does it.
    """
    plan = Plan.locked(project, by=by)
    now = timezone.now()
    for task, fields in change:
        tasking.known(fields)
        tasking.change(plan, plan.row(task.pk), fields, at=now)
    added = []
    for fields in add:
        values = dict(fields)
        people = values.pop("people", None)
        tasking.known(values)
        row = plan.new_row()
        plan.insert(row, len(plan.rows))
        if parent is not None:
            outline.put_inside(plan, row, plan.row(parent.pk))
        tasking.change(plan, row, values, at=now)
        if people:
            tasking.assign(plan, row, people)
        added.append(row)
    if rows := [plan.row(task.pk) for task in remove]:
        outline.remove(plan, rows, with_children=False)
    moved = _save(plan, project, _("Change several tasks"))
    tasks = Task.objects.in_bulk([row.id for row in added])
    return [tasks[row.id] for row in added], moved


@transaction.atomic
def name_people(resource: Resource, users: list, *, by) -> list[int]:
    """People take the place of a resource that is nobody on all its tasks, as one step; ids of those tasks.

    Its units are shared out, the first ones get what does not divide evenly; who is on a task already has it on top.
    """
    project = resource.project
    plan = Plan.locked(project, by=by)
    tasks = []
    for row in plan.rows:
        units: dict = dict(plan.people.get(row.id, {}))
        if resource.pk not in units:
            continue
        tasks.append(row.id)
        whole, rest = divmod(int(units.pop(resource.pk) * 100), len(users))
        for number, user in enumerate(users):
            key = tasking.resource_of(plan, user)
            units[key] = units.get(key, 0) + Decimal(whole + (number < rest)) / 100
        tasking.assign(
            plan, row, [Person(plan.resources[key], plan.resources[key].user, share) for key, share in units.items()]
        )
    names = ", ".join([user.name for user in users])
    _save(plan, project, _("%(people)s in place of “%(name)s”") % {"people": names, "name": resource.name})
    return tasks


@transaction.atomic
def delete_task(task: Task, *, by, with_children: bool = False) -> Moved:
    """Delete a task; one with tasks below it only ``with_children``."""
    plan = Plan.locked(task.project, by=by)
    row = plan.row(task.pk)
    outline.remove(plan, [row], with_children=with_children)
    return _save(plan, task.project, _("Remove “%(name)s”") % {"name": row.name})


@transaction.atomic
def move_task(task: Task, direction: str, *, by) -> Moved:
    """Move a task with all below it: 'up' and 'down' among its siblings, 'in' below the one above, 'out' one level."""
    plan = Plan.locked(task.project, by=by)
    row = plan.row(task.pk)
    outline.move(plan, row, direction)
    return _save(plan, task.project, _("Move “%(name)s”") % {"name": row.name})


def apply_ops(
    project, *, by, ops: list[dict], preview: bool = False, allowed=None, label: str = "", revision: int | None = None
):
    """Apply a list of operations (docs/schedule-editing.md) all or nothing; an ``Applied`` with what came of it.

    Refused raises with the errors by operation and field; Conflicted when somebody else got there first. ``allowed``
    holds the permissions of the person; None trusts the caller. ``revision`` is the one the person looked at.
    """
    return ops_api.apply(project, by=by, ops=ops, preview=preview, allowed=allowed, label=label, revision=revision)


def _save(plan: Plan, project, label: str) -> Moved:
    outcome = plan.finish()
    steps.keep(plan, outcome, label)
    project.computed_start, project.computed_finish = plan.project.computed_start, plan.project.computed_finish
    return outcome.moved


def _of(project, *tasks: Task | None) -> None:
    for task in tasks:
        if task is not None and task.project_id != project.pk:
            raise ValueError(f"{task} belongs to another project.")
