"""The page: what it says, as of which day, to whom; the same as a file; at any size."""

import datetime
import re
from decimal import Decimal as D

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.earned_value.curve import curve
from projects.earned_value.reading import read_one
from projects.earned_value.words import sentence
from projects.models import Task, TimeEntry
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from tests.projects.earned_value.conftest import FRIDAY, told_at

pytestmark = pytest.mark.django_db
UTC = datetime.UTC
Day = datetime.date
NOW = datetime.datetime(2026, 1, 14, 16, tzinfo=UTC)


@pytest.fixture
def under_way(project, people, frozen):
    """Half of A on its third day, all of it on the eighth; 5000 booked."""
    for day, percent, cost in ((7, 50, 2000), (14, 100, 3000)):
        moment = datetime.datetime(2026, 1, day, 11, tzinfo=UTC)
        with told_at(moment):
            task = frozen["A"]
            edits.change_task(task, by=people.alice, percent=percent, actual_start=task.start, at=moment)
            TimeEntry.objects.create(
                project=project, task=task, user=people.bob, day=Day(2026, 1, day), minutes=60, cost=cost
            )
    return frozen


def url(project, name="earned-value", *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


@time_machine.travel(NOW, tick=False)
def test_it_says_what_the_figures_mean(client, project, people, under_way):
    client.force_login(people.sam)
    page = client.get(url(project))
    text = page.content.decode()
    said = page.context["sentence"]
    assert "work worth €8,100 was to be done; work worth €4,000 is done, and it cost €5,000." in said
    assert "behind its plan by 3.6 working days; the work has cost €1,000 more than it is worth." in said
    assert "the whole costs €13,125, €2,625 over its budget, and ends on" in said
    for part in ("0.80", "0.49", "−€1,000", "the cost of each task in the baseline", "First", "s-curve"):
        assert part in text.replace("\u00a0", " "), part
    # n/a says why: nobody has said what the rest costs.
    assert "No budget line says what is still to come." in text
    rows = {row["item"].name: row["value"] for row in page.context["rows"]}
    assert rows["Build"].ac == rows["A"].ac == 5000
    assert rows["B"].cpi.value is None


@time_machine.travel(NOW, tick=False)
def test_a_past_day_shows_what_was_known_then(client, project, people, under_way):
    client.force_login(people.alice)
    page = client.get(url(project), {"day": "2026-01-09"})
    assert page.context["total"].ev == 2000
    assert page.context["total"].ac == 2000
    assert "As it was at the end of 9 Jan 2026" in page.content.decode()
    before = client.get(url(project), {"day": "2026-01-01"}).content.decode()
    assert "No baseline was active then" in before
    for day, reason in (("2026-01-15", "lies ahead"), ("x", "valid date"), ("0001-01-01", "since 1990")):
        for name in ("earned-value", "earned-value-export"):
            refused = client.get(url(project, name), {"day": day})
            assert (refused.status_code, reason in refused.content.decode()) == (422, True), (day, name)


@time_machine.travel(NOW, tick=False)
def test_the_file_says_what_the_page_says(client, project, people, under_way):
    client.force_login(people.stella)
    answer = client.get(url(project, "earned-value-export"), {"day": "2026-01-09"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("As of,WBS,Task,Earning rule,BAC,PV,EV,AC,CV,SV,CPI,SPI")
    assert lines[2] == (
        "2026-01-09,1.1,A,Percent complete,4000.00,4000.00,2000.00,2000.00,0.00,-2000.00,1.0000,0.5000,EUR"
    )
    assert len(lines) == 6
    assert "earned-value-2026-01-09.csv" in answer["Content-Disposition"]


@time_machine.travel(NOW, tick=False)
def test_the_curve_ends_where_the_figures_stand(project, under_way):
    reading = read_one(project)
    found = curve(reading)
    assert found.days[0] == Day(2026, 1, 5)
    at = {day: values for day, *values in zip(found.days, found.earned, found.actual, strict=False)}
    assert at[Day(2026, 1, 14)] == [4000, 5000]
    assert at[Day(2026, 1, 12)] == [2000, 2000]
    assert at[Day(2026, 1, 5)] == [0, 0]
    planned = dict(zip(found.days, found.planned, strict=True))
    assert planned[Day(2026, 1, 14)] == pytest.approx(8100)
    assert found.planned[-1] == pytest.approx(10500)
    # Each point is what the page of that day says.
    for day in (Day(2026, 1, 5), Day(2026, 1, 12)):
        assert at[day][0] == read_one(project, day).total.ev


def test_nothing_is_shown_that_was_not_computed(client, project, people, plan):
    client.force_login(people.alice)
    text = client.get(url(project)).content.decode()
    assert "Earned value is not available" in text
    assert "nothing says what was planned" in text


def test_the_end_is_told_as_an_end(project, people, frozen):
    for name in "ABC":
        task = frozen[name]
        edits.change_task(task, by=people.alice, percent=100, actual_start=task.start, at=NOW)
    said = sentence(read_one(project, now=NOW + datetime.timedelta(days=60)))
    assert "All of it is done within its budget" in said


@pytest.mark.parametrize("who", ["bob", "dora", "cleo"])
def test_cost_is_for_those_who_may_see_it(client, project, people, under_way, who):
    client.force_login(getattr(people, who))
    for name, *args in (("earned-value",), ("earned-value-export",), ("earning-rules",), ("earning-rule", 2)):
        answer = client.get(url(project, name, *args))
        assert answer.status_code == 403, name
        assert not re.search("5,000|10,500|5000.00", answer.content.decode())


def test_a_stranger_finds_nothing_and_a_reader_changes_nothing(client, project, people, under_way):
    client.force_login(people.charlie)
    assert client.get(url(project)).status_code == 404
    client.force_login(people.sam)
    assert client.get(url(project, "earning-rules")).status_code == 200
    assert client.post(url(project, "earning-rules"), {"what": "default", "rule": "loe"}).status_code == 403
    assert client.get(url(project, "earning-rule", under_way["A"].uid)).status_code == 403


def test_as_many_queries_for_300_tasks_as_for_3(client, project, people):
    client.force_login(people.alice)
    counts = []
    for size in (3, 300):
        with told_at(FRIDAY):
            project.tasks.all().delete()
            rows = [{"name": f"T{n}", "level": 1, "duration": 480} for n in range(size)]
            edits.add_tasks(project, by=people.alice, rows=rows, links=[])
            Task.objects.filter(project=project).update(cost=D(10), percent=10)
            take_baseline(project, by=people.alice)
        client.get(url(project))
        for name in ("earned-value", "earning-rules"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url(project, name)).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) < 30
