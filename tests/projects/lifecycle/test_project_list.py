import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.lifecycle.models import Phase, Project
from projects.team.models import Membership
from tests.factories import make_cast, make_organisation, make_project, make_user

pytestmark = pytest.mark.django_db
URL = "/projects/"


def names(answer):
    return [row.name for row in answer.context["page"].rows]


def test_lists_only_what_one_may_see(client):
    alice, charlie = make_user("Alice"), make_user("Charlie")
    make_project(by=alice, name="Claims")
    client.force_login(alice)
    assert "Claims" in client.get(URL).text
    client.force_login(charlie)
    answer = client.get(URL)
    assert "Claims" not in answer.text
    assert "as soon as somebody gives you a role" in answer.text


def test_shows_open_projects_first_of_all(client):
    alice = make_user("Alice")
    make_project(by=alice, name="Running")
    make_project(by=alice, name="Over").cancel(by=alice, reason="No money")
    client.force_login(alice)
    assert names(client.get(URL)) == ["Running"]
    assert names(client.get(URL, {"state": "cancelled"})) == ["Over"]
    assert names(client.get(URL, {"state": "all"})) == ["Over", "Running"]


def test_filters_by_phase_client_and_words(client):
    alice, acme = make_user("Alice"), make_organisation("Acme")
    make_project(by=alice, name="First", client=acme)
    second = make_project(by=alice, name="Second thing", code="SEC")
    second.phases.filter(kind="initiation").update(state="done", finished_at=second.created_at)
    second.phases.filter(kind="planning").update(state="active", started_at=second.created_at)
    client.force_login(alice)
    assert names(client.get(URL, {"phase": "planning"})) == ["Second thing"]
    assert names(client.get(URL, {"client": acme.pk})) == ["First"]
    assert names(client.get(URL, {"q": "acm"})) == ["First"]
    assert names(client.get(URL, {"q": "thing sec"})) == ["Second thing"]
    assert client.get(URL, {"q": "nothing like it"}).context["page"].rows == []


def test_sorts_by_allowed_words_only(client):
    alice = make_user("Alice")
    make_project(by=alice, name="A", target_finish=datetime.date(2027, 5, 1))
    make_project(by=alice, name="B", target_finish=datetime.date(2026, 5, 1))
    client.force_login(alice)
    assert names(client.get(URL, {"sort": "finish"})) == ["B", "A"]
    assert names(client.get(URL, {"sort": "-name"})) == ["B", "A"]
    assert names(client.get(URL, {"sort": "created_by__password"})) == ["A", "B"]


def test_the_light_is_the_managers_last_word(client):
    alice = make_user("Alice")
    project = make_project(by=alice)
    project.post_update(by=alice, text="All well", overall="ok")
    project.post_update(by=alice, text="Not any more", overall="act")
    client.force_login(alice)
    assert [row.shown_light for row in client.get(URL).context["page"].rows] == ["act"]


def test_cleo_sees_no_light(client):
    project = make_project()
    people = make_cast(project)
    project.post_update(by=people.alice, text="Trouble", overall="act")
    client.force_login(people.cleo)
    answer = client.get(URL)
    assert names(answer) == [project.name]
    assert 'class="light' not in answer.text


def test_as_many_queries_for_300_projects_as_for_3(client):
    alice = make_user("Alice")
    organisations = [make_organisation() for _ in range(3)]

    def count():
        client.force_login(alice)
        client.get(URL)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(URL).status_code == 200
        return len(queries)

    for number in range(3):
        make_project(by=alice, client=organisations[number])
    few = count()
    many = Project.objects.bulk_create(
        Project(code=f"B-{number}", name=f"Project {number}", client=organisations[number % 3]) for number in range(297)
    )
    Membership.objects.bulk_create(Membership(project=project, user=alice, role="manager") for project in many)
    Phase.objects.bulk_create(
        Phase(
            project=project,
            key="initiation",
            kind="initiation",
            position=1,
            state="active",
            started_at=project.created_at,
        )
        for project in many
    )
    assert count() == few


def test_rejects_post(client):
    client.force_login(make_user())
    assert client.post(reverse("projects:list")).status_code == 405
