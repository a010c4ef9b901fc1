"""The network as arrays: two slots per node (start, finish) and links from slot to slot.

Node ``i`` is task ``i``. For a summary it stands for the roll-up of its children, and takes part only where links,
deadlines or constraints of a summary need it. A summary that links or an SNET constraint bear upon also has a gate
node, numbered after the tasks: every child starts after the gate. So a link on a summary costs one edge per child,
not one per pair. Slot ``2 * node`` is a node's start, ``2 * node + 1`` its finish.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from pmdm.worktime.engine import ALWAYS, NoWorkingTime, WorkCalendar

from .axis import Axis, bounded
from .hours import calendar_of
from .network import Constraint, CycleError, LagUnit, LinkIn, LinkType, Network, NetworkError, TaskIn
from .outline import Outline, label

# By link type: which slot of the predecessor acts (0 start, 1 finish), and on which slot of the successor.
ENDS = {LinkType.FS: (1, 0), LinkType.SS: (0, 0), LinkType.FF: (1, 1), LinkType.SF: (0, 1)}
BY_GATE = -10  # link numbers from here down name the gate whose links bear upon a child
BY_ROLL = -7  # the edge from a child to its summary's roll-up


@dataclass(slots=True)
class Edge:
    """A link that takes more than an addition: between calendars, elapsed, or with a lag that ends on a side."""

    source: int
    target: int
    lag: int  # seconds
    elapsed: bool
    number: int  # of the link, negative for outline edges
    source_axis: Axis
    target_axis: Axis
    source_has_length: bool
    percent: float | None = None  # of a summary's duration, known only during the pass

    def forward(self, positions: list[int]) -> int:
        """The bound this sets on the target slot."""
        position = positions[self.source]
        if not bounded(position):
            return position
        lag = self.lag_now(positions)
        if self.elapsed and lag:
            return self.target_axis.at_or_after(self.source_axis.instant(position) + lag)
        if self.source_axis is not self.target_axis:
            position = self.target_axis.at_or_after(self.source_axis.instant(position))
        if not lag:
            return position
        return ((position >> 1) + lag) * 2  # a lag ends as work does: at 17:00, not at the next 08:00

    def backward(self, late: list[int], positions: list[int]) -> int:
        """The latest position of the source slot that keeps the target slot within its late one."""
        position = late[self.target]
        if not bounded(position):
            return position
        lag = self.lag_now(positions)
        if self.elapsed and lag:
            instant = self.target_axis.instant(position) - lag
        else:
            if lag:  # a lag counts from either side of a working instant, so the later side may be taken
                position = ((position >> 1) - lag) * 2 + 1
            if self.source_axis is self.target_axis:
                return position
            instant = self.target_axis.instant(position)
        if self.source_has_length and not self.source & 1:
            return self.source_axis.startable_by(instant)
        return self.source_axis.at_or_before(instant)

    def lag_now(self, positions: list[int]) -> int:
        if self.percent is None:
            return self.lag
        node = self.source & ~1
        return round(((positions[node + 1] >> 1) - (positions[node] >> 1)) * self.percent / 100)


class Graph:
    """A network checked and laid out for the passes.

    Plain edges lie sorted by source slot: those of slot ``s`` are ``targets[k]`` and ``lags[k]`` (in positions) for
    ``k`` from ``first[s]`` to before ``first[s + 1]``; ``numbers[k]`` is the link's. The others are in ``slow_out``.
    """

    def __init__(self, network: Network, calendar: WorkCalendar) -> None:
        self.tasks = network.tasks
        self.links = network.links
        self.index = _index(self.tasks)
        self._measure(network, calendar)
        self.outline = Outline(self.tasks, self.index)
        self._measure_summaries(network)
        self.inactive = self._inactive()
        self.gates: dict[int, int] = {}  # summary -> its gate node
        self.rolls: set[int] = set()  # summaries whose roll-up the passes need
        before, after = self._link_ends()
        self._open_gates_and_rolls(before, after)
        self.count = len(self.axis)
        self._sources: list[int] = []
        self._targets: list[int] = []
        self._lags: dict[int, int] = {}  # by place in the lists, where there is one
        self._numbers: list[int] = []
        self.slow_out: dict[int, list[Edge]] = {}
        self._add_links(before, after)
        self._add_outline_edges()
        self._sort_edges()

    # Tasks

    def _measure(self, network: Network, calendar: WorkCalendar) -> None:
        """Each task's axis, its length in positions, and whether its dates depend on more than links."""
        axes: dict[int, Axis] = {}
        for each in (calendar, ALWAYS, *network.calendars.values()):
            axes.setdefault(id(each), Axis(each))
        self.project_axis = project = axes[id(calendar)]
        self._axis_named = {key: axes[id(each)] for key, each in network.calendars.items()}
        elapsed_axis = axes[id(ALWAYS)]
        count = len(self.tasks)
        self.axis = [project] * count
        self.length = [0] * count  # twice the seconds from start to finish
        self.careful: set[int] = set()
        self.dated: list[int] = []  # tasks with actual or manual dates
        self.split: list[int] = []  # tasks with interruptions
        problems: list[str] = []
        index = self.index
        for i, (
            minutes, parent, elapsed, key, constraint, deadline, manual, percent, begun, done, splits, people
        ) in enumerate(map(_MEASURES, self.tasks)):  # fmt: skip
            if minutes < 0 or (parent is not None and parent not in index):
                problems += _task_problems(self.tasks[i], network, index)
            if splits:
                minutes += sum(gap for _, gap in splits)
                self.split.append(i)
            self.length[i] = round(minutes * 60) * 2
            if constraint or manual or percent or deadline or not minutes or elapsed or key is not None or people:
                self.careful.add(i)
                if elapsed:
                    self.axis[i] = elapsed_axis
                elif people:
                    self.axis[i] = self._axis_of_people(self.tasks[i], network, axes, problems)
                elif key is not None and key in self._axis_named:
                    self.axis[i] = self._axis_named[key]
                problems += _task_problems(self.tasks[i], network, index)
                if manual:
                    self.dated.append(i)
            if begun is not None or done is not None:
                self.careful.add(i)
                self.dated.append(i)
        if problems:
            raise NetworkError(list(dict.fromkeys(problems))[:200])

    def _axis_of_people(self, task: TaskIn, network: Network, axes: dict[int, Axis], problems: list[str]) -> Axis:
        try:
            calendar = calendar_of(task, network.calendars, self.project_axis.calendar)
        except KeyError:
            return self.project_axis  # named among the task's problems
        except NoWorkingTime:
            problems.append(f"Task {label(task)} has no working time in common with those who work on it.")
            return self.project_axis
        axis = axes.get(id(calendar))
        if axis is None:
            axis = axes[id(calendar)] = Axis(calendar)
        return axis

    def _measure_summaries(self, network: Network) -> None:
        for i in self.outline.children:
            self.length[i] = 0
            key = self.tasks[i].calendar
            self.axis[i] = self.project_axis if key is None else self._axis_named[key]
        self.axes_used = set(self.axis)

    def _inactive(self) -> set[int]:
        """Inactive tasks and all below them: they hold nobody and nobody holds them."""
        inactive: set[int] = set()
        if all(task.active for task in self.tasks):
            return inactive
        for i in self.outline.walk:
            if not self.tasks[i].active or self.outline.parent[i] in inactive:
                inactive.add(i)
        return inactive

    # Links

    def _link_ends(self) -> tuple[list[int], list[int]]:
        index = self.index
        try:
            before = [index[link.predecessor] for link in self.links]
            after = [index[link.successor] for link in self.links]
        except KeyError:
            problems = [
                f"The link {link.predecessor} → {link.successor} names task {end}, which does not exist."
                for link in self.links
                for end in (link.predecessor, link.successor)
                if end not in index
            ]
            raise NetworkError(problems[:200])
        loops = [i for i, j in zip(before, after, strict=True) if i == j]
        if loops:
            raise NetworkError([f"Task {label(self.tasks[i])} is linked to itself." for i in loops[:200]])
        return before, after

    def _open_gates_and_rolls(self, before: list[int], after: list[int]) -> None:
        children, parent = self.outline.children, self.outline.parent
        if not children:
            return
        held = children.keys() & set(after)
        rolled = children.keys() & set(before)
        for i in children:
            task = self.tasks[i]
            if task.constraint == Constraint.SNET:
                held.add(i)
            if task.constraint == Constraint.FNLT or task.deadline is not None:
                rolled.add(i)
        if rolled:
            # A roll-up is built from the roll-ups below it, so that edges grow with tasks and not with depth.
            for i in self.outline.walk:
                if i in children and (i in rolled or parent[i] in self.rolls):
                    self.rolls.add(i)
        for i in sorted(held):
            self.gates[i] = len(self.axis)
            self.axis.append(self.axis[i])
            self.length.append(0)
        self.careful.update(self.rolls, self.gates.values())

    def _add_links(self, before: list[int], after: list[int]) -> None:
        axis, inactive, children = self.axis, self.inactive, self.outline.children
        sources, targets, numbers = self._sources, self._targets, self._numbers
        one_axis = len(self.axes_used) == 1
        for number, (link, i, j) in enumerate(zip(self.links, before, after, strict=True)):
            if inactive and (i in inactive or j in inactive):
                continue
            if not link.lag and link.type == "FS" and (one_axis or axis[i] is axis[j]) and j not in children:
                # The common case, without a call.
                sources.append(2 * i + 1)
                targets.append(2 * j)
                numbers.append(number)
            else:
                self._add_link(number, link, i, self.gates.get(j, j))

    def _add_link(self, number: int, link: LinkIn, before: int, after: int) -> None:
        task, summary = self.tasks[before], before in self.outline.children
        lag, elapsed, percent = round(link.lag * 60), link.lag_unit == LagUnit.ELAPSED, None
        if link.lag_unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT):
            elapsed = link.lag_unit == LagUnit.ELAPSED_PERCENT or (task.elapsed and not summary)
            lag = round(task.duration_minutes * 60 * link.lag / 100)
            if summary:
                lag, percent = 0, link.lag
        source_end, target_end = ENDS[LinkType(link.type)]
        # A lag on a finish or a milestone says at which side of a working instant it ends: see Edge.
        plain = not elapsed and percent is None and (lag == 0 or (target_end == 0 and self.length[after] > 0))
        source, target = 2 * before + source_end, 2 * after + target_end
        if plain and self.axis[before] is self.axis[after]:
            self._add_plain(source, target, lag, number)
        else:
            self._add_slow(source, target, number, lag, elapsed, percent)

    def _add_plain(self, source: int, target: int, lag: int, number: int) -> None:
        self._sources.append(source)
        self._targets.append(target)
        if lag:
            self._lags[len(self._targets) - 1] = 2 * lag
        self._numbers.append(number)

    def _add_slow(
        self, source: int, target: int, number: int, lag: int = 0, elapsed: bool = False, percent: float | None = None
    ) -> None:
        before, after = source >> 1, target >> 1
        has_length = self.length[before] > 0
        edge = Edge(source, target, lag, elapsed, number, self.axis[before], self.axis[after], has_length, percent)
        self.slow_out.setdefault(before, []).append(edge)
        self.careful.update((before, after))

    def _add_outline_edges(self) -> None:
        """Gate before child; child before the roll-up's finish. A roll-up's start is no edge: see the passes."""
        if not (self.gates or self.rolls):
            return
        parent, children = self.outline.parent, self.outline.children
        gate_above = [-1] * len(self.tasks)
        for i in self.outline.walk:
            above = parent[i]
            if above < 0 or i in self.inactive:
                continue
            gate = gate_above[i] = self.gates.get(above, gate_above[above])
            inner = self.gates.get(i, -1) if i in children else i
            if gate >= 0 and inner >= 0:
                for end in (0, 1):
                    self._add_outline_edge(2 * gate + end, 2 * inner + end, BY_GATE - gate)
            if above in self.rolls:
                self._add_outline_edge(2 * i + 1, 2 * above + 1, BY_ROLL)

    def _add_outline_edge(self, source: int, target: int, number: int) -> None:
        if self.axis[source >> 1] is self.axis[target >> 1]:
            self._add_plain(source, target, 0, number)
        else:
            self._add_slow(source, target, number)

    def _sort_edges(self) -> None:
        sources = np.array(self._sources, np.int64)
        order = np.argsort(sources, kind="stable")
        self.edge_sources = sources[order]
        self.edge_targets = np.array(self._targets, np.int64)[order]
        lags = np.zeros(len(sources), np.int64)
        lags[list(self._lags)] = list(self._lags.values())
        self.edge_lags = lags[order]
        self.targets: list[int] = self.edge_targets.tolist()
        self.lags: list[int] = self.edge_lags.tolist()
        self.numbers: list[int] = np.array(self._numbers, np.int64)[order].tolist()
        self.first: list[int] = np.searchsorted(self.edge_sources, np.arange(2 * self.count + 1)).tolist()
        waiting = np.bincount(self.edge_targets >> 1, minlength=self.count)
        for edges in self.slow_out.values():
            for edge in edges:
                waiting[edge.target >> 1] += 1
        self.waiting: list[int] = waiting.tolist()  # edges into each node
        del self._sources, self._targets, self._lags, self._numbers

    def takes_part(self, node: int) -> bool:
        """Whether the passes visit this node: all but summaries that nothing refers to."""
        return node not in self.outline.children or node in self.rolls

    def refuse_cycle(self, placed: Sequence[int]) -> CycleError:
        """The error for a network whose nodes could not all be placed: a cycle among the others."""
        left = set(range(self.count)).difference(placed)
        before: dict[int, int] = {}
        for source, target in zip(self.edge_sources.tolist(), self.targets, strict=True):
            if source >> 1 in left and target >> 1 in left:
                before[target >> 1] = source >> 1
        for node, edges in self.slow_out.items():
            before.update({edge.target >> 1: node for edge in edges if node in left and edge.target >> 1 in left})
        node = next(iter(before))
        seen: dict[int, int] = {}
        while node not in seen:
            seen[node] = len(seen)
            node = before[node]
        owner = {gate: summary for summary, gate in self.gates.items()}
        cycle = [owner.get(each, each) for each in list(seen)[seen[node] :]][::-1]
        # A summary's gate and roll-up stand for the same task; say it once.
        named = [each for k, each in enumerate(cycle) if each != cycle[k - 1]] or cycle[:1]
        return CycleError([self.tasks[i].id for i in named], [label(self.tasks[i]) for i in named])


_MEASURES = attrgetter(
    "duration_minutes",
    "parent",
    "elapsed",
    "calendar",
    "constraint",
    "deadline",
    "manual",
    "percent",
    "actual_start",
    "actual_finish",
    "splits",
    "resource_calendars",
)


def _index(tasks: Sequence[TaskIn]) -> dict[Hashable, int]:
    index: dict[Hashable, int] = {task.id: i for i, task in enumerate(tasks)}
    if len(index) < len(tasks):
        twice = [key for key, times in Counter(task.id for task in tasks).items() if times > 1]
        raise NetworkError([f"Two tasks have the id {key}." for key in twice[:200]])
    return index


def _task_problems(task: TaskIn, network: Network, index: dict[Hashable, int]) -> list[str]:
    problems = []
    if task.duration_minutes < 0:
        problems.append(f"Task {label(task)} has a negative duration ({task.duration_minutes} minutes).")
    if task.parent is not None and task.parent not in index:
        problems.append(f"Task {label(task)} is under {task.parent}, which does not exist.")
    if task.calendar is not None and task.calendar not in network.calendars:
        problems.append(f"Task {label(task)} uses calendar {task.calendar}, which does not exist.")
    problems += [
        f"Task {label(task)} is worked by the calendar {key}, which does not exist."
        for key in task.resource_calendars
        if key not in network.calendars
    ]
    if task.constraint > 1 and task.constraint_date is None:
        title = Constraint(task.constraint).title
        problems.append(f"Task {label(task)} has the constraint “{title}” without a date.")
    return problems
