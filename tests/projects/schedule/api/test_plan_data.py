"""The plan as one JSON document."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db


def test_rows_say_what_a_person_would_type(api, project, people, plan):
    edits.change_task(plan["A"], by=people.alice, people=[edits.Person(user=people.bob)])
    tasks = api.tasks()
    assert list(tasks) == ["Phase", "A", "B", "Done", "Other", "C"]
    b = tasks["B"]
    assert (b["duration"], b["predecessors"], b["start"], b["finish"]) == (
        "3d",
        "2",
        "2026-01-07T08:00",
        "2026-01-09T17:00",
    )
    assert tasks["A"]["people"] == people.bob.name
    assert b["parent"] == tasks["Phase"]["uid"]
    assert tasks["Done"]["milestone"]


def test_links_calendars_people_and_rights(api, plan, people):
    data = api.data()
    a, b, done = plan["A"].uid, plan["B"].uid, plan["Done"].uid
    assert data["links"] == [[a, b, "FS", 0, "working"], [b, done, "FS", 0, "working"]]
    assert data["calendars"]["0"]["week"][0] == [["08:00", "12:00"], ["13:00", "17:00"]]
    assert data["can"] == {"edit": True, "progress": True, "cost": True}
    assert {"name": people.bob.name, "resource": None, "user": people.bob.pk} in data["people"]


def test_a_client_gets_neither_people_nor_notes_nor_cost(as_, people, plan):
    edits.change_task(
        plan["A"], by=people.alice, notes="Internal words", cost=12345, people=[edits.Person(user=people.bob)]
    )
    text = as_("cleo").client.get(as_("cleo").url("plan-data")).content.decode()
    for secret in ("Internal words", people.bob.name, "12345"):
        assert secret not in text
    assert as_("cleo").data()["can"] == {"edit": False, "progress": False, "cost": False}


def test_a_stranger_finds_nothing(as_):
    charlie = as_("charlie")
    for name in ("plan-data", "plan-changes"):
        assert charlie.client.get(charlie.url(name)).status_code == 404


def test_the_frozen_dates_of_the_chosen_baseline(api, project, people, plan):
    take_baseline(project, by=people.alice, name="First", active=False)
    edits.change_task(plan["A"], by=people.alice, duration=480 * 3)
    take_baseline(project, by=people.alice, name="Second")
    assert api.tasks()["A"]["baseline_finish"] == "2026-01-07T17:00"
    data = api.data(baseline=0)
    row = dict(zip(data["fields"], data["tasks"][1], strict=True))
    assert row["baseline_finish"] == "2026-01-06T17:00"


def count(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_as_many_queries_for_three_hundred_rows_as_for_three(as_, client, db):
    from django.urls import reverse

    counts = []
    for many in (3, 300):
        project = make_project()
        people = make_cast(project)
        rows = [{"name": f"T{n}", "notes": "x"} for n in range(many)]
        edits.add_tasks(project, by=people.alice, rows=rows, links=[(n, n + 1) for n in range(many - 1)])
        take_baseline(project, by=people.alice)
        client.force_login(people.alice)
        counts.append(count(client, reverse("projects:plan-data", args=[project.code])))
    assert counts[0] == counts[1] <= 20
