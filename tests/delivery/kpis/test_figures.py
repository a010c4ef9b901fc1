"""Figures of products: by hand, and against the plain engines on generated input."""

import datetime
import random
from collections import Counter
from decimal import Decimal

import pytest

from delivery.models import AlertSource, Answer, Incident, Invitation, Issue, Requirement, Survey
from delivery.performance.availability import availability
from delivery.performance.figures import windows
from delivery.satisfaction import indices
from pmdm.kpis.models import Threshold, Value
from pmdm.kpis.recompute import recompute
from tests.factories import make_product, make_user, retire

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def product():
    return make_product(live_on=datetime.date(2025, 6, 1), created_at=NOW - 400 * DAY)


def figure(product, code, now=NOW):
    recompute("product", [product.pk], as_of=now)
    return Value.objects.get(subject_type="product", subject_id=product.pk, kpi=code)


# --- Satisfaction -----------------------------------------------------------------------------------------


def answer(product, ratings, at=NOW - DAY):
    survey = Survey.objects.filter(product=product).first() or Survey.objects.create(product=product, name="Pulse")
    Answer.objects.bulk_create(
        Answer(product=product, survey=survey, satisfaction=csat, recommendation=nps, answered_at=at)
        for csat, nps in ratings
    )
    return survey


def test_the_index_is_half_csat_half_nps(product):
    # 4 of 5 satisfied: 80 %; 3 promoters, 1 passive, 1 detractor: +40, which is 70 of 100.
    answer(product, [(5, 10), (4, 9), (4, 9), (5, 8), (2, 3)])
    satisfaction = figure(product, "satisfaction")
    assert satisfaction.value == 75
    assert satisfaction.status == "ok"
    assert (satisfaction.inputs["csat"], satisfaction.inputs["nps"]) == (80, 40)


@pytest.mark.parametrize(("ratings", "value"), [([(5, None)] * 5, 100), ([(None, 10)] * 5, 100), ([(1, None)] * 6, 0)])
def test_one_question_alone_is_enough(product, ratings, value):
    answer(product, ratings)
    assert figure(product, "satisfaction").value == value


def test_blanks_are_no_answers(product):
    answer(product, [(5, 10)] * 4 + [(None, None)] * 10)
    satisfaction = figure(product, "satisfaction")
    assert (satisfaction.value, satisfaction.reason, satisfaction.inputs["answers"]) == (None, "few_answers", 4)


def test_only_the_last_180_days_count(product):
    answer(product, [(1, 0)] * 5, at=NOW - 181 * DAY)
    assert figure(product, "satisfaction").reason == "no_answers"


def test_the_response_rate_is_told(product):
    survey = answer(product, [(5, 10)] * 5)
    for number in range(4):
        Invitation.objects.create(
            product=product, survey=survey, email=f"{number}@example.com", token_hash=str(number),
            sent_at=NOW - 2 * DAY, expires_at=NOW + DAY,
        )  # fmt: skip
    invitation = Invitation.objects.first()
    Answer.objects.create(product=product, survey=survey, invitation=invitation, satisfaction=5, answered_at=NOW - DAY)
    assert figure(product, "satisfaction").inputs["response_rate"] == 25


@pytest.mark.parametrize("seed", range(12))
def test_the_sql_agrees_with_the_satisfaction_engine(product, seed):
    draw = random.Random(seed)
    ratings = [
        (draw.choice([None, 1, 2, 3, 4, 5]), draw.choice([None, *range(11)])) for _ in range(draw.randint(0, 40))
    ]
    answer(product, ratings)
    stored = figure(product, "satisfaction")
    csat = indices.csat(Counter(c for c, _n in ratings if c is not None), minimum=5).value
    nps = indices.nps(Counter(n for _c, n in ratings if n is not None), minimum=5).score.value
    parts = [part for part in (csat, None if nps is None else (nps + 100) / 2) if part is not None]
    expected = sum(parts) / len(parts) if parts else None
    assert (stored.value is None) == (expected is None)
    if expected is not None:
        assert float(stored.value) == pytest.approx(expected)


# --- Conformance ------------------------------------------------------------------------------------------


def promise(product, *words, accepted=True):
    for word in words:
        Requirement.objects.create(
            product=product, title=word, conformance=word, is_accepted=accepted, created_at=NOW - 9 * DAY
        )


def test_conformance_counts_what_was_checked(product):
    promise(product, "met", "met", "met", "degraded", "unknown")
    promise(product, "failed", accepted=False)
    conformance = figure(product, "conformance")
    assert conformance.value == 75
    assert conformance.status == "act"
    assert conformance.inputs["unknown"] == 1


def test_nothing_checked_is_not_zero(product):
    promise(product, "unknown", "unknown")
    assert figure(product, "conformance").reason == "none_checked"


def test_nothing_promised(product):
    assert figure(product, "conformance").reason == "no_requirements"


# --- Availability -----------------------------------------------------------------------------------------


def fail(product, started, ended, **fields):
    return Incident.objects.create(product=product, title="Down", started_at=started, ended_at=ended, **fields)


def test_overlapping_outages_count_once(product):
    fail(product, NOW - 10 * HOUR, NOW - 6 * HOUR)
    fail(product, NOW - 8 * HOUR, NOW - 4 * HOUR)
    up = figure(product, "availability")
    assert round(up.value, 9) == round(100 - Decimal(6) * 100 / 720, 9)
    assert up.target == Decimal("99.5")
    assert (up.status, up.inputs["outages"], up.inputs["incidents"]) == ("act", 1, 2)


def test_an_open_incident_counts_until_now(product):
    fail(product, NOW - 36 * HOUR, None)
    up = figure(product, "availability")
    assert up.value == 95
    assert up.inputs["is_down"] is True
    assert figure(product, "availability", NOW + HOUR).value < 95


def test_nearly_spent_error_budget_is_amber(product):
    # 99.5 % of 720 h allow 3.6 h.
    fail(product, NOW - 5 * HOUR, NOW - 2 * HOUR)
    up = figure(product, "availability")
    assert (up.status, round(up.inputs["budget_spent"])) == ("watch", 83)


@pytest.mark.parametrize("minutes", [0, 60, 161, 163, 180, 215, 217, 600])
@pytest.mark.parametrize("limits", [None, (40, 60)])
def test_the_page_of_performance_judges_as_the_kpi_does(product, minutes, limits):
    if limits:
        Threshold.objects.create(kpi="availability", watch=limits[0], act=limits[1])
    fail(product, NOW - 20 * HOUR, NOW - 20 * HOUR + datetime.timedelta(minutes=minutes, seconds=1))
    up, month = figure(product, "availability"), windows(product, NOW)[0]
    assert (month.days, month.status) == (30, up.status)
    assert month.spent == pytest.approx(float(up.inputs["budget_spent"]), abs=1e-3)
    assert month.is_met == (up.value >= up.target)


def test_a_target_of_all_time_allows_no_downtime(product):
    product.availability_target = 100
    product.save()
    fail(product, NOW - 2 * HOUR, NOW - HOUR)
    assert windows(product, NOW)[0].status == figure(product, "availability").status == "act"


def test_a_degradation_is_no_downtime(product):
    fail(product, NOW - 5 * HOUR, NOW, is_outage=False)
    assert figure(product, "availability").value == 100


def test_unwatched_is_not_available(product):
    assert figure(product, "availability").reason == "not_watched"
    AlertSource.objects.create(
        product=product, name="Prometheus", kind="alertmanager", token_hash="x", created_at=NOW - DAY
    )
    assert figure(product, "availability").value == 100


def test_before_go_live_there_is_none():
    product = make_product(live_on=NOW.date() + 3 * DAY, created_at=NOW - 5 * DAY)
    assert figure(product, "availability").reason == "not_live"


def test_since_go_live_when_that_is_later():
    product = make_product(live_on=datetime.date(2026, 5, 31), created_at=NOW - 5 * DAY)
    fail(product, NOW - 9 * HOUR, NOW)
    assert figure(product, "availability").value == 75  # 9 of 36 hours


@pytest.mark.parametrize("seed", range(12))
def test_the_sql_agrees_with_the_availability_engine(product, seed):
    draw = random.Random(seed)
    outages = []
    for _ in range(draw.randint(1, 15)):
        start = NOW - draw.uniform(-1, 60) * DAY
        end = None if draw.random() < 0.1 else start + draw.uniform(0, 3) * DAY
        outages.append((start, end))
        fail(product, start, end)
    stored = figure(product, "availability")
    happened = [(begin, end) for begin, end in outages if begin <= NOW]
    if not happened:
        assert stored.reason == "not_watched"
        return
    expected = availability(happened, NOW - 30 * DAY, NOW)
    assert float(stored.value) == pytest.approx(expected.percent, abs=1e-6)


# --- Service levels ---------------------------------------------------------------------------------------


def report(product, due, resolved=None, **fields):
    fields.setdefault("state", "resolved" if resolved else "new")
    return Issue.objects.create(
        product=product, title="x", created_at=NOW - 120 * DAY, resolution_due=due, resolved_at=resolved, **fields
    )


def test_met_and_breached_of_those_decided(product):
    report(product, NOW - 5 * DAY, NOW - 6 * DAY)  # met
    report(product, NOW - 5 * DAY, NOW - 5 * DAY)  # met on the dot
    report(product, NOW - 5 * DAY, NOW - DAY)  # late
    report(product, NOW - DAY)  # open and overdue
    report(product, NOW + DAY)  # open, not due: not counted
    levels = figure(product, "service_levels")
    assert (levels.value, levels.status) == (50, "act")
    assert levels.inputs == {"met": 2, "breached": 2, "open_breached": 1, "undecided": 1}


def test_a_breach_counts_on_its_date(product):
    report(product, NOW - 91 * DAY, NOW - DAY)
    assert figure(product, "service_levels").reason == "nothing_decided"


def test_time_alone_breaches(product):
    report(product, NOW + HOUR)
    assert figure(product, "service_levels").reason == "nothing_decided"
    assert figure(product, "service_levels", NOW + 2 * HOUR).value == 0


def test_waiting_stops_the_clock(product):
    report(product, NOW - HOUR, state="waiting", pauses=[[(NOW - DAY).isoformat(), None]])
    assert figure(product, "service_levels").reason == "nothing_decided"


def test_waiting_after_the_due_moment_does_not_help(product):
    report(product, NOW - DAY, state="waiting", pauses=[[(NOW - HOUR).isoformat(), None]])
    assert figure(product, "service_levels").value == 0


def test_no_cases_are_not_all_met(product):
    assert figure(product, "service_levels").reason == "nothing_decided"


def test_a_retired_product_has_no_figures(product):
    fail(product, NOW - 5 * HOUR, NOW)
    retire(product, by=make_user())
    for code in ("satisfaction", "conformance", "availability", "service_levels"):
        assert figure(product, code).reason == "retired"
