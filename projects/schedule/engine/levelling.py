"""Resource-constrained levelling: delays tasks until nobody has more to do at once than they can.

A serial schedule-generation scheme places tasks one by one, each as early as links and free capacity allow. The order
comes from priority rules (latest finish, latest start, most successors, longest work behind), softened at random
(biased sampling on regret), and every order is improved by forward-backward justification. The best order is then
placed by the rules of the real forward pass, so calendars, all link types, lags and constraints hold to the second.

Sources: Kolisch 1996 (serial scheme, LFT and regret-based biased random sampling); Kolisch & Hartmann 1999;
Valls, Ballestín & Quintanilla 2005 (double justification); Davis & Patterson 1975 (minimum slack).
"""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import inf, log

from pmdm.worktime.engine import WorkCalendar
from pmdm.worktime.engine.calendar import from_seconds, in_minutes, to_seconds

from .axis import NEVER, Axis, bounded
from .backward import backward_pass
from .cpm import last_finish, schedule
from .forward import Forward, Placer, Rules, forward_pass
from .graph import Graph
from .hours import calendar_of
from .network import Constraint, Minutes, Network, NetworkError, Result, TaskId

ResourceId = Hashable
Progress = Callable[[int, int], object]  # orders tried, orders in all; returning False stops with the best so far

UNIT = 1_000  # thousandths of a unit: 50 % is 500
FOREVER = 1 << 60
FOR_GOOD = 2_299  # a change that lasts until this year has no end
MOST_PASSES, LEAST_PASSES = 400, 8
PLACEMENTS = 40_000  # tasks placed in a whole search, divided among passes
DEFAULT_PRIORITY = 500
DO_NOT_LEVEL = 1_000  # as in Microsoft Project
MOVABLE = (Constraint.ASAP, Constraint.SNET, Constraint.FNET)
SOFTNESS = (0.0, 0.5, 1.0, 2.0)  # of the random choice, in mean durations


class Mode(StrEnum):
    """How far levelling may go."""

    FLOAT_FIRST = "float first"  # inside the float if that is enough, else the finish slips as little as can be found
    WITHIN_FLOAT = "within float"  # never move the finish; what does not fit stays overallocated


@dataclass(frozen=True, slots=True)
class Capacity:
    """Units of a resource at any time; ``changes`` are spans (from, until, units) with another number, 0: absent."""

    units: float = 1
    changes: tuple[tuple[datetime, datetime, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Overallocation:
    """A stretch in which a resource has more to do than it can; ``units`` is the highest sum of its tasks there."""

    resource: ResourceId
    begin: datetime
    end: datetime
    units: float
    capacity: float
    tasks: tuple[TaskId, ...]


@dataclass(frozen=True, slots=True)
class Delay:
    """A task that levelling moved. ``minutes``: its own delay on its calendar, 0 where it only follows another.

    ``resources`` are those it waits for; ``start`` and ``finish`` are (before, after).
    """

    task: TaskId
    minutes: Minutes
    resources: tuple[ResourceId, ...]
    start: tuple[datetime, datetime]
    finish: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Levelling:
    """What levelling would do. ``network`` is the plan with every own delay as a 'start no earlier than'."""

    network: Network
    before: Result
    after: Result
    delays: tuple[Delay, ...]
    overallocated_before: tuple[Overallocation, ...]
    overallocated: tuple[Overallocation, ...]  # what remains: fixed tasks, or more than there is
    passes: int
    seed: int

    @property
    def finish(self) -> tuple[datetime, datetime]:
        return self.before.finish, self.after.finish


def level(
    network: Network,
    start: datetime,
    calendar: WorkCalendar,
    demands: Mapping[TaskId, Mapping[ResourceId, float]],
    capacities: Mapping[ResourceId, Capacity],
    *,
    mode: Mode = Mode.FLOAT_FIRST,
    priorities: Mapping[TaskId, int] | None = None,
    frozen: Collection[TaskId] = (),
    seed: int = 0,
    passes: int | None = None,
    status_date: datetime | None = None,
    move_unstarted: bool = False,
    honour_constraints: bool = True,
    progress: Progress | None = None,
) -> Levelling:
    """Delay tasks until no resource has more to do at once than it can.

    ``demands`` are units of each resource that a task takes while it is worked. Started, manual and ``frozen`` tasks,
    those with a must, no-later-than or as-late-as-possible constraint and those of priority 1000 are not delayed
    themselves; the others give way to higher ``priorities`` (0 to 1000, 500 unless given). Tasks are not split; a span
    without capacity is worked around, unless the task's calendar does not work there anyway. A task that asks for more
    than there ever is is not moved for that resource. The same seed gives the same result. Raises what ``schedule``
    raises, NetworkError for demands on resources without a capacity.
    """
    lost = sorted({str(key) for wanted in demands.values() for key in wanted if key not in capacities})
    if lost:
        raise NetworkError([f"Resource {key} has demands but no capacity." for key in lost[:200]])
    options = {
        "status_date": status_date,
        "move_unstarted": move_unstarted,
        "honour_constraints": honour_constraints,
    }
    before = schedule(network, start, calendar, **options)  # type: ignore[arg-type]
    graph = Graph(network, calendar)
    rules = Rules(start, status_date, move_unstarted, honour_constraints)
    work = _Work(graph, rules, demands, capacities, priorities or {}, frozenset(frozen))
    tried = 0
    best: _Placed | None = None
    if work.movable:
        best = work.place(work.rule_keys()[0], within_float=True)
        tried = 1
        for keys in work.rule_keys()[1:]:
            if not best.stuck:
                break
            tried += 1
            best = min(best, work.place(keys, within_float=True), key=lambda placed: placed.rank)
        if best.stuck and mode == Mode.FLOAT_FIRST:
            count = passes or max(LEAST_PASSES, min(MOST_PASSES, PLACEMENTS // len(graph.tasks)))
            orders, more = work.search(count, seed, progress)
            tried += more
            best = min((work.place(keys) for keys in orders), key=lambda placed: placed.rank)
    tasks = list(network.tasks)
    waits: dict[TaskId, tuple[Minutes, tuple[ResourceId, ...]]] = {}
    if best is not None:
        for i, wait in best.waits.items():
            instant = graph.axis[i].instant(best.at[2 * i])
            tasks[i] = replace(tasks[i], constraint=Constraint.SNET, constraint_date=from_seconds(instant))
            waits[tasks[i].id] = wait
    levelled = Network(tasks, network.links, network.calendars)
    after = schedule(levelled, start, calendar, **options) if waits else before  # type: ignore[arg-type]
    delays = []
    for task in network.tasks:
        one, other = before.tasks[task.id], after.tasks[task.id]
        if (one.start, one.finish) != (other.start, other.finish):
            own, resources = waits.get(task.id, (0, ()))
            delays.append(Delay(task.id, own, resources, (one.start, other.start), (one.finish, other.finish)))
    return Levelling(
        levelled,
        before,
        after,
        tuple(delays),
        tuple(overallocations(network, before, calendar, demands, capacities)),
        tuple(overallocations(levelled, after, calendar, demands, capacities)),
        tried,
        seed,
    )


def overallocations(
    network: Network,
    result: Result,
    calendar: WorkCalendar,
    demands: Mapping[TaskId, Mapping[ResourceId, float]],
    capacities: Mapping[ResourceId, Capacity],
) -> list[Overallocation]:
    """Where resources have more to do at once than they can, by resource and time.

    A sweep over the starts and finishes of the tasks still to do; only time worked by one of them counts.
    """
    given = {task.id: task for task in network.tasks}
    found: list[Overallocation] = []
    for resource, capacity in capacities.items():
        events: dict[int, list[tuple[TaskId, int]]] = {}
        for task, wanted in demands.items():
            out = result.tasks.get(task)
            units = round(wanted.get(resource, 0) * UNIT)
            if out is None or not units or out.completed or out.is_summary or not given[task].active:
                continue
            if out.start < out.finish:
                events.setdefault(to_seconds(out.start), []).append((task, units))
                events.setdefault(to_seconds(out.finish), []).append((task, -units))
        line = _line(capacity, to_seconds)
        points = sorted(events.keys() | {t for t in line.times if bounded(t)})
        running: dict[TaskId, int] = {}
        current: Overallocation | None = None
        for begin, end in pairwise(points):
            for task, units in events.get(begin, ()):
                if units > 0:
                    running[task] = units
            for task, units in events.get(begin, ()):
                if units < 0:
                    running.pop(task, None)
            limit = line.free[bisect_right(line.times, begin) - 1]
            used = sum(running.values())
            here = [task for task in running if used > limit and _works(given[task], network, calendar, begin, end)]
            used = sum(running[task] for task in here)
            if used <= limit:
                current = None
                continue
            if current is not None and current.end == from_seconds(begin) and current.capacity == limit / UNIT:
                together = tuple(dict.fromkeys((*current.tasks, *here)))
                current = replace(
                    current, end=from_seconds(end), units=max(current.units, used / UNIT), tasks=together
                )  # fmt: skip
                found[-1] = current
            else:
                current = Overallocation(
                    resource, from_seconds(begin), from_seconds(end), used / UNIT, limit / UNIT, tuple(here)
                )
                found.append(current)
    return found


def _works(task, network: Network, calendar: WorkCalendar, begin: int, end: int) -> bool:
    own = calendar_of(task, network.calendars, calendar)
    return own.index(end) > own.index(begin)


# Free capacity


class _Line:
    """Units free over time: ``free[k]`` from ``times[k]`` to before ``times[k + 1]``."""

    __slots__ = ("free", "times")

    def __init__(self, times: list[int], free: list[int]) -> None:
        self.times, self.free = times, free

    def copy(self) -> "_Line":
        return _Line(self.times.copy(), self.free.copy())

    def take(self, begin: int, end: int, units: int) -> None:
        times, free = self.times, self.free
        first = bisect_left(times, begin)
        if first == len(times) or times[first] != begin:
            times.insert(first, begin)
            free.insert(first, free[first - 1])
        last = bisect_left(times, end, first)
        if last == len(times) or times[last] != end:
            times.insert(last, end)
            free.insert(last, free[last - 1])
        for k in range(first, last):
            free[k] -= units

    def mirrored(self) -> "_Line":
        """The same line with time running backwards."""
        times = [-FOREVER, *(-t for t in reversed(self.times[1:]))]
        return _Line(times, self.free[::-1])


def _line(capacity: Capacity, place: Callable[[datetime], int]) -> _Line:
    line = _Line([-FOREVER], [round(capacity.units * UNIT)])
    for begin, end, units in capacity.changes:
        if end <= begin:
            continue
        a, b = place(begin), place(end) if end.year < FOR_GOOD else FOREVER
        if a < b:
            line.take(a, b, 0)  # only cuts the line
            for k in range(bisect_left(line.times, a), bisect_left(line.times, b)):
                line.free[k] = round(units * UNIT)
            if b == FOREVER:
                line.times.pop()
                line.free.pop()
    return line


# Searching for a good order, on whole numbers


class _Model:
    """Tasks as whole numbers on one line: what the search for a good order computes with.

    ``before[j]`` holds (i, gap): j starts at least ``gap`` after i starts. Where the plan has one calendar this is
    the plan itself; else durations and lags are those of the schedule before levelling, which is good enough to
    choose an order by.
    """

    def __init__(
        self,
        durations: list[int],
        before: list[list[tuple[int, int]]],
        needs: list[list[tuple[int, int]]],
        release: list[int],
        fixed: list[int | None],
        lines: list[_Line],
    ) -> None:
        self.durations, self.before, self.needs = durations, before, needs
        self.release, self.fixed, self.lines = release, fixed, lines
        self.count = len(durations)
        self.after: list[list[int]] = [[] for _ in durations]
        for j, links in enumerate(before):
            for i, _ in links:
                self.after[i].append(j)
        self.taken = [line.copy() for line in lines]
        for i, at in enumerate(fixed):
            if at is not None and durations[i]:
                for r, units in needs[i]:
                    self.taken[r].take(at, at + durations[i], units)

    def mirrored(self, end: int) -> "_Model":
        """The plan backwards from ``end``: what was as early as possible becomes as late as possible."""
        durations = self.durations
        before: list[list[tuple[int, int]]] = [[] for _ in durations]
        for j, links in enumerate(self.before):
            for i, gap in links:
                before[i].append((j, gap + durations[j] - durations[i]))
        fixed = [None if at is None else -(at + length) for at, length in zip(self.fixed, durations, strict=True)]
        release = [-end] * self.count
        return _Model(durations, before, self.needs, release, fixed, [line.mirrored() for line in self.lines])

    def place(self, keys: Sequence[float]) -> list[int]:
        """Starts by the serial scheme: of the tasks that may be placed, the one with the lowest key comes next."""
        lines = [line.copy() for line in self.taken]
        durations, needs, fixed, after, before = self.durations, self.needs, self.fixed, self.after, self.before
        starts = self.release.copy()
        waiting = [len(links) for links in before]
        heap = [(keys[i], i) for i in range(self.count) if not waiting[i]]
        heapify(heap)
        while heap:
            _, i = heappop(heap)
            held = fixed[i]
            if held is not None:
                starts[i] = held
            else:
                at = starts[i]
                for j, gap in before[i]:
                    bound = starts[j] + gap
                    if bound > at:
                        at = bound
                if needs[i] and durations[i]:
                    at = _fit(at, durations[i], needs[i], lines)
                    for r, units in needs[i]:
                        lines[r].take(at, at + durations[i], units)
                starts[i] = at
            for j in after[i]:
                waiting[j] -= 1
                if not waiting[j]:
                    heappush(heap, (keys[j], j))
        return starts

    def finish(self, starts: Sequence[int]) -> int:
        return max(map(sum, zip(starts, self.durations, strict=True)), default=0)


def _fit(at: int, length: int, needs: list[tuple[int, int]], lines: list[_Line]) -> int:
    """The first start from ``at`` on at which all units are free for the whole length."""
    moved = True
    while moved:
        moved = False
        for r, units in needs:
            times, free = lines[r].times, lines[r].free
            last = len(times)
            end = at + length
            k = bisect_right(times, at) - 1
            while True:
                if free[k] < units:
                    k += 1
                    if k == last:
                        return at  # never: asked only where there is once enough
                    at = times[k]
                    end = at + length
                    moved = True
                    continue
                k += 1
                if k == last or times[k] >= end:
                    break
    return at


# The plan


@dataclass(slots=True)
class _Placed:
    """One levelled plan: positions by slot, who waits for what, who found no room, and how good it is."""

    at: list[int]
    waits: dict[int, tuple[Minutes, tuple[ResourceId, ...]]]
    stuck: int  # tasks that found no room within what they may use
    finish: int
    delayed: int  # the sum of all starts

    @property
    def rank(self) -> tuple[int, int, int, int]:
        return self.stuck, self.finish, self.delayed, len(self.waits)


class _Work:
    """One plan with its resources, ready to be placed in any order."""

    def __init__(
        self,
        graph: Graph,
        rules: Rules,
        demands: Mapping[TaskId, Mapping[ResourceId, float]],
        capacities: Mapping[ResourceId, Capacity],
        priorities: Mapping[TaskId, int],
        frozen: frozenset[TaskId],
    ) -> None:
        self.graph, self.rules = graph, rules
        self.base = forward_pass(graph, rules)
        self.finish = last_finish(graph, self.base, rules.project_start)
        self.late = backward_pass(graph, self.base, self.finish).late
        self.late_starts = {
            i: self.late[2 * i] for i, task in enumerate(graph.tasks) if task.constraint == Constraint.ALAP
        }
        if self.late_starts:
            self.base = forward_pass(graph, rules, self.late_starts)
        self.one_axis = len(graph.axes_used) == 1
        axis = graph.project_axis if not self.one_axis else next(iter(graph.axes_used))
        self.line_axis: Axis = axis
        self.resources = list(capacities)
        number = {key: r for r, key in enumerate(self.resources)}
        place: Callable[[datetime], int] = to_seconds
        if self.one_axis:
            place = lambda when: axis.calendar.index(to_seconds(when))  # noqa: E731
        self.lines = [_line(capacities[key], place) for key in self.resources]
        self.plan_lines = [
            _line(capacities[key], lambda when: axis.calendar.index(to_seconds(when))) for key in self.resources
        ]
        most = [max(line.free) for line in self.lines]
        ever = [line.free[-1] for line in self.lines]
        count = len(graph.tasks)
        self.needs: list[list[tuple[int, int]]] = [[] for _ in range(graph.count)]
        self.fixed = [True] * graph.count
        for i, task in enumerate(graph.tasks):
            if i in graph.outline.children or i in graph.inactive:
                continue
            done = task.actual_finish is not None or task.percent >= 100
            if not done and graph.length[i]:
                wanted = ((number[key], round(units * UNIT)) for key, units in demands.get(task.id, {}).items())
                self.needs[i] = [(r, units) for r, units in wanted if 0 < units <= most[r]]
            self.fixed[i] = (
                task.actual_start is not None
                or task.percent > 0
                or (task.manual and (task.manual_start is not None or task.manual_finish is not None))
                or task.constraint not in MOVABLE
                or task.id in frozen
                or priorities.get(task.id, DEFAULT_PRIORITY) >= DO_NOT_LEVEL
            )
            if not self.fixed[i]:
                # Capacity may end for good before there is room again: such a need can't be waited for.
                self.needs[i] = [(r, units) for r, units in self.needs[i] if units <= ever[r]]
        self.movable = [i for i in range(count) if not self.fixed[i] and self.needs[i]]
        self.priority = [0] * graph.count
        for i, task in enumerate(graph.tasks):
            self.priority[i] = -priorities.get(task.id, DEFAULT_PRIORITY)
        self.taken = [line.copy() for line in self.lines]
        for i in range(count):
            if self.fixed[i] and self.needs[i]:
                self._take(i, self.base.at, self.taken, 1)
        self.model = self._model()

    # The exact placement

    def place(self, keys: Sequence[float], *, within_float: bool = False) -> _Placed:
        """The forward pass, tasks in the order of ``keys``, each delayed until its resources are free."""
        graph, base = self.graph, self.base
        count, first, targets, lags, numbers = graph.count, graph.first, graph.targets, graph.lags, graph.numbers
        result = Forward([NEVER] * (2 * count), base.driver[:1] * (2 * count))
        at, driver = result.at, result.driver
        placer = Placer(graph, self.rules, result, self.late_starts)
        lines = [line.copy() for line in self.taken]
        waiting = graph.waiting.copy()
        floor = graph.project_axis.after(placer.floor_date) | 1
        waits: dict[int, tuple[Minutes, tuple[ResourceId, ...]]] = {}
        stuck = delayed = 0
        heap = [(keys[node], node) for node in range(count) if not waiting[node] and graph.takes_part(node)]
        heapify(heap)
        while heap:
            _, node = heappop(heap)
            slot = 2 * node
            if node in graph.careful:
                placer.place(node)
            else:
                start = max(at[slot], floor) | 1
                finish = start - 1 + graph.length[node]
                if at[slot + 1] > finish:
                    finish = at[slot + 1]
                    start = (finish - graph.length[node]) | 1
                at[slot], at[slot + 1] = start, finish
            if self.needs[node] and not self.fixed[node]:
                limit = self.late[slot] if within_float else FOREVER
                where, because = self._room(node, at[slot], at[slot + 1], lines, limit)
                if where is None:
                    stuck += 1
                elif because:
                    own = in_minutes((where >> 1) - (at[slot] >> 1))
                    at[slot], at[slot + 1] = where, where - 1 + graph.length[node]
                    waits[node] = own, tuple(self.resources[r] for r in because)
                self._take(node, at, lines, 1)
                delayed += at[slot]
            elif self.needs[node] and (at[slot], at[slot + 1]) != (base.at[slot], base.at[slot + 1]):
                self._take(node, base.at, lines, -1)  # a link moved what else stays
                self._take(node, at, lines, 1)
            start, finish = at[slot], at[slot + 1]
            middle = first[slot + 1]
            for k in range(first[slot], first[slot + 2]):
                target = targets[k]
                bound = (finish if k >= middle else start) + lags[k]
                if bound > at[target]:
                    at[target] = bound
                    driver[target] = numbers[k]
                self._release(target >> 1, waiting, keys, heap)
            for edge in graph.slow_out.get(node, ()):
                bound = edge.forward(at)
                if bound > at[edge.target]:
                    at[edge.target] = bound
                    driver[edge.target] = edge.number
                self._release(edge.target >> 1, waiting, keys, heap)
        finish = last_finish(graph, result, self.rules.project_start)
        return _Placed(at, waits, stuck, finish, delayed)

    def _release(self, node: int, waiting: list[int], keys: Sequence[float], heap: list[tuple[float, int]]) -> None:
        waiting[node] -= 1
        if not waiting[node]:
            heappush(heap, (keys[node], node))

    def _room(self, node: int, start: int, finish: int, lines: list[_Line], limit: int) -> tuple[int | None, list[int]]:
        """The first start at which the task's resources are free, and those it waited for; None: not by ``limit``."""
        length, because = self.graph.length[node], []
        moved = True
        while moved:
            moved = False
            for r, units in self.needs[node]:
                until = self._blocked(node, start, finish, units, lines[r])
                if until is None:
                    continue
                if until >= FOREVER:
                    return None, because
                axis = self.graph.axis[node]
                start = (2 * until if self.one_axis else axis.at_or_after(until)) | 1
                finish = start - 1 + length
                moved = True
                if r not in because:
                    because.append(r)
                if start >> 1 > limit >> 1:
                    return None, because
        return start, because

    def _blocked(self, node: int, start: int, finish: int, units: int, line: _Line) -> int | None:
        """When the first stretch ends in which fewer units are free; None: there is none."""
        begin, end = self._span(node, start, finish)
        times, free = line.times, line.free
        k = bisect_right(times, begin) - 1
        while k < len(times) and times[k] < end:
            if free[k] < units:
                until = times[k + 1] if k + 1 < len(times) else FOREVER
                if self.one_axis:
                    return until
                index = self.graph.axis[node].calendar.index
                if index(min(until, end)) > index(max(times[k], begin)):
                    return until
            k += 1
        return None

    def _take(self, node: int, at: list[int], lines: list[_Line], sign: int) -> None:
        begin, end = self._span(node, at[2 * node], at[2 * node + 1])
        if begin < end:
            for r, units in self.needs[node]:
                lines[r].take(begin, end, sign * units)

    def _span(self, node: int, start: int, finish: int) -> tuple[int, int]:
        """Where the task lies on the lines of its resources: working seconds, or clock where calendars differ."""
        if self.one_axis:
            return start >> 1, finish >> 1
        axis = self.graph.axis[node]
        return axis.instant(start), axis.instant(finish)

    # Orders

    def rule_keys(self) -> list[list[float]]:
        """The order each priority rule asks for: the lowest key first, task priorities before everything."""
        model, late = self.model, self.late
        axis = self.line_axis
        successors = self._successors()
        lft, lst = [0.0] * model.count, [0.0] * model.count
        for node in range(model.count):
            own = self.graph.axis[node]
            for keys, slot in ((lst, 2 * node), (lft, 2 * node + 1)):
                position = late[slot]
                if not bounded(position):
                    keys[node] = float(FOREVER)
                elif own is axis:
                    keys[node] = float(position >> 1)
                else:
                    keys[node] = float(axis.calendar.index(own.instant(position)))
        behind = [-float(len(each)) for each in successors]
        weight = [
            -float(model.durations[i] + sum(model.durations[j] for j in each)) for i, each in enumerate(successors)
        ]
        return [self._prioritised(keys) for keys in (lft, lst, behind, weight)]

    def _prioritised(self, keys: list[float]) -> list[float]:
        """Task priorities first: keys of tasks with a higher one are moved below all others."""
        levels = sorted(set(self.priority))
        if len(levels) == 1:
            return keys
        finite = [key for key in keys if key < FOREVER]
        spread = (max(finite) - min(finite) + 1) if finite else 1
        rank = {level: k for k, level in enumerate(levels)}
        return [key + spread * rank[level] for key, level in zip(keys, self.priority, strict=True)]

    def search(self, passes: int, seed: int, progress: Progress | None) -> tuple[list[list[float]], int]:
        """The most promising orders, as keys, and how many were tried."""
        model, chance = self.model, random.Random(seed)  # noqa: S311
        rules = self.rule_keys()
        working = [length for i, length in enumerate(model.durations) if length and model.needs[i]]
        mean = sum(working) / len(working) if working else 1
        bound = max(self._resource_bound(), model.finish(self._unlevelled()))
        found: list[tuple[int, int, list[float]]] = []
        tried = 0
        for number in range(passes):
            if number % 3 and number > 4 * len(rules):
                # Around one of the best so far: its own starts, shaken.
                rule = found[number % len(found)][2]
                softness = SOFTNESS[1 + number % (len(SOFTNESS) - 1)] * mean
            else:
                rule = rules[number % len(rules)] if number < 4 * len(rules) else rules[number % 2]
                softness = SOFTNESS[min(number // len(rules), number % len(SOFTNESS))] * mean
                if rule in rules[2:]:
                    softness = softness / mean * (max(rule) - min(rule)) / 20
            keys = rule
            if softness:
                keys = [key - softness * log(-1 / log(chance.random() or 0.5)) for key in rule]
            starts = model.place(keys)
            tried += 1
            finish, keys = self._justified(starts)
            found.append((finish, sum(map(int, keys)) if finish < FOREVER else 0, keys))
            found.sort(key=lambda each: each[:2])
            del found[3:]
            if found[0][0] <= bound:
                break
            if progress is not None and progress(number + 1, passes) is False:
                break
        orders = [keys for _, _, keys in found]
        if len(set(self.priority)) > 1:
            orders.append(rules[0])
        return orders, tried

    def _justified(self, starts: list[int]) -> tuple[int, list[float]]:
        """Push everything to the right, then to the left again, as long as that shortens the plan."""
        model = self.model
        finish = model.finish(starts)
        while True:
            ends = [-(at + length) for at, length in zip(starts, model.durations, strict=True)]
            late = model.mirrored(finish).place(self._prioritised([float(end) for end in ends]))
            keys = self._prioritised([-float(at + n) for at, n in zip(late, model.durations, strict=True)])
            better = model.place(keys)
            shorter = model.finish(better)
            if shorter >= finish:
                return finish, self._prioritised([float(at) for at in starts])
            starts, finish = better, shorter

    def _unlevelled(self) -> list[int]:
        bare = _Model(
            self.model.durations, self.model.before, [[]] * self.model.count, self.model.release, self.model.fixed, []
        )
        return bare.place([0.0] * bare.count)

    def _resource_bound(self) -> int:
        """No plan is shorter than the work of a resource at its full capacity, from the first start on."""
        model = self.model
        begin = min(model.release, default=0)
        longest = -inf
        for r, line in enumerate(model.lines):
            most = max(line.free)
            total = sum(
                units * model.durations[i] for i, needs in enumerate(model.needs) for each, units in needs if each == r
            )
            if most:
                longest = max(longest, begin + total / most)
        return -int(-longest // 1) if longest > -inf else begin

    def _successors(self) -> list[set[int]]:
        """All nodes behind each node."""
        model = self.model
        behind: list[set[int]] = [set() for _ in range(model.count)]
        if model.count > 3_000:  # sets of all pairs would not fit: direct successors say enough
            return [set(each) for each in model.after]
        for node in reversed(self.base.order):
            for j in model.after[node]:
                behind[node].add(j)
                behind[node] |= behind[j]
        return behind

    def _model(self) -> _Model:
        graph, base = self.graph, self.base
        line = self.line_axis.calendar
        count = graph.count

        def where(node: int, position: int) -> int:
            axis = graph.axis[node]
            return position >> 1 if axis is self.line_axis else line.index(axis.instant(position))

        begins, durations = [0] * count, [0] * count
        for node in base.order:
            begins[node] = where(node, base.at[2 * node]) if bounded(base.at[2 * node]) else 0
            if node < len(graph.tasks) and node not in graph.outline.children:
                durations[node] = max(0, where(node, base.at[2 * node + 1]) - begins[node])
            elif bounded(base.at[2 * node + 1]):
                begins[node] = where(node, base.at[2 * node + 1])
        before: list[list[tuple[int, int]]] = [[] for _ in range(count)]

        def link(source: int, target: int, lag: int) -> None:
            i, j = source >> 1, target >> 1
            if not source & 1:
                i = base.first_leaf.get(i, i)
            gap = lag + (durations[i] if source & 1 else 0) - (durations[j] if target & 1 else 0)
            if i != j:
                before[j].append((i, gap))

        for source, target, lag in zip(graph.edge_sources.tolist(), graph.targets, graph.lags, strict=True):
            link(source, target, lag // 2)
        for edges in graph.slow_out.values():
            for edge in edges:
                if bounded(base.at[edge.source]):
                    bound = where(edge.target >> 1, edge.forward(base.at))
                    link(edge.source, edge.target, bound - where(edge.source >> 1, base.at[edge.source]))
        begin = line.index(to_seconds(self.rules.project_start))
        release = [begin] * count
        fixed: list[int | None] = [None] * count
        for node in base.order:
            if node < len(graph.tasks) and node not in graph.outline.children:
                task = graph.tasks[node]
                if self.fixed[node]:
                    fixed[node] = begins[node]
                elif task.constraint == Constraint.SNET and task.constraint_date is not None:
                    release[node] = max(begin, line.index(to_seconds(task.constraint_date)))
                elif task.constraint == Constraint.FNET and task.constraint_date is not None:
                    release[node] = max(begin, line.index(to_seconds(task.constraint_date)) - durations[node])
        return _Model(durations, before, self.needs, release, fixed, self.plan_lines)


def resources_of(delays: Iterable[Delay]) -> dict[ResourceId, int]:
    """How many tasks wait for each resource, most wanted first."""
    counts: dict[ResourceId, int] = {}
    for delay in delays:
        for resource in delay.resources:
            counts[resource] = counts.get(resource, 0) + 1
    return dict(sorted(counts.items(), key=lambda each: -each[1]))
