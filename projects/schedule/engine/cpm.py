"""The critical path method on working calendars: one call from a network to its schedule."""

from datetime import datetime

from pmdm.worktime.engine import WorkCalendar
from pmdm.worktime.engine.calendar import from_seconds, to_seconds

from .axis import NEVER, Axis, bounded
from .backward import backward_pass, free_floats
from .forward import Forward, Rules, forward_pass
from .graph import Graph
from .network import Constraint, Minutes, Network, Result
from .report import Report


def schedule(
    network: Network,
    project_start: datetime,
    calendar: WorkCalendar,
    *,
    project_finish: datetime | None = None,
    status_date: datetime | None = None,
    move_unstarted: bool = False,
    honour_constraints: bool = True,
    critical_limit_minutes: Minutes = 0,
) -> Result:
    """Early and late dates, floats and the critical path of a network.

    With ``project_finish`` the plan is scheduled from its finish: ``project_start`` is then only where to begin
    looking. Remaining work of started tasks waits for ``status_date``; with ``move_unstarted`` all unfinished work
    does. Raises NetworkError, or CycleError naming the tasks of a cycle, or OutOfRange beyond the years 1900-2299.
    """
    graph = Graph(network, calendar)
    rules = Rules(project_start, status_date, move_unstarted, honour_constraints)
    early = forward_pass(graph, rules)
    if project_finish is not None:
        finish = to_seconds(project_finish)
        backward = backward_pass(graph, early, finish)
        rules.project_start = _latest_start(graph, backward.late, project_start)
        early = forward_pass(graph, rules)
    else:
        finish = last_finish(graph, early, project_start)
    backward = backward_pass(graph, early, finish)
    forward = early
    late_starts = {
        i: backward.late[2 * i]
        for i in graph.careful
        if i < len(network.tasks) and network.tasks[i].constraint == Constraint.ALAP
    }
    if late_starts:
        forward = forward_pass(graph, rules, late_starts)
    free = free_floats(graph, forward, finish)
    return Report(graph, rules, forward, early, backward, free, finish, critical_limit_minutes).result()


def last_finish(graph: Graph, forward: Forward, project_start: datetime) -> int:
    """The latest finish of all tasks, in seconds since 1970."""
    at, axes, leaves = forward.at, graph.axis, _leaves(graph)
    if len(graph.axes_used) == 1 and leaves:
        return axes[0].instant(max([at[2 * i + 1] for i in leaves]))
    latest: dict[Axis, int] = {}
    for i in leaves:
        latest[axes[i]] = max(at[2 * i + 1], latest.get(axes[i], NEVER))
    return max((axis.instant(position) for axis, position in latest.items()), default=to_seconds(project_start))


def _latest_start(graph: Graph, late: list[int], fallback: datetime) -> datetime:
    starts = [graph.axis[i].instant(late[2 * i]) for i in _leaves(graph) if bounded(late[2 * i])]
    return from_seconds(min(starts)) if starts else fallback


def _leaves(graph: Graph) -> list[int]:
    children, inactive = graph.outline.children, graph.inactive
    return [i for i in range(len(graph.tasks)) if i not in children and i not in inactive]
