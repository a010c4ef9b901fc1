"""From positions to dates, floats and reasons: the result that people read."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from pmdm.worktime.engine.calendar import from_seconds, in_minutes, to_seconds

from .axis import ALWAYS_LATE, NEVER, bounded
from .backward import PROJECT_FINISH, Backward
from .forward import DRIVERS, Forward, Rules, is_completed
from .graph import BY_GATE, Graph
from .network import Conflict, Constraint, DrivenBy, LateBecause, LinkIn, Minutes, Result, TaskIn, TaskOut

Numbers = NDArray[np.int64]
NO_FLOAT = ALWAYS_LATE  # completed or inactive: there is nothing left that could slip


class Report:
    """Turns what the passes found into a ``Result``: whole columns at a time, then one row per task."""

    def __init__(
        self,
        graph: Graph,
        rules: Rules,
        forward: Forward,
        early: Forward,
        backward: Backward,
        free: list[int],
        project_finish: int,
        critical_limit: Minutes,
    ) -> None:
        self.graph, self.rules, self.forward, self.backward = graph, rules, forward, backward
        self.project_finish, self.limit = project_finish, round(critical_limit * 60)
        self.count = count = len(graph.tasks)
        self.summary = np.zeros(count, bool)
        self.summary[list(graph.outline.children)] = True
        # Tasks that nothing can move any more, or that count for nothing, have no late dates and no float.
        self.completed = np.zeros(count, bool)
        self.completed[[i for i in graph.careful if i < count and is_completed(graph.tasks[i])]] = True
        self.completed &= ~self.summary
        self.settled = self.completed.copy()
        self.settled[list(graph.inactive)] = True
        self._column_dates(early)
        self._column_floats(free)
        if graph.outline.children:
            self._roll_up()

    def result(self) -> Result:
        graph, outline = self.graph, self.graph.outline
        starts, finishes = _datetimes(self.starts), _datetimes(self.finishes)
        early_starts, early_finishes = starts, finishes
        if self.early_starts is not self.starts:
            early_starts, early_finishes = _datetimes(self.early_starts), _datetimes(self.early_finishes)
        dated = self.late_starts < NO_FLOAT
        driven_by, links = self._drivers()
        rows = map(
            TaskOut,
            [task.id for task in graph.tasks],
            outline.wbs,
            outline.level,
            self.summary.tolist(),
            starts,
            finishes,
            early_starts,
            early_finishes,
            _datetimes(self.late_starts, dated),
            _datetimes(self.late_finishes, dated),
            _minutes(self.total, dated),
            _minutes(np.maximum(0, np.where(self.total >= 0, np.minimum(self.free, self.total), self.free)), dated),
            (dated & (self.total <= self.limit)).tolist(),
            self.completed.tolist(),
            _minutes(self.durations),
            self.percents,
            driven_by,
            links,
            self._reasons(),
            self._parts(starts, finishes),
        )
        counting = ~self.summary
        counting[list(graph.inactive)] = False
        begin = from_seconds(int(self.starts[counting].min())) if counting.any() else self.rules.project_start
        finish = from_seconds(self.project_finish)
        return Result(begin, finish, {row.id: row for row in rows}, self._conflicts())

    # Columns

    def _column_dates(self, early: Forward) -> None:
        """Dates of all tasks in seconds since 1970; a summary's are filled in by the roll-up."""
        count = self.count
        at = np.array(self.forward.at[: 2 * count], np.int64)
        late = np.array(self.backward.late[: 2 * count], np.int64)
        self.slack = (late >> 1) - (at >> 1)
        has_length = np.array(self.graph.length[:count], np.int64) > 0
        late[1::2] -= late[1::2] & has_length  # work ends at 17:00, not at the next 08:00
        # Where nothing can slip, the late date is exactly the planned instant, be it 17:00 or the next 08:00.
        shown = np.where(self.slack == 0, at, late)
        shown[np.repeat(self.settled, 2)] = NEVER
        self.starts, self.finishes = self._instants(at[0::2]), self._instants(at[1::2])
        self.late_starts, self.late_finishes = self._instants(shown[0::2]), self._instants(shown[1::2])
        self.early_starts, self.early_finishes = self.starts, self.finishes
        if early is not self.forward:
            first = np.array(early.at[: 2 * count], np.int64)
            self.early_starts, self.early_finishes = self._instants(first[0::2]), self._instants(first[1::2])
        for i in self.forward.remaining_start:
            self.late_starts[i] = self.starts[i]  # it has started: only its finish can be late
        self._exact_dates()
        self.late_starts[self.settled] = self.late_finishes[self.settled] = NO_FLOAT

    def _exact_dates(self) -> None:
        """Actual and manual dates as they were given, also outside working time."""
        for i in self.graph.dated:
            task = self.graph.tasks[i]
            start, finish = task.actual_start, task.actual_finish
            if start is None and finish is None:
                start, finish = task.manual_start, task.manual_finish
            for starts, finishes in ((self.starts, self.finishes), (self.early_starts, self.early_finishes)):
                if finish is not None:
                    finishes[i] = to_seconds(finish)
                    starts[i] = min(starts[i], finishes[i])
                if start is not None:
                    starts[i] = to_seconds(start)
                    finishes[i] = max(starts[i], finishes[i])

    def _column_floats(self, free: list[int]) -> None:
        """Total float: the smaller of start and finish slack; of started work, finish slack."""
        self.total = np.minimum(self.slack[0::2], self.slack[1::2])
        for i in self.forward.remaining_start:
            self.total[i] = self.slack[2 * i + 1]
        self.free = np.array(free[: self.count], np.int64)
        tasks = self.graph.tasks
        self.durations = np.array(self.graph.length[: self.count], np.int64) // 2
        for i in self.graph.split:
            self.durations[i] = round(tasks[i].duration_minutes * 60)
        self.percents: list[float] = [0] * self.count
        for i in self.graph.careful:
            if i < self.count:
                self.percents[i] = 100 if tasks[i].actual_finish is not None else tasks[i].percent

    def _roll_up(self) -> None:
        """Summaries from the bottom up: earliest start, latest finish, percent weighted by duration."""
        graph, summary = self.graph, self.summary
        level, parent = np.array(graph.outline.level), np.array(graph.outline.parent)
        counted = np.ones(self.count, bool)
        counted[list(graph.inactive)] = False
        lowest = [self.starts, self.early_starts, self.late_starts]
        highest = [self.finishes, self.early_finishes, self.late_finishes]
        self.late_finishes[self.late_finishes == NO_FLOAT] = NEVER
        for column in lowest:
            column[summary] = ALWAYS_LATE
        for column in highest:
            column[summary] = NEVER
        percents = np.array(self.percents, float)
        percents[summary] = 0
        weight = np.where(summary, 0, self.durations).astype(float)
        done = percents * weight
        bare, shares = np.where(summary, 0.0, 1.0), np.where(summary, 0.0, percents)  # where no task has a duration
        self.completed[summary] = True
        for depth in range(int(level.max()), 1, -1):
            here = np.flatnonzero((level == depth) & (counted | ~counted[parent]))
            above = parent[here]
            for column in lowest:
                np.minimum.at(column, above, column[here])
            for column in highest:
                np.maximum.at(column, above, column[here])
            for sums in (weight, done, bare, shares):
                np.add.at(sums, above, sums[here])
            np.logical_and.at(self.completed, above, self.completed[here])
        self._place_empty(summary)
        percents[summary] = np.where(weight > 0, done / np.maximum(weight, 1), shares / np.maximum(bare, 1))[summary]
        for i in graph.outline.children:
            self.percents[i] = float(percents[i])
            self._float_of_summary(i)
        self.late_finishes[self.late_finishes == NEVER] = NO_FLOAT

    def _place_empty(self, summary: NDArray[np.bool_]) -> None:
        """A summary with nothing active below stands at the project's start."""
        empty = summary & (self.finishes == NEVER)
        if empty.any():
            begin = to_seconds(self.rules.project_start)
            for column in (self.starts, self.finishes, self.early_starts, self.early_finishes):
                column[empty] = begin
            self.completed[empty] = False

    def _float_of_summary(self, i: int) -> None:
        """Duration and float on the rolled-up dates, as Microsoft Project stores them."""
        graph, task = self.graph, self.graph.tasks[i]
        if task.manual and task.manual_start is not None and task.manual_finish is not None:
            self.starts[i] = to_seconds(task.manual_start)
            self.finishes[i] = max(self.starts[i], to_seconds(task.manual_finish))
        index = graph.axis[i].calendar.index
        begin, end = index(int(self.starts[i])), index(int(self.finishes[i]))
        self.durations[i] = end - begin
        late_start, late_finish = int(self.late_starts[i]), int(self.late_finishes[i])
        if bounded(late_start) and bounded(late_finish):
            self.total[i] = min(index(late_start) - begin, index(late_finish) - end)
            if i not in graph.rolls:
                self.free[i] = self.total[i]
        else:
            self.late_starts[i] = NO_FLOAT

    def _instants(self, positions: Numbers) -> Numbers:
        """Seconds since 1970 of each task's position on its own calendar; 0 where it has none."""
        instants = np.zeros_like(positions)
        known = np.abs(positions) < 1 << 59
        groups: dict[int, list[int]] = {}
        axes = self.graph.axis[: self.count]
        if len(self.graph.axes_used) == 1:
            groups[0] = np.flatnonzero(known).tolist()
        else:
            for i, axis in enumerate(axes):
                if known[i]:
                    groups.setdefault(id(axis), []).append(i)
        for members in groups.values():
            if members:
                chosen = positions[members]
                calendar = axes[members[0]].calendar
                instants[members] = calendar.instants_of(chosen >> 1, (chosen & 1).astype(bool))
        return instants

    # Reasons

    def _drivers(self) -> tuple[list[DrivenBy], list[LinkIn | None]]:
        links = self.graph.links
        drivers = self.forward.driver[: self.count]
        linked, others = DrivenBy.LINK, DRIVERS
        driven_by = [linked if by >= 0 else others[by] for by in drivers]
        driving = [links[by] if by >= 0 else None for by in drivers]
        for i in self.graph.outline.children:
            driven_by[i], driving[i] = DrivenBy.CHILDREN, None
        for i in self.graph.inactive:
            driven_by[i], driving[i] = DrivenBy.INACTIVE, None
        return driven_by, driving

    def _reasons(self) -> list[LateBecause | None]:
        """Whose constraint or deadline each task's late dates go back to."""
        because = self.backward.because[: self.count]
        reasons: list[LateBecause | None] = [None] * self.count
        if max(because, default=PROJECT_FINISH) == PROJECT_FINISH:
            return reasons
        known: dict[int, LateBecause] = {}
        for i, source in enumerate(because):
            if source != PROJECT_FINISH and not self.settled[i] and not self.summary[i]:
                if source not in known:
                    known[source] = self._because(source)
                reasons[i] = known[source]
        for i in reversed(self.graph.outline.walk):
            if i in self.graph.outline.children:
                below = [child for child in self.graph.outline.children[i] if reasons[child] is not None]
                tightest = min(below, key=lambda child: self.total[child], default=None)
                reasons[i] = reasons[tightest] if tightest is not None else None
        return reasons

    def _because(self, i: int) -> LateBecause:
        """The earliest date that caps this task, as the backward pass took it."""
        task = self.graph.tasks[i]
        caps: list[tuple[datetime, Constraint | None]] = []
        if task.constraint_date is not None and task.constraint not in (Constraint.SNET, Constraint.FNET):
            caps.append((task.constraint_date, Constraint(task.constraint)))
        if task.deadline is not None:
            caps.append((task.deadline, None))
        date, constraint = min(caps, key=lambda cap: cap[0])
        return LateBecause(task.id, constraint, date)

    def _parts(
        self, starts: Sequence[datetime], finishes: Sequence[datetime]
    ) -> list[tuple[tuple[datetime, datetime], ...]]:
        parts: list[tuple[tuple[datetime, datetime], ...]] = [()] * self.count
        for i in self.graph.split:
            pieces = self._parts_of(i, self.graph.tasks[i])
            if pieces:
                pieces[0] = starts[i], pieces[0][1]
                pieces[-1] = pieces[-1][0], finishes[i]
            parts[i] = tuple(pieces)
        return parts

    def _parts_of(self, i: int, task: TaskIn) -> list[tuple[datetime, datetime]]:
        """The pieces of a split task, in order."""
        begin = self.forward.at[2 * i] >> 1
        work = round(task.duration_minutes * 60)
        parts, worked, pause = [], 0, 0
        for before, gap in sorted(task.splits):
            until = min(round(before * 60), work)
            if until > worked:
                parts.append((begin + worked + pause, begin + until + pause))
            worked, pause = max(worked, until), pause + round(gap * 60)
        if worked < work:
            parts.append((begin + worked + pause, begin + work + pause))
        calendar = self.graph.axis[i].calendar
        return [(from_seconds(calendar.start_of(a)), from_seconds(calendar.finish_of(b))) for a, b in parts]

    def _conflicts(self) -> list[Conflict]:
        """Links that constraints, manual or actual dates of the successor override."""
        graph, at, driver = self.graph, self.forward.at, self.forward.driver
        held = at.copy()
        for i, resumes in self.forward.remaining_start.items():
            held[2 * i] = resumes
        positions = np.array(at, np.int64)
        bounds = positions[graph.edge_sources] + graph.edge_lags
        early = np.flatnonzero(bounds >> 1 > np.array(held, np.int64)[graph.edge_targets] >> 1).tolist()
        broken = [(graph.targets[k], int(bounds[k]), graph.numbers[k]) for k in early]
        for edges in graph.slow_out.values():
            broken += [(edge.target, edge.forward(at), edge.number) for edge in edges]
        conflicts = []
        for slot, bound, number in broken:
            i = slot >> 1
            if i >= self.count or self.settled[i] or self.summary[i]:
                continue
            if number <= BY_GATE:
                number = driver[BY_GATE - number]  # a link on a summary above
            if number >= 0 and bounded(bound) and bound >> 1 > held[slot] >> 1:
                by = DRIVERS.get(driver[i], DrivenBy.ACTUAL)
                constraint = Constraint(graph.tasks[i].constraint) if by == DrivenBy.CONSTRAINT else None
                minutes = in_minutes((bound >> 1) - (held[slot] >> 1))
                conflicts.append(Conflict(graph.links[number], by, constraint, minutes, graph.tasks[i].id))
        return conflicts


def _datetimes(instants: Numbers, known: NDArray[np.bool_] | None = None) -> list[datetime]:
    """Datetimes of seconds since 1970; None where not known."""
    moments = instants.astype("datetime64[s]")
    if known is not None:
        moments[~known] = np.datetime64("NaT", "s")
    values: list[datetime] = moments.tolist()
    return values


def _minutes(seconds: Numbers, known: NDArray[np.bool_] | None = None) -> list[Minutes]:
    """Minutes, whole ones as int; None where not known."""
    if (seconds % 60).any():
        values: list[Minutes] = [in_minutes(value) for value in seconds.tolist()]
    else:
        values = (seconds // 60).tolist()
    if known is not None and not known.all():
        values = [value if there else None for value, there in zip(values, known.tolist(), strict=True)]  # type: ignore[misc]
    return values
