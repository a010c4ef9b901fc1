"""Indices against published figures and by hand."""

import csv
import json
from collections import Counter

import pytest

from delivery.satisfaction import indices


def test_examples_of_the_reference():
    assert indices.csat({5: 45, 2: 5}).value == 90
    assert indices.nps({9: 2, 10: 1, 7: 1, 3: 1}).score.value == pytest.approx(40)
    scores = Counter([6, 7, 5, 3, 8, 9, 4, 10, 7, 1])
    assert indices.mean(scores, scale=range(1, 11)).value == 6


def test_margin_of_nps():
    # p = 0.6, d = 0.2: 196 x sqrt((0.8 - 0.16) / 5)
    assert indices.nps({10: 3, 8: 1, 0: 1}).score.margin == pytest.approx(196 * (0.64 / 5) ** 0.5)


def test_all_alike_leaves_no_margin():
    assert indices.nps({10: 20}).score.margin == 0
    assert indices.csat({5: 20}).margin == 0
    assert indices.mean({3: 1}).margin is None


def test_no_answers_are_no_zero():
    for index in (indices.csat({}), indices.mean({}), indices.nps({}).score):
        assert (index.value, index.reason) == (None, indices.NO_ANSWERS)
    assert indices.response_rate(0, 0).value is None
    assert indices.response_rate(3, 4).value == 75


def test_small_groups_are_withheld():
    assert indices.csat({5: 4}, minimum=5).reason == indices.TOO_FEW
    hidden = indices.nps({10: 4}, minimum=5)
    assert (hidden.score.value, hidden.promoters) == (None, 0)
    assert indices.csat({5: 5}, minimum=5).value == 100


def test_codes_off_the_scale_do_not_count():
    assert indices.csat({0: 10, 6: 10, 5: 1}).n == 1
    assert indices.nps({11: 50, 10: 1}).score.n == 1


@pytest.mark.shared
def test_sfo_survey(shared_data):
    with (shared_data / "csat" / "sfo-airport-survey-2017.csv").open() as file:
        rows = list(csv.DictReader(file))
    expected = json.loads((shared_data / "csat" / "expected-sfo-2017.json").read_text())

    def counted(column):
        return Counter(int(row[column]) for row in rows if row[column].isdigit())

    for column, name in (
        ("overall_rating_1to5", "csat_overall"),
        ("food_rating_1to5", "csat_food"),
        ("wifi_rating_1to5", "csat_wifi"),
    ):
        counts = counted(column)
        assert indices.csat(counts).n == expected[name]["n"]
        assert indices.csat(counts).value == pytest.approx(expected[name]["csat_top2_pct"], abs=5e-5)
        assert indices.mean(counts).value == pytest.approx(expected[name]["mean"], abs=5e-5)
    for day, figures in expected["nps_by_date"].items():
        counts = Counter(int(r["recommend_0to10"]) for r in rows if r["interview_date"] == day and r["recommend_0to10"])
        nps = indices.nps(counts)
        assert (nps.score.n, nps.promoters, nps.passives, nps.detractors) == tuple(
            figures[key] for key in ("n", "promoters", "passives", "detractors")
        )
        assert nps.score.value == pytest.approx(figures["nps"], abs=5e-5)
