"""What a change affects, put together while it is assessed: requirements, edits of the plan, budget lines."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from projects.changes.models import ChangeEdit, ChangeMoney, ChangeRequest, ChangeRequirement
from projects.lifecycle.standing import while_open
from projects.schedule import edits
from projects.schedule.api.conflicts import same
from projects.schedule.api.ops import Conflicted, Refused
from projects.schedule.api.sheet import FIELDS, Sheet
from projects.schedule.plan import Plan
from projects.scope.models import Requirement
from projects.scope.tracing.models import link


@while_open
def add_requirement(
    change: ChangeRequest, *, by, requirement: Requirement | None = None, criteria: str = "", at=None, **content
) -> ChangeRequirement:
    """Add one to the promise: a new text, or one of the register that is not in the frozen scope yet."""
    _open(change)
    if requirement is None:
        if not content.get("title", "").strip():
            raise ValidationError({"title": _("Name the new requirement, or choose one of the register.")})
        return change.requirements.create(project=change.project, action="add", criteria=criteria, **content)
    _of_project(change, requirement)
    if requirement.state == Requirement.State.REJECTED:
        raise ValidationError({"requirement": _("%(row)s is rejected: put it back first.") % {"row": requirement}})
    if requirement.baseline_items.filter(baseline__is_active=True).exists():
        raise ValidationError({"requirement": _("%(row)s is promised already.") % {"row": requirement}})
    return _item(change, requirement, "add", by=by, at=at)


@while_open
def change_requirement(
    change: ChangeRequest, requirement: Requirement, values: dict, *, by, at=None
) -> ChangeRequirement:
    """Draft the next version of an approved text; it is approved with the change."""
    _open(change)
    _of_project(change, requirement)
    _once(change, requirement)
    version = requirement.propose(values, by=by, reason=f"{change.ref}: {change.title}"[:500], at=at)
    return _item(change, requirement, "change", version=version, by=by, at=at)


@while_open
def take_out_requirement(change: ChangeRequest, requirement: Requirement, *, by, at=None) -> ChangeRequirement:
    _open(change)
    _of_project(change, requirement)
    if not requirement.is_locked:
        raise ValidationError(
            {"requirement": _("%(row)s is not promised, so nothing is taken out.") % {"row": requirement}}
        )
    return _item(change, requirement, "remove", by=by, at=at)


@while_open
def remove_requirement(item: ChangeRequirement, *, by) -> None:
    """It is not affected after all; a text drafted for it is discarded."""
    _open(item.change)
    if item.version_id and item.version.state == "draft":
        item.version.discard(by=by, for_change=item.change)
    if item.requirement_id:
        item.change.trace_links.filter(requirement=item.requirement_id).delete()
    item.delete()


@while_open
def draft_edit(
    change: ChangeRequest, kind: str, *, by, ops: list[dict], name: str, uid: int | None = None, cost=None
) -> ChangeEdit:
    """Keep operations on the plan for the approval. They are tried on a draft first: what can't be done is refused."""
    _open(change)
    earlier = [op for edit in change.edits.all() for op in edit.ops]
    try_out(change.project, [*earlier, *ops], by=by)
    return change.edits.create(project=change.project, kind=kind, uid=uid, name=name, ops=ops, cost=cost)


def try_out(project, ops: list[dict], *, by):
    """The draft of the plan with these operations, nothing saved; ValidationError in words where it can't be."""
    try:
        return edits.apply_ops(project, by=by, ops=ops, preview=True)
    except Refused as refused:
        raise ValidationError([one["message"] for one in refused.errors])
    except Conflicted as conflicted:
        raise ValidationError(conflict_words(conflicted))


def conflict_words(conflicted: Conflicted) -> list[str]:
    """What others changed first in the tasks that the edits name."""
    words = [
        _("A task that it changes has been removed from the plan (number %(uid)d of the file).") % {"uid": uid}
        for uid in conflicted.gone
    ]
    words += [
        _("Row %(uid)s of the plan: %(field)s is %(theirs)s now, not %(base)s as when the edit was drafted.")
        % {
            "uid": one["uid"],
            "field": one["field"],
            "theirs": one["theirs"] or _("empty"),
            "base": one["base"] or _("empty"),
        }
        for one in conflicted.conflicts
    ]
    return words


def cells_of(project, task) -> dict:
    """The cells of a task as people read and type them."""
    plan = Plan(project)
    row = plan.row(task.pk)
    return dict(zip(FIELDS, Sheet(plan, internal=True).rows([row])[0], strict=True))


def set_ops(task, cells: dict, typed: dict) -> list[dict]:
    """One operation that sets what was typed and differs, with what stands there now; none where nothing differs."""
    fields = {name: value for name, value in typed.items() if not same(name, cells.get(name), value)}
    if not fields:
        return []
    was = {name: cells[name] for name in fields if name in cells}
    return [{"op": "set", "uid": task.uid, "fields": fields, "was": was}]


def same_ops(task, cells: dict) -> list[dict]:
    """An operation that names the task and changes nothing in the plan: for an edit of its cost alone."""
    return [{"op": "set", "uid": task.uid, "fields": {"name": cells["name"]}, "was": {"name": cells["name"]}}]


@while_open
def remove_edit(edit: ChangeEdit, *, by) -> None:
    """Take a drafted edit out; refused where a later one of the change builds on it."""
    change = edit.change
    _open(change)
    refs = {op["ref"] for op in edit.ops if op.get("ref")}
    for other in change.edits.exclude(pk=edit.pk):
        named = {value for op in other.ops for value in (op.get("from"), op.get("to"), op.get("after"))}
        if refs & named:
            raise ValidationError(_("“%(name)s” builds on it: remove that edit first.") % {"name": other.name})
    edit.delete()


@while_open
def move_money(
    change: ChangeRequest, *, by, delta: Decimal, line=None, name: str = "", category: str = ""
) -> ChangeMoney:
    """Add to a budget line or take from it, or plan a new line."""
    _open(change)
    if line is not None:
        _of_project(change, line)
        if change.money.filter(line=line).exists():
            raise ValidationError({"line": _("%(line)s is affected already: remove that row first.") % {"line": line}})
        if line.planned + delta < 0:
            raise ValidationError({"delta": _("The line would fall below zero.")})
    elif not name.strip() or not category:
        raise ValidationError({"name": _("Choose a line, or name the new one and its category.")})
    elif delta <= 0:
        raise ValidationError({"delta": _("A new line needs an amount above zero.")})
    if not delta:
        raise ValidationError({"delta": _("Nothing would change.")})
    return change.money.create(
        project=change.project,
        line=line,
        name="" if line else name.strip(),
        category="" if line else category,
        delta=delta,
    )


@while_open
def remove_money(item: ChangeMoney, *, by) -> None:
    _open(item.change)
    item.delete()


def _open(change: ChangeRequest) -> None:
    """Under the project's lock, as whoever decides takes it, and the row's: nobody decides while this is put in."""
    state = ChangeRequest.objects.select_for_update().values_list("state", flat=True).get(pk=change.pk)
    if state == ChangeRequest.State.DRAFT:
        # Versions and traces that it leaves on requirements are for all to read; a draft is not.
        raise ValidationError(_("%(ref)s is a draft: submit it before you say what it affects.") % {"ref": change.ref})
    if state not in ChangeRequest.OPEN_STATES:
        raise ValidationError(
            _("%(ref)s is decided: what it affects stays as it was.") % {"ref": change.ref}, code=FIRST
        )


def _once(change: ChangeRequest, requirement: Requirement) -> None:
    if change.requirements.filter(requirement=requirement).exists():
        raise ValidationError(
            {"requirement": _("%(row)s is affected already: remove that row first.") % {"row": requirement}}
        )


def _item(change, requirement, action, *, by, at, version=None) -> ChangeRequirement:
    _once(change, requirement)
    item = change.requirements.create(
        project=change.project, action=action, requirement=requirement, version=version, title=requirement.title[:250]
    )
    if change.state != "draft":  # a draft is not for everybody's eyes yet
        link("change", [requirement], change, by=by, at=at)
    return item


def _of_project(change, row) -> None:
    if row.project_id != change.project_id:
        raise ValueError(f"{row} belongs to another project.")
