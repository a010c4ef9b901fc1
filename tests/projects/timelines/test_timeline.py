"""All projects against time, and the milestones of one."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pmdm.charts.portfolio import WIDTH, Mark, Row, timeline_rows
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from projects.timelines.milestones import milestones_of
from tests.factories import join, make_project

D = datetime.date
pytestmark = pytest.mark.django_db


def test_who_sees_which(client, people, project, plan):
    make_project(name="Hidden project")
    client.force_login(people.cleo)
    page = client.get(reverse("projects:timeline")).content.decode()
    assert project.name in page
    assert "Hidden project" not in page
    client.force_login(people.charlie)
    assert project.name not in client.get(reverse("projects:timeline")).content.decode()


def test_late_is_against_the_baseline(client, people, project, plan):
    take_baseline(project, by=people.alice)
    client.force_login(people.alice)
    assert "on time" in client.get(reverse("projects:timeline")).content.decode()
    assert (
        project.name not in client.get(reverse("projects:timeline") + "?state=late").content.decode().split("<main")[1]
    )
    edits.change_task(plan["A"], by=people.alice, duration=480 * 7)
    page = client.get(reverse("projects:timeline") + "?state=late&sort=-late").content.decode()
    assert "7 d late" in page, "five working days, seven of the calendar"


@pytest.mark.parametrize(
    "query", ["?span=quarter", "?span=x", "?sort=zz", "?q=%25&state=all", "?state=closed", "?page=99"]
)
def test_odd_questions(client, people, project, plan, query):
    client.force_login(people.alice)
    assert client.get(reverse("projects:timeline") + query).status_code == 200


def test_as_many_queries_for_40_projects_as_for_3(client, people, project, plan):
    client.force_login(people.alice)

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("projects:timeline")).status_code == 200
        return len(queries)

    def more(number):
        for _n in range(number):
            one = make_project(people.alice)
            one.tasks.create(uid=1, number=1, name="M", is_milestone=True, start=timezone.now(), finish=timezone.now())
            one.phases.update(gate_due=D(2026, 3, 1))

    more(3)
    few = count()
    more(37)
    assert count() <= few
    assert few <= 30


def test_milestones_planned_now_and_reached(client, people, project, plan):
    take_baseline(project, by=people.alice)
    now = datetime.datetime(2026, 1, 6, tzinfo=datetime.UTC)
    [row] = milestones_of(project, now)[1]
    assert (row.slip, row.actual, row.word) == (0, None, "as planned")
    edits.change_task(plan["A"], by=people.alice, duration=480 * 7)
    [row] = milestones_of(project, now)[1]
    assert (row.slip, row.status, row.word) == (7, "watch", "7 d later")
    [row] = milestones_of(project, datetime.datetime(2027, 1, 6, tzinfo=datetime.UTC))[1]
    assert (row.status, row.word) == ("act", "overdue")
    done = row.baseline - datetime.timedelta(days=2)
    finish = datetime.datetime.combine(done, datetime.time(12), datetime.UTC)
    edits.change_task(plan["Done"], by=people.alice, percent=100, actual_start=finish, actual_finish=finish)
    [row] = milestones_of(project, now)[1]
    assert (row.actual, row.slip, row.status, row.word) == (done, -2, "ok", "2 d early")
    client.force_login(people.cleo)
    page = client.get(reverse("projects:milestones", args=[project.code])).content.decode()
    assert 'class="reached"' in page
    assert 'class="ghost"' in page


def test_without_a_baseline_it_says_so(client, people, project, plan):
    client.force_login(people.alice)
    assert "no baseline yet" in client.get(reverse("projects:milestones", args=[project.code])).content.decode()


def test_rows_are_escaped_and_cut_to_the_days_shown():
    rows = [
        Row(
            label="<b>",
            start=D(2020, 1, 1),
            finish=D(2030, 1, 1),
            percent=50,
            marks=[Mark(D(2026, 1, 1), "mile", "<i>")],
        )
    ]
    svg = timeline_rows(rows, first=D(2026, 1, 1), last=D(2026, 6, 1), today=D(2026, 2, 1))
    assert "<b>" not in svg
    assert "&lt;i&gt;" in svg
    assert 'x="0"' in svg
    assert f'width="{WIDTH}"' in svg
    assert timeline_rows([]) == ""


def test_a_member_of_nothing_is_told_what_comes_here(client, people, project):
    client.force_login(people.charlie)
    assert "Projects appear here" in client.get(reverse("projects:timeline")).content.decode()
    join(project, people.charlie, "member")
    assert project.name in client.get(reverse("projects:timeline")).content.decode()
