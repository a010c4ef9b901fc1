"""How long the schedule engine, working time and plan files take, beside the least the same work needs.

The floor of a schedule is the textbook algorithm on whole minutes from the same tasks and links: order, forward pass,
backward pass, float; no calendars, no types, no dates.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from time import process_time
from typing import Any
from xml.parsers import expat

import networkx as nx

from pmdm.worktime.engine import standard_calendar
from projects.schedule.engine import LinkIn, Network, TaskIn, schedule
from projects.schedule.planfiles import parse_mspdi

Row = dict[str, Any]
START = datetime(2026, 1, 5, 8)
CALENDAR = standard_calendar()


def run() -> list[Row]:
    rows = []
    times = {}
    for count, rounds in ((1_000, 15), (10_000, 7), (100_000, 3)):
        network = make_network(count)
        ours, floor = best_of(rounds, lambda n=network: schedule(n, START, CALENDAR), lambda n=network: plain_pass(n))
        times[count] = ours
        rows.append(row(f"schedule, {count:,} tasks, 1.5 links each", ours, floor, aim=10))
        if count <= 10_000:
            graph = make_graph(network)
            theirs, floor = best_of(rounds, lambda g=graph: networkx_pass(g), lambda n=network: plain_pass(n))
            rows.append(row(f"networkx, early dates only, {count:,} tasks", theirs, floor))
    rows.append(
        {
            "name": "schedule, growth from 10,000 to 100,000 tasks",
            "value": round(times[100_000] / times[10_000], 1),
            "unit": "x",
            "floor": 10,
            "ratio": round(times[100_000] / times[10_000] / 10, 2),
            "aim": 1.5,
        }
    )
    rows.append(working_time_row())
    rows.append(plan_file_row())
    return rows


def make_network(count: int) -> Network:
    """Tasks of half a day to five days in summaries of twenty, links that reach up to fifty tasks on."""
    chance = random.Random(42)
    groups = count // 20
    tasks = [TaskIn(-1 - group, name=f"Phase {group}") for group in range(groups)]
    tasks += [
        TaskIn(i, chance.randint(1, 10) * 240, f"Task {i}", parent=-1 - i * groups // count) for i in range(count)
    ]
    links = []
    for _ in range(count * 3 // 2):
        before = chance.randrange(count - 1)
        links.append(LinkIn(before, min(count - 1, before + chance.randint(1, 50))))
    return Network(tasks, links)


def plain_pass(network: Network) -> list[tuple[int, int, int]]:
    """Early start, late start and float in minutes, by the textbook."""
    tasks = network.tasks
    index = {task.id: i for i, task in enumerate(tasks)}
    durations = [task.duration_minutes for task in tasks]
    after: list[list[int]] = [[] for _ in tasks]
    waiting = [0] * len(tasks)
    for link in network.links:
        i, j = index[link.predecessor], index[link.successor]
        after[i].append(j)
        waiting[j] += 1
    early = [0] * len(tasks)
    order = [i for i, left in enumerate(waiting) if not left]
    for i in order:
        finish = early[i] + durations[i]
        for j in after[i]:
            if finish > early[j]:
                early[j] = finish
            waiting[j] -= 1
            if not waiting[j]:
                order.append(j)
    end = max(early[i] + durations[i] for i in order)
    late = [end] * len(tasks)
    for i in reversed(order):
        start = end
        for j in after[i]:
            if late[j] < start:
                start = late[j]
        late[i] = start - durations[i]
    return [(early[i], late[i], late[i] - early[i]) for i in range(len(tasks))]


def make_graph(network: Network) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from((task.id, {"minutes": task.duration_minutes}) for task in network.tasks)
    graph.add_edges_from((link.predecessor, link.successor) for link in network.links)
    return graph


def networkx_pass(graph: nx.DiGraph) -> dict[Any, int]:
    """Early finishes over a graph that is already built."""
    finish: dict[Any, int] = {}
    for node in nx.topological_sort(graph):
        start = max((finish[before] for before in graph.pred[node]), default=0)
        finish[node] = start + graph.nodes[node]["minutes"]
    return finish


def working_time_row() -> Row:
    moments = [START + timedelta(minutes=37 * i) for i in range(20_000)]
    minutes = timedelta(minutes=1_234)
    ours, floor = best_of(5, lambda: [CALENDAR.add(t, 1_234) for t in moments], lambda: [t + minutes for t in moments])
    return row("working time, 20,000 additions", ours, floor)


def plan_file_row() -> Row:
    data = make_plan_file(2_000)

    def bare() -> None:
        parser = expat.ParserCreate()
        seen: list[str] = []
        parser.StartElementHandler = lambda name, attributes: seen.append(name)
        parser.CharacterDataHandler = seen.append
        parser.Parse(data, True)

    ours, floor = best_of(3, lambda: parse_mspdi(data), bare)
    return row(f"Microsoft Project XML, 2,000 tasks, {len(data) // 1024:,} KB", ours, floor)


def make_plan_file(count: int) -> bytes:
    tasks = "".join(
        f"<Task><UID>{i}</UID><ID>{i}</ID><Name>Task {i}</Name><OutlineLevel>1</OutlineLevel><WBS>{i}</WBS>"
        f"<Start>2026-01-05T08:00:00</Start><Finish>2026-01-05T17:00:00</Finish><Duration>PT8H0M0S</Duration>"
        f"<DurationFormat>7</DurationFormat><Milestone>0</Milestone><Summary>0</Summary><Critical>0</Critical>"
        f"<PercentComplete>0</PercentComplete><ConstraintType>0</ConstraintType><CalendarUID>-1</CalendarUID>"
        + (
            f"<PredecessorLink><PredecessorUID>{i - 1}</PredecessorUID><Type>1</Type></PredecessorLink>"
            if i % 5 > 1
            else ""
        )
        + "</Task>"
        for i in range(1, count + 1)
    )
    return (
        '<Project xmlns="http://schemas.microsoft.com/project"><StartDate>2026-01-05T08:00:00</StartDate>'
        f"<Tasks>{tasks}</Tasks></Project>"
    ).encode()


def best_of(rounds: int, ours: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """The best times of both in processor seconds, measured in turns so that a busy machine disturbs both alike."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for which, work in enumerate((ours, floor)):
            begun = process_time()
            work()
            best[which] = min(best[which], process_time() - begun)
    return best[0], best[1]


def row(name: str, ours: float, floor: float, aim: float | None = None) -> Row:
    ratio = round(ours / floor, 1)
    return {
        "name": name,
        "value": round(ours * 1000, 1),
        "unit": "ms",
        "floor": round(floor * 1000, 1),
        "ratio": ratio,
        "aim": aim,
    }
