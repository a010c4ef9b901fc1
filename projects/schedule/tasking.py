"""One task of a plan in memory: its fields, its progress, what it waits for, who works on it.

Every way to change a task ends here, whether a form, a cell, a drag, an import of progress or a step back: one set of
rules. Values are those of the model; texts are read before (``api/cells.py``, ``forms.py``).
"""

import datetime
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.schedule.engine import LinkIn
from projects.schedule.models import Link, Resource
from projects.schedule.outline import is_above
from projects.schedule.plan import Plan, Row
from projects.schedule.rows import EXTRA

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
    "work",
    "remaining",
    "calendar",
    "splits",
}
WHOLE = Decimal(100)


@dataclass(frozen=True)
class Person:
    """Somebody to put on a task: a resource of the plan, or one of our people who may not be one yet."""

    resource: Resource | None = None
    user: object | None = None
    units: Decimal | None = None  # percent; None keeps what they have, else all of their time


def known(fields: dict, allowed: set[str] = PLAN_FIELDS | PROGRESS_FIELDS) -> None:
    if unknown := set(fields) - allowed:
        raise ValueError(f"A task has no field {', '.join(sorted(unknown))} to change.")


def edit(plan: Plan, row: Row) -> None:
    """Count this as an edit of the task, once for each save; computing is none."""
    if row.id not in plan.edited:
        plan.edited.add(row.id)
        plan.written.add(row.id)
        if not row.is_new:
            row.version += 1


def change(plan: Plan, row: Row, fields: dict, *, at: datetime.datetime) -> None:
    """Set fields; progress is made to agree with itself. ValidationError by field; then the row is as it was."""
    known(fields)
    fields = progress(row, fields, at)
    for name, value in fields.items():
        if name in EXTRA:
            row.extra = {**(row.extra or {}), name: value}
            edit(plan, row)
            continue
        if name == "calendar":
            name, value = "calendar_id", getattr(value, "pk", value)
        if getattr(row, name) != value:
            setattr(row, name, value)
            edit(plan, row)


def progress(row: Row, fields: dict, at: datetime.datetime) -> dict:
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
        if "actual_finish" in fields and "percent" not in fields:
            percent = 0 if row.duration == 0 else 99  # its finish taken out: all but done
        else:
            done = min(row.finish or at, at)
    if (percent or done) and not began:
        began = min(value for value in (row.start, done, at) if value)
    if began and done and done < began:
        raise ValidationError({"actual_finish": _("The actual finish lies before the actual start.")})
    fields = {**fields, "percent": percent, "actual_start": began, "actual_finish": done}
    if percent != row.percent:
        fields.setdefault("remaining", None)
    return fields


# Links


def check_link(plan: Plan, before: Row, after: Row) -> str:
    """Why these two can't be linked; '' when they can."""
    if before is after:
        return _("A task can't wait for itself (%(number)s).") % {"number": before.number}
    if is_above(plan, before, after) or is_above(plan, after, before):
        return _("%(number)s %(name)s lies above or below this task; a task can't wait for its own summary.") % {
            "number": before.number,
            "name": before.name,
        }
    return ""


def link(plan: Plan, row: Row, wanted: list[LinkIn], numbers: dict[Hashable, Row] | None = None) -> None:
    """Replace what the task waits for; ``wanted`` names the earlier tasks by row number."""
    by_number: dict[Hashable, Row] = numbers if numbers is not None else {one.number: one for one in plan.rows}
    problems = []
    ties: dict[int, tuple] = {}
    for one in wanted:
        before = by_number.get(one.predecessor)
        if before is None or before.id not in plan.by_id:
            problems.append(_("There is no task %(number)s in this plan.") % {"number": one.predecessor})
        elif problem := check_link(plan, before, row):
            problems.append(problem)
        elif before.id in ties:
            problems.append(_("%(number)s stands there twice.") % {"number": one.predecessor})
        else:
            ties[before.id] = one.type.value, round(one.lag), one.lag_unit.value
    if problems:
        raise ValidationError({"predecessors": problems})
    there = {key: plan.ties[key, row.id] for key in plan.ties.before(row.id)}
    if there != ties:
        for key in there:
            if key not in ties:
                del plan.ties[key, row.id]
        for key, tie in ties.items():
            plan.ties[key, row.id] = tie
        edit(plan, row)


def tie(plan: Plan, before: Row, after: Row, kind=Link.Type.FS.value, lag=0, unit=Link.LagUnit.WORK.value) -> None:
    """Link two tasks, or change the link they have."""
    if problem := check_link(plan, before, after):
        raise ValidationError({"predecessors": [problem]})
    if plan.ties.get((before.id, after.id)) != (kind, lag, unit):
        plan.ties[before.id, after.id] = kind, lag, unit
        edit(plan, after)


def untie(plan: Plan, before: Row, after: Row) -> None:
    if plan.ties.drop((before.id, after.id)):
        edit(plan, after)


# People


def assign(plan: Plan, row: Row, people: list[Person]) -> None:
    """Replace who works on the task. Somebody new to the plan becomes one of its resources when it is saved."""
    there = plan.people.get(row.id, {})
    wanted: dict[int, object] = {}
    for person in people:
        # One that came with this very change has no key of its own yet.
        key = (
            person.resource.pk if person.resource is not None and person.resource.pk else resource_of(plan, person.user)
        )
        units = person.units if person.units is not None else there.get(key, WHOLE)
        if key in wanted:
            continue
        wanted[key] = units
    if row.is_summary and wanted:
        raise ValidationError({"people": _("People work on the tasks below a summary, not on the summary.")})
    if there != wanted:
        plan.people[row.id] = wanted
        edit(plan, row)


def resource_of(plan: Plan, user) -> int:
    """The key of the resource that this person is; they become one when the plan is saved."""
    for key, resource in plan.resources.items():
        if resource.user_id == user.pk:
            return key
    last = max([resource.uid for resource in plan.resources.values()], default=0)
    key = min([*plan.resources, 0]) - 1
    plan.resources[key] = Resource(project=plan.project, uid=last + 1, name=user.name, user=user)
    return key
