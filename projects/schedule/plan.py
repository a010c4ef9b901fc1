"""A project's plan in memory: read in a few queries, changed there, computed by the engine, written back as a whole.

Every change of a plan goes through here: ``Plan.locked(project)`` takes the project's row lock first, so that two
edits stand in line and the second computes on what the first left. What people do to a plan (``edits``, ``outline``,
``tasking``) changes the rows, links and people in memory; ``save`` writes the difference, set by set.
"""

import datetime
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from pmdm.registers.models import Counter
from pmdm.worktime.engine import NoWorkingTime, OutOfRange, WorkCalendar
from projects.lifecycle.models import Project
from projects.schedule import engine, journal, people_hours, writing
from projects.schedule.calendars import day_start, project_calendar, work_calendar
from projects.schedule.localtime import to_instant, to_wall, zone
from projects.schedule.models import Assignment, PlanCalendar, PlanSettings, Resource, Task
from projects.schedule.moved import Move, Moved
from projects.schedule.rows import COLUMNS, COMPUTED, INPUTS, POSITION, Row

__all__ = ["COMPUTED", "INPUTS", "Move", "Moved", "Outcome", "Plan", "Row", "reschedule"]

UID_PREFIX = "T"  # counter of task uids

Pair = tuple[int, int]  # ids of predecessor and successor
Tie = tuple[str, int, str]  # type, lag, unit of the lag

_MODE, _CONSTRAINTS = Task.Mode.MANUAL.value, [engine.Constraint(code) for code in range(8)]
_TYPES = {kind.value: kind for kind in engine.LinkType}
_UNITS = {unit.value: unit for unit in engine.LagUnit}


@dataclass
class Outcome:
    """What a save wrote, or a preview would write."""

    moved: Moved
    result: engine.Result
    changed: list[Row] = field(default_factory=list)  # stored rows in which a column changed
    added: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    links: dict[Pair, tuple[Tie | None, Tie | None]] = field(default_factory=dict)
    people: dict[int, tuple[dict, dict]] = field(default_factory=dict)
    reordered: bool = False
    broken: list = field(default_factory=list)  # links that are not respected, as the journal keeps them
    revision: int = 0
    # Filled in as it is written, for whoever takes the change back.
    extra: dict[int, dict] = field(default_factory=dict)  # notes, cost and work as they were
    kept: list[dict] = field(default_factory=list)  # removed tasks with what hung on them

    @property
    def is_empty(self) -> bool:
        return not (self.changed or self.added or self.removed or self.links or self.people)


class Instants(dict[datetime.datetime, datetime.datetime]):
    """Instants of wall-clock times, each made once: in a plan most dates are shared."""

    def __init__(self, tz: datetime.tzinfo) -> None:
        super().__init__()
        self.tz = tz

    def __missing__(self, wall: datetime.datetime) -> datetime.datetime:
        # In UTC, as they are read from the database: that compares without asking any zone.
        instant = self[wall] = wall.replace(tzinfo=self.tz).astimezone(datetime.UTC)
        return instant


class Ties(dict[Pair, Tie]):
    """Links by (predecessor, successor); what one task waits for is found without looking at all of them."""

    _before: dict[int, dict[int, None]] | None = None

    def before(self, after: int) -> list[int]:
        """Ids of the tasks that this one waits for."""
        if self._before is None:
            self._before = {}
            for one, other in self:
                self._before.setdefault(other, {})[one] = None
        return list(self._before.get(after, ()))

    def __setitem__(self, pair: Pair, tie: Tie) -> None:
        super().__setitem__(pair, tie)
        if self._before is not None:
            self._before.setdefault(pair[1], {})[pair[0]] = None

    def __delitem__(self, pair: Pair) -> None:
        super().__delitem__(pair)
        if self._before is not None:
            del self._before[pair[1]][pair[0]]

    def drop(self, pair: Pair) -> bool:
        """Take a link out; whether it was there."""
        if pair not in self:
            return False
        del self[pair]
        return True


class Plan:
    """Tasks in outline order, links and calendars of one project; people on tasks when asked for."""

    def __init__(self, project: Project, *, by=None) -> None:
        self.project = project
        self.by = by
        columns = ", ".join(
            f'"{name}"' if name != "splits" else "nullif(splits, '[]'::jsonb)::text" for name in COLUMNS
        )
        with connection.cursor() as cursor:
            # Names of ours. No model instances and no query set: their overhead is more than the reading.
            cursor.execute(f"SELECT {columns} FROM projects_task WHERE project_id = %s ORDER BY number", [project.pk])  # noqa: S608
            self.rows = list(map(Row.read, cursor.fetchall()))
            cursor.execute(
                "SELECT predecessor_id, successor_id, type, lag, lag_unit, id FROM projects_link"
                " WHERE project_id = %s ORDER BY id",
                [project.pk],
            )
            found = cursor.fetchall()
        self.link_ids: dict[Pair, int] = {(row[0], row[1]): row[5] for row in found}
        self.stored_links: dict[Pair, Tie] = {(row[0], row[1]): row[2:5] for row in found}
        self.ties = Ties(self.stored_links)
        self.removed: list[Row] = []
        self.edited: set[int] = set()  # ids of rows that a person changed; computing is no edit
        self.written: set[int] = set()  # these, and rows in which something had to follow from an edit
        self._index: dict[int, Row] | None = None
        self._parents: set[int | None] | None = None
        self._next_new = 0
        self.plan_calendars = list(PlanCalendar.objects.filter(project=project))
        self.calendar: WorkCalendar = project_calendar(project, self.plan_calendars)
        self.settings = PlanSettings.objects.filter(project=project).first() or PlanSettings(project=project)

    @classmethod
    def locked(cls, project: Project, *, by=None) -> "Plan":
        """Read under the project's lock; must run in a transaction that ends with the change.

        ValidationError where the project is over: the view asked before somebody closed it.
        """
        fresh = Project.objects.select_for_update(of=("self",)).select_related("calendar").get(pk=project.pk)
        fresh.refuse_when_locked()
        for name in ("schedule_start", "status_date", "time_zone", "computed_start", "computed_finish"):
            setattr(project, name, getattr(fresh, name))
        return cls(fresh, by=by)

    # Looking things up

    @property
    def by_id(self) -> dict[int, Row]:
        if self._index is None:
            self._index = {row.id: row for row in self.rows}
        return self._index

    def row(self, task_id: int) -> Row:
        """The row of that task; KeyError when it is gone."""
        return self.by_id[task_id]

    @property
    def parent_ids(self) -> set[int | None]:
        """Ids of the tasks that have others below them."""
        if self._parents is None:
            self._parents = {row.parent_id for row in self.rows}
        return self._parents

    def children(self, parent_id: int | None) -> list[Row]:
        return [row for row in self.rows if row.parent_id == parent_id]

    @property
    def links(self) -> list[tuple]:
        """(predecessor id, successor id, type, lag, unit of the lag) of each link."""
        return [(*pair, *tie) for pair, tie in self.ties.items()]

    @links.setter
    def links(self, links: Iterable[tuple]) -> None:
        self.ties = Ties({(before, after): (kind, lag, unit) for before, after, kind, lag, unit in links})

    @cached_property
    def calendars(self) -> dict[int, WorkCalendar]:
        return {row.pk: work_calendar(row) for row in self.plan_calendars}

    def calendar_of(self, row: Row) -> WorkCalendar:
        """What this task works by."""
        if self.settings.people_hours:
            task = engine.TaskIn(row.id, calendar=row.calendar_id)
            calendars = self._network_calendars()
            task.resource_calendars = self.hours_of_people.keys(row.id)
            return engine.calendar_of(task, calendars, self.calendar)
        return self.calendars.get(row.calendar_id, self.calendar) if row.calendar_id else self.calendar

    @cached_property
    def hours_of_people(self) -> people_hours.PeopleHours:
        return people_hours.PeopleHours(self)

    def _network_calendars(self) -> dict[Hashable, WorkCalendar]:
        calendars: dict[Hashable, WorkCalendar] = dict(self.calendars.items())
        if self.settings.people_hours:
            calendars |= self.hours_of_people.calendars()
        return calendars

    @cached_property
    def was_broken(self) -> list:
        """The links that were not respected as of the last save."""
        return journal.PlanState.objects.filter(project=self.project).values_list("broken", flat=True).first() or []

    @cached_property
    def resources(self) -> dict[int, Resource]:
        return {row.pk: row for row in Resource.objects.filter(project=self.project).order_by("uid")}

    @cached_property
    def stored_people(self) -> dict[int, dict[int, object]]:
        """Units by resource, by task; read when first asked for."""
        people: dict[int, dict[int, object]] = {}
        rows = Assignment.objects.filter(project=self.project).order_by("pk")
        for task_id, resource_id, units in rows.values_list("task_id", "resource_id", "units"):
            people.setdefault(task_id, {})[resource_id] = units
        return people

    @cached_property
    def people(self) -> dict[int, dict[int, object]]:
        return {task_id: dict(units) for task_id, units in self.stored_people.items()}

    # Changing it in memory

    def new_row(self, **fields) -> Row:
        """A task that gets its id and uid when the plan is saved; the caller puts it into ``rows``."""
        self._next_new -= 1
        return Row.new(self._next_new, 0, **fields)

    def insert(self, row: Row, at: int) -> None:
        self.rows.insert(at, row)
        self.forget_index()

    def forget_index(self) -> None:
        """After rows were put in, taken out or put below others by hand."""
        self._index = self._parents = None

    def remove(self, rows: list[Row]) -> None:
        """Take tasks out, with their links and people."""
        gone = {row.id for row in rows}
        self.rows = [row for row in self.rows if row.id not in gone]
        self.ties = Ties({pair: tie for pair, tie in self.ties.items() if gone.isdisjoint(pair)})
        self.removed += [row for row in rows if not row.is_new]
        self.forget_index()

    # Computing

    def start(self) -> datetime.datetime:
        """Where the plan may begin, on the wall clock: set for the plan, else the target, else the day it was made."""
        project = self.project
        if begin := to_wall(project.schedule_start, project):
            return begin
        day = project.target_start or project.created_at.astimezone(zone(project.time_zone)).date()
        return day_start(self.calendar, day)

    def network(self) -> engine.Network:
        project = self.project

        def wall(instant):
            return None if instant is None else to_wall(instant, project)

        calendars = self._network_calendars()
        tasks = [
            engine.TaskIn(
                row.id,
                row.duration,
                name=f"{row.number} {row.name}",
                parent=row.parent_id,
                elapsed=row.duration_elapsed,
                calendar=row.calendar_id,
                constraint=_CONSTRAINTS[row.constraint],
                constraint_date=wall(row.constraint_date),
                deadline=wall(row.deadline),
                manual=row.mode == _MODE,
                manual_start=wall(row.manual_start),
                manual_finish=wall(row.manual_finish),
                percent=row.percent,
                actual_start=wall(row.actual_start),
                actual_finish=wall(row.actual_finish),
                remaining_minutes=row.remaining,
                is_milestone=row.is_milestone,
                splits=tuple(map(tuple, row.splits)) if row.splits else (),
                active=row.is_active,
            )
            for row in self.rows
        ]
        if self.settings.people_hours:
            for task in tasks:
                task.resource_calendars = self.hours_of_people.keys(task.id)  # type: ignore[arg-type]
        known = self.by_id
        links = [
            engine.LinkIn(pair[0], pair[1], _TYPES[kind], lag, _UNITS[unit])
            for pair, (kind, lag, unit) in self.ties.items()
            # Read without the lock, a link may be newer than the tasks.
            if pair[0] in known and pair[1] in known
        ]
        return engine.Network(tasks, links, calendars)

    def compute(self) -> engine.Result:
        """Run the engine; ValidationError names the tasks of a cycle and whatever else cannot be scheduled."""
        try:
            return engine.schedule(
                self.network(),
                self.start(),
                self.calendar,
                project_finish=to_wall(self.settings.from_finish, self.project),
                status_date=to_wall(self.project.status_date, self.project),
                honour_constraints=self.settings.honour_constraints,
                critical_limit_minutes=self.settings.critical_float,
            )
        except engine.CycleError as cycle:
            names: dict[Hashable, str] = {row.id: f"{row.number} {row.name}" for row in self.rows}
            chain = " → ".join([names[task] for task in (*cycle.tasks, cycle.tasks[0])])
            raise ValidationError(
                _("These tasks wait for each other: %(chain)s. Remove one of the links."),
                code="cycle",
                params={"chain": chain, "tasks": cycle.tasks},
            )
        except engine.NetworkError as error:
            raise ValidationError(error.problems, code="network")
        except NoWorkingTime:
            raise ValidationError(
                _("A task's own calendar and the hours of its people have no hour in common."), code="hours"
            )
        except OutOfRange as error:
            raise ValidationError(
                _("The plan leaves the years that can be computed: %(why)s") % {"why": error}, code="range"
            )

    def save(self) -> Moved:
        """Compute, and write what changed: one statement for the tasks, some more where links or people changed."""
        return self.finish().moved

    def finish(self) -> Outcome:
        """``save``, for callers who want to know all that was written."""
        self._order()
        self._settle()
        outcome = self.work_out()
        writing.write(self, outcome)
        if self.settings.people_hours:
            people_hours.remember(self.project)
        self._write_project(outcome.result)
        outsiders = any(row.was("start") is None for row in outcome.changed)  # made by an import, not by a verb
        if not outcome.is_empty or outcome.broken != self.was_broken:
            outcome.revision = writing.log(self, outcome, reload=outsiders)
        return outcome

    def preview(self) -> Outcome:
        """What ``finish`` would write, in memory alone."""
        self._order()
        self._settle(for_good=False)
        return self.work_out()

    def work_out(self) -> Outcome:
        """Compute and find what differs from what is stored."""
        result = self.compute()
        instants = Instants(zone(self.project.time_zone))
        moves: list[Move] = []
        changed: list[Row] = []
        added: list[Row] = []
        start_at, finish_at = POSITION["start"], POSITION["finish"]
        number_at, parent_at = POSITION["number"], POSITION["parent_id"]
        reordered = bool(self.removed)
        for number, row in enumerate(self.rows, start=1):
            out = result.tasks[row.id]
            row.number, row.wbs, row.outline_level, row.is_summary = number, out.wbs, out.outline_level, out.is_summary
            if out.is_summary:
                row.duration, row.percent = round(out.duration_minutes), round(out.percent)
            row.start, row.finish = instants[out.start], instants[out.finish]
            if out.early_start is out.start and out.early_finish is out.finish:
                row.early_start, row.early_finish = row.start, row.finish
            else:
                row.early_start, row.early_finish = instants[out.early_start], instants[out.early_finish]
            row.late_start = None if out.late_start is None else instants[out.late_start]
            row.late_finish = None if out.late_finish is None else instants[out.late_finish]
            row.total_float = None if out.total_float is None else round(out.total_float)
            row.free_float = None if out.free_float is None else round(out.free_float)
            row.is_critical = out.critical
            stored = row.stored
            if stored is None:
                added.append(row)
                before: tuple = (None, None)
            elif row.values != stored or row.extra:
                changed.append(row)
                before = stored[start_at], stored[finish_at]
                reordered = reordered or stored[number_at] != number or stored[parent_at] != row.parent_id
            else:
                continue
            if before != (row.start, row.finish):
                moves.append(
                    Move(row.id, number, row.name, out.is_summary, (before[0], row.start), (before[1], row.finish))
                )
        finish = self._dates(result)[1]
        moved = Moved(moves, (self.project.computed_finish, finish), result.conflicts, self.project.time_zone)
        return Outcome(
            moved,
            result,
            changed,
            added,
            self.removed,
            writing.differing_links(self),
            writing.differing_people(self),
            reordered or bool(added),
            self._broken(result),
        )

    def _broken(self, result: engine.Result) -> list:
        """The links that fixed dates override, as the journal keeps them."""
        uids = {row.id: row.uid for row in self.rows} if result.conflicts else {}
        return [
            [
                uids[conflict.link.predecessor],  # type: ignore[index]
                uids[conflict.link.successor],  # type: ignore[index]
                conflict.link.type.value,
                conflict.because.value,
                None if conflict.constraint is None else int(conflict.constraint),
                round(conflict.minutes),
            ]
            for conflict in result.conflicts
        ]

    def _order(self) -> None:
        """Parents before their children, siblings as they stand: edits only need to put rows near the right place."""
        below: dict[int | None, list[Row]] = {}
        known = self.by_id
        for row in self.rows:
            below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
        ordered: list[Row] = []
        waiting = below.get(None, [])[::-1]
        while waiting:
            row = waiting.pop()
            ordered.append(row)
            waiting.extend(reversed(below.get(row.id, [])))
        if len(ordered) == len(self.rows):  # else: a loop of parents, which the engine refuses by name
            self.rows = ordered

    def _settle(self, *, for_good: bool = True) -> None:
        """Give new tasks and resources their ids and uids; a preview shows uids without taking them."""
        fresh = [row for row in self.rows if row.id < 0]
        unnamed = [row for row in fresh if not row.uid]
        if unnamed:
            subject = f"project:{self.project.pk}"
            if for_good:
                uid = Counter.take(subject, UID_PREFIX, len(unnamed))
            else:
                last = Counter.objects.filter(subject=subject, prefix=UID_PREFIX).values_list("last", flat=True)
                uid = (last.first() or 0) + 1
            for row in unnamed:
                row.uid, uid = uid, uid + 1
        if not for_good:
            return
        ids: dict[int, int] = {}
        if fresh:
            ids = dict(zip([row.id for row in fresh], writing.new_ids(len(fresh)), strict=True))
            for row in self.rows:
                row.id = ids.get(row.id, row.id)
                if row.parent_id is not None and row.parent_id < 0:
                    row.parent_id = ids[row.parent_id]
            self.ties = Ties({(ids.get(a, a), ids.get(b, b)): tie for (a, b), tie in self.ties.items()})
            self.edited = {ids.get(one, one) for one in self.edited}
            self.written = {ids.get(one, one) for one in self.written}
            self.forget_index()
        if "people" in self.__dict__:
            resources = writing.new_resources(self)
            self.people = {
                ids.get(task_id, task_id): {resources.get(key, key): units for key, units in there.items()}
                for task_id, there in self.people.items()
            }

    def _dates(self, result: engine.Result) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        if not self.rows:
            return None, None
        finish = max([result.tasks[row.id].finish for row in self.rows])
        return to_instant(result.start, self.project), to_instant(finish, self.project)

    def _write_project(self, result: engine.Result) -> None:
        project = self.project
        dates = self._dates(result)
        if dates != (project.computed_start, project.computed_finish):
            Project.objects.filter(pk=project.pk).update(computed_start=dates[0], computed_finish=dates[1])
        project.computed_start, project.computed_finish = dates


@transaction.atomic
def reschedule(project: Project, *, by=None) -> Moved:
    """Compute the project's plan anew and store it; says what moved. A cycle is a ValidationError naming the tasks."""
    moved = Plan.locked(project, by=by).save()
    project.refresh_from_db(fields=["computed_start", "computed_finish"])
    return moved
