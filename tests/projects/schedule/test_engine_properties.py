"""The engine against slower ways to know: formulas on dates, networkx, and doing what a float promises."""

from dataclasses import replace
from datetime import timedelta

import networkx as nx
from hypothesis import assume, given
from hypothesis import strategies as st

from pmdm.worktime.engine import ALWAYS
from projects.schedule.engine import Constraint, LagUnit, LinkType, Network, schedule
from tests.projects.schedule.networks import (
    CALENDARS,
    STANDARD,
    START,
    anything,
    lived_in,
    moments,
    networks,
    one_calendar,
    tried,
    with_summaries,
)


def planned(network, start=START, **options):
    return schedule(network, start, STANDARD, **options)


# The formulas, on dates and one task at a time


def calendar_of(task):
    return ALWAYS if task.elapsed else STANDARD if task.calendar is None else CALENDARS[task.calendar]


def lagged(t, link, tasks):
    """When the link's lag after ``t`` is over, on the successor's calendar."""
    before, after = tasks[link.predecessor], tasks[link.successor]
    lag, elapsed = link.lag, link.lag_unit == LagUnit.ELAPSED
    if link.lag_unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT):
        lag = before.duration_minutes * lag / 100
        elapsed = link.lag_unit == LagUnit.ELAPSED_PERCENT or before.elapsed
    if not lag:
        return t
    if elapsed:
        return t + timedelta(minutes=lag)
    calendar = calendar_of(after)
    return calendar.add(t, lag) if lag > 0 else calendar.previous_working(calendar.subtract(t, -lag))


def settled(calendar, t):
    """The same instant where work has just ended, else the next at which work can go on."""
    return t if calendar.previous_working(t) == t else calendar.next_working(t)


def slow_forward_pass(network):
    tasks = {task.id: task for task in network.tasks}
    dates = {}
    for task in network.tasks:
        calendar = calendar_of(task)
        start = settled(calendar, START)
        finish = None
        for link in network.links:
            if link.successor != task.id:
                continue
            held = dates[link.predecessor][link.type in (LinkType.FS, LinkType.FF)]
            bound = settled(calendar, lagged(held, link, tasks))
            if link.type in (LinkType.FS, LinkType.SS):
                start = max(start, bound)
            else:
                finish = max(finish or bound, bound)
        if not task.duration_minutes:
            start = end = max(start, finish or start)
        else:
            start = calendar.next_working(start)
            end = calendar.add(start, task.duration_minutes)
            if finish is not None and finish > end:
                start, end = calendar.subtract(finish, task.duration_minutes), finish
        dates[task.id] = start, end
    return dates


@tried
@given(anything)
def test_early_dates_are_those_of_the_formulas(network):
    result = planned(network)
    assert {i: (task.start, task.finish) for i, task in result.tasks.items()} == slow_forward_pass(network)


@tried
@given(networks(types=(LinkType.FS,)))
def test_early_and_late_dates_are_longest_paths_of_networkx(network):
    for link in network.links:
        link.lag = 0
    graph = nx.DiGraph()
    graph.add_nodes_from(task.id for task in network.tasks)
    length = {task.id: task.duration_minutes for task in network.tasks}
    graph.add_edges_from((link.predecessor, link.successor) for link in network.links)
    early, late = {}, {}
    for node in nx.topological_sort(graph):
        early[node] = max((early[p] + length[p] for p in graph.predecessors(node)), default=0)
    end = max(early[node] + length[node] for node in graph)
    for node in reversed(list(nx.topological_sort(graph))):
        late[node] = min((late[s] - length[node] for s in graph.successors(node)), default=end - length[node])
    result = planned(network)
    assert STANDARD.between(START, result.finish) == end
    for node, task in result.tasks.items():
        assert STANDARD.between(START, task.start) == early[node]
        assert task.total_float == late[node] - early[node]
    weighted = nx.DiGraph((p, s, {"weight": length[p]}) for p, s in graph.edges)
    if weighted:
        sink = {n: length[n] for n in weighted}
        weighted.add_edges_from((n, "end", {"weight": w}) for n, w in sink.items())
        assert nx.dag_longest_path_length(weighted) <= end


@tried
@given(anything, st.randoms(use_true_random=False))
def test_the_order_of_tasks_and_links_changes_nothing(network, random):
    result = planned(network)
    tasks, links = list(network.tasks), list(network.links)
    random.shuffle(tasks)
    random.shuffle(links)
    again = planned(Network(tasks, links, CALENDARS))
    for i, task in result.tasks.items():
        other = again.tasks[i]
        assert (task.start, task.finish, task.late_start, task.late_finish, task.total_float, task.free_float) == (
            other.start,
            other.finish,
            other.late_start,
            other.late_finish,
            other.total_float,
            other.free_float,
        )


@tried
@given(anything)
def test_scheduling_again_changes_nothing(network):
    result = planned(network)
    assert planned(network) == result
    held = [
        replace(task, constraint=Constraint.SNET, constraint_date=result.tasks[task.id].start) for task in network.tasks
    ]
    again = planned(Network(held, network.links, CALENDARS))
    assert {i: task.start for i, task in again.tasks.items()} == {i: task.start for i, task in result.tasks.items()}


# What a float promises


def delayed(network, result, i, minutes):
    """The schedule when task ``i`` begins so many of its working minutes later."""
    begin = result.tasks[i].start
    if minutes:  # adding nothing to a milestone at noon would already move it behind lunch
        begin = calendar_of({task.id: task for task in network.tasks}[i]).add(begin, minutes)
    tasks = [
        replace(task, constraint=Constraint.SNET, constraint_date=begin) if task.id == i else task
        for task in network.tasks
    ]
    return planned(Network(tasks, network.links, CALENDARS))


def working_instant(task, t):
    """Instants between which no work of the task's calendar lies count as the same."""
    return calendar_of(task).between(START, t)


@tried
@given(anything, st.data())
def test_delaying_by_free_float_moves_nobody_else(network, data):
    result = planned(network)
    i = data.draw(st.sampled_from(sorted(result.tasks)))
    later = delayed(network, result, i, result.tasks[i].free_float)
    for task in network.tasks:
        if task.id != i:
            before, after = result.tasks[task.id], later.tasks[task.id]
            assert working_instant(task, before.start) == working_instant(task, after.start)
            assert working_instant(task, before.finish) == working_instant(task, after.finish)


@tried
@given(anything, st.data())
def test_delaying_by_total_float_keeps_the_projects_finish(network, data):
    result = planned(network)
    i = data.draw(st.sampled_from(sorted(result.tasks)))
    later = delayed(network, result, i, result.tasks[i].total_float)
    assert STANDARD.between(result.finish, later.finish) == 0


@tried
@given(one_calendar, st.data())
def test_a_minute_more_than_total_float_moves_the_finish(network, data):
    result = planned(network)
    i = data.draw(st.sampled_from(sorted(result.tasks)))
    later = delayed(network, result, i, result.tasks[i].total_float + 1)
    assert later.finish > result.finish


@tried
@given(one_calendar, st.data())
def test_a_minute_more_than_free_float_moves_somebody(network, data):
    result = planned(network)
    fitting = [i for i, task in result.tasks.items() if task.free_float < task.total_float]
    for i in data.draw(st.permutations(fitting))[:1]:
        later = delayed(network, result, i, result.tasks[i].free_float + 1)
        others = [j for j in result.tasks if j != i]
        assert any(later.tasks[j].finish > result.tasks[j].finish for j in others)


@tried
@given(anything)
def test_late_dates_are_feasible_together(network):
    result = planned(network)
    tasks = {task.id: task for task in network.tasks}
    for link in network.links:
        before, after = result.tasks[link.predecessor], result.tasks[link.successor]
        held = before.late_finish if link.type in (LinkType.FS, LinkType.FF) else before.late_start
        bound = lagged(held, link, tasks)
        limit = after.late_start if link.type in (LinkType.FS, LinkType.SS) else after.late_finish
        calendar = calendar_of(tasks[link.successor])
        assert bound <= limit or calendar.between(limit, bound) <= 0
    for i, task in result.tasks.items():
        assert calendar_of(tasks[i]).between(result.finish, task.late_finish) <= 0
        assert 0 <= task.free_float <= task.total_float


@tried
@given(anything)
def test_the_project_has_a_critical_task_and_it_is_driven_from_the_start(network):
    result = planned(network)
    assert result.critical or any(task.calendar or task.elapsed for task in network.tasks)
    path = result.longest_path
    assert result.tasks[path[-1]].finish == result.finish


@tried
@given(networks(summaries=True))
def test_a_link_on_a_summary_is_the_same_as_links_on_all_below(network):
    below = {}
    for task in network.tasks:
        below.setdefault(task.parent, []).append(task.id)
    expanded = []
    for link in network.links:
        before = below.get(link.predecessor, [link.predecessor])
        after = below.get(link.successor, [link.successor])
        # A summary starts with its earliest task, so only a single task can stand for its start.
        assume(link.type == LinkType.FS or len(before) == 1)
        expanded += [replace(link, predecessor=p, successor=s) for p in before for s in after]
    result, flat = planned(network), planned(Network(network.tasks, expanded, CALENDARS))
    for i, task in result.tasks.items():
        other = flat.tasks[i]
        assert (task.start, task.finish, task.total_float) == (other.start, other.finish, other.total_float)
        if not task.is_summary:
            assert task.free_float == other.free_float


@tried
@given(with_summaries, st.data())
def test_floats_keep_their_promise_below_summaries(network, data):
    result = planned(network)
    leaves = [task for task in network.tasks if task.parent is not None]
    i = data.draw(st.sampled_from(leaves)).id
    later = delayed(network, result, i, result.tasks[i].free_float)
    for task in leaves:
        if task.id != i:
            before, after = result.tasks[task.id], later.tasks[task.id]
            assert working_instant(task, before.start) == working_instant(task, after.start)
            assert working_instant(task, before.finish) == working_instant(task, after.finish)
    later = delayed(network, result, i, result.tasks[i].total_float)
    assert STANDARD.between(result.finish, later.finish) == 0


@tried
@given(with_summaries, st.data())
def test_summaries_span_their_children(network, data):
    result = planned(network)
    for parent in (task for task in result.tasks.values() if task.is_summary):
        children = [result.tasks[task.id] for task in network.tasks if task.parent == parent.id]
        assert parent.start == min(child.start for child in children)
        assert parent.finish == max(child.finish for child in children)
        assert parent.late_finish == max(child.late_finish for child in children)


@tried
@given(anything, st.sampled_from(list(Constraint)[2:]), st.integers(0, 20), st.data())
def test_constraints_hold_or_are_reported(network, constraint, day, data):
    i = data.draw(st.sampled_from([task.id for task in network.tasks]))
    when = calendar_of({task.id: task for task in network.tasks}[i]).next_working(START + timedelta(days=day))
    tasks = [
        replace(task, constraint=constraint, constraint_date=when) if task.id == i else task for task in network.tasks
    ]
    result = planned(Network(tasks, network.links, CALENDARS))
    task = result.tasks[i]
    match constraint:
        case Constraint.MSO:
            assert task.start == when
        case Constraint.SNET:
            assert task.start >= when
        case Constraint.SNLT:
            assert task.start <= when
        case Constraint.FNLT | Constraint.MFO | Constraint.FNET:
            gap = calendar_of(tasks[i]).between(when, task.finish)
            assert (gap <= 0) if constraint == Constraint.FNLT else gap >= 0
    for conflict in result.conflicts:
        assert conflict.link.successor == i
        assert conflict.constraint == constraint
        assert conflict.minutes > 0


@tried
@given(
    lived_in(),
    st.fixed_dictionaries(
        {},
        optional={
            "status_date": moments,
            "move_unstarted": st.booleans(),
            "honour_constraints": st.booleans(),
            "critical_limit_minutes": st.integers(0, 1000),
            "project_finish": moments,
        },
    ),
)
def test_whatever_a_plan_has_been_through_its_schedule_makes_sense(network, options):
    result = planned(network, **options)
    assert result == planned(network, **options)
    assert list(result.tasks) == [task.id for task in network.tasks]
    limit = options.get("critical_limit_minutes", 0)
    for task, given_ in zip(result.tasks.values(), network.tasks, strict=True):
        assert task.start <= task.finish
        assert task.early_start <= task.early_finish
        assert 0 <= task.percent <= 100
        assert (task.total_float is None) == (task.late_finish is None) == (task.late_start is None)
        assert task.critical == (task.total_float is not None and task.total_float <= limit)
        if task.total_float is not None:
            assert task.free_float >= 0
            assert task.free_float <= max(task.total_float, 0) or task.total_float < 0
        if given_.actual_start and not task.is_summary:
            assert task.start == given_.actual_start
        if given_.actual_finish and not task.is_summary:
            assert (task.finish, task.completed) == (given_.actual_finish, True)
        if task.parts:
            assert (task.parts[0][0], task.parts[-1][1]) == (task.start, task.finish)
            assert all(a < b for a, b in task.parts)
        assert result.driving_path(task.id)[-1] == task.id
    assert all(conflict.minutes > 0 for conflict in result.conflicts)
    if "project_finish" in options:
        assert result.finish == options["project_finish"]
