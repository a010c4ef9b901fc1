"""The backward pass: how late each task may be, how late it may be without moving anyone, and why."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from .axis import ALWAYS_LATE, bounded
from .forward import Forward, is_completed
from .graph import Graph
from .network import Constraint, TaskIn

PROJECT_FINISH = -1


@dataclass(slots=True)
class Backward:
    """Late positions by slot, and per node whose constraint or deadline they go back to."""

    late: list[int]
    because: list[int]
    start_caps: dict[int, int] = field(default_factory=dict)


def backward_pass(graph: Graph, forward: Forward, project_finish: int) -> Backward:
    """Late positions of every node; ``project_finish`` in seconds since 1970."""
    result = Backward([ALWAYS_LATE] * (2 * graph.count), [PROJECT_FINISH] * graph.count)
    late, because = result.late, result.because
    first, targets, lags, length = graph.first, graph.targets, graph.lags, graph.length
    puller = _Puller(graph, forward, result, project_finish)
    careful = graph.careful.union(forward.first_leaf.values())
    ceiling = graph.project_axis.at_or_before(project_finish)
    for node in reversed(forward.order):
        if node in careful:
            puller.pull(node)
            continue
        start_slot = 2 * node
        middle = first[start_slot + 1]
        finish, why = ceiling, PROJECT_FINISH
        for k in range(middle, first[start_slot + 2]):
            target = targets[k]
            bound = late[target] - lags[k]
            if bound < finish:
                finish, why = bound, because[target >> 1]
        start = (finish & -2) - length[node] + 1
        for k in range(first[start_slot], middle):
            target = targets[k]
            bound = (late[target] - lags[k]) | 1
            if bound < start:
                start, why = bound, because[target >> 1]
                finish = start + length[node]  # either side: its start is held, not its finish
        late[start_slot] = start
        late[start_slot + 1] = finish
        because[node] = why
    return result


class _Puller:
    """Gives late positions to the nodes that need more than subtractions."""

    def __init__(self, graph: Graph, forward: Forward, result: Backward, project_finish: int) -> None:
        self.graph, self.forward, self.result = graph, forward, result
        self.at, self.late, self.because = forward.at, result.late, result.because
        self.project_finish = project_finish
        self.gates = set(graph.gates.values())
        self._ceilings: dict[int, int] = {}

    def pull(self, node: int) -> None:
        start, start_why, finish, finish_why = self._bounds(node)
        if node in self.gates:
            self.late[2 * node], self.late[2 * node + 1] = start, finish
            self.because[node] = start_why if start < finish else finish_why
        elif node in self.graph.rolls:
            self._pull_roll(node, start, start_why, finish, finish_why)
        else:
            self._pull_task(node, start, start_why, finish, finish_why)

    def _pull_roll(self, summary: int, start: int, start_why: int, finish: int, finish_why: int) -> None:
        task, axis = self.graph.tasks[summary], self.graph.axis[summary]
        for cap in _finish_caps(task):
            if axis.before(cap) < finish:
                finish, finish_why = axis.before(cap), summary
        self.late[2 * summary], self.late[2 * summary + 1] = start, finish
        self.because[summary] = finish_why
        if start < ALWAYS_LATE:
            # A summary starts with its earliest task: that one is held, the others are not.
            leaf = self.forward.first_leaf[summary]
            if leaf != summary:
                latest = _start_cap(self.graph, summary, leaf, start)
                if latest < self.result.start_caps.get(leaf, ALWAYS_LATE):
                    self.result.start_caps[leaf] = latest
                    self.because[leaf] = start_why

    def _pull_task(self, node: int, start: int, start_why: int, finish: int, finish_why: int) -> None:
        task, axis = self.graph.tasks[node], self.graph.axis[node]
        if is_completed(task):
            return  # done: it asks nothing of those before it
        ceiling = self._ceiling(node)
        if ceiling <= finish:
            finish, finish_why = ceiling, PROJECT_FINISH
        for cap in _finish_caps(task):
            if axis.before(cap) < finish:
                finish, finish_why = axis.before(cap), node
        if node in self.result.start_caps and self.result.start_caps[node] < start:
            start, start_why = self.result.start_caps[node], self.because[node]
        planned, done = self.at[2 * node], self.at[2 * node + 1]
        has_length = done >> 1 > planned >> 1
        date = task.constraint_date
        if date is not None and task.constraint in (Constraint.MSO, Constraint.SNLT):
            latest_start = axis.latest_start(date, has_length=has_length)
            if latest_start < start:
                start, start_why = latest_start, node
        resumes = self.forward.remaining_start.get(node)
        if resumes is not None:
            # It has started: only what remains can be late, and only at its end.
            self.late[2 * node] = (finish & -2) - ((done & -2) - (resumes & -2)) + 1
            self.late[2 * node + 1] = finish
            self.because[node] = finish_why
            return
        span = (done & -2) - (planned & -2)
        if has_length:
            latest = (finish & -2) - span + 1
            start |= 1
        else:
            latest = finish
        if start < latest or (start == latest and start_why == node):  # its own date is the better reason
            latest, finish_why = start, start_why
            finish = min(finish, start + span) if has_length else start  # either side, as far as it may
        self.late[2 * node], self.late[2 * node + 1] = latest, finish
        self.because[node] = finish_why

    def _bounds(self, node: int) -> tuple[int, int, int, int]:
        """The strongest bounds successors put on the start and the finish, each with its reason."""
        late, because = self.late, self.because
        start = finish = ALWAYS_LATE
        start_why = finish_why = PROJECT_FINISH
        graph = self.graph
        first, middle, last = graph.first[2 * node : 2 * node + 3]
        for k in range(first, last):
            target = graph.targets[k]
            bound = late[target] - graph.lags[k]
            if not bounded(late[target]):
                continue
            if k < middle:
                if bound < start:
                    start, start_why = bound, because[target >> 1]
            elif bound < finish:
                finish, finish_why = bound, because[target >> 1]
        for edge in graph.slow_out.get(node, ()):
            bound = edge.backward(late, self.at)
            if edge.source & 1:
                if bound < finish:
                    finish, finish_why = bound, because[edge.target >> 1]
            elif bound < start:
                start, start_why = bound, because[edge.target >> 1]
        return start, start_why, finish, finish_why

    def _ceiling(self, node: int) -> int:
        axis = self.graph.axis[node]
        ceiling = self._ceilings.get(id(axis))
        if ceiling is None:
            ceiling = self._ceilings[id(axis)] = axis.at_or_before(self.project_finish)
        return ceiling


def free_floats(graph: Graph, forward: Forward, project_finish: int) -> list[int]:
    """By how many working seconds each node may slip without moving any successor; negative where one is late."""
    at = forward.at
    hold = at.copy()  # where each slot has to stay: its position, or what those behind a gate or roll-up allow
    for node, resumes in forward.remaining_start.items():
        hold[2 * node] = resumes
    for i in graph.careful:
        if i < len(graph.tasks) and is_completed(graph.tasks[i]):
            hold[2 * i] = hold[2 * i + 1] = ALWAYS_LATE
    passed_on = graph.rolls.union(graph.gates.values())
    if passed_on:
        for node in reversed(forward.order):
            if node in passed_on:
                hold[2 * node], hold[2 * node + 1] = _held(graph, node, hold, at)
    ends = np.array(at, np.int64)
    slack = (_ceilings(graph, project_finish) >> 1) - (ends[1::2] >> 1)
    for node in forward.remaining_start:
        ends[2 * node] = -ALWAYS_LATE  # its start has happened and can't slip
    room = (np.array(hold, np.int64)[graph.edge_targets] - graph.edge_lags >> 1) - (ends[graph.edge_sources] >> 1)
    np.minimum.at(slack, graph.edge_sources >> 1, room)
    free: list[int] = slack.tolist()
    for node, edges in graph.slow_out.items():
        for edge in edges:
            if edge.source & 1 or node not in forward.remaining_start:
                bound = edge.backward(hold, at)
                free[node] = min(free[node], (bound >> 1) - (at[edge.source] >> 1))
    for summary, leaf in forward.first_leaf.items():
        if bounded(hold[2 * summary]) and leaf != summary and leaf not in forward.remaining_start:
            bound = _start_cap(graph, summary, leaf, hold[2 * summary])
            free[leaf] = min(free[leaf], (bound >> 1) - (at[2 * leaf] >> 1))
    return free


def _held(graph: Graph, node: int, hold: list[int], at: list[int]) -> tuple[int, int]:
    """The tightest of what a gate's or roll-up's edges allow its start and its finish."""
    start = finish = ALWAYS_LATE
    first, middle, last = graph.first[2 * node : 2 * node + 3]
    for k in range(first, last):
        bound = hold[graph.targets[k]] - graph.lags[k]
        if k < middle:
            start = min(start, bound)
        else:
            finish = min(finish, bound)
    for edge in graph.slow_out.get(node, ()):
        bound = edge.backward(hold, at)
        if edge.source & 1:
            finish = min(finish, bound)
        else:
            start = min(start, bound)
    return start, finish


def _start_cap(graph: Graph, summary: int, leaf: int, start: int) -> int:
    """A bound on a summary's start, on the axis of the task it starts with."""
    axis, inner = graph.axis[summary], graph.axis[leaf]
    return start if inner is axis else inner.startable_by(axis.instant(start))


def _ceilings(graph: Graph, project_finish: int) -> NDArray[np.int64]:
    """The project's finish on every node's axis."""
    known = {id(axis): axis.at_or_before(project_finish) for axis in graph.axes_used}
    if len(known) == 1:
        return np.full(graph.count, next(iter(known.values())), np.int64)
    return np.array([known[id(axis)] for axis in graph.axis], np.int64)


def _finish_caps(task: TaskIn) -> list[datetime]:
    caps = []
    if task.constraint in (Constraint.FNLT, Constraint.MFO) and task.constraint_date is not None:
        caps.append(task.constraint_date)
    if task.deadline is not None:
        caps.append(task.deadline)
    return caps
