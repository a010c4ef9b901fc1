"""Earned schedule against published figures, at its edges, and by its properties."""

import json
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.control.engine import Missing, Spread, earned_schedule, planned_value, working_periods


def by_period(*values):
    return [(0.0, 0.0), *((float(at), float(value)) for at, value in enumerate(values, 1))]


@pytest.mark.shared
def test_the_published_example(shared_data):
    examples = json.loads((shared_data / "evm" / "worked-examples.json").read_text())
    example = next(one for one in examples if one["id"] == "earned-schedule-three-cycles")
    given_, expected = example["inputs"], example["expected"]
    curve = by_period(*given_["PV_cum"])
    result = earned_schedule(curve, given_["EV"], given_["AT"], planned=given_["planned_duration"])
    assert result.es == expected["ES"]
    assert result.sv == expected["SV_t"]
    assert result.spi == expected["SPI_t"]
    assert result.ieac == pytest.approx(expected["IEAC_t"], abs=5e-5)
    for also in example["also"]:
        assert earned_schedule(curve, also["EV"], given_["AT"], planned=4).es == also["ES"]


def test_nothing_earned_is_a_pace_of_zero_and_no_forecast():
    result = earned_schedule(by_period(10, 20), 0, 1)
    assert (result.es, result.spi, result.ieac, result.why) == (0, 0, None, Missing.NOT_BEGUN)


def test_before_the_start_there_is_no_pace():
    for gone in (0, -3):
        result = earned_schedule(by_period(10, 20), 0, gone)
        assert (result.at, result.spi, result.ieac, result.why) == (0, None, None, Missing.NO_TIME)


def test_a_baseline_without_worth_or_time_gives_nothing():
    for curve in ([], [(0.0, 0.0)], [(0.0, 0.0), (0.0, 5.0)], by_period(0, 0)):
        result = earned_schedule(curve, 0, 1)
        assert (result.spi, result.ieac, result.tspi, result.why) == (None, None, None, Missing.NO_PLAN)


def test_all_earned_is_the_first_period_that_reaches_it():
    assert earned_schedule(by_period(10, 20, 20, 20), 20, 5).es == 2
    assert earned_schedule(by_period(10, 20, 20, 20), 25, 5).es == 2


def test_a_flat_stretch_counts_to_its_end():
    curve = by_period(10, 10, 10, 20)
    assert earned_schedule(curve, 10, 2).es == 3
    assert earned_schedule(curve, 9, 2).es == pytest.approx(0.9)
    assert earned_schedule(curve, 15, 2).es == 3.5


def test_time_stops_when_all_is_done():
    result = earned_schedule(by_period(10, 20), 20, 50, finished=4)
    assert (result.at, result.spi, result.ieac) == (4, 0.5, 4)
    assert (result.tspi, result.tspi_why) == (None, Missing.FINISHED)


def test_the_pace_still_needed():
    result = earned_schedule(by_period(10, 20, 30, 40), 10, 2)
    assert result.tspi == 1.5  # 3 periods of work in the 2 that are left
    late = earned_schedule(by_period(10, 20), 10, 2)
    assert (late.tspi, late.tspi_why, late.spi) == (None, Missing.OVER_TIME, 0.5)


def test_a_curve_that_falls_is_refused():
    with pytest.raises(ValueError, match="rises"):
        earned_schedule([(0, 0), (1, 5), (2, 4)], 1, 1)


def test_value_is_spread_over_working_time():
    spreads = [Spread(0, 4, 8), Spread(2, 4, 4), Spread(3, 3, 1)]
    assert planned_value(spreads, [0, 1, 2, 3, 4, 9]) == [0, 2, 4, 9, 13, 13]
    assert planned_value([], [0, 1]) == [0, 0]


def test_the_last_period_may_be_short():
    assert working_periods(3) == [0, 1, 2, 3]
    assert working_periods(2.5) == [0, 1, 2, 2.5]


spread = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 100)).map(
    lambda parts: Spread(min(parts[:2]), max(parts[:2]), parts[2])
)


# A busy machine generates slowly; that says nothing about the engine.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@calm
@given(st.lists(spread, min_size=1, max_size=12))
def test_planned_value_rises_to_the_whole(spreads):
    times = working_periods(max(one.finish for one in spreads))
    values = planned_value(spreads, times)
    assert all(after - before > -1e-9 for before, after in pairwise(values))
    assert values[-1] == pytest.approx(sum(one.worth for one in spreads))


@calm
@given(st.lists(st.integers(0, 50), min_size=1, max_size=12), st.floats(0, 700), st.floats(0.5, 30))
def test_what_is_earned_is_where_the_plan_had_it(steps, earned, gone):
    total, curve = 0, [(0.0, 0.0)]
    for at, step in enumerate(steps, 1):
        total += step
        curve.append((float(at), float(total)))
    result = earned_schedule(curve, earned, gone)
    if not total:
        assert result.why == Missing.NO_PLAN
        return
    assert 0 <= result.es <= len(steps)
    if 0 < earned < total:
        whole, part = int(result.es), result.es - int(result.es)
        at = curve[whole][1] + (part * (curve[whole + 1][1] - curve[whole][1]) if part else 0)
        assert at == pytest.approx(earned, rel=1e-6, abs=1e-6)
    if result.ieac is not None:
        assert result.ieac == pytest.approx(result.pd * result.at / result.es)
