"""A project's plan in memory: read in three queries, computed by the engine, written back in one statement.

Every change of a plan goes through here: ``Plan.locked(project)`` takes the project's row lock first, so that two
edits stand in line and the second computes on what the first left.
"""

import datetime
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.ui import format as fmt
from pmdm.worktime.engine import OutOfRange, WorkCalendar
from projects.lifecycle.models import Project
from projects.schedule import engine
from projects.schedule.calendars import day_start, project_calendar, work_calendar
from projects.schedule.localtime import to_instant, to_wall, zone
from projects.schedule.models import Link, PlanCalendar, PlanSettings, Task

# Columns the engine writes; with their database types, in the order of the UPDATE.
COMPUTED = {
    "number": "integer",
    "parent_id": "bigint",
    "wbs": "varchar",
    "outline_level": "smallint",
    "is_summary": "boolean",
    "duration": "integer",
    "percent": "smallint",
    "start": "timestamptz",
    "finish": "timestamptz",
    "early_start": "timestamptz",
    "early_finish": "timestamptz",
    "late_start": "timestamptz",
    "late_finish": "timestamptz",
    "total_float": "integer",
    "free_float": "integer",
    "is_critical": "boolean",
}
INPUTS = (
    "id",
    "uid",
    "name",
    "is_milestone",
    "mode",
    "duration_elapsed",
    "constraint",
    "constraint_date",
    "deadline",
    "calendar_id",
    "remaining",
    "actual_start",
    "actual_finish",
    "manual_start",
    "manual_finish",
    "splits",
    "is_active",
)


@dataclass(frozen=True, slots=True)
class Move:
    """A task whose dates changed: instants before and after."""

    task_id: int
    number: int
    name: str
    is_summary: bool
    start: tuple[datetime.datetime | None, datetime.datetime | None]
    finish: tuple[datetime.datetime | None, datetime.datetime | None]


@dataclass(frozen=True)
class Moved:
    """What a change did to the dates of the plan."""

    moves: list[Move]
    finish: tuple[datetime.datetime | None, datetime.datetime | None]
    conflicts: list[engine.Conflict] = field(default_factory=list)
    time_zone: str = "UTC"

    @property
    def tasks(self) -> list[Move]:
        """Moves of tasks with work of their own; summaries only follow."""
        return [move for move in self.moves if not move.is_summary]

    @property
    def sentence(self) -> str:
        """'12 tasks moved; the finish slips to 3 Mar.'"""
        count = len(self.tasks)
        first = ngettext("%(n)d task moved", "%(n)d tasks moved", count) % {"n": count} if count else _("No task moved")
        before, after = self.finish
        if after is None:
            return f"{first}."
        day = fmt.day(after.astimezone(zone(self.time_zone)).date())
        if before is None:
            last = _("the plan finishes on %(day)s") % {"day": day}
        elif after > before:
            last = _("the finish slips to %(day)s") % {"day": day}
        elif after < before:
            last = _("the finish comes forward to %(day)s") % {"day": day}
        else:
            last = _("the finish stays on %(day)s") % {"day": day}
        sentence = f"{first}; {last}."
        if self.conflicts:
            count = len(self.conflicts)
            sentence += " " + ngettext(
                "%(n)d link is not respected because of fixed dates.",
                "%(n)d links are not respected because of fixed dates.",
                count,
            ) % {"n": count}
        return sentence


class Row:
    """One task while the plan is in memory; a model instance per task would cost more than the whole computation."""

    __slots__ = (*INPUTS, *COMPUTED, "stored")

    id: int
    uid: int
    name: str
    is_milestone: bool
    mode: str
    duration_elapsed: bool
    constraint: int
    constraint_date: datetime.datetime | None
    deadline: datetime.datetime | None
    calendar_id: int | None
    remaining: int | None
    actual_start: datetime.datetime | None
    actual_finish: datetime.datetime | None
    manual_start: datetime.datetime | None
    manual_finish: datetime.datetime | None
    splits: list
    is_active: bool
    number: int
    parent_id: int | None
    wbs: str
    outline_level: int
    is_summary: bool
    duration: int
    percent: int
    start: datetime.datetime | None
    finish: datetime.datetime | None
    early_start: datetime.datetime | None
    early_finish: datetime.datetime | None
    late_start: datetime.datetime | None
    late_finish: datetime.datetime | None
    total_float: int | None
    free_float: int | None
    is_critical: bool
    stored: tuple

    def __init__(self, values: tuple) -> None:
        for name, value in zip((*INPUTS, *COMPUTED), values, strict=True):
            setattr(self, name, value)
        self.stored = values[len(INPUTS) :]

    def take(self, fields: dict) -> None:
        """Take over what was just written to the database, so that it is not written again."""
        for name, value in fields.items():
            name = "calendar_id" if name == "calendar" else name
            if name in self.__slots__:
                setattr(self, name, getattr(value, "pk", value))
        self.stored = tuple(fields.get(name, value) for name, value in zip(COMPUTED, self.stored, strict=True))

    @property
    def computed(self) -> tuple:
        return tuple([getattr(self, name) for name in COMPUTED])


_READ = (*INPUTS, *COMPUTED)


class Plan:
    """Tasks in outline order, links and calendars of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rows = [
            Row(values) for values in Task.objects.filter(project=project).order_by("number").values_list(*_READ)
        ]
        self.links = list(
            Link.objects.filter(project=project)
            .order_by("pk")
            .values_list("predecessor_id", "successor_id", "type", "lag", "lag_unit")
        )
        self.plan_calendars = list(PlanCalendar.objects.filter(project=project))
        self.calendar: WorkCalendar = project_calendar(project, self.plan_calendars)
        self.settings = PlanSettings.objects.filter(project=project).first() or PlanSettings(project=project)

    @classmethod
    def locked(cls, project: Project) -> "Plan":
        """Read under the project's lock; must run in a transaction that ends with the change."""
        fresh = Project.objects.select_for_update(of=("self",)).select_related("calendar").get(pk=project.pk)
        for name in ("schedule_start", "status_date", "time_zone", "computed_start", "computed_finish"):
            setattr(project, name, getattr(fresh, name))
        return cls(fresh)

    # Looking things up

    def row(self, task_id: int) -> Row:
        """The row of that task; KeyError when it is gone."""
        for row in self.rows:
            if row.id == task_id:
                return row
        raise KeyError(task_id)

    def children(self, parent_id: int | None) -> list[Row]:
        return [row for row in self.rows if row.parent_id == parent_id]

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

        tasks = [
            engine.TaskIn(
                row.id,
                row.duration,
                name=f"{row.number} {row.name}",
                parent=row.parent_id,
                elapsed=row.duration_elapsed,
                calendar=row.calendar_id,
                constraint=engine.Constraint(row.constraint),
                constraint_date=wall(row.constraint_date),
                deadline=wall(row.deadline),
                manual=row.mode == Task.Mode.MANUAL,
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
        links = [
            engine.LinkIn(before, after, engine.LinkType(kind), lag, engine.LagUnit(unit))
            for before, after, kind, lag, unit in self.links
        ]
        calendars: dict[Hashable, WorkCalendar] = {row.pk: work_calendar(row) for row in self.plan_calendars}
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
                params={"chain": chain},
            )
        except engine.NetworkError as error:
            raise ValidationError(error.problems, code="network")
        except OutOfRange as error:
            raise ValidationError(
                _("The plan leaves the years that can be computed: %(why)s") % {"why": error}, code="range"
            )

    def save(self) -> Moved:
        """Compute, and write what changed in one statement."""
        self._order()
        result = self.compute()
        project = self.project
        tz = zone(project.time_zone)
        moves: list[Move] = []
        changed: list[Row] = []
        for number, row in enumerate(self.rows, start=1):
            out = result.tasks[row.id]
            row.number, row.wbs, row.outline_level, row.is_summary = number, out.wbs, out.outline_level, out.is_summary
            if out.is_summary:
                row.duration, row.percent = round(out.duration_minutes), round(out.percent)
            row.start, row.finish = out.start.replace(tzinfo=tz), out.finish.replace(tzinfo=tz)
            if out.early_start is out.start and out.early_finish is out.finish:
                row.early_start, row.early_finish = row.start, row.finish
            else:
                row.early_start = out.early_start.replace(tzinfo=tz)
                row.early_finish = out.early_finish.replace(tzinfo=tz)
            row.late_start = out.late_start and out.late_start.replace(tzinfo=tz)
            row.late_finish = out.late_finish and out.late_finish.replace(tzinfo=tz)
            row.total_float = None if out.total_float is None else round(out.total_float)
            row.free_float = None if out.free_float is None else round(out.free_float)
            row.is_critical = out.critical
            if row.computed != row.stored:
                changed.append(row)
                before = dict(zip(COMPUTED, row.stored, strict=True))
                if (before["start"], before["finish"]) != (row.start, row.finish):
                    moves.append(
                        Move(
                            row.id, number, row.name, out.is_summary,
                            (before["start"], row.start), (before["finish"], row.finish),
                        )
                    )  # fmt: skip
        _write(changed)
        finish_before = project.computed_finish
        self._write_project(result)
        return Moved(moves, (finish_before, project.computed_finish), result.conflicts, project.time_zone)

    def _order(self) -> None:
        """Parents before their children, siblings as they stand: edits only need to put rows near the right place."""
        below: dict[int | None, list[Row]] = {}
        known = {row.id for row in self.rows}
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

    def _write_project(self, result: engine.Result) -> None:
        project = self.project
        dates: tuple[datetime.datetime | None, datetime.datetime | None] = None, None
        if self.rows:
            finish = max(result.tasks[row.id].finish for row in self.rows)
            dates = to_instant(result.start, project), to_instant(finish, project)
        if dates != (project.computed_start, project.computed_finish):
            Project.objects.filter(pk=project.pk).update(computed_start=dates[0], computed_finish=dates[1])
        project.computed_start, project.computed_finish = dates


@transaction.atomic
def reschedule(project: Project) -> Moved:
    """Compute the project's plan anew and store it; says what moved. A cycle is a ValidationError naming the tasks."""
    moved = Plan.locked(project).save()
    project.refresh_from_db(fields=["computed_start", "computed_finish"])
    return moved


def _write(rows: Iterable[Row]) -> None:
    rows = list(rows)
    if not rows:
        return
    # Only columns in which something changed: a plan that slips sends its dates and nothing else.
    before = list(zip(*(row.stored for row in rows), strict=True))
    after = list(zip(*(row.computed for row in rows), strict=True))
    sent = {name: list(new) for name, old, new in zip(COMPUTED, before, after, strict=True) if old != new}
    columns = [[row.id for row in rows], *sent.values()]
    assignments = ", ".join(f'"{name}" = new."{name}"' for name in sent)
    names = ", ".join(f'"{name}"' for name in ("id", *sent))
    arrays = ", ".join(f"%s::{kind}[]" for kind in ("bigint", *(COMPUTED[name] for name in sent)))
    table = Task._meta.db_table
    with connection.cursor() as cursor:
        # Names come from the table above, never from outside.
        cursor.execute(
            f'UPDATE "{table}" AS task SET {assignments} FROM unnest({arrays}) AS new ({names}) WHERE task.id = new.id',  # noqa: S608
            columns,
        )
