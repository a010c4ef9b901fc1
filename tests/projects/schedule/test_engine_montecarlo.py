"""Monte Carlo: every run is a schedule of its own, the figures are those of the formulas."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmdm.worktime.engine import ALWAYS
from projects.schedule.engine import (
    Constraint,
    Estimate,
    LinkIn,
    LinkType,
    Network,
    NetworkError,
    Shape,
    SimulationStopped,
    TaskIn,
    montecarlo,
    schedule,
    simulate,
)
from projects.schedule.engine.cpm import last_finish
from projects.schedule.engine.forward import Rules, forward_pass, is_completed, remaining
from projects.schedule.engine.graph import Graph
from projects.schedule.engine.montecarlo import Passes
from tests.projects.schedule.networks import (
    CALENDARS,
    STANDARD,
    START,
    anything,
    lived_in,
    moments,
    one_calendar,
    tried,
)

DAY = 480
HOUR = 60


def estimates_of(network, spread=(0.5, 1, 2), shape=Shape.PERT):
    low, middle, high = spread
    return {
        task.id: Estimate(*(task.duration_minutes * each for each in (low, middle, high)), shape)
        for task in network.tasks
        if task.duration_minutes
    }


def chain(count, minutes=2 * DAY):
    return Network([TaskIn(i, minutes) for i in range(count)], [LinkIn(i, i + 1) for i in range(count - 1)])


def run(network, estimates, runs=2_000, seed=7, **options):
    return simulate(network, START, STANDARD, estimates, runs=runs, seed=seed, **options)


@pytest.mark.shared
def test_percentiles_are_those_of_the_published_distributions(shared_data):
    examples = json.loads((shared_data / "montecarlo" / "examples.json").read_text())
    assert len(examples) == 3
    for example in examples:
        if "inputs" in example:
            a, m, b = (example["inputs"][key] * HOUR for key in "amb")
            estimate = Estimate(a, m, b)
        else:
            estimate = Estimate(*(example[key] * HOUR for key in ("min", "mode", "max")), Shape.TRIANGULAR)
        found = simulate(Network([TaskIn(1, estimate.likely)]), START, ALWAYS, {1: estimate}, runs=10_000, seed=1)
        exact = example["exact"]
        mean = (estimate.likely + found.mean_offset_minutes) / HOUR
        assert mean == pytest.approx(exact["mean"], rel=0.015)
        assert estimate.mean / HOUR == pytest.approx(exact["mean"])
        for name, value in exact.items():
            if name.startswith("P"):
                hours = (found.percentile(int(name[1:])) - START) / timedelta(hours=1)
                assert hours == pytest.approx(value, rel=0.015), (example["id"], name)
        if "variance" in exact:
            assert (found.sd_minutes / HOUR) ** 2 == pytest.approx(exact["variance"], rel=0.05)


def test_beta_pert_has_the_variance_of_its_beta():
    a, m, b = 2 * HOUR, 4 * HOUR, 8 * HOUR
    found = simulate(Network([TaskIn(1, m)]), START, ALWAYS, {1: Estimate(a, m, b)}, runs=20_000, seed=5)
    alpha, beta = 1 + 4 * (m - a) / (b - a), 1 + 4 * (b - m) / (b - a)
    variance = (b - a) ** 2 * alpha * beta / ((alpha + beta) ** 2 * (alpha + beta + 1))
    assert found.sd_minutes == pytest.approx(variance**0.5, rel=0.02)


def test_the_same_seed_makes_the_same_runs_however_they_are_cut(monkeypatch):
    network = chain(5)
    first = run(network, estimates_of(network), runs=500)
    monkeypatch.setattr(montecarlo, "CHUNK_RUNS", 37)
    again = run(network, estimates_of(network), runs=500)
    assert (first.finishes == again.finishes).all()
    assert first.tasks[3].criticality == again.tasks[3].criticality
    assert first.tasks[3].cruciality == pytest.approx(again.tasks[3].cruciality)
    other = run(network, estimates_of(network), runs=500, seed=8)
    assert (first.finishes != other.finishes).any()


def test_an_estimate_for_one_more_task_leaves_the_others_draws_alone():
    network = Network([TaskIn(1, DAY), TaskIn(2, DAY)])
    some = run(network, {1: Estimate(DAY, 2 * DAY, 3 * DAY)}, watch=[1])
    more = run(network, {1: Estimate(DAY, 2 * DAY, 3 * DAY), 2: Estimate(DAY, 2 * DAY, 3 * DAY)}, watch=[1])
    assert (some.watched[1] == more.watched[1]).all()


def test_percentiles_are_the_smallest_value_that_enough_runs_do_not_exceed():
    ordered = np.arange(1, 11) * 60
    epoch = datetime(1970, 1, 1)
    for percent, minutes in ((1, 1), (10, 1), (11, 2), (50, 5), (80, 8), (81, 9), (100, 10)):
        assert montecarlo.percentile(ordered, percent) == epoch + timedelta(minutes=minutes)
    for percent in (0, 101):
        with pytest.raises(ValueError, match="percentile"):
            montecarlo.percentile(ordered, percent)


def test_figures_of_the_finish_agree_with_each_other():
    network = chain(6)
    found = run(network, estimates_of(network))
    assert found.earliest <= found.p50 <= found.p80 <= found.p90 <= found.latest
    assert found.share_by(found.p80) >= 0.8
    assert found.share_by(found.p80 - timedelta(seconds=1)) < 0.8
    assert found.share_by(found.latest) == 1
    for bins in (1, 7, 24):
        histogram = found.histogram(bins)
        assert sum(each.runs for each in histogram) == found.runs
        assert len(histogram) <= bins
        assert all(a.end == b.begin for a, b in pairwise(histogram))
        assert histogram[0].begin <= found.earliest < histogram[0].end
        assert histogram[-1].begin <= found.latest <= histogram[-1].end
    curve = found.curve(50)
    assert curve[-1] == (found.latest, 1)
    assert curve == sorted(curve)
    assert found.deterministic == schedule(network, START, STANDARD).finish


def test_parallel_paths_cost_more_than_the_longest_of_their_means():
    """The mean of the maximum of n equal triangular durations exceeds their common mean: merge bias."""
    tasks = [TaskIn(i, 10 * DAY) for i in range(6)] + [TaskIn("end")]
    network = Network(tasks, [LinkIn(i, "end") for i in range(6)])
    estimate = Estimate(5 * DAY, 10 * DAY, 15 * DAY, Shape.TRIANGULAR)
    found = run(network, dict.fromkeys(range(6), estimate), runs=10_000)
    # E[max of n] = ∫ 1 - F(t)^n dt, F the triangular distribution function.
    t = np.linspace(5, 15, 20_001)
    shares = np.where(t <= 10, (t - 5) ** 2 / 50, 1 - (15 - t) ** 2 / 50)
    expected = 5 + np.trapezoid(1 - shares**6, t)
    assert found.merge_bias_minutes / DAY == pytest.approx(expected - 10, abs=0.05)
    assert found.tasks["end"].bias_minutes == pytest.approx(found.merge_bias_minutes, abs=1)
    assert found.tasks[0].bias_minutes == pytest.approx(0, abs=0.1 * DAY)
    assert found.deterministic_share == pytest.approx(0.5**6, abs=0.005)
    assert found.tasks[0].criticality == pytest.approx(1 / 6, abs=0.02)
    assert sum(found.tasks[i].criticality for i in range(6)) == pytest.approx(1, abs=0.01)
    assert found.tasks["end"].criticality == 1


def test_what_varies_most_on_the_path_is_most_crucial():
    network = chain(3)
    estimates = {0: Estimate(DAY, 2 * DAY, 9 * DAY), 1: Estimate(DAY, 2 * DAY, 3 * DAY)}
    risks = run(network, estimates).tasks
    assert risks[0].cruciality > risks[1].cruciality > 0
    assert risks[0].ssi > risks[1].ssi
    assert (risks[2].cruciality, risks[2].sd_minutes, risks[2].sampled) == (None, 0, False)
    assert [risks[i].criticality for i in range(3)] == [1, 1, 1]


def test_what_is_done_is_not_drawn_and_what_has_begun_draws_its_rest():
    done = TaskIn(1, DAY, percent=100, actual_start=START, actual_finish=START + timedelta(hours=9))
    begun = TaskIn(2, 4 * DAY, percent=75, actual_start=START)
    network = Network([done, begun])
    wide = Estimate(DAY, 4 * DAY, 9 * DAY, Shape.TRIANGULAR)
    found = run(network, {1: wide, 2: wide})
    assert (found.sampled, found.tasks[1].sd_minutes) == (1, 0)
    # Three days are done, a quarter of the drawn duration is left.
    calendar = STANDARD
    assert calendar.between(START, found.earliest) >= 3.25 * DAY
    assert calendar.between(START, found.latest) <= 5.25 * DAY
    assert found.tasks[2].sd_minutes < run(Network([TaskIn(2, 4 * DAY)]), {2: wide}).tasks[2].sd_minutes / 3


def test_a_constraint_or_a_calendar_absorbs_delays_before_it():
    late = START + timedelta(days=60)
    tasks = [TaskIn(1, DAY), TaskIn(2, DAY, constraint=Constraint.SNET, constraint_date=late)]
    found = run(Network(tasks, [LinkIn(1, 2)]), {1: Estimate(DAY, DAY, 3 * DAY)})
    assert found.earliest == found.latest == found.deterministic
    assert (found.tasks[1].criticality, found.tasks[2].criticality) == (0, 1)
    assert (found.tasks[1].cruciality, found.sd_minutes, found.tasks[1].ssi) == (None, 0, None)


def test_summaries_pass_their_criticality_to_those_below():
    tasks = [TaskIn("s"), TaskIn(1, DAY, parent="s"), TaskIn(2, 9 * DAY, parent="s"), TaskIn(3, DAY)]
    found = run(Network(tasks, [LinkIn("s", 3)]), {1: Estimate(DAY, DAY, 2 * DAY)})
    assert {i: found.tasks[i].criticality for i in (1, 2, 3)} == {1: 0, 2: 1, 3: 1}
    found = run(Network(tasks, [LinkIn("s", 3, LinkType.SS, 20 * DAY)]), {1: Estimate(DAY, DAY, 2 * DAY)})
    assert {i: found.tasks[i].criticality for i in (1, 2, 3)} == {1: 1, 2: 1, 3: 1}


def test_progress_is_told_and_may_stop_it(monkeypatch):
    monkeypatch.setattr(montecarlo, "CHUNK_RUNS", 100)
    network = chain(3)
    told = []
    run(network, estimates_of(network), runs=250, progress=lambda done, runs: told.append((done, runs)))
    assert told == [(0, 250), (100, 250), (200, 250), (250, 250)]
    with pytest.raises(SimulationStopped):
        run(network, estimates_of(network), runs=250, progress=lambda done, runs: done < 100)


@pytest.mark.parametrize("numbers", [(2, 1, 3), (1, 3, 2), (-1, 1, 2), (1, float("nan"), 2)])
def test_impossible_estimates_are_refused_by_name(numbers):
    with pytest.raises(NetworkError, match=r"Dig \(1\).*optimistic"):
        run(Network([TaskIn(1, DAY, "Dig")]), {1: Estimate(*numbers)})
    with pytest.raises(NetworkError, match="task 9 belongs to no task"):
        run(Network([TaskIn(1, DAY, "Dig")]), {9: Estimate(1, 2, 3)})
    with pytest.raises(ValueError, match="runs"):
        run(Network([TaskIn(1, DAY)]), {}, runs=0)


def test_a_plan_without_tasks_or_estimates_still_answers():
    assert run(Network([]), {}, runs=10).p80 == START
    found = run(chain(2), {}, runs=10)
    assert found.p50 == found.deterministic
    assert found.deterministic_share == 1


@tried
@given(anything)
def test_estimates_without_spread_give_the_critical_path(network):
    found = run(network, estimates_of(network, spread=(1, 1, 1)), runs=20)
    result = schedule(network, START, STANDARD)
    assert found.earliest == found.latest == found.deterministic == found.finish_of_means == result.finish
    assert set(found.tasks) == set(result.tasks)
    assert any(risk.criticality == 1 for risk in found.tasks.values())


@tried
@given(
    lived_in(),
    st.fixed_dictionaries(
        {},
        optional={"status_date": moments, "move_unstarted": st.booleans(), "honour_constraints": st.booleans()},
    ),
    st.data(),
)
def test_every_run_is_the_schedule_of_its_durations(network, options, data):
    graph = Graph(network, STANDARD)
    rules = Rules(START, **options)
    leaves = [i for i in range(len(network.tasks)) if i not in graph.outline.children and i not in graph.inactive]
    chosen = [i for i in leaves if not is_completed(network.tasks[i]) and data.draw(st.booleans())]
    lefts = {i: np.array(data.draw(st.tuples(*[st.integers(1, 5_000)] * 3))) * 2 for i in chosen}
    lengths, kept = {}, {}
    for i, left in lefts.items():
        planned = graph.length[i]
        gaps = 2 * round(sum(gap for _, gap in network.tasks[i].splits) * 60)
        kept[i] = max(0, planned - remaining(network.tasks[i], planned))
        begun = network.tasks[i].percent > 0 or network.tasks[i].actual_start is not None
        lengths[i] = kept[i] + left if begun else left + gaps
    passes = Passes(graph, rules, forward_pass(graph, rules).order, frozenset(chosen))
    placed = passes.place(lengths)
    finish = np.broadcast_to(passes.finish(placed), 3)
    for run_number in range(3):
        tasks = list(network.tasks)
        for i in chosen:
            length = int(lengths[i][run_number])
            gaps = sum(gap for _, gap in tasks[i].splits)
            begun = tasks[i].percent > 0 or tasks[i].actual_start is not None
            tasks[i] = replace(
                tasks[i],
                # Exact: half a second of a percent lag rounds as the digits fall.
                duration_minutes=Fraction(length, 120) - gaps,
                remaining_minutes=Fraction(int(lefts[i][run_number]), 120) if begun else None,
                manual_finish=None if tasks[i].manual_start else tasks[i].manual_finish,
            )
        other = Network(tasks, network.links, CALENDARS)
        alone = Graph(other, STANDARD)
        expected = forward_pass(alone, rules)
        for i in leaves:
            for slot in (2 * i, 2 * i + 1):
                assert np.broadcast_to(placed[slot], 3)[run_number] == expected.at[slot]
        assert finish[run_number] == last_finish(alone, expected, START)


@tried
@given(one_calendar)
def test_a_task_is_critical_exactly_where_it_has_no_float(network):
    """Between calendars a task may have no working time to slip in and still drive nobody: there the two differ."""
    graph = Graph(network, STANDARD)
    rules = Rules(START)
    base = forward_pass(graph, rules)
    passes = Passes(graph, rules, base.order, frozenset())
    at = passes.place({})
    critical = {i for i, runs in passes.critical(at, np.array([passes.finish(at)]), 1) if runs}
    result = schedule(network, START, STANDARD)
    assert critical == {i for i, task in enumerate(network.tasks) if result.tasks[task.id].total_float == 0}
