"""Operations on a plan: read, checked against what others did, applied all or nothing.

``apply`` is the one way in. It collects every problem before it refuses, so that a pasted block shows all its bad
cells at once; it computes once, however many operations there are.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.roles import Permission as P
from projects.schedule import outline, tasking
from projects.schedule.api import conflicts, steps
from projects.schedule.api.cells import FIELDS as CELL_FIELDS
from projects.schedule.api.cells import CellError, Cells, percent, read_date, short, text
from projects.schedule.api.sheet import FIELDS, Sheet
from projects.schedule.localtime import to_instant, to_wall
from projects.schedule.models import Link, Task
from projects.schedule.notation import NotationError, parse_predecessors
from projects.schedule.plan import Outcome, Plan, Row
from projects.schedule.tasking import PROGRESS_FIELDS

MAX_OPS = 2_000
MAX_CELLS = 40_000
MAX_PASTED = 2_000  # rows of one block
SAID = 3  # sentences about constraints that an answer lists before it counts the rest


class Refused(Exception):
    """Nothing was saved; each error says where, why, and what was typed."""

    def __init__(self, errors: list[dict], status: int = 422) -> None:
        super().__init__("; ".join([error["message"] for error in errors]))
        self.errors, self.status = errors, status


class Conflicted(Exception):
    """Nothing was saved; somebody else changed the same fields, or removed the task, first."""

    def __init__(self, found: list[dict], gone: Iterable[int] = (), uids: Iterable[int] = ()) -> None:
        super().__init__(f"{len(found)} conflicts")
        self.conflicts, self.gone, self.uids = found, sorted(set(gone)), sorted(set(uids))


@dataclass
class Applied:
    """What came of the operations: the plan in memory as it is now, and what was written or would be."""

    plan: Plan
    outcome: Outcome
    refs: dict[str, Row] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    preview: bool = False

    @property
    def added(self) -> dict[str, int]:
        return {ref: row.uid for ref, row in self.refs.items()}

    @property
    def sentence(self) -> str:
        parts = [self.outcome.moved.sentence, *self.said[:SAID]]
        more = len(self.said) - SAID
        if more > 0:
            parts.append(
                ngettext("%(n)d more constraint was set.", "%(n)d more constraints were set.", more) % {"n": more}
            )
        return " ".join(parts)


class OpError(Exception):
    """An operation that can't be done: for one field, or for the whole of it."""

    def __init__(self, message: str, field: str = "", uid: int | None = None, typed=None) -> None:
        super().__init__(message)
        self.message, self.field, self.uid, self.typed = message, field, uid, typed


def apply(project, *, by, ops, preview=False, allowed=None, label="", revision=None) -> Applied:
    """Apply the operations in one transaction. Refused or Conflicted: nothing is saved."""
    ops = check(ops)
    permitted(ops, allowed)
    if preview:
        return Batch(Plan(project, by=by), ops, revision).run(preview=True)
    with transaction.atomic():
        batch = Batch(locked_plan(project, by=by), ops, revision)
        applied = batch.run()
        steps.keep(applied.plan, applied.outcome, label or label_of(batch))
    project.computed_start = batch.plan.project.computed_start
    project.computed_finish = batch.plan.project.computed_finish
    return applied


def locked_plan(project, *, by) -> Plan:
    """``Plan.locked``; Refused where the project is over."""
    try:
        return Plan.locked(project, by=by)
    except ValidationError as over:
        raise Refused([error(None, None, "", message, None) for message in over.messages], status=403) from over


def check(ops) -> list[dict]:
    """The shape of what was sent; Refused where it is none, 413 where it is too much."""
    if not isinstance(ops, list) or not all(isinstance(op, dict) for op in ops):
        raise Refused([error(None, None, "", _("An edit is a list of operations."), None)])
    if not ops:
        raise Refused([error(None, None, "", _("There is no operation in this edit."), None)])
    if len(ops) > MAX_OPS:
        raise Refused(
            [error(None, None, "", _("At most %(n)d operations at once.") % {"n": MAX_OPS}, len(ops))], status=413
        )
    cells = sum(
        len(op.get("cells") or ()) * len(op.get("columns") or ())
        for op in ops
        if op.get("op") == "paste" and isinstance(op.get("cells"), list) and isinstance(op.get("columns"), list)
    )
    if cells > MAX_CELLS:
        raise Refused([error(None, None, "", _("At most %(n)d cells at once.") % {"n": MAX_CELLS}, cells)], status=413)
    return ops


def permitted(ops: list[dict], allowed) -> None:
    """Whoever may only report progress may report progress, and nothing else; a reason for each other operation."""
    if allowed is None or P.SCHEDULE_EDIT in allowed:
        return
    refused = []
    for at, op in enumerate(ops):
        fields: dict = op["fields"] if isinstance(op.get("fields"), dict) else {}
        is_progress = op.get("op") == "progress" or (op.get("op") == "set" and set(fields) <= PROGRESS_FIELDS)
        if is_progress and P.PROGRESS_EDIT in allowed:
            continue
        other = next((name for name in fields if name not in PROGRESS_FIELDS), "")
        refused.append(
            error(
                at, op.get("uid") if isinstance(op.get("uid"), int) else None, other,
                _("You may report progress (percent, actual start and finish); planning is the project manager's.")
                if P.PROGRESS_EDIT in allowed else _("You may read this plan, not change it."),
                fields.get(other),
            )
        )  # fmt: skip
    if refused:
        raise Refused(refused, status=403)


def error(at, uid, name, message, typed, row=None, column=None) -> dict:
    return {
        "op": at, "uid": uid, "field": name, "message": str(message), "typed": typed, "row": row, "column": column,
    }  # fmt: skip


class Batch:
    """A list of operations on one plan in memory."""

    def __init__(self, plan: Plan, ops: list[dict], revision: int | None = None) -> None:
        self.plan, self.ops, self.revision = plan, ops, revision
        self.now = timezone.now()
        self.cells = Cells(plan, self.now)
        self.errors: list[dict] = []
        self.conflicts: list[dict] = []
        self.gone: set[int] = set()
        self.refs: dict[str, Row] = {}
        self.linked: list[tuple[int, int, int]] = []  # (operation, before, after), to name the one that closed a circle
        self.by_uid = {row.uid: row for row in plan.rows}
        self.first: Row | None = None  # for the label of the step

    def run(self, *, preview=False) -> Applied:
        self._look_for_conflicts()
        self._look_for_new_numbers()
        for at, op in enumerate(self.ops):
            self._attempt(at, op)
        if self.conflicts or self.gone:
            raise Conflicted(
                conflicts.told(self.plan, self.conflicts),
                self.gone,
                [one["uid"] for one in self.conflicts if one["uid"] is not None],
            )
        if self.errors:
            raise Refused(self.errors)
        try:
            outcome = self.plan.preview() if preview else self.plan.finish()
        except ValidationError as problem:
            raise Refused(self._about_the_plan(problem))
        return Applied(self.plan, outcome, self.refs, self.cells.said, preview)

    # What others did

    def _look_for_conflicts(self) -> None:
        """The in-place rule: a field that is no longer what the person saw is not overwritten."""
        named = {}
        for at, op in enumerate(self.ops):
            was = op.get("was")
            if isinstance(was, dict) and was and isinstance(op.get("uid"), int) and op["uid"] in self.by_uid:
                named[at] = self.by_uid[op["uid"]]
        if not named:
            return
        rows = list({row.id: row for row in named.values()}.values())
        sheet = Sheet(self.plan, internal=True, now=self.now)
        shown = {
            row.uid: dict(zip(FIELDS, cells, strict=True)) for row, cells in zip(rows, sheet.rows(rows), strict=True)
        }
        for at, row in named.items():
            op, now = self.ops[at], shown[row.uid]
            typed: dict = op["fields"] if isinstance(op.get("fields"), dict) else op
            for name, base in op["was"].items():
                if name in now and not conflicts.same(name, base, now[name], self.cells):
                    if name in typed and conflicts.same(name, typed[name], now[name], self.cells):
                        continue  # both want the same
                    self.conflicts.append(
                        {"op": at, "uid": row.uid, "field": name, "base": base, "theirs": now[name],
                         "mine": typed.get(name)}
                    )  # fmt: skip

    def _look_for_new_numbers(self) -> None:
        """A predecessor is named by its row number: where rows moved since the person looked, it may mean another."""
        if not isinstance(self.revision, int):
            return
        named = []
        for at, op in enumerate(self.ops):
            fields = op.get("fields")
            typed = fields.get("predecessors") if isinstance(fields, dict) else None
            if any(letter.isdecimal() for letter in str(typed or "")):
                named.append((at, op, typed))
        if not named:
            return
        moved = conflicts.reordered_since(self.plan.project, self.revision)
        if moved is None:
            return
        for at, op, typed in named:
            row = self.by_uid.get(op["uid"]) if isinstance(op.get("uid"), int) else None
            self.conflicts.append(
                {
                    "op": at,
                    "uid": row.uid if row else None,
                    "field": "predecessors",
                    "base": None,
                    "theirs": _("the rows have other numbers now"),
                    "mine": typed,
                    "who": moved.user.name if moved.user else _("somebody else"),
                    "when": moved.at.isoformat(),
                }
            )

    # One operation

    def _attempt(self, at: int, op: dict) -> None:
        run: Callable | None = OPERATIONS.get(op["op"]) if isinstance(op.get("op"), str) else None
        uid = op.get("uid") if isinstance(op.get("uid"), int) else None
        if run is None:
            known = ", ".join(OPERATIONS)
            self.errors.append(
                error(
                    at,
                    uid,
                    "op",
                    _("There is no such operation; give one of %(known)s.") % {"known": known},
                    op.get("op"),
                )
            )
            return
        try:
            run(self, at, op)
        except _Gone as gone:
            self.gone.add(gone.uid)
        except OpError as problem:
            self.errors.append(
                error(at, uid if problem.uid is None else problem.uid, problem.field, problem.message, problem.typed)
            )
        except CellError as problem:
            self.errors.append(error(at, uid, problem.field, problem.message, op.get(problem.field)))
        except NotationError as problem:
            self.errors.append(error(at, uid, "lag", str(problem), op.get("lag")))
        except ValidationError as problem:
            name = next(iter(problem.error_dict)) if hasattr(problem, "error_dict") else ""
            self.errors.append(error(at, uid, name, " ".join(problem.messages), op.get(name)))

    def row(self, uid, name="uid") -> Row:
        """The row that an operation names by its uid, or by the ref of an earlier operation."""
        if isinstance(uid, str) and uid in self.refs:
            row = self.refs[uid]
        elif isinstance(uid, int) and not isinstance(uid, bool):
            found = self.by_uid.get(uid)
            if found is None:
                raise _Gone(uid)
            row = found
        else:
            raise OpError(_("“%(typed)s” names no task; give its uid.") % {"typed": short(uid)}, name, typed=uid)
        if row.id not in self.plan.by_id:
            raise OpError(_("“%(name)s” is removed by the same edit.") % {"name": row.name}, name, typed=uid)
        self.first = self.first or row
        return row

    def rows(self, op: dict) -> list[Row]:
        uids = op.get("uids")
        if not isinstance(uids, list) or not uids:
            raise OpError(_("Name the tasks: a list of uids."), "uids", typed=uids)
        return [self.row(uid, "uids") for uid in uids]

    def _set(self, at: int, op: dict) -> None:
        fields = op.get("fields")
        if not isinstance(fields, dict) or not fields:
            raise OpError(_("Name the fields to set."), "fields", typed=fields)
        self._put(at, self.row(op.get("uid")), fields)

    def _put(self, at: int, row: Row, fields: dict, uid: int | None = None, line=None, columns=None) -> None:
        for name, message in self.cells.put(row, fields):
            self.errors.append(
                error(at, row.uid or uid, name, message, fields.get(name), line, (columns or {}).get(name))
            )
        if "predecessors" in fields:
            self.linked += [(at, before, row.id) for before in self.plan.ties.before(row.id)]

    def _move(self, at: int, op: dict) -> None:
        row, start = self.row(op.get("uid")), self._instant(op, "start")
        if outline.has_children(self.plan, row):
            self._move_summary(row, start)
            return
        if row.actual_start:
            day = to_wall(row.actual_start, self.plan.project)
            raise OpError(
                _("“%(name)s” started on %(day)s; change its actual start instead.")
                % {"name": row.name, "day": day and day.date().isoformat()}, "start", typed=op.get("start"),
            )  # fmt: skip
        if row.mode != Task.Mode.MANUAL:
            start = self._working(row, start)
        self.cells.begin(row, start)

    def _move_summary(self, row: Row, start: datetime.datetime) -> None:
        """Every task below that has not started goes along, by as much working time as the summary is dragged."""
        plan, project = self.plan, self.plan.project
        if row.start is None:
            return
        by = plan.calendar.between(self._wall(row.start), self._wall(start))
        members = outline.family(plan, row)
        parents = {one.parent_id for one in members}
        leaves = [one for one in members if one.id not in parents]
        ids = {one.id for one in leaves}
        follows = {after for before, after in plan.ties if before in ids}
        for leaf in leaves:
            if leaf.actual_start or leaf.start is None:
                continue
            calendar = plan.calendar_of(leaf)
            if leaf.mode == Task.Mode.MANUAL:
                to = calendar.next_working(calendar.add(self._wall(leaf.manual_start or leaf.start), by))
            elif leaf.constraint_date is not None and leaf.constraint not in (0, 1):
                shifted = to_instant(calendar.add(self._wall(leaf.constraint_date), by), project)
                tasking.change(plan, leaf, {"constraint_date": shifted}, at=self.now)
                continue
            elif leaf.id in follows:
                continue  # its predecessor inside takes it along
            else:
                to = calendar.next_working(calendar.add(self._wall(leaf.start), by))
            instant = to_instant(to, project)
            assert instant is not None
            self.cells.begin(leaf, instant)

    def _resize(self, at: int, op: dict) -> None:
        row, finish = self.row(op.get("uid")), self._instant(op, "finish")
        if outline.has_children(self.plan, row):
            raise OpError(
                _("A summary lasts as long as the tasks below it; change those."), "finish", typed=op.get("finish")
            )
        if row.actual_finish:
            raise OpError(
                _("“%(name)s” is finished; change its actual finish instead.") % {"name": row.name},
                "finish",
                typed=op.get("finish"),
            )
        self.cells.end(row, finish)

    def _progress(self, at: int, op: dict) -> None:
        row = self.row(op.get("uid"))
        self._put(at, row, {"percent": percent_of(op)})

    def _link(self, at: int, op: dict) -> None:
        before, after = self.row(op.get("from"), "from"), self.row(op.get("to"), "to")
        kind = str(op.get("type") or "FS").upper()
        if kind not in Link.Type.values:
            raise OpError(
                _("“%(typed)s” is no kind of link; give FS, SS, FF or SF.") % {"typed": short(op.get("type"))},
                "type",
                typed=op.get("type"),
            )
        lag, unit = self._lag(op)
        tasking.tie(self.plan, before, after, kind, lag, unit)
        self.linked.append((at, before.id, after.id))

    def _lag(self, op: dict) -> tuple[int, str]:
        word = text(op.get("lag"))
        if not word or word == "0":
            return 0, Link.LagUnit.WORK.value
        sign = "" if word[0] in "+-" else "+"
        try:
            (one,) = parse_predecessors(f"1FS{sign}{word}", self.cells.units)
        except (NotationError, ValueError):
            raise OpError(
                _("“%(typed)s” is no lag; give one such as 2d, -4h, 50%% or 3ed.") % {"typed": short(word)},
                "lag",
                typed=op.get("lag"),
            )
        return round(one.lag), one.lag_unit.value

    def _unlink(self, at: int, op: dict) -> None:
        tasking.untie(self.plan, self.row(op.get("from"), "from"), self.row(op.get("to"), "to"))

    def _add(self, at: int, op: dict) -> None:
        fields = op.get("fields") or {}
        if not isinstance(fields, dict):
            raise OpError(_("Name the fields to set."), "fields", typed=fields)
        ref = op.get("ref")
        if ref is not None and (not isinstance(ref, str) or not ref or ref in self.refs or len(ref) > 100):
            raise OpError(_("A ref is a text that no other operation of this edit has."), "ref", typed=ref)
        row = self.plan.new_row(name=_("New task"), duration=self.plan.project.minutes_per_day)
        self.plan.insert(row, len(self.plan.rows))
        self._place_at(row, op)
        self.refs[ref or f"+{at}"] = row
        self.first = self.first or row
        self._put(at, row, fields)

    def _place(self, at: int, op: dict) -> None:
        chosen = outline.tops(self.plan, self.rows(op))
        if all(op.get(name) is None for name in ("after", "before", "parent")):
            raise OpError(_("Say where: before, after or parent."), "after")
        after = op.get("after")
        for row in chosen:
            self._place_at(row, {**op, "after": after})
            if after is not None:
                after = row.uid or next(ref for ref, one in self.refs.items() if one is row)

    def _place_at(self, row: Row, op: dict) -> None:
        plan = self.plan
        if op.get("after") is not None:
            outline.put_after(plan, row, self._beside(op, "after"))
        elif op.get("before") is not None:
            outline.put_before(plan, row, self._beside(op, "before"))
        elif op.get("parent") is not None:
            outline.put_inside(plan, row, self.row(op["parent"], "parent"))

    def _beside(self, op: dict, name: str) -> Row:
        row = self.row(op[name], name)
        if op.get("parent") is not None and (parent := self.row(op["parent"], "parent")).id != row.parent_id:
            raise OpError(
                _("“%(name)s” does not lie directly below “%(parent)s” any more.")
                % {"name": row.name, "parent": parent.name}, name, typed=op[name],
            )  # fmt: skip
        return row

    def _remove(self, at: int, op: dict) -> None:
        outline.remove(self.plan, self.rows(op), with_children=op.get("with_children") is True)

    def _paste(self, at: int, op: dict) -> None:
        columns, cells = self._block(op)
        start = self.plan.rows.index(self.row(op["at"], "at")) if op.get("at") is not None else len(self.plan.rows)
        rows = self.plan.rows[start : start + len(cells)]
        last = self.plan.rows[-1] if op.get("at") is not None and self.plan.rows else None
        for _line in cells[len(rows) :]:
            row = self.plan.new_row(
                name=_("New task"),
                duration=self.plan.project.minutes_per_day,
                parent_id=last.parent_id if last else None,
            )
            rows.append(row)
            self.plan.rows.append(row)
            self.refs[f"+{at}.{len(rows) - 1}"] = row
        self.plan.forget_index()
        self.first = self.first or (rows[0] if rows else None)
        # The numbers in a block are those that its rows have once it is in.
        before, self.cells.numbers = self.cells.numbers, dict(enumerate(self.plan.rows, start=1))
        old = [row for row in rows if not row.is_new]
        shown = dict(zip([row.id for row in old], Sheet(self.plan, internal=True, now=self.now).rows(old), strict=True))
        position = {name: index for index, name in enumerate(columns)}
        for line, (row, values) in enumerate(zip(rows, cells, strict=True)):
            typed = {name: value for name, value in zip(columns, values, strict=False) if name}
            there = dict(zip(FIELDS, shown[row.id], strict=True)) if row.id in shown else {}
            typed = {
                name: value
                for name, value in typed.items()
                # What stands there already, and an empty cell where there has to be something, say nothing.
                if not (name in there and str(value) == str(there[name]))
                and not (
                    name in ("name", "duration", "percent", "constraint", "mode", "start", "finish")
                    and str(value or "").strip() == ""
                )
            }
            if typed:
                self._put(at, row, typed, line=line, columns=position)
        self.cells.numbers = before

    def _block(self, op: dict) -> tuple[list[str], list[list]]:
        columns, cells = op.get("columns"), op.get("cells")
        if not isinstance(columns, list) or not columns or not all(isinstance(name, str) for name in columns):
            raise OpError(_("Name the columns of the block."), "columns", typed=columns)
        for name in columns:
            if name and name not in CELL_FIELDS:
                raise OpError(
                    _("“%(name)s” can't be pasted; columns are %(names)s.")
                    % {"name": short(name), "names": ", ".join(CELL_FIELDS)}, "columns", typed=name,
                )  # fmt: skip
        if not isinstance(cells, list) or not cells or not all(isinstance(line, list) for line in cells):
            raise OpError(_("A block is a list of rows, each a list of cells."), "cells")
        if len(cells) > MAX_PASTED:
            raise OpError(
                _("The block has %(many)d rows; at most %(n)d are pasted at once.")
                % {"many": len(cells), "n": MAX_PASTED},
                "cells",
            )
        for line, values in enumerate(cells):
            if len(values) > len(columns):
                raise OpError(
                    _("Row %(row)d of the block has more cells than there are columns.") % {"row": line + 1}, "cells"
                )
        return columns, cells

    # Dates and reasons

    def _instant(self, op: dict, name: str) -> datetime.datetime:
        if not text(op.get(name)):
            raise OpError(_("Give a date such as 2026-05-04T08:00."), name, typed=op.get(name))
        try:
            day, clock = read_date(text(op.get(name)), self._wall(self.now).date())
        except CellError as problem:
            raise OpError(problem.message, name, typed=op.get(name))
        if clock is None:
            row = self.row(op.get("uid"))
            return self.cells._date(op.get(name), row, finish=name == "finish")
        instant = to_instant(datetime.datetime.combine(day, clock), self.plan.project)
        assert instant is not None
        return instant

    def _working(self, row: Row, instant: datetime.datetime) -> datetime.datetime:
        found = to_instant(self.plan.calendar_of(row).next_working(self._wall(instant)), self.plan.project)
        assert found is not None
        return found

    def _wall(self, instant: datetime.datetime) -> datetime.datetime:
        wall = to_wall(instant, self.plan.project)
        assert wall is not None
        return wall

    def _about_the_plan(self, problem: ValidationError) -> list[dict]:
        """A plan that can't be computed: the last operation that put a link on the circle is the one to answer."""
        messages = problem.messages
        tasks = (getattr(problem, "params", None) or {}).get("tasks", [])
        ring = set(zip(tasks, [*tasks[1:], *tasks[:1]], strict=True)) if tasks else set()
        ring |= {(after, before) for before, after in ring}
        for at, before, after in reversed(self.linked):
            if (before, after) in ring or not ring:
                row = self.plan.by_id.get(after)
                op = self.ops[at]
                typed = (op.get("fields") or {}).get("predecessors") if op.get("op") == "set" else op.get("lag")
                return [error(at, row.uid if row else None, "predecessors", " ".join(messages), typed)]
        return [error(len(self.ops) - 1, None, "", " ".join(messages), None)]


class _Gone(Exception):
    def __init__(self, uid: int) -> None:
        super().__init__(uid)
        self.uid = uid


def percent_of(op: dict):
    percent(op.get("percent"))  # refused by the field's own sentence
    return op.get("percent")


def _outline(direction: str) -> Callable:
    def run(batch: Batch, at: int, op: dict) -> None:
        outline.move_all(batch.plan, batch.rows(op), direction)

    return run


OPERATIONS: dict[str, Callable] = {
    "set": Batch._set,
    "move": Batch._move,
    "resize": Batch._resize,
    "progress": Batch._progress,
    "link": Batch._link,
    "unlink": Batch._unlink,
    "add": Batch._add,
    "remove": Batch._remove,
    "indent": _outline("in"),
    "outdent": _outline("out"),
    "up": _outline("up"),
    "down": _outline("down"),
    "place": Batch._place,
    "paste": Batch._paste,
}


def label_of(batch: Batch) -> str:
    """What the undo button says: 'Move “Foundations”'."""
    kinds = {op["op"] for op in batch.ops}
    name = (batch.first.name if batch.first is not None else "")[:200]
    count = len(batch.ops)
    kind = kinds.pop() if len(kinds) == 1 else ""
    many = len(batch.ops[0].get("uids") or ()) if count == 1 and isinstance(batch.ops[0].get("uids"), list) else count
    if kind == "paste":
        return _("Paste a block")
    if many > 1:
        return _("Change %(n)d tasks") % {"n": many}
    words = {
        "set": _("Change “%(name)s”"),
        "move": _("Move “%(name)s”"),
        "resize": _("Change the length of “%(name)s”"),
        "progress": _("Progress of “%(name)s”"),
        "link": _("Link “%(name)s”"),
        "unlink": _("Unlink “%(name)s”"),
        "add": _("Add “%(name)s”"),
        "remove": _("Remove “%(name)s”"),
        "indent": _("Indent “%(name)s”"),
        "outdent": _("Outdent “%(name)s”"),
        "up": _("Move “%(name)s” up"),
        "down": _("Move “%(name)s” down"),
        "place": _("Reorder “%(name)s”"),
    }
    return words.get(kind, _("Change “%(name)s”")) % {"name": name}
