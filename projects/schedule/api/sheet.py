"""Rows of a plan as JSON: what each cell holds, in the words that a person would type into it."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from pmdm.ui import format as fmt
from projects.schedule.api.words import violations
from projects.schedule.baselines import variance_days
from projects.schedule.engine import LagUnit, LinkIn, LinkType
from projects.schedule.exporting import units_of
from projects.schedule.lateness import late_word
from projects.schedule.localtime import to_wall, zone
from projects.schedule.models import Assignment, Baseline, Task
from projects.schedule.notation import format_duration, format_predecessors
from projects.schedule.plan import Outcome, Plan, Row

FIELDS = [
    "uid", "number", "parent", "level", "summary", "wbs", "name", "mode", "milestone", "active", "duration", "minutes",
    "elapsed", "percent", "start", "finish", "early_start", "early_finish", "late_start", "late_finish", "total_float",
    "free_float", "critical", "constraint", "constraint_date", "deadline", "actual_start", "actual_finish",
    "predecessors", "people", "calendar", "version", "baseline_start", "baseline_finish", "splits", "late", "violated",
    "notes",
]  # fmt: skip
FEW = 400  # more rows than this are read with the whole plan rather than by a list of ids
WHOLE = Decimal(100)


class Sheet:
    """Turns rows of one plan into lists of cells. Texts and dates that repeat, and most do, are made once."""

    def __init__(self, plan: Plan, *, internal: bool, baseline: Baseline | None = None, now=None) -> None:
        self.plan, self.project, self.internal = plan, plan.project, internal
        self.baseline = baseline
        self.now = now or timezone.now()
        self.units = units_of(plan.project)
        self._zone = zone(plan.project.time_zone)
        self._walls: dict[datetime.datetime, str] = {}
        self._durations: dict[tuple, str] = {}
        self._lags: dict[tuple, str] = {}
        self._variances: dict[tuple, float | None] = {}
        self.broken: list = []  # links that are not respected, as the journal keeps them

    def rows(self, rows: Iterable[Row]) -> list[list]:
        """The cells of these rows, in the order of ``FIELDS``."""
        rows = list(rows)
        ids = None if len(rows) > FEW else [row.id for row in rows]
        people = self._people(ids) if self.internal else {}
        notes = self._notes(ids) if self.internal else {}
        frozen = self._frozen(ids) if self.baseline else {}
        links = self._predecessors
        by_id = self.plan.by_id
        wall, said, manual = self.wall, self._duration, Task.Mode.MANUAL.value
        broken = self._broken_words
        calendars = {row.pk: row.uid for row in self.plan.plan_calendars}
        found = []
        for row in rows:
            ghost = frozen.get(row.id, _NOTHING)
            finished = row.percent == 100
            found.append([
                row.uid, row.number, None if row.parent_id is None else by_id[row.parent_id].uid, row.outline_level,
                row.is_summary, row.wbs, row.name, "manual" if row.mode == manual else "auto", row.is_milestone,
                row.is_active, said(row), row.duration, row.duration_elapsed, row.percent, wall(row.start),
                wall(row.finish), wall(row.early_start), wall(row.early_finish), wall(row.late_start),
                wall(row.late_finish), row.total_float, row.free_float, row.is_critical, row.constraint,
                wall(row.constraint_date), wall(row.deadline), wall(row.actual_start), wall(row.actual_finish),
                links.get(row.id, ""), people.get(row.id, ""),
                calendars.get(row.calendar_id) if row.calendar_id else None, row.version,
                wall(ghost[0]), wall(ghost[1]), row.splits,
                "" if finished else late_word(row, self.now, lambda row=row, then=ghost[1]: self._behind(row, then)),
                "" if finished and row.uid not in broken else violations(self, row, broken),
                notes.get(row.id, ""),
            ])  # fmt: skip
        return found

    # Cells

    def wall(self, instant: datetime.datetime | None) -> str | None:
        """'2026-05-04T08:00' on the project's clock."""
        if instant is None:
            return None
        text = self._walls.get(instant)
        if text is None:
            text = self._walls[instant] = instant.astimezone(self._zone).isoformat()[:16]
        return text

    def _duration(self, row: Row) -> str:
        key = row.duration, row.duration_elapsed, row.is_summary
        text = self._durations.get(key)
        if text is None:
            text = format_duration(row.duration, elapsed=row.duration_elapsed, units=self.units)
            day = 1440 if row.duration_elapsed else self.units.minutes("d")
            if row.is_summary and not text.endswith("d") and row.duration > day:
                text = f"{fmt.number(round(row.duration / day, 1))}d"
            self._durations[key] = text
        return text

    @cached_property
    def _predecessors(self) -> dict[int, str]:
        """The predecessors cell of each task that waits for something."""
        by_id = self.plan.by_id
        parts: dict[int, list[tuple[int, str]]] = {}
        for (before, after), tie in self.plan.ties.items():
            row = by_id.get(before)
            if row is not None:
                parts.setdefault(after, []).append((row.number, self._lag(tie)))
        return {task: ",".join([f"{number}{lag}" for number, lag in sorted(links)]) for task, links in parts.items()}

    def _lag(self, tie: tuple) -> str:
        text = self._lags.get(tie)
        if text is None:
            kind, lag, unit = tie
            link = LinkIn("", None, LinkType(kind), lag, LagUnit(unit))
            text = self._lags[tie] = format_predecessors([link], self.units, numbers={"": ""})
        return text

    def predecessors(self, row: Row) -> str:
        return self._predecessors.get(row.id, "")

    def _people(self, ids: list[int] | None) -> dict[int, str]:
        if "people" in self.plan.__dict__:  # changed in memory
            names = {key: resource.name for key, resource in self.plan.resources.items()}
            return {
                task: people_cell([(names[key], units) for key, units in there.items()])
                for task, there in self.plan.people.items()
            }
        rows = Assignment.objects.filter(project=self.project)
        if ids is not None:
            rows = rows.filter(task_id__in=ids)
        found: dict[int, list[tuple]] = {}
        for task, name, units in rows.values_list("task_id", "resource__name", "units"):
            found.setdefault(task, []).append((name, units))
        return {task: people_cell(there) for task, there in found.items()}

    def _notes(self, ids: list[int] | None) -> dict[int, str]:
        rows = Task.objects.filter(project=self.project).exclude(notes="")
        if ids is not None:
            rows = rows.filter(pk__in=ids)
        notes = dict(rows.values_list("pk", "notes"))
        for row in self.plan.rows:
            if row.extra and "notes" in row.extra:
                notes[row.id] = row.extra["notes"]
        return notes

    def _frozen(self, ids: list[int] | None) -> dict[int, tuple]:
        if self.baseline is None:
            return {}
        rows = self.baseline.tasks.all()
        if ids is not None:
            rows = rows.filter(task_id__in=ids)
        return {row[0]: row[1:] for row in rows.values_list("task_id", "start", "finish")}

    # Words

    @cached_property
    def _broken_words(self) -> dict[int, list]:
        words: dict[int, list] = {}
        for one in self.broken:
            words.setdefault(one[1], []).append(one)
        return words

    def _behind(self, row: Row, frozen: datetime.datetime | None) -> float | None:
        """Working days by which the finish lies behind the baseline's."""
        if frozen is None or row.finish is None or frozen >= row.finish:
            return None
        key = frozen, row.finish
        if key not in self._variances:
            self._variances[key] = variance_days(
                to_wall(frozen, self.project), to_wall(row.finish, self.project), self.plan.calendar,
                self.project.minutes_per_day,
            )  # fmt: skip
        return self._variances[key]


_NOTHING = (None, None)


def people_cell(people: list[tuple]) -> str:
    """'Ann Lee; Bo Chen[50%]', by name."""
    return "; ".join(
        [name if units == WHOLE else f"{name}[{units.normalize():f}%]" for name, units in sorted(people, key=_name)]
    )


def _name(person: tuple) -> str:
    return person[0]


def chosen_baseline(project, number: object = None) -> Baseline | None:
    """The baseline of that number, else the active one."""
    if number is not None and str(number).isdecimal() and len(str(number)) < 6:
        found = Baseline.objects.filter(project=project, number=int(str(number))).first()
        if found is not None:
            return found
    return Baseline.objects.filter(project=project, is_active=True).first()


def link_list(plan: Plan, successors: set[int] | None = None) -> list[list]:
    """[[from uid, to uid, type, lag, unit], ...]; of those successors (ids) when given."""
    uids = {row.id: row.uid for row in plan.rows}
    return [
        [uids[before], uids[after], *tie]
        for (before, after), tie in plan.ties.items()
        if before in uids and after in uids and (successors is None or after in successors)
    ]


def touched_rows(plan: Plan, outcome: Outcome) -> list[Row]:
    """Rows whose cells differ after this change, in outline order."""
    ids = {row.id for row in (*outcome.changed, *outcome.added)}
    ids |= set(outcome.people) | {pair[1] for pair in outcome.links}
    if outcome.reordered:
        # A predecessors cell names row numbers: where those moved, it reads differently.
        moved = {row.id for row in outcome.changed if row.was("number") != row.number}
        ids |= {after for before, after in plan.ties if before in moved}
    if outcome.broken != plan.was_broken:
        known = {row.uid: row.id for row in plan.rows}
        before = {tuple(one) for one in plan.was_broken}
        ids |= {known[one[1]] for one in before ^ {tuple(one) for one in outcome.broken} if one[1] in known}
    return [row for row in plan.rows if row.id in ids]
