"""The fourteen points as a page: what holds, what to look at, which tasks, what is not available and why."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.control.quality import HINTS, MEND, NAMES, WHY, assessed
from projects.models import Link, Task
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from projects.schedule.engine.quality import Check, Hint, Missing

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(project):
    return reverse("projects:schedule-quality", args=[project.code])


def test_every_word_of_the_engine_has_one_for_people():
    assert set(NAMES) == set(MEND) == set(Check)
    assert set(HINTS) == set(Hint)
    assert set(WHY) == set(Missing)


def test_points_with_their_tasks(client, url, project, people, plan):
    take_baseline(project, by=people.alice)
    Link.objects.filter(successor=plan["B"]).update(lag=-480)
    Task.objects.filter(project=project, name="C").update(constraint=2, constraint_date=plan["C"].start)
    project.status_date = datetime.datetime(2026, 1, 19, 17, tzinfo=datetime.UTC)
    project.save(update_fields=["status_date"])
    client.force_login(people.alice)
    page = client.get(url)
    points = {point.number: point for point in page.context["points"]}
    assert len(points) == 14
    assert [task.name for task in points[2].tasks] == ["B"]  # leads
    assert points[2].tasks[0].note == "replace the lead (link from 2 A)"
    assert (points[2].status, points[2].value, points[2].wanted) == ("act", "1", "0")
    assert [task.name for task in points[5].tasks] == ["C"]  # hard constraints
    assert (points[10].status, points[10].value) == ("na", "")
    assert "planned elsewhere" in points[10].why
    assert (points[14].value, points[14].status) == ("0.00", "act")  # nothing is done that was due
    assert points[4].status == "ok"
    text = page.content.decode()
    for said in ("points hold", "BEI", "CPLI", "Look at it", reverse("projects:task-detail", args=[project.code, 3])):
        assert said in text


def test_without_a_baseline_it_says_so(client, url, project, people, plan):
    client.force_login(people.alice)
    points = {point.number: point for point in client.get(url).context["points"]}
    assert points[14].why == "There is no active baseline."
    assert points[11].status == "na"


def test_no_plan_and_a_cycle_are_told(client, url, project, people):
    client.force_login(people.alice)
    assert "No plan to check yet" in client.get(url).content.decode()
    tasks, _moved = edits.add_tasks(
        project, by=people.alice, rows=[{"name": "A", "duration": 480}, {"name": "B", "duration": 480}], links=[(0, 1)]
    )
    Link.objects.create(project=project, predecessor=tasks[1], successor=tasks[0])
    answer = client.get(url)
    assert answer.status_code == 200
    assert "wait for each other" in answer.content.decode()


def test_who_may(client, url, people, plan):
    for who, status in (("bob", 200), ("stella", 200), ("cleo", 403), ("charlie", 404)):
        client.force_login(getattr(people, who))
        assert client.get(url).status_code == status


def test_as_many_queries_for_300_rows_as_for_3(client, url, project, people):
    client.force_login(people.alice)
    counts = []
    for size in (3, 300):
        project.tasks.all().delete()
        project.baselines.all().delete()
        edits.add_tasks(project, by=people.alice, rows=[{"name": f"T{n}", "duration": 480} for n in range(size)])
        take_baseline(project, by=people.alice)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert assessed(project)[1].offenders
