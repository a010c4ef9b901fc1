"""The forward pass: earliest positions that links, constraints, manual and actual dates allow.

Sources of the rules: Kelley & Walker 1959; the PMI Practice Standard for Scheduling; Microsoft Project's XML data
interchange reference for constraints, lags and manual tasks.
"""

from dataclasses import dataclass, field
from datetime import datetime

from pmdm.worktime.engine.calendar import to_seconds

from .axis import NEVER
from .graph import BY_GATE, Graph
from .network import Constraint, DrivenBy, TaskIn

# What drove a node, beside link numbers from 0 up.
BY_START, BY_CONSTRAINT, BY_MANUAL, BY_ACTUAL, BY_STATUS, BY_LATE_DATES = range(-1, -7, -1)
DRIVERS = {
    BY_START: DrivenBy.PROJECT_START,
    BY_CONSTRAINT: DrivenBy.CONSTRAINT,
    BY_MANUAL: DrivenBy.MANUAL,
    BY_ACTUAL: DrivenBy.ACTUAL,
    BY_STATUS: DrivenBy.STATUS_DATE,
    BY_LATE_DATES: DrivenBy.LATE_DATES,
}
Bounds = tuple[int, int, int, int]  # on the start, driven by; on the finish, driven by


@dataclass(slots=True)
class Rules:
    """What the caller decides for the whole schedule."""

    project_start: datetime
    status_date: datetime | None = None
    move_unstarted: bool = False  # unstarted work waits for the status date as well
    honour_constraints: bool = True  # MSO, MFO, SNLT and FNLT beat links


@dataclass(slots=True)
class Forward:
    """Positions by slot, what drove each node, and the order in which nodes were placed."""

    at: list[int]
    driver: list[int]
    order: list[int] = field(default_factory=list)
    # Where a started task's remaining work begins; elsewhere the start slot itself.
    remaining_start: dict[int, int] = field(default_factory=dict)
    first_leaf: dict[int, int] = field(default_factory=dict)  # of a rolled-up summary: its earliest task


def forward_pass(graph: Graph, rules: Rules, late_starts: dict[int, int] | None = None) -> Forward:
    """Place every node after all that bear upon it, pushing its bounds on (Kahn); CycleError when some remain.

    ``late_starts`` holds where tasks 'as late as possible' are to begin.
    """
    count = graph.count
    # A slot holds the strongest bound on it until its node is placed, then its position.
    result = Forward([NEVER] * (2 * count), [BY_START] * (2 * count))
    at, driver = result.at, result.driver
    placer = Placer(graph, rules, result, late_starts or {})
    careful, slow_out, length = graph.careful, graph.slow_out, graph.length
    first, targets, lags, numbers = graph.first, graph.targets, graph.lags, graph.numbers
    waiting = graph.waiting.copy()
    floor = graph.project_axis.after(placer.floor_date) | 1
    order = result.order = [node for node in range(count) if not waiting[node] and graph.takes_part(node)]
    for node in order:
        start_slot = 2 * node
        if node in careful:
            placer.place(node)
            start, finish = at[start_slot], at[start_slot + 1]
        else:
            start = at[start_slot]
            if start < floor:
                start = floor
                driver[start_slot] = BY_START
            else:
                start |= 1
            finish = start - 1 + length[node]
            if at[start_slot + 1] > finish:
                finish = at[start_slot + 1]
                start = (finish - length[node]) | 1
                driver[start_slot] = driver[start_slot + 1]
            at[start_slot] = start
            at[start_slot + 1] = finish
        middle = first[start_slot + 1]
        for k in range(first[start_slot], first[start_slot + 2]):
            target = targets[k]
            bound = (finish if k >= middle else start) + lags[k]
            if bound > at[target]:
                at[target] = bound
                driver[target] = numbers[k]
            after = target >> 1
            waiting[after] -= 1
            if not waiting[after]:
                order.append(after)
        if node in slow_out:
            for edge in slow_out[node]:
                bound = edge.forward(at)
                if bound > at[edge.target]:
                    at[edge.target] = bound
                    driver[edge.target] = edge.number
                after = edge.target >> 1
                waiting[after] -= 1
                if not waiting[after]:
                    order.append(after)
    if any(waiting):
        raise graph.refuse_cycle(order)
    result.driver = _resolved(driver[0::2]) if graph.gates else driver[0::2]
    return result


def _resolved(driver: list[int]) -> list[int]:
    """Drivers with every gate replaced by what drove it."""
    for node, by in enumerate(driver):
        while by <= BY_GATE:
            by = driver[BY_GATE - by]
        driver[node] = by
    return driver


class Placer:
    """Places the nodes that need more than additions."""

    def __init__(self, graph: Graph, rules: Rules, result: Forward, late_starts: dict[int, int]) -> None:
        self.graph, self.rules, self.result, self.late_starts = graph, rules, result, late_starts
        self.at, self.driver = result.at, result.driver
        self.floor_date = rules.project_start
        if rules.status_date is not None:
            self.status = to_seconds(rules.status_date)
            if rules.move_unstarted:
                self.floor_date = max(rules.project_start, rules.status_date)
        self.gated = {gate: summary for summary, gate in graph.gates.items()}
        self._floors: dict[int, int] = {}

    def place(self, node: int) -> None:
        if node in self.gated:
            self._place_gate(node)
        elif node in self.graph.rolls:
            self._place_roll(node)
        else:
            self._place_task(node)

    def _place_gate(self, gate: int) -> None:
        start, start_by, finish, finish_by = self._bounds(gate)
        task = self.graph.tasks[self.gated[gate]]
        if task.constraint == Constraint.SNET and task.constraint_date is not None:
            wanted = self.graph.axis[gate].after(task.constraint_date)
            if wanted > start:
                start, start_by = wanted, BY_CONSTRAINT
        self._put(gate, start, finish, start_by if start > NEVER else finish_by)

    def _place_roll(self, summary: int) -> None:
        graph, at = self.graph, self.at
        axis = graph.axis[summary]
        start, finish, first = -NEVER, NEVER, -1
        for child in graph.outline.children[summary]:
            if child in graph.inactive:
                continue
            began, ended = at[2 * child], at[2 * child + 1]
            if graph.axis[child] is not axis:
                began = axis.at_or_after(graph.axis[child].instant(began))
                ended = axis.at_or_after(graph.axis[child].instant(ended))
            if began < start:
                start, first = began, self.result.first_leaf.get(child, child)
            finish = max(finish, ended)
        if first < 0:  # nothing active below: it starts and ends with the project
            start = finish = self._floor(summary)
            first = summary
        self.result.first_leaf[summary] = first
        task = graph.tasks[summary]
        if task.manual and task.manual_start is not None and task.manual_finish is not None:
            start, finish = axis.after(task.manual_start), axis.after(task.manual_finish)
        self._put(summary, start, finish, BY_START)

    def _place_task(self, node: int) -> None:
        task = self.graph.tasks[node]
        bounds = self._bounds(node)
        if task.actual_start is not None or task.actual_finish is not None:
            self._place_actual(node, task, bounds)
        elif task.manual and (task.manual_start is not None or task.manual_finish is not None):
            self._place_manual(node, task)
        else:
            self._place_planned(node, task, bounds)
            if task.percent > 0:
                self._resume(node, task, bounds)

    def _place_planned(self, node: int, task: TaskIn, bounds: Bounds) -> None:
        length = self.graph.length[node]
        start, by, finish, finish_by = bounds
        floor = self._floor(node)
        if floor >= start:
            start, by = floor, BY_START
        if task.constraint == Constraint.ALAP and self.late_starts.get(node, NEVER) > start:
            start, by = self.late_starts[node], BY_LATE_DATES
        self._start_at(node, start, by)
        if finish > self.at[2 * node + 1]:
            self._finish_at(node, finish, finish_by)
        if task.constraint > Constraint.ALAP and task.constraint_date is not None:
            self._constrain(node, task, task.constraint_date, has_length=length > 0)

    def _constrain(self, node: int, task: TaskIn, date: datetime, *, has_length: bool) -> None:
        axis, honour = self.graph.axis[node], self.rules.honour_constraints
        start, finish = self.at[2 * node], self.at[2 * node + 1]
        match task.constraint:
            case Constraint.SNET | Constraint.MSO:
                wanted = axis.after(date) | has_length
                must = task.constraint == Constraint.MSO
                if wanted > start or (must and (honour or wanted == start)):
                    self._start_at(node, wanted, BY_CONSTRAINT)
            case Constraint.SNLT:
                wanted = axis.latest_start(date, has_length=has_length)
                if honour and wanted < start:
                    self._start_at(node, wanted, BY_CONSTRAINT)
            case Constraint.FNET:
                wanted = axis.after(date)
                if wanted > finish:
                    self._finish_at(node, wanted, BY_CONSTRAINT)
            case Constraint.MFO:
                wanted = axis.before(date)
                if wanted >> 1 >= finish >> 1 or honour:
                    self._finish_at(node, wanted & -2 if has_length else wanted, BY_CONSTRAINT)
            case Constraint.FNLT:
                wanted = axis.before(date)
                if honour and wanted >> 1 < finish >> 1:
                    self._finish_at(node, wanted & -2 if has_length else wanted, BY_CONSTRAINT)

    def _place_manual(self, node: int, task: TaskIn) -> None:
        axis = self.graph.axis[node]
        if task.manual_start is None:
            assert task.manual_finish is not None
            self._finish_at(node, axis.after(task.manual_finish), BY_MANUAL)
            return
        start = axis.after(task.manual_start)
        self._start_at(node, start, BY_MANUAL)
        if task.manual_finish is not None:
            self._put(node, start, max(start, axis.after(task.manual_finish)), BY_MANUAL)

    def _place_actual(self, node: int, task: TaskIn, bounds: Bounds) -> None:
        axis = self.graph.axis[node]
        if task.actual_start is None:
            assert task.actual_finish is not None
            self._finish_at(node, axis.after(task.actual_finish), BY_ACTUAL)
            return
        start = axis.after(task.actual_start)
        if task.actual_finish is not None:
            self._put(node, start, max(start, axis.after(task.actual_finish)), BY_ACTUAL)
            return
        self._start_at(node, start, BY_ACTUAL)
        self._resume(node, task, bounds)

    def _resume(self, node: int, task: TaskIn, bounds: Bounds) -> None:
        """Retained logic: what remains of a started task waits for its predecessors and the status date."""
        axis, length = self.graph.axis[node], self.graph.length[node]
        left = remaining(task, length)
        if not left:
            return
        start, by = self.at[2 * node], self.driver[2 * node]
        planned = resumes = (start + length - left) | 1
        if self.rules.status_date is not None:
            status = axis.at_or_after(self.status) | 1
            if status > resumes:
                resumes, by = status, BY_STATUS
        bound, bound_by, finish_bound, finish_by = bounds
        if bound | 1 > resumes:
            resumes, by = bound | 1, bound_by
        if finish_bound > resumes - 1 + left:
            resumes, by = (finish_bound - left) | 1, finish_by
        if resumes > planned:
            self._put(node, start, max(resumes - 1 + left, finish_bound), by)
        self.result.remaining_start[node] = resumes

    def _bounds(self, node: int) -> Bounds:
        """The strongest bounds links put on the start and the finish, each with its driver."""
        start, finish = 2 * node, 2 * node + 1
        return self.at[start], self.driver[start], self.at[finish], self.driver[finish]

    def _floor(self, node: int) -> int:
        axis = self.graph.axis[node]
        floor = self._floors.get(id(axis))
        if floor is None:
            floor = self._floors[id(axis)] = axis.after(self.floor_date)
        return floor

    def _start_at(self, node: int, start: int, by: int) -> None:
        length = self.graph.length[node]
        if length:
            self._put(node, start | 1, (start | 1) - 1 + length, by)
        else:
            self._put(node, start, start, by)

    def _finish_at(self, node: int, finish: int, by: int) -> None:
        length = self.graph.length[node]
        self._put(node, (finish - length) | 1 if length else finish, finish, by)

    def _put(self, node: int, start: int, finish: int, by: int) -> None:
        self.at[2 * node], self.at[2 * node + 1] = start, finish
        self.driver[2 * node] = by


def remaining(task: TaskIn, length: int) -> int:
    """Positions of work left in a task of this length."""
    if task.actual_finish is not None:
        return 0
    if task.remaining_minutes is not None:
        return min(length, round(task.remaining_minutes * 60) * 2)
    return round(length / 2 * max(0.0, 100 - task.percent) / 100) * 2


def is_completed(task: TaskIn) -> bool:
    return task.actual_finish is not None or task.percent >= 100
