"""The outline of a plan in memory: what is above and below a task, and moving families of tasks about."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.schedule.models import Task
from projects.schedule.plan import Plan, Row

MAX_LEVEL = 20

SUMMARY_CONSTRAINTS = (Task.Constraint.ASAP, Task.Constraint.SNET, Task.Constraint.FNLT)


def family(plan: Plan, row: Row) -> list[Row]:
    """The row and all below it, in outline order."""
    members = {row.id}
    found = []
    for one in plan.rows:  # parents come before their children
        if one.id == row.id or one.parent_id in members:
            members.add(one.id)
            found.append(one)
    return found


def families(plan: Plan, rows: Iterable[Row]) -> list[Row]:
    """The rows and all below them, each once, in outline order."""
    members = {row.id for row in rows}
    found = []
    for one in plan.rows:
        if one.id in members or one.parent_id in members:
            members.add(one.id)
            found.append(one)
    return found


def tops(plan: Plan, rows: Iterable[Row]) -> list[Row]:
    """Those of the rows that lie below no other of them, in outline order: what a person means by a selection."""
    chosen = {row.id for row in rows}
    inside: set[int] = set()
    found = []
    for one in plan.rows:
        if one.parent_id in chosen or one.parent_id in inside:
            inside.add(one.id)
        elif one.id in chosen:
            found.append(one)
    return found


def ancestors(plan: Plan, row: Row) -> list[Row]:
    """Those above it, the nearest first."""
    found = []
    while row.parent_id is not None:
        row = plan.row(row.parent_id)
        found.append(row)
    return found


def is_above(plan: Plan, upper: Row, lower: Row) -> bool:
    return any(one is upper for one in ancestors(plan, lower))


def level_of(plan: Plan, row: Row) -> int:
    return len(ancestors(plan, row)) + 1


def has_children(plan: Plan, row: Row) -> bool:
    return row.id in plan.parent_ids


def move(plan: Plan, row: Row, direction: str) -> None:
    """A task with all below it: 'up' and 'down' among its siblings, 'in' below the one above, 'out' one level."""
    siblings = plan.children(row.parent_id)
    at = siblings.index(row)
    match direction:
        case "up" if at > 0:
            put_before(plan, row, siblings[at - 1])
        case "down" if at < len(siblings) - 1:
            put_after(plan, row, siblings[at + 1])
        case "in" if at > 0:
            put_inside(plan, row, siblings[at - 1])
        case "out" if row.parent_id is not None:
            parent = plan.row(row.parent_id)
            put_after(plan, row, parent)
        case "up" | "down" | "in" | "out":
            raise ValidationError(_("“%(name)s” can't go further in that direction.") % {"name": row.name}, code="edge")
        case _:
            raise ValueError(f"A task moves up, down, in or out, not {direction!r}.")


def move_all(plan: Plan, rows: Iterable[Row], direction: str) -> None:
    """Move a selection as one: its order stays, and tasks below a chosen one go with it."""
    chosen = tops(plan, rows)
    # The one that leads goes first: the topmost when they go up or in, the lowest when they go down or out.
    for row in chosen if direction in ("up", "in") else chosen[::-1]:
        move(plan, row, direction)


def put_before(plan: Plan, row: Row, other: Row) -> None:
    """With all below it above ``other``, as its sibling."""
    _adopt(plan, row, other.parent_id, other)
    rest = _without(plan, row)
    _splice(plan, row, rest, rest.index(other))


def put_after(plan: Plan, row: Row, other: Row) -> None:
    """With all below it behind ``other`` and all below that, as its sibling."""
    _adopt(plan, row, other.parent_id, other)
    rest = _without(plan, row)
    members = {one.id for one in family(plan, other)}
    last = max(at for at, one in enumerate(rest) if one.id in members)
    _splice(plan, row, rest, last + 1)


def put_inside(plan: Plan, row: Row, parent: Row | None) -> None:
    """With all below it as the last below ``parent``; None: as the last of the plan."""
    _adopt(plan, row, None if parent is None else parent.id, parent)
    rest = _without(plan, row)
    at = len(rest)
    if parent is not None:
        members = {one.id for one in family(plan, parent)}
        at = max(at for at, one in enumerate(rest) if one.id in members) + 1
    _splice(plan, row, rest, at)


def place_first(plan: Plan, row: Row, parent: Row | None) -> None:
    """With all below it as the first below ``parent``; None: as the first of the plan."""
    _adopt(plan, row, None if parent is None else parent.id, parent)
    rest = _without(plan, row)
    _splice(plan, row, rest, 0 if parent is None else rest.index(parent) + 1)


def remove(plan: Plan, rows, *, with_children: bool) -> None:
    """Take tasks out of a plan in memory; those with tasks below only ``with_children``."""
    rows = list(rows)
    gone = families(plan, rows)
    asked = {row.id for row in rows}
    if not with_children:
        for row in rows:
            if any(one.parent_id == row.id and one.id not in asked for one in gone):
                raise ValidationError(_("%(name)s has tasks below it.") % {"name": row.name}, code="children")
    plan.remove(gone)
    for parent in {row.parent_id for row in gone}:
        end_of_summary(plan, parent)


def becomes_summary(plan: Plan, row: Row) -> None:
    """A summary has no progress, dates or people of its own."""
    blank: dict = {
        "is_milestone": False,
        "mode": Task.Mode.AUTO.value,
        "actual_start": None,
        "actual_finish": None,
        "manual_start": None,
        "manual_finish": None,
        "remaining": None,
        "splits": [],
        "duration_elapsed": False,
    }
    if row.constraint not in SUMMARY_CONSTRAINTS:
        blank |= {"constraint": Task.Constraint.ASAP.value, "constraint_date": None}
    plan.written.add(row.id)
    for name, value in blank.items():
        setattr(row, name, value)


def end_of_summary(plan: Plan, parent_id: int | None) -> None:
    """A summary that lost its last task is a task again, not begun, as long as it was."""
    if parent_id is None or parent_id not in plan.by_id:
        return
    row = plan.row(parent_id)
    if not has_children(plan, row):
        row.percent = 0
        plan.written.add(row.id)


def check_level(plan: Plan, rows: list[Row], parent: Row | None) -> None:
    """Whether the family fits below the parent."""
    depth = {rows[0].parent_id: 0}
    for one in rows:
        depth[one.id] = depth.get(one.parent_id, 0) + 1
    above = 0 if parent is None else level_of(plan, parent)
    if above + max(depth.values()) > MAX_LEVEL:
        raise ValidationError(_("A plan has at most %(n)s levels.") % {"n": MAX_LEVEL}, code="level")


def _adopt(plan: Plan, row: Row, parent_id: int | None, other: Row | None) -> None:
    """Give the row another parent: neither one of its own family nor one that it or its family is linked with."""
    members = family(plan, row)
    ids = {one.id for one in members}
    if other is not None and other.id in ids:
        raise ValidationError(
            _("“%(name)s” can't be put beside or below itself.") % {"name": row.name}, code="own_family"
        )
    if parent_id == row.parent_id:
        return
    parent = None if parent_id is None else plan.row(parent_id)
    if parent is not None:
        check_level(plan, members, parent)
        _check_links(plan, row, ids, parent)
        if not has_children(plan, parent):
            becomes_summary(plan, parent)
    before = row.parent_id
    row.parent_id = parent_id
    plan.forget_index()
    end_of_summary(plan, before)


def _check_links(plan: Plan, row: Row, ids: set[int], parent: Row) -> None:
    above = {one.id: one for one in (parent, *ancestors(plan, parent))}
    for before, after in plan.ties:
        summary = above.get(before) if after in ids else above.get(after) if before in ids else None
        if summary is not None:
            raise ValidationError(
                _("“%(above)s” and “%(name)s” are linked; a task can't wait for its own summary. Remove the link.")
                % {"above": summary.name, "name": row.name},
                code="linked",
            )


def _without(plan: Plan, row: Row) -> list[Row]:
    members = {one.id for one in family(plan, row)}
    return [one for one in plan.rows if one.id not in members]


def _splice(plan: Plan, row: Row, rest: list[Row], at: int) -> None:
    members = family(plan, row)
    plan.rows = [*rest[:at], *members, *rest[at:]]
