"""What people do to a plan: each verb takes the project's lock, changes rows, computes, and says what moved."""

import datetime
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.models import Counter
from projects.schedule.engine import LinkIn
from projects.schedule.models import Assignment, Link, Resource, Task
from projects.schedule.plan import Moved, Plan, Row

UID_PREFIX = "T"  # counter of task uids

PROGRESS_FIELDS = {"percent", "actual_start", "actual_finish"}
PLAN_FIELDS = {
    "name",
    "notes",
    "is_milestone",
    "mode",
    "duration",
    "duration_elapsed",
    "constraint",
    "constraint_date",
    "deadline",
    "manual_start",
    "manual_finish",
    "is_active",
    "cost",
    "calendar",
}
MAX_LEVEL = 20


@dataclass(frozen=True)
class Person:
    """Somebody to put on a task: a resource of the plan, or one of our people who may not be one yet."""

    resource: Resource | None = None
    user: object | None = None


@transaction.atomic
def add_task(project, *, by, name: str, after: Task | None = None, parent: Task | None = None, **fields):
    """Add a task below ``after`` (its sibling), or last under ``parent``, or at the end. Returns (task, Moved)."""
    _known(fields, PLAN_FIELDS | PROGRESS_FIELDS)
    plan = Plan.locked(project)
    _of(project, after, parent)
    parent_id = after.parent_id if after else parent.pk if parent else None
    if parent_id and plan.row(parent_id).outline_level >= MAX_LEVEL:
        raise ValidationError(_("A plan has at most %(n)s levels.") % {"n": MAX_LEVEL})
    task = Task.objects.create(
        project=project, uid=_new_uid(project), number=len(plan.rows) + 1, parent_id=parent_id, name=name, **fields
    )
    if parent_id and not plan.row(parent_id).is_summary:
        _becomes_summary(plan, plan.row(parent_id))
    plan = Plan(plan.project)
    if after:
        _put_after(plan, plan.row(task.pk), plan.row(after.pk))
    moved = _save(plan, project)
    task.refresh_from_db()
    return task, moved


@transaction.atomic
def add_tasks(project, *, by, rows: Iterable[dict], links: Iterable[tuple] = ()) -> tuple[list[Task], Moved]:
    """Add many at once: rows are fields of a task with ``level`` from 1; links (predecessor, successor, type, lag) by
    position among them. Computed once, at the end."""
    plan = Plan.locked(project)
    rows = list(rows)
    uid = Counter.take(f"project:{project.pk}", UID_PREFIX, len(rows)) if rows else 0
    tasks, chain = [], []
    for offset, row in enumerate(rows):
        values = dict(row)
        level = values.pop("level", 1)
        _known(values, PLAN_FIELDS | PROGRESS_FIELDS)
        task = Task(project=project, uid=uid + offset, number=len(plan.rows) + offset + 1, **values)
        tasks.append((task, level))
    Task.objects.bulk_create([task for task, _level in tasks], batch_size=1000)
    below = []
    for task, level in tasks:
        chain = [*chain[: level - 1], task]
        if len(chain) > 1:
            task.parent = chain[-2]
            below.append(task)
    Task.objects.bulk_update(below, ["parent"], batch_size=1000)
    Link.objects.bulk_create(
        [
            Link(
                project=project,
                predecessor=tasks[before][0],
                successor=tasks[after][0],
                type=rest[0] if rest else Link.Type.FS,
                lag=rest[1] if len(rest) > 1 else 0,
            )
            for before, after, *rest in links
        ],
        batch_size=2000,
    )
    moved = _save(Plan(plan.project), project)
    return [task for task, _level in tasks], moved


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
    _known(fields, PLAN_FIELDS | PROGRESS_FIELDS)
    project = task.project
    plan = Plan.locked(project)
    row = plan.row(task.pk)
    fields = _progress(row, fields, at or timezone.now())
    for name, value in fields.items():
        setattr(task, name, value)
    if fields or version is not None:
        task.save_changes(list(fields), version=version)
        row.take(fields)
    if predecessors is not None:
        _link(plan, task, predecessors)
    if people is not None:
        _assign(project, task, people)
    return _save(plan, project)


@transaction.atomic
def delete_task(task: Task, *, by, with_children: bool = False) -> Moved:
    """Delete a task; one with tasks below it only ``with_children``."""
    project = task.project
    plan = Plan.locked(project)
    row = plan.row(task.pk)
    gone = _family(plan, row)
    if len(gone) > 1 and not with_children:
        raise ValidationError(_("%(name)s has tasks below it.") % {"name": row.name}, code="children")
    Task.objects.filter(pk__in=[one.id for one in gone]).delete()
    plan = Plan(plan.project)
    _end_of_summary(plan, row.parent_id)
    return _save(plan, project)


@transaction.atomic
def move_task(task: Task, direction: str, *, by) -> Moved:
    """Move a task with all below it: 'up' and 'down' among its siblings, 'in' below the one above, 'out' one level."""
    project = task.project
    plan = Plan.locked(project)
    row = plan.row(task.pk)
    siblings = plan.children(row.parent_id)
    at = siblings.index(row)
    match direction:
        case "up" if at > 0:
            _put_before(plan, row, siblings[at - 1])
        case "down" if at < len(siblings) - 1:
            _put_after(plan, row, siblings[at + 1])
        case "in" if at > 0:
            _indent(plan, row, siblings[at - 1])
        case "out" if row.parent_id:
            parent = plan.row(row.parent_id)
            row.parent_id = parent.parent_id
            _put_after(plan, row, parent)
            _end_of_summary(plan, parent.id)
        case "up" | "down" | "in" | "out":
            raise ValidationError(_("“%(name)s” can't go further in that direction.") % {"name": row.name}, code="edge")
        case _:
            raise ValueError(f"A task moves up, down, in or out, not {direction!r}.")
    return _save(plan, project)


# Progress


def _progress(row: Row, fields: dict, at: datetime.datetime) -> dict:
    """Percent and actual dates that agree with each other."""
    if not PROGRESS_FIELDS & set(fields):
        return fields
    if row.is_summary:
        raise ValidationError({"percent": _("The progress of a summary comes from the tasks below it.")})
    percent = fields.get("percent", row.percent)
    began = fields.get("actual_start", row.actual_start)
    done = fields.get("actual_finish", row.actual_finish)
    if done and percent < 100 and "percent" not in fields:
        percent = 100
    if percent < 100 and done:
        if done != row.actual_finish:
            raise ValidationError({"actual_finish": _("A task that has finished is 100 % complete.")})
        done = None  # taken back: it is not finished after all
    if percent == 100 and not done:
        done = min(row.finish or at, at)
    if (percent or done) and not began:
        began = min(value for value in (row.start, done, at) if value)
    if began and done and done < began:
        raise ValidationError({"actual_finish": _("The actual finish lies before the actual start.")})
    fields = {**fields, "percent": percent, "actual_start": began, "actual_finish": done}
    if percent != row.percent:
        fields["remaining"] = None
    return fields


# Links and people


def _link(plan: Plan, task: Task, wanted: list[LinkIn]) -> None:
    by_number: dict[Hashable, Row] = {row.number: row for row in plan.rows}
    own = plan.row(task.pk)
    problems = []
    rows: dict[int, Link] = {}
    for link in wanted:
        before = by_number.get(link.predecessor)
        if before is None:
            problems.append(_("There is no task %(number)s in this plan.") % {"number": link.predecessor})
        elif before.id == task.pk:
            problems.append(_("A task can't wait for itself (%(number)s).") % {"number": link.predecessor})
        elif _is_above(plan, before, own) or _is_above(plan, own, before):
            problems.append(
                _("%(number)s %(name)s lies above or below this task; a task can't wait for its own summary.")
                % {"number": before.number, "name": before.name}
            )
        elif before.id in rows:
            problems.append(_("%(number)s stands there twice.") % {"number": link.predecessor})
        else:
            rows[before.id] = Link(
                project=plan.project,
                predecessor_id=before.id,
                successor_id=task.pk,
                type=link.type.value,
                lag=round(link.lag),
                lag_unit=link.lag_unit.value,
            )
    if problems:
        raise ValidationError({"predecessors": problems})
    there = {link.predecessor_id: link for link in Link.objects.filter(successor=task)}
    Link.objects.filter(pk__in=[link.pk for key, link in there.items() if key not in rows]).delete()
    Link.objects.bulk_create([link for key, link in rows.items() if key not in there])
    changed = []
    for key, new in rows.items():
        old = there.get(key)
        if old and (old.type, old.lag, old.lag_unit) != (new.type, new.lag, new.lag_unit):
            old.type, old.lag, old.lag_unit = new.type, new.lag, new.lag_unit
            changed.append(old)
    Link.objects.bulk_update(changed, ["type", "lag", "lag_unit"])
    plan.links = [link for link in plan.links if link[1] != task.pk]
    plan.links += [(key, task.pk, new.type, new.lag, new.lag_unit) for key, new in rows.items()]


def _assign(project, task: Task, people: list[Person]) -> None:
    wanted = {(person.resource or _resource_of(project, person.user)).pk for person in people}
    there = set(task.assignments.values_list("resource_id", flat=True))
    task.assignments.filter(resource_id__in=there - wanted).delete()
    Assignment.objects.bulk_create(
        [Assignment(project=project, task=task, resource_id=pk) for pk in sorted(wanted - there)]
    )


def _resource_of(project, user) -> Resource:
    resource = project.resources.filter(user=user).order_by("uid").first()
    if resource:
        return resource
    last = project.resources.order_by("-uid").values_list("uid", flat=True).first() or 0
    return project.resources.create(uid=last + 1, name=user.name, user=user)  # under the project's lock


# The outline


def _indent(plan: Plan, row: Row, above: Row) -> None:
    if max(one.outline_level for one in _family(plan, row)) >= MAX_LEVEL:
        raise ValidationError(_("A plan has at most %(n)s levels.") % {"n": MAX_LEVEL})
    linked = {one.id for one in _family(plan, row)}
    for before, after, *_rest in plan.links:
        if (before == above.id and after in linked) or (after == above.id and before in linked):
            raise ValidationError(
                _("“%(above)s” and “%(name)s” are linked; a task can't wait for its own summary. Remove the link.")
                % {"above": above.name, "name": row.name}
            )
    if not above.is_summary:
        _becomes_summary(plan, above)
    row.parent_id = above.id
    family = _family(plan, row)
    members = {one.id for one in family}
    last = [one for one in _family(plan, above) if one.id not in members][-1]
    _splice(plan, family, after=last)


def _becomes_summary(plan: Plan, row: Row) -> None:
    """A summary has no progress, dates or people of its own."""
    blank = {
        "is_milestone": False,
        "mode": Task.Mode.AUTO,
        "actual_start": None,
        "actual_finish": None,
        "manual_start": None,
        "manual_finish": None,
        "remaining": None,
        "splits": [],
        "duration_elapsed": False,
    }
    if row.constraint not in (Task.Constraint.ASAP, Task.Constraint.SNET, Task.Constraint.FNLT):
        blank |= {"constraint": Task.Constraint.ASAP, "constraint_date": None}
    Task.objects.filter(pk=row.id).update(**blank)
    for name, value in blank.items():
        setattr(row, name, value)


def _end_of_summary(plan: Plan, parent_id: int | None) -> None:
    """A summary that lost its last task is a task again, not begun, as long as it was."""
    if parent_id is None or plan.children(parent_id):
        return
    row = plan.row(parent_id)
    row.percent = 0


def _family(plan: Plan, row: Row) -> list[Row]:
    """The row and all below it, in outline order."""
    members = {row.id}
    family = []
    for one in plan.rows:  # parents come before their children
        if one.id == row.id or one.parent_id in members:
            members.add(one.id)
            family.append(one)
    return family


def _is_above(plan: Plan, upper: Row, lower: Row) -> bool:
    by_id = {row.id: row for row in plan.rows}
    parent = lower.parent_id
    while parent is not None:
        if parent == upper.id:
            return True
        parent = by_id[parent].parent_id
    return False


def _put_before(plan: Plan, row: Row, other: Row) -> None:
    family = _family(plan, row)
    members = {one.id for one in family}
    rest = [one for one in plan.rows if one.id not in members]
    at = rest.index(other)
    plan.rows = [*rest[:at], *family, *rest[at:]]


def _put_after(plan: Plan, row: Row, other: Row) -> None:
    family = _family(plan, row)
    members = {one.id for one in family}
    last = [one for one in _family(plan, other) if one.id not in members][-1]
    _splice(plan, family, after=last)


def _splice(plan: Plan, family: list[Row], *, after: Row) -> None:
    members = {one.id for one in family}
    rest = [one for one in plan.rows if one.id not in members]
    at = rest.index(after) + 1
    plan.rows = [*rest[:at], *family, *rest[at:]]


# Shared


def _save(plan: Plan, project) -> Moved:
    moved = plan.save()
    project.computed_start, project.computed_finish = plan.project.computed_start, plan.project.computed_finish
    return moved


def _new_uid(project) -> int:
    return Counter.take(f"project:{project.pk}", UID_PREFIX)


def _known(fields: dict, allowed: set[str]) -> None:
    if unknown := set(fields) - allowed:
        raise ValueError(f"A task has no field {', '.join(sorted(unknown))} to change.")


def _of(project, *tasks: Task | None) -> None:
    for task in tasks:
        if task is not None and task.project_id != project.pk:
            raise ValueError(f"{task} belongs to another project.")
