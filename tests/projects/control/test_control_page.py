"""The page of forecasts: what each way says, what is not available and why, who may see it."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.control.forecast import Forecasts
from projects.control.history import keep_week
from projects.control.on_time import milestones_on_time
from projects.models import Task
from projects.schedule import edits
from projects.schedule.baselines import take_baseline

pytestmark = pytest.mark.django_db
UTC = datetime.UTC
D = datetime.datetime
NOW = D(2026, 1, 14, 16, tzinfo=UTC)  # Wednesday 17:00 in Berlin: eight working days gone


@pytest.fixture
def half_done(project, people, plan):
    """A is done, after eight days instead of five; B not begun."""
    take_baseline(project, by=people.alice, name="First")
    edits.change_task(plan["A"], by=people.alice, percent=100, actual_start=plan["A"].start, actual_finish=NOW, at=NOW)
    project.status_date = NOW
    project.save(update_fields=["status_date"])
    return project


def test_by_the_pace_so_far_and_by_what_is_left(half_done):
    forecasts = Forecasts(half_done, now=NOW)
    # 2400 of 5760 minutes are earned; the plan had C's 960 in its first two days and A's 480 a day beside them.
    planned = forecasts.curve
    assert planned.worth == 5760
    assert planned.planned(2) == 1920
    earned = forecasts.earned
    assert (earned.at, earned.pd) == (8, 10)
    assert earned.es == pytest.approx(3)  # 960 + 3 × 480 = 2400
    assert earned.spi == pytest.approx(3 / 8)
    assert earned.ieac == pytest.approx(10 / (3 / 8))
    # 26.67 working days after Monday 5 January, 08:00
    assert forecasts.earned_finish == D(2026, 2, 10, 14, 20)
    assert forecasts.path_finish == D(2026, 1, 21, 17)
    assert forecasts.shares == (pytest.approx((960 + 8 * 480) / 5760), pytest.approx(2400 / 5760))


def test_cost_weighs_where_every_task_has_one(project, people, plan):
    Task.objects.filter(project=project, name="A").update(cost=900)
    take_baseline(project, by=people.alice)
    assert not Forecasts(project).curve.by_cost
    Task.objects.filter(project=project, name__in="BC").update(cost=50)
    take_baseline(project, by=people.alice)
    curve = Forecasts(project).curve
    assert (curve.by_cost, curve.worth) == (True, 1000)


def test_nothing_is_invented_where_something_is_missing(project, people, plan):
    assert Forecasts(project).earned_why == "There is no active baseline to earn against."
    take_baseline(project, by=people.alice)
    early = Forecasts(project, now=D(2026, 1, 2, tzinfo=UTC))
    assert early.earned_why == "The baseline's start lies ahead."
    assert Forecasts(project, now=NOW).earned_why.startswith("Nothing of the baseline is earned yet")


def test_once_all_is_done_every_forecast_is_the_day_it_was(project, people, plan):
    take_baseline(project, by=people.alice)
    for name in ("A", "B", "C", "Gate"):
        edits.change_task(plan[name], by=people.alice, percent=100, at=D(2027, 1, 1, tzinfo=UTC))
    forecasts = Forecasts(project, now=D(2027, 1, 1, tzinfo=UTC))
    assert forecasts.finished == forecasts.earned_finish == forecasts.path_finish == D(2026, 1, 16, 17)
    assert forecasts.earned.spi == pytest.approx(1)


def test_the_trend_measures_each_week_against_its_own_baseline(half_done, people, plan):
    keep_week(NOW)
    take_baseline(half_done, by=people.alice, name="Second")
    later = NOW + datetime.timedelta(days=7)
    half_done.status_date = later
    half_done.save(update_fields=["status_date"])
    keep_week(later)
    first, second = Forecasts(half_done, now=later).trend
    assert first.baseline_id != second.baseline_id
    assert first.earned == D(2026, 2, 10, 14, 20)
    assert (first.spi, first.planned) == (pytest.approx(3 / 8), D(2026, 1, 21, 17))


def test_milestones_on_time_for_a_past_day(half_done, people, plan):
    day = datetime.date
    assert milestones_on_time(half_done, day(2026, 1, 10)).percent is None
    assert milestones_on_time(half_done, day(2026, 1, 16)).percent == 0
    edits.change_task(
        plan["Gate"], by=people.alice, percent=100, actual_start=plan["A"].start, actual_finish=plan["A"].start, at=NOW
    )
    told = milestones_on_time(half_done, day(2026, 1, 16))
    assert (told.due, told.on_time, told.percent, told.late) == (1, 1, 100, ())


@time_machine.travel(NOW, tick=False)
def test_the_page_says_it_all(client, half_done, people):
    client.force_login(people.sam)
    url = reverse("projects:control", args=[half_done.code])
    page = client.get(url)
    text = page.content.decode()
    assert page.status_code == 200
    assert "10\u00a0Feb" in text
    assert "21\u00a0Jan" in text
    assert "SPI(t) 0.38" in text
    assert "No simulation has been run yet." in text
    assert "First: First" in text
    assert client.get(url, {"day": "2026-01-10"}).status_code == 200
    for day, why in (("2027-01-10", "lies ahead"), ("x", "valid date"), ("0001-01-01", "since 1990")):
        refused = client.get(url, {"day": day})
        assert (refused.status_code, why in refused.content.decode()) == (422, True), day


def test_an_empty_project_gives_reasons_not_zeros(client, project, people):
    client.force_login(people.alice)
    text = client.get(reverse("projects:control", args=[project.code])).content.decode()
    assert "There is no active baseline to earn against." in text
    assert "The plan has no computed date yet." in text
    assert "No milestone yet" in client.get(reverse("projects:milestone-trend", args=[project.code])).content.decode()


def test_clients_do_not_see_it(client, project, people):
    client.force_login(people.cleo)
    for name in ("control", "milestone-trend"):
        assert client.get(reverse(f"projects:{name}", args=[project.code])).status_code == 403


def test_as_many_queries_for_300_rows_as_for_3(client, project, people):
    client.force_login(people.alice)
    counts = []
    for size in (3, 300):
        project.tasks.all().delete()
        project.baselines.all().delete()
        project.plan_weeks.all().delete()
        edits.add_tasks(
            project,
            by=people.alice,
            rows=[{"name": f"T{n}", "duration": 0 if n % 2 else 480, "is_milestone": bool(n % 2)} for n in range(size)],
        )
        take_baseline(project, by=people.alice)
        for week in range(size // 3 if size < 30 else 20):
            keep_week(NOW - datetime.timedelta(days=7 * week))
        for name in ("control", "milestone-trend"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(f"projects:{name}", args=[project.code])).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
