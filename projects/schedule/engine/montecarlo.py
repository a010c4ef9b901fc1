"""Monte Carlo on the network: durations drawn from three-point estimates, one forward pass for thousands of runs.

Every run is the same forward pass that ``schedule`` makes, with links, lags, calendars, constraints, actual and manual
dates; a position is a column of runs instead of one number, so a pass over the network costs a few numpy operations
per task. Runs go in chunks, so that memory stays bounded whatever their number.

Sources: Malcolm, Roseboom, Clark & Fazar 1959 (PERT); D. T. Hulett, Practical Schedule Risk Analysis, 2009; T. M.
Williams 1992 (cruciality); PMI Practice Standard for Scheduling (schedule sensitivity index).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from pmdm.worktime.engine import WorkCalendar
from pmdm.worktime.engine.calendar import from_seconds, to_seconds

from .axis import NEVER, Axis
from .cpm import last_finish
from .forward import Forward, Rules, forward_pass, is_completed, remaining
from .graph import Edge, Graph
from .network import Constraint, LagUnit, Minutes, Network, NetworkError, TaskId, TaskIn
from .outline import label

Runs = NDArray[np.int64]  # one value per run
Column = int | Runs  # a number all runs share, or one per run
Flags = NDArray[np.bool_]
Progress = Callable[[int, int], object]  # runs done, runs in all; returning False stops the simulation

CHUNK_BYTES = 48 << 20  # for positions and flags of one chunk
CHUNK_RUNS = 2_000  # at most, so that progress is told often
MOST_RUNS = 1_000_000
PERT_LAMBDA = 4


class Shape(StrEnum):
    """The distribution between optimistic and pessimistic."""

    PERT = "pert"
    TRIANGULAR = "triangular"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Optimistic, most likely and pessimistic duration of the whole task, in minutes as its duration counts them."""

    optimistic: Minutes
    likely: Minutes
    pessimistic: Minutes
    shape: Shape = Shape.PERT

    @property
    def mean(self) -> float:
        """PERT: (a + 4m + b) / 6; triangular: (a + m + b) / 3."""
        weight = PERT_LAMBDA if self.shape == Shape.PERT else 1
        return (self.optimistic + weight * self.likely + self.pessimistic) / (2 + weight)

    def problem(self) -> str:
        """What is wrong with it, or nothing."""
        a, m, b = self.optimistic, self.likely, self.pessimistic
        if not 0 <= a <= m <= b:
            return f"needs 0 ≤ optimistic ≤ most likely ≤ pessimistic, not {a:g}, {m:g}, {b:g} minutes"
        return ""

    def draw(self, random: np.random.Generator, count: int) -> NDArray[np.float64]:
        """``count`` durations in minutes.

        Beta-PERT: a + (b - a) · Beta(1 + 4(m - a)/(b - a), 1 + 4(b - m)/(b - a)).
        """
        a, m, b = float(self.optimistic), float(self.likely), float(self.pessimistic)
        if a == b:
            return np.full(count, a)
        if self.shape == Shape.TRIANGULAR:
            return random.triangular(a, m, b, count)
        alpha = 1 + PERT_LAMBDA * (m - a) / (b - a)
        beta = 1 + PERT_LAMBDA * (b - m) / (b - a)
        drawn: NDArray[np.float64] = a + (b - a) * random.beta(alpha, beta, count)
        return drawn


class SimulationStopped(Exception):
    """The progress callback said to stop."""


@dataclass(frozen=True, slots=True)
class TaskRisk:
    """What the runs say about one task; shares from 0 to 1, lengths in minutes of the task's calendar.

    ``criticality``: share of runs in which it drove the project's finish. ``cruciality``: correlation of its duration
    with the finish, None where one of them never varies. ``ssi``: criticality · sd(task) / sd(project). ``bias``: by
    how much its mean finish is later than with every duration at its mean, which is what merging paths cost so far.
    """

    criticality: float
    cruciality: float | None
    ssi: float | None
    mean_minutes: float
    sd_minutes: float
    bias_minutes: float
    sampled: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Runs that finished from ``begin`` up to ``end`` (the last bin includes its end)."""

    begin: datetime
    end: datetime
    runs: int


@dataclass(frozen=True)
class Simulation:
    """The finishes of all runs and what they say. ``seed`` and ``runs`` make it again."""

    runs: int
    seed: int
    deterministic: datetime  # the finish of the plan as it stands
    finish_of_means: datetime  # with every duration at the mean of its estimate
    finishes: Runs  # of each run in order, seconds since 1970 on the plan's wall clock
    tasks: dict[TaskId, TaskRisk]
    sampled: int  # tasks whose duration varied
    sd_minutes: float  # of the finish, working minutes of the project's calendar
    mean_offset_minutes: float  # of the finish from the deterministic one
    merge_bias_minutes: float  # mean finish less the finish of means: what merging paths cost
    watched: dict[TaskId, Runs] = field(default_factory=dict)  # finishes of the tasks asked for, sorted

    def percentile(self, percent: float) -> datetime:
        """The smallest finish that at least ``percent`` % of the runs do not exceed; 0 < percent <= 100."""
        return percentile(self._sorted, percent)

    @property
    def p50(self) -> datetime:
        return self.percentile(50)

    @property
    def p80(self) -> datetime:
        return self.percentile(80)

    @property
    def p90(self) -> datetime:
        return self.percentile(90)

    @property
    def earliest(self) -> datetime:
        return from_seconds(int(self._sorted[0]))

    @property
    def latest(self) -> datetime:
        return from_seconds(int(self._sorted[-1]))

    @property
    def deterministic_share(self) -> float:
        """Share of runs that finish no later than the plan says: its confidence, from 0 to 1."""
        return self.share_by(self.deterministic)

    def share_by(self, when: datetime) -> float:
        """Share of runs finished by then."""
        return int(self._sorted.searchsorted(to_seconds(when), "right")) / self.runs

    def histogram(self, bins: int = 24) -> list[Bin]:
        """Finishes in bins of equal length on the clock, whole days where they span at least as many."""
        first, last = int(self._sorted[0]), int(self._sorted[-1])
        day = 86_400
        if last - first >= bins * day:
            first -= first % day
            width = ceil((last + 1 - first) / bins / day) * day
        else:
            width = max(1, ceil((last + 1 - first) / bins))
        count = (last - first) // width + 1
        edges = first + width * np.arange(count + 1)
        counts = np.histogram(self._sorted, edges)[0].tolist()
        return [
            Bin(from_seconds(int(a)), from_seconds(int(b)), n)
            for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
        ]

    def curve(self, points: int = 100) -> list[tuple[datetime, float]]:
        """The cumulative curve: (finish, share of runs by then), at most ``points`` of them."""
        places = sorted({ceil(self.runs * k / points) - 1 for k in range(1, points + 1)})
        return [(from_seconds(int(self._sorted[i])), (i + 1) / self.runs) for i in places]

    @property
    def _sorted(self) -> Runs:
        kept: Runs | None = self.__dict__.get("_in_order")
        if kept is None:
            kept = self.__dict__["_in_order"] = np.sort(self.finishes)
        return kept


def percentile(ordered: Runs, percent: float) -> datetime:
    """The smallest of the sorted values that at least ``percent`` % of them do not exceed."""
    if not 0 < percent <= 100:
        raise ValueError("A percentile lies above 0 and at most at 100.")
    place = max(1, ceil(round(percent * len(ordered) / 100, 9)))
    return from_seconds(int(ordered[place - 1]))


def simulate(
    network: Network,
    start: datetime,
    calendar: WorkCalendar,
    estimates: Mapping[TaskId, Estimate],
    *,
    runs: int,
    seed: int,
    status_date: datetime | None = None,
    move_unstarted: bool = False,
    honour_constraints: bool = True,
    watch: Collection[TaskId] = (),
    progress: Progress | None = None,
) -> Simulation:
    """Run the network ``runs`` times with durations drawn from ``estimates``.

    Tasks without an estimate keep their duration, completed ones their dates; of a started task the remaining part is
    drawn: its share of the plan times the drawn duration. Estimates of summaries and inactive tasks are not used.
    Tasks 'as late as possible' go early, which no finish depends on. The same seed gives the same runs, however they
    are cut into chunks. Raises NetworkError naming the tasks for impossible estimates, SimulationStopped when
    ``progress`` returns False, else what ``schedule`` raises. Plans scheduled from their finish: pass their start.
    """
    if not 1 <= runs <= MOST_RUNS:
        raise ValueError(f"A simulation takes 1 to {MOST_RUNS:,} runs, not {runs}.")
    by_id = {task.id: task for task in network.tasks}
    wrong = [
        f"The estimate of task {label(by_id[key]) if key in by_id else key} {problem}."
        for key, estimate in estimates.items()
        if (problem := "belongs to no task" if key not in by_id else estimate.problem())
    ]
    if wrong:
        raise NetworkError(wrong[:200])
    graph = Graph(network, calendar)
    rules = Rules(start, status_date, move_unstarted, honour_constraints)
    base = forward_pass(graph, rules)
    return _Simulator(graph, rules, base, estimates, runs, seed, watch, progress).run()


class _Simulator:
    """Draws, places and counts, chunk after chunk."""

    def __init__(
        self,
        graph: Graph,
        rules: Rules,
        base: Forward,
        estimates: Mapping[TaskId, Estimate],
        runs: int,
        seed: int,
        watch: Collection[TaskId],
        progress: Progress | None,
    ) -> None:
        self.graph, self.runs, self.seed, self.progress = graph, runs, seed, progress
        self.deterministic = last_finish(graph, base, rules.project_start)
        self.estimates = {
            i: estimates[task.id]
            for i, task in enumerate(graph.tasks)
            if task.id in estimates
            and i not in graph.outline.children
            and i not in graph.inactive
            and not is_completed(task)
        }
        self.passes = Passes(graph, rules, base.order, frozenset(self.estimates))
        # A generator for each task: what one draws depends neither on the others nor on the chunks.
        self.random = {i: np.random.Generator(np.random.PCG64([seed, i])) for i in self.estimates}
        self.watch = {graph.index[key]: key for key in watch}

    def run(self) -> Simulation:
        graph, runs = self.graph, self.runs
        count = len(graph.tasks)
        leaves = self.passes.leaves
        base = self.passes.place({i: self._positions(i, estimate.mean) for i, estimate in self.estimates.items()})
        means = self.passes.finish(base)
        project = graph.project_axis.calendar
        anchor = project.index(self.deterministic)
        finishes = np.empty(runs, np.int64)
        watched = {i: np.empty(runs, np.int64) for i in self.watch}
        critical = np.zeros(count, np.int64)
        bias = np.zeros(count)
        total, squares, products = np.zeros(count), np.zeros(count), np.zeros(count)
        offset_sum = offset_squares = 0.0
        size = self._chunk()
        self._tell(0)
        for begin in range(0, runs, size):
            here = min(size, runs - begin)
            lengths = self._draw(here)
            at = self.passes.place(lengths)
            finish = np.broadcast_to(self.passes.finish(at), here)
            finishes[begin : begin + here] = finish
            offsets = (project.indexes_of(finish) - anchor) / 60.0
            offset_sum += float(offsets.sum())
            offset_squares += float(offsets @ offsets)
            for i, length in lengths.items():
                assert not isinstance(length, int)
                spread = (length - graph.length[i]) / 120.0
                total[i] += spread.sum()
                squares[i] += spread @ spread
                products[i] += spread @ offsets
            for i, share in self.passes.critical(at, finish, here):
                critical[i] += share
            for i in leaves:
                bias[i] += float(np.mean((_at(at, 2 * i + 1) >> 1) - (_at(base, 2 * i + 1) >> 1))) * here
            for i, kept in watched.items():
                kept[begin : begin + here] = graph.axis[i].calendar.instants_of(*_sides(_at(at, 2 * i + 1), here))
            self._tell(begin + here)
        mean_offset = offset_sum / runs
        variance = max(0.0, offset_squares / runs - mean_offset**2)
        sd = sqrt(variance)
        tasks: dict[TaskId, TaskRisk] = {}
        for i in leaves:
            mean = total[i] / runs
            own = sqrt(max(0.0, squares[i] / runs - mean**2))
            own = own if own > 1e-6 else 0.0
            critical_share = int(critical[i]) / runs
            varies = own > 0 and sd > 1e-6
            cruciality = (products[i] / runs - mean * mean_offset) / (own * sd) if varies else None
            tasks[graph.tasks[i].id] = TaskRisk(
                criticality=critical_share,
                cruciality=None if cruciality is None else float(min(1.0, max(-1.0, cruciality))),
                ssi=critical_share * own / sd if sd > 1e-6 else None,
                mean_minutes=float(graph.length[i] / 120 + mean),
                sd_minutes=own,
                bias_minutes=float(bias[i] / runs / 60),
                sampled=i in self.estimates,
            )
        return Simulation(
            runs=runs,
            seed=self.seed,
            deterministic=from_seconds(self.deterministic),
            finish_of_means=from_seconds(int(means)),
            finishes=finishes,
            tasks=tasks,
            sampled=len(self.estimates),
            sd_minutes=sd if sd > 1e-6 else 0.0,
            mean_offset_minutes=mean_offset,
            merge_bias_minutes=mean_offset - (project.index(int(means)) - anchor) / 60,
            watched={key: np.sort(watched[i]) for i, key in self.watch.items()},
        )

    def _draw(self, count: int) -> dict[int, Column]:
        """Lengths of the sampled tasks, in positions."""
        lengths: dict[int, Column] = {}
        for i, estimate in self.estimates.items():
            lengths[i] = self._positions(i, estimate.draw(self.random[i], count))
        return lengths

    def _positions(self, i: int, minutes: float | NDArray[np.float64]) -> Column:
        """The task's whole length: what is done of it, what is left of the drawn duration, its interruptions."""
        task, planned = self.graph.tasks[i], self.graph.length[i]
        seconds = np.maximum(1, np.rint(np.asarray(minutes) * 60)).astype(np.int64)
        lengths: Runs = 2 * (seconds + self.passes.gaps.get(i, 0))
        if task.percent > 0 or task.actual_start is not None:
            left = remaining(task, planned)
            share = left / planned if planned else max(0.0, 100 - task.percent) / 100
            lengths = planned - left + 2 * np.rint(seconds * share).astype(np.int64)
        return int(lengths) if lengths.ndim == 0 else lengths

    def _chunk(self) -> int:
        per_run = 20 * max(1, self.graph.count)  # two positions and a few flags for each node
        return max(16, min(CHUNK_RUNS, CHUNK_BYTES // per_run))

    def _tell(self, done: int) -> None:
        if self.progress is not None and self.progress(done, self.runs) is False:
            raise SimulationStopped


class Passes:
    """The forward pass and its driving paths for many runs at once: columns where ``forward`` has numbers."""

    def __init__(self, graph: Graph, rules: Rules, order: list[int], sampled: frozenset[int]) -> None:
        self.graph, self.rules, self.order, self.sampled = graph, rules, order, sampled
        self.floor_date = rules.project_start
        if rules.move_unstarted and rules.status_date is not None:
            self.floor_date = max(rules.project_start, rules.status_date)
        self.floors = {axis: axis.after(self.floor_date) for axis in graph.axes_used | {graph.project_axis}}
        self.plain_floor = self.floors[graph.project_axis] | 1
        self.gated = {gate: summary for summary, gate in graph.gates.items()}
        self.leaves = [
            i for i in range(len(graph.tasks)) if i not in graph.outline.children and i not in graph.inactive
        ]
        self.length: list[Column] = list(graph.length)
        self.has_length = [length > 0 for length in graph.length]
        for i in sampled:
            self.has_length[i] = True
        # Percent lags of sampled tasks follow the drawn duration.
        self.percents: dict[int, float] = {}
        for number, link in enumerate(graph.links):
            if link.lag_unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT) and graph.index[link.predecessor] in sampled:
                self.percents[number] = link.lag
        self.gaps = {i: round(sum(gap for _, gap in graph.tasks[i].splits) * 60) for i in graph.split}
        self.resumes: dict[int, Column] = {}

    def place(self, lengths: Mapping[int, Column]) -> list[Column | None]:
        """Positions of every slot, with these lengths (in positions) for the sampled tasks."""
        graph = self.graph
        length = self.length = list(graph.length)
        for i, drawn in lengths.items():
            length[i] = drawn
        self.resumes = {}
        at: list[Column | None] = [None] * (2 * graph.count)
        careful, slow_out = graph.careful, graph.slow_out
        first, targets, lags, numbers = graph.first, graph.targets, graph.lags, graph.numbers
        floor = self.plain_floor
        for node in self.order:
            slot = 2 * node
            if node in careful:
                self._place(node, at)
            else:
                start, finish = at[slot], at[slot + 1]
                begin: Column = floor if start is None else np.maximum(start, floor) | 1
                end: Column = begin - 1 + length[node]
                if finish is not None:
                    end = np.maximum(end, finish)
                    begin = np.maximum(begin, (end - length[node]) | 1)
                at[slot], at[slot + 1] = begin, end
            middle, last = first[slot + 1], first[slot + 2]
            for k in range(first[slot], last):
                source = _at(at, slot + (k >= middle))
                lag: Column = lags[k]
                if self.percents and numbers[k] in self.percents:
                    lag = 2 * self._percent_lag(node, numbers[k])
                target = targets[k]
                bound = source + lag
                known = at[target]
                at[target] = bound if known is None else np.maximum(known, bound)
            for edge in slow_out.get(node, ()):
                moved = self._bound(edge, at)
                if moved is not None:
                    known = at[edge.target]
                    at[edge.target] = moved if known is None else np.maximum(known, moved)
        return at

    def finish(self, at: list[Column | None]) -> Column:
        """The latest finish of all tasks, in seconds since 1970."""
        latest: dict[Axis, Column] = {}
        for i in self.leaves:
            axis, finish = self.graph.axis[i], _at(at, 2 * i + 1)
            latest[axis] = np.maximum(latest[axis], finish) if axis in latest else finish
        result: Column | None = None
        for axis, position in latest.items():
            instant = _instant(axis, position)
            result = instant if result is None else np.maximum(result, instant)
        return to_seconds(self.rules.project_start) if result is None else result

    def critical(self, at: list[Column | None], finish: Runs, count: int) -> list[tuple[int, int]]:
        """For each task, in how many runs it drove the project's finish.

        A task drives when it finishes last, or when a task that drives is held by one of its links: its position is
        exactly what the link asks for.
        """
        graph = self.graph
        ends = {axis: axis.calendar.indexes_of(finish) for axis in graph.axes_used}
        flags: list[Flags | None] = [None] * (2 * graph.count)
        first, targets, numbers = graph.first, graph.targets, graph.numbers
        parent, tasks = graph.outline.parent, graph.tasks
        shares = []
        inner = graph.rolls.union(self.gated)
        for node in reversed(self.order):
            slot = 2 * node
            middle, last = first[slot + 1], first[slot + 2]
            found: list[Flags | None] = [None, None]
            if node not in inner:
                found[1] = np.equal(_at(at, slot + 1) >> 1, ends[graph.axis[node]])
            for k in range(first[slot], last):
                target = targets[k]
                driven = flags[target]
                if driven is None:
                    continue
                end = k >= middle
                lag: Column = graph.lags[k]
                if self.percents and numbers[k] in self.percents:
                    lag = 2 * self._percent_lag(node, numbers[k])
                tight = ((_at(at, slot + end) + lag) >> 1) == (self._held(at, target) >> 1)
                found[end] = _either(found[end], driven & tight)
            for edge in graph.slow_out.get(node, ()):
                driven = flags[edge.target]
                bound = self._bound(edge, at) if driven is not None else None
                if driven is not None and bound is not None:
                    end = bool(edge.source & 1)
                    found[end] = _either(found[end], driven & ((bound >> 1) == (self._held(at, edge.target) >> 1)))
            if node < len(tasks) and parent[node] in graph.rolls:
                above = flags[2 * parent[node]]
                if above is not None:  # the summary's start drives: so does the task it starts with
                    found[0] = _either(found[0], above & self._starts_first(node, parent[node], at))
            if node in inner:
                flags[slot], flags[slot + 1] = found
                continue
            drives = _either(found[0], found[1]) if found[1] is not None else found[0]
            assert drives is not None
            shares.append((node, _count(drives, count)))
            if not is_completed(tasks[node]):  # what is done asks nothing of those before it
                flags[slot] = flags[slot + 1] = np.broadcast_to(drives, count)
        return shares

    def _held(self, at: list[Column | None], slot: int) -> Column:
        """Where a link has to end to be what holds this slot."""
        node = slot >> 1
        if not slot & 1 and node in self.resumes:
            return self.resumes[node]
        return _at(at, slot)

    def _starts_first(self, node: int, summary: int, at: list[Column | None]) -> Flags:
        inner, outer = self.graph.axis[node], self.graph.axis[summary]
        began = _at(at, 2 * node)
        if inner is not outer:
            began = _at_or_after(outer, _instant(inner, began))
        same: Flags = np.asarray(began == _at(at, 2 * summary))
        return same

    def _place(self, node: int, at: list[Column | None]) -> None:
        """One node that takes more than additions; the rules are those of ``forward``."""
        graph = self.graph
        if node in self.gated:
            task = graph.tasks[self.gated[node]]
            if task.constraint == Constraint.SNET and task.constraint_date is not None:
                wanted = graph.axis[node].after(task.constraint_date)
                known = at[2 * node]
                at[2 * node] = wanted if known is None else np.maximum(known, wanted)
            return
        if node in graph.rolls:
            self._place_roll(node, at)
            return
        task = graph.tasks[node]
        start, finish = at[2 * node], at[2 * node + 1]
        if task.actual_start is not None or task.actual_finish is not None:
            placed = self._actual(node, task, start, finish)
        elif task.manual and (task.manual_start is not None or task.manual_finish is not None):
            placed = self._manual(node, task)
        else:
            placed = self._planned(node, task, start, finish)
            if task.percent > 0:
                placed = self._resume(node, task, placed, start, finish)
        at[2 * node], at[2 * node + 1] = placed

    def _place_roll(self, summary: int, at: list[Column | None]) -> None:
        graph = self.graph
        axis, task = graph.axis[summary], graph.tasks[summary]
        start: Column | None = None
        finish: Column | None = None
        for child in graph.outline.children[summary]:
            if child in graph.inactive:
                continue
            began, ended = _at(at, 2 * child), _at(at, 2 * child + 1)
            if graph.axis[child] is not axis:
                began = _at_or_after(axis, _instant(graph.axis[child], began))
                ended = _at_or_after(axis, _instant(graph.axis[child], ended))
            start = began if start is None else np.minimum(start, began)
            finish = ended if finish is None else np.maximum(finish, ended)
        if start is None or finish is None:
            start = finish = self.floors[axis]
        if task.manual and task.manual_start is not None and task.manual_finish is not None:
            start, finish = axis.after(task.manual_start), axis.after(task.manual_finish)
        at[2 * summary], at[2 * summary + 1] = start, finish

    def _planned(self, node: int, task: TaskIn, start: Column | None, finish: Column | None) -> tuple[Column, Column]:
        floor = self.floors[self.graph.axis[node]]
        begin, end = self._start_at(node, floor if start is None else np.maximum(start, floor))
        if finish is not None:
            begin, end = _choose(finish > end, self._finish_at(node, finish), (begin, end))
        if task.constraint > Constraint.ALAP and task.constraint_date is not None:
            return self._constrained(node, task, task.constraint_date, begin, end)
        return begin, end

    def _constrained(
        self, node: int, task: TaskIn, date: datetime, start: Column, finish: Column
    ) -> tuple[Column, Column]:
        axis, honour, has_length = self.graph.axis[node], self.rules.honour_constraints, self.has_length[node]
        applies: bool | Flags = False
        held: tuple[Column, Column] = start, finish
        match task.constraint:
            case Constraint.SNET | Constraint.MSO:
                wanted = axis.after(date) | has_length
                applies = honour if task.constraint == Constraint.MSO else False
                applies = applies or wanted > start
                held = self._start_at(node, wanted)
            case Constraint.SNLT:
                wanted = axis.latest_start(date, has_length=has_length)
                applies = honour and wanted < start
                held = self._start_at(node, wanted)
            case Constraint.FNET:
                wanted = axis.after(date)
                applies = wanted > finish
                held = self._finish_at(node, wanted)
            case Constraint.MFO:
                wanted = axis.before(date)
                applies = honour or wanted >> 1 >= finish >> 1
                held = self._finish_at(node, wanted & -2 if has_length else wanted)
            case Constraint.FNLT:
                wanted = axis.before(date)
                applies = honour and wanted >> 1 < finish >> 1
                held = self._finish_at(node, wanted & -2 if has_length else wanted)
        return _choose(applies, held, (start, finish))

    def _manual(self, node: int, task: TaskIn) -> tuple[Column, Column]:
        axis = self.graph.axis[node]
        if task.manual_start is None:
            assert task.manual_finish is not None
            return self._finish_at(node, axis.after(task.manual_finish))
        start = axis.after(task.manual_start)
        if task.manual_finish is None or node in self.sampled:
            return self._start_at(node, start)
        return start, max(start, axis.after(task.manual_finish))

    def _actual(self, node: int, task: TaskIn, start: Column | None, finish: Column | None) -> tuple[Column, Column]:
        axis = self.graph.axis[node]
        if task.actual_start is None:
            assert task.actual_finish is not None
            return self._finish_at(node, axis.after(task.actual_finish))
        began = axis.after(task.actual_start)
        if task.actual_finish is not None:
            return began, max(began, axis.after(task.actual_finish))
        return self._resume(node, task, self._start_at(node, began), start, finish)

    def _resume(
        self,
        node: int,
        task: TaskIn,
        placed: tuple[Column, Column],
        start_bound: Column | None,
        finish_bound: Column | None,
    ) -> tuple[Column, Column]:
        """Retained logic: what remains waits for its predecessors and the status date."""
        axis, planned_length, length = self.graph.axis[node], self.graph.length[node], self.length[node]
        planned_left = remaining(task, planned_length)
        left: Column = length - (planned_length - planned_left)
        if node not in self.sampled and not planned_left:
            return placed
        start = placed[0]
        planned: Column = (start + length - left) | 1
        resumes = planned
        if self.rules.status_date is not None:
            resumes = np.maximum(resumes, axis.at_or_after(to_seconds(self.rules.status_date)) | 1)
        if start_bound is not None:
            resumes = np.maximum(resumes, start_bound | 1)
        if finish_bound is not None:
            resumes = np.where(finish_bound > resumes - 1 + left, (finish_bound - left) | 1, resumes)
        end: Column = resumes - 1 + left
        if finish_bound is not None:
            end = np.maximum(end, finish_bound)
        self.resumes[node] = resumes
        return _choose(resumes > planned, (start, end), placed)

    def _start_at(self, node: int, start: Column) -> tuple[Column, Column]:
        if self.has_length[node]:
            return start | 1, (start | 1) - 1 + self.length[node]
        return start, start

    def _finish_at(self, node: int, finish: Column) -> tuple[Column, Column]:
        return (finish - self.length[node]) | 1 if self.has_length[node] else finish, finish

    def _bound(self, edge: Edge, at: list[Column | None]) -> Column | None:
        """``Edge.forward`` for columns."""
        position = at[edge.source]
        if position is None:
            return None
        lag: Column = edge.lag
        if edge.percent is not None:
            node = edge.source & ~1
            spread = (_at(at, node + 1) >> 1) - (_at(at, node) >> 1)
            lag = np.rint(spread * edge.percent / 100).astype(np.int64)
        elif edge.number in self.percents:
            lag = self._percent_lag(edge.source >> 1, edge.number)
        same = edge.source_axis is edge.target_axis
        if isinstance(lag, int) and not lag:
            return position if same else _at_or_after(edge.target_axis, _instant(edge.source_axis, position))
        if edge.elapsed:
            lagged = _at_or_after(edge.target_axis, _instant(edge.source_axis, position) + lag)
            moved = position if same else _at_or_after(edge.target_axis, _instant(edge.source_axis, position))
        else:
            moved = position if same else _at_or_after(edge.target_axis, _instant(edge.source_axis, position))
            lagged = ((moved >> 1) + lag) * 2
        if isinstance(lag, int):
            return lagged
        chosen: Runs = np.where(lag == 0, moved, lagged)
        return chosen

    def _percent_lag(self, node: int, number: int) -> Column:
        """Seconds: the link's percent of the drawn duration."""
        gaps = self.gaps.get(node, 0)
        seconds: Runs = np.rint((np.asarray(self.length[node]) / 2 - gaps) * self.percents[number] / 100).astype(
            np.int64
        )
        return seconds


def _at(at: list[Column | None], slot: int) -> Column:
    """A slot's position; one that nothing bears upon is before everything."""
    position = at[slot]
    return NEVER if position is None else position


def _choose(applies: bool | Flags, yes: tuple[Column, Column], no: tuple[Column, Column]) -> tuple[Column, Column]:
    if isinstance(applies, (bool, np.bool_)):
        return yes if applies else no
    return np.where(applies, yes[0], no[0]), np.where(applies, yes[1], no[1])


def _either(one: Flags | None, other: Flags) -> Flags:
    return other if one is None else one | other


def _count(flags: Flags, count: int) -> int:
    return int(np.count_nonzero(flags)) if np.ndim(flags) else count * bool(flags)


def _sides(position: Column, count: int) -> tuple[Runs, Flags]:
    column = np.broadcast_to(np.asarray(position), count)
    return column >> 1, (column & 1).astype(bool)


def _instant(axis: Axis, position: Column) -> Column:
    if isinstance(position, int) or not np.ndim(position):
        return axis.instant(int(position))
    return axis.calendar.instants_of(position >> 1, (position & 1).astype(bool))


def _at_or_after(axis: Axis, instant: Column) -> Column:
    if isinstance(instant, int) or not np.ndim(instant):
        return axis.at_or_after(int(instant))
    work = axis.calendar.indexes_of(instant)
    done = axis.calendar.instants_of(work, np.zeros(len(work), bool))
    position: Runs = 2 * work + (done != instant)
    return position
