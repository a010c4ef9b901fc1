"""Availability, MTTR and MTBF by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from delivery.performance.availability import (
    NO_FAILURES,
    NONE_CLOSED,
    NOT_LIVE,
    availability,
    by_checks,
    merged,
    percentile,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
H = timedelta(hours=1)


def at(hours):
    return START + hours * H


def test_overlapping_outages_are_merged():
    assert merged([(at(4), at(6)), (at(1), at(3)), (at(2), at(5)), (at(8), at(9))], at(0), at(24)) == [
        (at(1), at(6)),
        (at(8), at(9)),
    ]


def test_figures_of_a_day():
    day = availability([(at(2), at(3)), (at(10), at(13))], at(0), at(24))
    assert day.percent == pytest.approx(100 * 20 / 24)
    assert day.down == 4 * H
    assert (day.failures, day.mttr, day.mttr_median) == (2, 2 * H, 2 * H)
    assert day.mtbf == 10 * H
    # uptime / (uptime + downtime) = MTBF / (MTBF + MTTR)
    assert day.percent / 100 == pytest.approx(day.mtbf / (day.mtbf + day.mttr))


def test_an_open_outage_counts_until_now():
    day = availability([(at(20), None)], at(0), at(24))
    assert day.down == 4 * H
    assert (day.mttr, day.mttr_reason) == (None, NONE_CLOSED)


def test_an_outage_across_the_edge_is_cut():
    day = availability([(at(-5), at(2)), (at(23), at(30))], at(0), at(24))
    assert day.down == 3 * H


def test_no_failures():
    day = availability([], at(0), at(24))
    assert (day.percent, day.mtbf, day.mtbf_reason, day.mttr_reason) == (100, None, NO_FAILURES, NO_FAILURES)


def test_not_live_is_not_available_rather_than_down():
    nothing = availability([(at(1), at(2))], at(5), at(5))
    assert (nothing.percent, nothing.reason) == (None, NOT_LIVE)


def test_a_day_down_is_zero_percent():
    assert availability([(at(-1), at(30))], at(0), at(24)).percent == 0


def test_percentiles_are_linear():
    assert percentile([1, 2, 3, 4], 50) == 2.5
    assert percentile([1, 2, 3, 4], 95) == pytest.approx(3.85)
    assert percentile([7], 95) == 7
    assert percentile([], 50) is None


def test_checks():
    row = by_checks([(True, 100), (True, 300), (False, 9000), (True, None)])
    assert (row.checks, row.up, row.percent, row.mean_ms, row.p50_ms) == (4, 3, 75, 200, 200)
    assert by_checks([]).percent is None
    assert by_checks([(False, None)]).mean_ms is None
