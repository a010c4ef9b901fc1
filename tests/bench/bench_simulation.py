"""How long Monte Carlo and levelling take, beside the least the same work needs.

The floor of a simulation draws the same durations and adds them up along the same links, and does nothing else. The
floor of levelling is one textbook pass over the network for every order it tries.
"""

import random
import tracemalloc
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from bench_schedule import CALENDAR, START, best_of, make_network, plain_pass, row

from projects.schedule.engine import Capacity, Estimate, Network, Shape, level, simulate

Row = dict[str, Any]
RUNS = 10_000
PEOPLE = 20


def run() -> list[Row]:
    network = make_network(1_000)
    rows = []
    for shape in (Shape.TRIANGULAR, Shape.PERT):
        estimates = make_estimates(network, shape)
        ours, floor = best_of(
            3,
            lambda e=estimates: simulate(network, START, CALENDAR, e, runs=RUNS, seed=1),
            lambda e=estimates: plain_runs(network, e),
        )
        rows.append(row(f"Monte Carlo, {RUNS:,} runs of 1,000 tasks, {shape}", ours, floor, aim=10))
    rows.append(memory_row())
    demands, capacities = make_team(network)
    found = level(network, START, CALENDAR, demands, capacities, seed=1)
    ours, floor = best_of(
        2,
        lambda: level(network, START, CALENDAR, demands, capacities, seed=1),
        lambda: [plain_pass(network) for _ in range(found.passes)],
    )
    rows.append(row(f"levelling, 1,000 tasks, {PEOPLE} people, {found.passes} orders", ours, floor))
    rows.append(slip_row(network, demands, found.finish[1]))
    return rows


def make_estimates(network: Network, shape: Shape) -> dict[Any, Estimate]:
    return {
        task.id: Estimate(task.duration_minutes * 0.7, task.duration_minutes, task.duration_minutes * 1.8, shape)
        for task in network.tasks
        if task.duration_minutes
    }


def plain_runs(network: Network, estimates: Mapping[Any, Estimate]) -> np.ndarray:
    """Finishes in minutes: drawn durations, added up along the links in the order the tasks stand in."""
    before: dict[Any, list[Any]] = {}
    for link in network.links:
        before.setdefault(link.successor, []).append(link.predecessor)
    chance = np.random.default_rng(1)
    finishes: dict[Any, np.ndarray] = {}
    last = np.zeros(RUNS)
    for task in network.tasks:
        if task.id not in estimates:
            continue
        start = np.zeros(RUNS)
        for predecessor in before.get(task.id, ()):
            if predecessor in finishes:
                np.maximum(start, finishes[predecessor], out=start)
        finishes[task.id] = start + estimates[task.id].draw(chance, RUNS)
        np.maximum(last, finishes[task.id], out=last)
    return last


def memory_row() -> Row:
    """The most that 50,000 runs of 1,000 tasks hold at once: positions of all runs would take 800 MB."""
    network = make_network(1_000)
    estimates = make_estimates(network, Shape.TRIANGULAR)
    tracemalloc.start()
    simulate(network, START, CALENDAR, estimates, runs=50_000, seed=1)
    peak = tracemalloc.get_traced_memory()[1] / (1 << 20)
    tracemalloc.stop()
    return {
        "name": "Monte Carlo, memory of 50,000 runs of 1,000 tasks",
        "value": round(peak, 1),
        "unit": "MB",
        "floor": None,
        "ratio": None,
        "aim": None,
        "limit": 200,
    }


def make_team(network: Network) -> tuple[dict[Any, dict[int, float]], dict[int, Capacity]]:
    chance = random.Random(7)
    demands: dict[Any, dict[int, float]] = {
        task.id: {chance.randrange(PEOPLE): 1.0} for task in network.tasks if task.duration_minutes
    }
    return demands, {person: Capacity() for person in range(PEOPLE)}


def slip_row(network: Network, demands: Mapping[Any, Mapping[int, float]], finish: datetime) -> Row:
    """Days of the levelled plan beside the busiest person's work, which no plan can be shorter than."""
    work = dict.fromkeys(range(PEOPLE), 0.0)
    for task in network.tasks:
        for person in demands.get(task.id, ()):
            work[person] += task.duration_minutes / 480
    days, busiest = CALENDAR.between(START, finish) / 480, max(work.values())
    return {
        "name": "levelling, days of the plan beside the busiest person's work",
        "value": round(days, 1),
        "unit": "days",
        "floor": round(busiest, 1),
        "ratio": round(days / busiest, 2),
        "aim": 1.25,
    }
