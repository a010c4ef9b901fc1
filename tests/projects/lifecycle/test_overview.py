import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pmdm.accounts.roles import Role
from tests.factories import join, make_cast, make_project, make_requirement, make_risk, make_user

pytestmark = pytest.mark.django_db


def test_a_new_project_says_what_to_do_first(client):
    project = make_project()
    client.force_login(project.manager)
    answer = client.get(project.get_absolute_url())
    assert answer.status_code == 200
    assert "First steps" in answer.text
    assert "Say what will be different" in answer.text
    assert "No objectives yet" in answer.text
    assert "No open risks" in answer.text


def test_a_missing_delivery_manager_is_red_from_planning_on(client):
    project = make_project()
    client.force_login(project.manager)
    assert "Not named yet" in client.get(project.get_absolute_url()).text
    project.phases.filter(kind="initiation").update(state="done", finished_at=project.created_at)
    project.phases.filter(kind="planning").update(state="active", started_at=project.created_at)
    assert "Nobody named" in client.get(project.get_absolute_url()).text
    join(project, make_user("Dora"), Role.DELIVERY_MANAGER)
    answer = client.get(project.get_absolute_url()).text
    assert "Dora" in answer


def test_shows_the_latest_update_with_its_author(client):
    project = make_project()
    people = make_cast(project)
    project.post_update(by=people.alice, text="Old words", overall="ok")
    project.post_update(by=people.alice, text="Two days <b>late</b>.", overall="watch")
    client.force_login(people.bob)
    answer = client.get(project.get_absolute_url()).text
    assert "Two days &lt;b&gt;late&lt;/b&gt;." in answer
    assert "Old words" not in answer[answer.index("Latest status update") : answer.index("Goal and objectives")]
    assert people.alice.name in answer


def test_top_risks_stand_in_the_matrix(client):
    project = make_project()
    make_risk(project, title="Certification slips", probability=4, impact=5)
    make_risk(project, title="Small thing", probability=1, impact=1)
    make_risk(project, title="Nobody looked yet", probability=None, impact=None)
    client.force_login(project.manager)
    risks = client.get(project.get_absolute_url()).context["risks"]
    assert [risk.title for risk in risks["top"]] == ["Certification slips", "Small thing"]
    assert risks["count"] == 3
    assert {(cell.likelihood, cell.impact) for cell in risks["cells"]} == {(4, 5), (1, 1)}


def test_milestones_say_how_late_they_are(client):
    project = make_project()
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=20)
    late = project.tasks.create(uid=1, number=1, name="Freeze", is_milestone=True, duration=0, finish=soon)
    project.tasks.create(uid=2, number=2, name="Reached", is_milestone=True, duration=0, finish=soon, percent=100)
    project.tasks.create(
        uid=3, number=3, name="Live", is_milestone=True, duration=0, finish=soon + datetime.timedelta(1)
    )
    baseline = project.baselines.create(number=0)
    baseline.tasks.create(task=late, finish=soon - datetime.timedelta(days=5))
    client.force_login(project.manager)
    rows = client.get(project.get_absolute_url()).context["milestones"]
    assert [(row["task"].name, row["status"], row["word"]) for row in rows] == [
        ("Freeze", "watch", "5 days late"),
        ("Live", "ok", "Planned"),
    ]


def test_cleo_sees_the_promise_but_neither_cost_risks_people_nor_how_it_goes(client):
    project = make_project(goal="Claims in days", approved_budget=810_000)
    people = make_cast(project)
    make_risk(project, title="Secret risk")
    make_requirement(project)
    project.post_update(by=people.alice, text="Secret words", overall="act")
    client.force_login(people.cleo)
    answer = client.get(project.get_absolute_url()).text
    assert "Claims in days" in answer
    for secret in ("Secret risk", "Secret words", "810,000", people.bob.name, people.sam.name, "Act<"):
        assert secret not in answer
    for page in ("risks/", "issues/", "updates/", "state/", "closure/", "phases/initiation/", "edit/"):
        assert client.get(project.get_absolute_url() + page).status_code == 403, page


def test_bob_sees_no_money(client):
    project = make_project(approved_budget=810_000)
    client.force_login(make_cast(project).bob)
    assert "810,000" not in client.get(project.get_absolute_url()).text


def test_charlie_gets_404(client):
    project = make_project()
    client.force_login(make_cast(project).charlie)
    assert client.get(project.get_absolute_url()).status_code == 404


def test_as_many_queries_with_100_rows_of_each_as_with_3(client):
    project = make_project()
    people = make_cast(project)

    def fill(count):
        for number in range(count):
            make_risk(project, owner=people.bob, probability=1 + number % 5, impact=1 + number // 5 % 5)
            make_requirement(project)
            project.objectives.create(statement="x", measure="y", target_value=1)

    def queries():
        client.force_login(people.alice)
        client.get(project.get_absolute_url())
        with CaptureQueriesContext(connection) as captured:
            assert client.get(project.get_absolute_url()).status_code == 200
        return len(captured)

    fill(3)
    few = queries()
    fill(97)
    assert queries() == few
    assert few <= 40
