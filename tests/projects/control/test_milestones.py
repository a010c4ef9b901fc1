"""The milestone trend: points by report, what was reached, which lines are drawn, the chart with its numbers."""

import datetime

import pytest
from django.urls import reverse

from projects.control.history import keep_week
from projects.control.milestones import SHOWN, MilestoneTrend
from projects.schedule import edits
from projects.schedule.baselines import take_baseline

pytestmark = pytest.mark.django_db
D, UTC, day = datetime.datetime, datetime.UTC, datetime.date
FIRST, SECOND, NOW = D(2026, 1, 9, 12, tzinfo=UTC), D(2026, 1, 16, 12, tzinfo=UTC), D(2026, 1, 20, 12, tzinfo=UTC)


def test_when_it_was_expected_report_by_report(project, people, plan):
    take_baseline(project, by=people.alice)
    keep_week(FIRST)
    edits.change_task(plan["A"], by=people.alice, duration=2400 + 960)
    keep_week(SECOND)
    edits.change_task(plan["A"], by=people.alice, duration=2400 + 1440)
    (gate,) = MilestoneTrend(project, now=NOW).milestones
    assert gate.points == [
        (day(2026, 1, 9), day(2026, 1, 16)),
        (day(2026, 1, 16), day(2026, 1, 20)),
        (day(2026, 1, 20), day(2026, 1, 21)),
    ]
    assert (gate.moves, gate.drift, gate.planned, gate.late_days) == (2, 5, day(2026, 1, 16), 3)
    sentence = MilestoneTrend(project, now=NOW).sentence
    assert sentence == "1 of 1 milestone is later than when it was first reported; “Gate” moved most, by 5 days."


def test_a_reached_one_ends_on_its_day_and_a_removed_one_is_told(project, people, plan):
    keep_week(FIRST)
    finish = plan["Gate"].finish
    edits.change_task(plan["Gate"], by=people.alice, percent=100, actual_start=finish, actual_finish=finish, at=NOW)
    keep_week(SECOND)
    (gate,) = MilestoneTrend(project, now=NOW).milestones
    assert (gate.reached, len(gate.points), gate.removed) == (day(2026, 1, 16), 1, False)
    edits.delete_task(plan["Gate"], by=people.alice)
    assert MilestoneTrend(project, now=NOW).milestones[0].removed


def test_a_chart_holds_as_many_as_can_be_told_apart(project, people):
    rows = [{"name": f"M{n}", "duration": 0, "is_milestone": True} for n in range(20)]
    tasks, _moved = edits.add_tasks(project, by=people.alice, rows=rows)
    keep_week(FIRST)
    trend = MilestoneTrend(project, now=NOW)
    assert (len(trend.milestones), len(trend.shown)) == (20, SHOWN)
    chosen = MilestoneTrend(project, {tasks[17].uid, 9999}, now=NOW)
    assert [one.name for one in chosen.shown] == ["M17"]
    figure = chosen.figure()
    assert figure.head[1:] == ["M17"]
    assert len(figure.rows) == 2


def test_the_page_takes_any_address(client, project, people, plan):
    keep_week(FIRST)
    client.force_login(people.alice)
    url = reverse("projects:milestone-trend", args=[project.code])
    for query in ({}, {"m": ["x", "-1", "99999999999999999999", str(plan["Gate"].uid)]}, {"m": "٣"}):
        page = client.get(url, query)
        assert page.status_code == 200
        assert "Gate" in page.content.decode()
