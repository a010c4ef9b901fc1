"""Undo and redo: each person's last fifty steps on a plan, kept as the difference that each step made.

A step holds old and new values of what people write: columns of tasks, places in the outline, links, people, and
removed tasks whole. Taking it back applies the old values through the same plan as every edit; the difference which
that makes replaces the step's, so that doing it again is the same thing the other way round. What somebody changed
since is never overwritten: then the step is refused with who and what.
"""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from projects.schedule import outline, writing
from projects.schedule.api import conflicts
from projects.schedule.journal import MAX_STEPS, PlanStep
from projects.schedule.plan import Outcome, Plan, Row
from projects.schedule.rows import COLUMNS, INPUTS

if TYPE_CHECKING:
    from projects.schedule.api.ops import Applied

# What a person writes into a task; the order and the parent are kept as its place.
KEPT = tuple(name for name in (*INPUTS, "duration", "percent") if name not in ("id", "uid", "version"))
REPORTED = {"percent", "actual_start", "actual_finish", "remaining"}
DATES = {name for name, kind in COLUMNS.items() if kind == "timestamptz"}


# Keeping a step


def keep(plan: Plan, outcome: Outcome, label: str) -> None:
    """Remember what was done, as the person's newest step; steps taken back before are forgotten."""
    if plan.by is None or outcome.is_empty:
        return
    mine = PlanStep.objects.filter(project=plan.project, user=plan.by)
    mine.filter(is_undone=True).delete()
    PlanStep.objects.create(project=plan.project, user=plan.by, label=label[:400], data=difference(plan, outcome))
    old = mine.order_by("-id").values("pk")[MAX_STEPS : MAX_STEPS + 50]
    PlanStep.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()


def offered(project, user) -> dict[str, str | None]:
    """What undo and redo would do for this person, in their words."""
    found: dict[str, str | None] = {"undo": None, "redo": None}
    steps = PlanStep.objects.filter(project=project, user=user).order_by("-id")
    # One query: the newest that is done, and the oldest that is undone, which come after all done ones.
    for label, is_undone in steps.values_list("label", "is_undone")[: MAX_STEPS + 1]:
        if not is_undone:
            found["undo"] = label
            break
        found["redo"] = label
    return found


def difference(plan: Plan, outcome: Outcome) -> dict:
    """Old and new values of everything people write in which the plan differs now."""
    uids = {row.id: row.uid for row in (*plan.rows, *outcome.removed)}
    tasks = {}
    for row in outcome.changed:
        if row.id not in plan.written and row.is_summary == row.was("is_summary"):
            continue  # only computed
        was = {name: row.was(name) for name in KEPT}
        own = {
            name: [_json(was[name]), _json(getattr(row, name))]
            for name in KEPT
            if was[name] != getattr(row, name)
            # Of a summary they are computed; of one that becomes a task, or was one, they are worth keeping.
            and not (name in ("duration", "percent") and row.is_summary and row.was("is_summary"))
        }
        if row.id in plan.edited or own.keys() - {"duration", "percent"} or not row.is_summary:
            own |= {
                name: [_json(old), _json((row.extra or {})[name])]
                for name, old in outcome.extra.get(row.id, {}).items()
            }
            if own:
                tasks[str(row.uid)] = own
    return {
        "tasks": tasks,
        "places": _places(plan, outcome),
        "added": [row.uid for row in outcome.added],
        "removed": outcome.kept,
        "links": [
            [uids[before], uids[after], list(old) if old else None, list(new) if new else None]
            for (before, after), (old, new) in outcome.links.items()
            if before in uids and after in uids
        ],
        "people": {
            str(uids[task]): [_shares(side) for side in sides] for task, sides in outcome.people.items() if task in uids
        },
    }


def _places(plan: Plan, outcome: Outcome) -> dict[str, list]:
    """[parent uid, uid of the sibling above] before and after, of tasks whose place among the others changed."""
    if not outcome.reordered:
        return {}
    stored = [row for row in (*plan.rows, *outcome.removed) if not row.is_new]
    stored.sort(key=lambda row: row.was("number"))
    uids = {row.id: row.uid for row in (*plan.rows, *outcome.removed)}
    before = _siblings([(row, row.was("parent_id")) for row in stored], uids)
    after = _siblings([(row, row.parent_id) for row in plan.rows], uids)
    # A neighbour that only came or went is no move of this task.
    gone, new = {row.uid for row in outcome.removed}, {row.uid for row in outcome.added}
    return (
        {
            str(uid): [before[uid], place]
            for uid, place in after.items()
            if uid in before
            and before[uid] != place
            and (before[uid][0] != place[0] or not (before[uid][1] in gone or place[1] in new))
        }
        | {str(uid): [None, after[uid]] for uid in new}
        | {str(uid): [before[uid], None] for uid in gone}
    )


def _siblings(rows: list[tuple[Row, int | None]], uids: dict[int, int]) -> dict[int, list]:
    last: dict[int | None, int] = {}
    places: dict[int, list] = {}
    for row, parent in rows:
        places[row.uid] = [None if parent is None else uids.get(parent), last.get(parent)]
        last[parent] = row.uid
    return places


def _json(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _value(name: str, value):
    return datetime.datetime.fromisoformat(value) if name in DATES and value is not None else value


# Taking it back, doing it again


def step_back(project, *, by, allowed=None) -> "Applied":
    """Undo the person's newest step. Refused when there is none, Conflicted when others changed the same since."""
    return _step(project, by=by, allowed=allowed, undo=True)


def step_again(project, *, by, allowed=None) -> "Applied":
    """Redo the step that the person took back last."""
    return _step(project, by=by, allowed=allowed, undo=False)


@transaction.atomic
def _step(project, *, by, allowed, undo: bool) -> "Applied":
    from projects.schedule.api.ops import Applied, Refused, error, locked_plan

    plan = locked_plan(project, by=by)
    mine = PlanStep.objects.filter(project=project, user=by, is_undone=not undo)
    step = mine.order_by("-id" if undo else "id").first()
    if step is None:
        text = _("There is nothing to undo.") if undo else _("There is nothing to do again.")
        raise Refused([error(None, None, "", text, None)])
    if allowed is not None and P.SCHEDULE_EDIT not in allowed and not is_progress(step.data):
        # Made by somebody who could plan then; taking it back is planning too.
        text = _("“%(step)s” was planning; you may report progress only.") % {"step": step.label}
        raise Refused([error(None, None, "", text, None)], status=403)
    back = Back(plan, step)
    try:
        back.apply()
        outcome = plan.finish()
    except ValidationError as problem:
        text = (
            _("“%(step)s” can't be taken back any more: %(why)s")
            if undo
            else _("“%(step)s” can't be done again: %(why)s")
        )
        words = {"step": step.label, "why": " ".join(problem.messages)}
        raise Refused([error(None, None, "", text % words, None)], status=409)
    back.after(outcome)
    step.data, step.is_undone = difference(plan, outcome), undo
    step.save(update_fields=["data", "is_undone"])
    project.computed_start, project.computed_finish = plan.project.computed_start, plan.project.computed_finish
    text = _("Undone: %(step)s.") if undo else _("Done again: %(step)s.")
    return Applied(plan, outcome, said=[text % {"step": step.label}])


def is_progress(data: dict) -> bool:
    """Whether a step did nothing but report progress."""
    other = any(data[name] for name in ("places", "added", "removed", "links", "people"))
    return not other and all(set(columns) <= REPORTED for columns in data["tasks"].values())


class Back:
    """Applies the old side of a step to a plan in memory; Conflicted when the new side is not what stands there."""

    def __init__(self, plan: Plan, step: PlanStep) -> None:
        self.plan, self.step, self.data = plan, step, step.data
        self.by_uid = {row.uid: row for row in plan.rows}
        self.found: list[dict] = []
        self.gone: set[int] = set()
        self.back: list[dict] = []  # tasks that come back

    def apply(self) -> None:
        from projects.schedule.api.ops import Conflicted

        data = self.data
        self._check()
        if self.found or self.gone:
            uids = [one["uid"] for one in self.found]
            raise Conflicted(conflicts.told(self.plan, self.found), self.gone, uids)
        for kept in data["removed"]:
            self._restore(kept)
        self._places()
        if data["added"]:
            self._remove_added()
        self._set_columns()
        self._set_links()
        self._set_people()

    # What others did since

    def _check(self) -> None:
        plan, data = self.plan, self.data
        stored_extra = writing.stored_extra(
            [
                self.by_uid[int(uid)]
                for uid, columns in data["tasks"].items()
                if int(uid) in self.by_uid and _extras(columns)
            ]
        )
        for uid, columns in data["tasks"].items():
            row = self.by_uid.get(int(uid))
            if row is None:
                self.gone.add(int(uid))
                continue
            for name, (old, new) in columns.items():
                now = _json(stored_extra.get(row.id, {}).get(name) if name not in COLUMNS else getattr(row, name))
                if now != new and now != old:
                    self._conflict(row, name, new, now, old)
        for uid, (_old, new) in data["places"].items():
            if new is None:
                continue
            row = self.by_uid.get(int(uid))
            if row is None:
                self.gone.add(int(uid))
            elif not self._stands(row, new):
                self._conflict(row, "parent_id", new, self._place_of(row), _old)
        for before, after, old, new in data["links"]:
            a, b = self.by_uid.get(before), self.by_uid.get(after)
            if a is None or b is None:
                continue
            now = plan.ties.get((a.id, b.id))
            if _tie(now) != new and _tie(now) != old:
                self._conflict(b, "predecessors", _said(new), _said(_tie(now)), _said(old))
        for uid, (old, new) in data["people"].items():
            row = self.by_uid.get(int(uid))
            if row is None:
                self.gone.add(int(uid))
                continue
            now = _shares(plan.people.get(row.id, {}))
            if now not in (_shares(new), _shares(old)):
                self._conflict(row, "people", self._names(new), self._names(now), self._names(old))
        for kept in data["removed"]:
            # Only after a plan was replaced by another: its uid is somebody else's now.
            if (row := self.by_uid.get(kept["row"]["uid"])) is not None:
                self._conflict(row, "name", "", row.name, kept["row"]["name"])
        for uid in data["added"]:
            if uid not in self.by_uid:
                self.gone.add(uid)
                continue
            # Somebody put tasks below it, or edited it: that work is not thrown away.
            row = self.by_uid[uid]
            if row.version != 1 and not self._is_mine(row):
                self._conflict(row, "name", "", row.name, "")
            for one in plan.rows:
                if one.parent_id == row.id and one.uid not in data["added"] and str(one.uid) not in data["places"]:
                    self._conflict(one, "parent_id", "", one.name, "")

    def _is_mine(self, row: Row) -> bool:
        """Whether nobody but this person edited the task since it was added."""
        from pmdm.activity.models import Change

        others = Change.objects.filter(table="projects_task", row_id=row.id, before__has_key="version")
        return not others.exclude(actor_id=self.plan.by.pk).exclude(actor_id=None).exists()

    def _conflict(self, row: Row, column: str, base, theirs, mine) -> None:
        name = next((cell for cell, columns in conflicts.COLUMNS.items() if column in columns), column)
        one = {"op": 0, "uid": row.uid, "field": name, "base": base, "theirs": theirs, "mine": mine}
        if not any((had["uid"], had["field"]) == (row.uid, name) for had in self.found):
            self.found.append(one)

    def _stands(self, row: Row, place: list) -> bool:
        """Whether the task is where the step put it: below that parent, and not above the sibling it was put behind."""
        parent = None if row.parent_id is None else self.plan.row(row.parent_id).uid
        if parent != place[0]:
            return False
        above = self.by_uid.get(place[1]) if place[1] is not None else None
        return above is None or above.parent_id != row.parent_id or above.number < row.number

    def _place_of(self, row: Row) -> list:
        siblings = self.plan.children(row.parent_id)
        at = siblings.index(row)
        parent = None if row.parent_id is None else self.plan.row(row.parent_id).uid
        return [parent, siblings[at - 1].uid if at else None]

    def _names(self, people: dict) -> str:
        from projects.schedule.api.sheet import people_cell

        names = {str(key): resource.name for key, resource in self.plan.resources.items()}
        return people_cell([(names.get(key, "?"), Decimal(units)) for key, units in people.items()])

    # Applying

    def _restore(self, kept: dict) -> None:
        """A removed task as it was, with its uid and its id, so that its history goes on."""
        values = {name: _value(name, kept["row"][name]) for name in COLUMNS if name in kept["row"]}
        row = Row.new(values.pop("id"), values.pop("uid"), **values)
        row.extra = {name: value for name, value in kept["extra"].items() if value not in (None, "")} or None
        row.parent_id = None
        row.calendar_id = self._calendar(row.calendar_id)
        self.plan.rows.append(row)
        self.plan.forget_index()
        self.by_uid[row.uid] = row
        self.plan.edited.add(row.id)
        self.back.append(kept)

    def _places(self) -> None:
        """Each moved task below its old parent, behind the nearest of its old siblings that is still there."""
        places = [(int(uid), sides[0]) for uid, sides in self.data["places"].items() if sides[0] is not None]
        waiting = dict(places)
        done: set[int] = set()
        for uid, _place in places:
            self._place(uid, waiting, done)

    def _place(self, uid: int, waiting: dict[int, list], done: set[int]) -> None:
        # The parent and the sibling above go first, without recursion: a chain of a thousand siblings is no stack.
        stack = [uid]
        while stack:
            one = stack[-1]
            if one in done or one not in waiting:
                stack.pop()
                continue
            parent, above = waiting[one]
            needed = [
                other for other in (parent, above) if other in waiting and other not in done and other not in stack
            ]
            if needed:
                stack += needed
                continue
            stack.pop()
            done.add(one)
            self._put(self.by_uid[one], parent, above)

    def _put(self, row: Row, parent_uid: int | None, above_uid: int | None) -> None:
        plan = self.plan
        parent = self.by_uid.get(parent_uid) if parent_uid is not None else None
        if parent_uid is not None and parent is None:
            raise ValidationError(_("the summary it stood below is gone."))
        above = self.by_uid.get(above_uid) if above_uid is not None else None
        parent_id = None if parent is None else parent.id
        if above is not None and above.id in plan.by_id and above.parent_id == parent_id:
            outline.put_after(plan, row, above)
        else:
            outline.place_first(plan, row, parent)

    def _remove_added(self) -> None:
        rows = [self.by_uid[uid] for uid in self.data["added"]]
        self.plan.remove(rows)
        for parent in {row.parent_id for row in rows}:
            outline.end_of_summary(self.plan, parent)

    def _set_columns(self) -> None:
        for uid, columns in self.data["tasks"].items():
            row = self.by_uid[int(uid)]
            for name, (old, _new) in columns.items():
                if name in COLUMNS:
                    setattr(row, name, self._calendar(old) if name == "calendar_id" else _value(name, old))
                else:
                    value = Decimal(old) if name == "cost" and old is not None else old
                    row.extra = {**(row.extra or {}), name: value}
            _edited(self.plan, row)

    def _calendar(self, key: int | None) -> int | None:
        """The calendar, if the plan still has it."""
        return key if key in self.plan.calendars else None

    def _set_links(self) -> None:
        for before, after, old, _new in self.data["links"]:
            a, b = self.by_uid.get(before), self.by_uid.get(after)
            if a is None or b is None or a.id not in self.plan.by_id or b.id not in self.plan.by_id:
                continue
            if old is None:
                self.plan.ties.drop((a.id, b.id))
            else:
                self.plan.ties[a.id, b.id] = tuple(old)
            _edited(self.plan, b)

    def _set_people(self) -> None:
        for uid, (old, _new) in self.data["people"].items():
            row = self.by_uid[int(uid)]
            self.plan.people[row.id] = {
                int(key): Decimal(units) for key, units in old.items() if int(key) in self.plan.resources
            }
            _edited(self.plan, row)

    def after(self, outcome: Outcome) -> None:
        """What hung on removed tasks comes back with them: baseline rows, booked time, work of assignments."""
        if self.back:
            writing.give_back(self.plan, self.back)


def _shares(people: dict) -> dict[str, str]:
    """Units by resource as texts to compare: what was read from the database has places that what was typed has not."""
    return {str(key): f"{Decimal(units):.2f}" for key, units in people.items()}


def _edited(plan: Plan, row: Row) -> None:
    from projects.schedule.tasking import edit

    edit(plan, row)


def _extras(columns: Iterable[str]) -> bool:
    return any(name not in COLUMNS for name in columns)


def _tie(tie) -> list | None:
    return list(tie) if tie else None


def _said(tie: list | None) -> str:
    return "" if tie is None else f"{tie[0]} {tie[1]:+d} {tie[2]}" if tie[1] else str(tie[0])
