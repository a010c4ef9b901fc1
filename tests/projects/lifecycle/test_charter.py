import pytest

from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db


def charter(project, **changes):
    return {
        "name": project.name,
        "goal": project.goal,
        "target_start": "2026-01-12",
        "target_finish": "2026-12-18",
        "currency": "EUR",
        "version": project.version,
        **changes,
    }


def test_alice_edits_the_charter(client):
    project = make_project()
    client.force_login(project.manager)
    url = project.get_absolute_url() + "edit/"
    assert client.get(url).status_code == 200
    assert client.post(url, charter(project, goal="Faster claims")).status_code == 302
    project.refresh_from_db()
    assert (project.goal, project.version) == ("Faster claims", 2)


def test_a_stale_charter_answers_409_with_both_versions(client):
    project = make_project(goal="The base")
    client.force_login(project.manager)
    url = project.get_absolute_url() + "edit/"
    client.post(url, charter(project, goal="Theirs: by March"))
    answer = client.post(url, charter(project, goal="Mine: by May"))
    assert answer.status_code == 409
    row = next(row for row in answer.context["form"].clash.rows if row.label == "Goal")
    assert (row.base, row.theirs, row.mine) == ("The base", "Theirs: by March", "Mine: by May")
    assert answer.context["form"].clash.who == project.manager.name
    project.refresh_from_db()
    assert project.goal == "Theirs: by March"
    # Having seen both, saving again is a decision.
    again = charter(project, goal="Mine: by May", version=answer.context["form"]["version"].value())
    assert client.post(url, again).status_code == 302


def test_a_refused_form_does_not_change_the_page_around_it(client):
    project = make_project(name="Claims portal")
    client.force_login(project.manager)
    answer = client.post(project.get_absolute_url() + "edit/", charter(project, name="Typed", currency="1"))
    assert answer.status_code == 422
    assert "<h1>Claims portal</h1>" in answer.text
    assert 'value="Typed"' in answer.text


@pytest.mark.parametrize("name", ["bob", "sam", "dora", "stella", "cleo", "pmo"])
def test_nobody_else_edits_it(client, name):
    project = make_project()
    client.force_login(getattr(make_cast(project), name))
    url = project.get_absolute_url() + "edit/"
    assert client.get(url).status_code == 403
    assert client.post(url, charter(project)).status_code == 403
