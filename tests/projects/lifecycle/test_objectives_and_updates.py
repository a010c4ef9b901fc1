import datetime

import pytest

from projects.lifecycle.models import Project
from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url()
    return people


def test_alice_adds_measures_and_removes_an_objective(client, cast):
    client.force_login(cast.alice)
    form = {"statement": "Faster", "measure": "Median days", "target_value": "5", "unit": "days"}
    assert client.post(cast.url + "objectives/new/", form).status_code == 302
    objective = cast.project.objectives.get()
    assert (objective.ref, objective.higher_is_better, objective.is_met) == ("OBJ-1", False, None)
    assert client.post(cast.url + "objectives/1/measurement/", {"actual_value": "4"}).status_code == 422
    client.post(cast.url + "objectives/1/measurement/", {"actual_value": "4", "measured_on": "2026-11-01"})
    objective.refresh_from_db()
    assert objective.is_met is True
    assert objective.measured_on == datetime.date(2026, 11, 1)
    client.post(cast.url + "objectives/1/", {**form, "target_value": "3"})
    objective.refresh_from_db()
    assert objective.is_met is False
    client.post(cast.url + "objectives/1/removal/")
    assert not cast.project.objectives.exists()


def test_cleo_reads_objectives_but_does_not_change_them(client, cast):
    cast.project.objectives.create(statement="Faster", measure="Days", target_value=5)
    client.force_login(cast.cleo)
    assert "Faster" in client.get(cast.url + "objectives/").text
    assert client.post(cast.url + "objectives/1/", {"statement": "x"}).status_code == 403
    assert client.get(cast.url + "objectives/new/").status_code == 403


def test_alice_posts_an_update(client, cast):
    client.force_login(cast.alice)
    answer = client.post(cast.url + "updates/", {"text": "Late by <i>two</i> days", "overall": "watch"})
    assert answer.status_code == 302
    assert "Late by &lt;i&gt;two&lt;/i&gt; days" in client.get(cast.url + "updates/").text
    assert Project.objects.with_light().get(pk=cast.project.pk).light == "watch"


def test_an_update_needs_words_and_a_light(client, cast):
    client.force_login(cast.alice)
    assert client.post(cast.url + "updates/", {"text": "", "overall": "ok"}).status_code == 422
    assert client.post(cast.url + "updates/", {"text": "x", "overall": "purple"}).status_code == 422
    assert client.post(cast.url + "updates/", {"text": "x" * 4001, "overall": "ok"}).status_code == 422
    assert not cast.project.status_updates.exists()


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("sam", 403), ("cleo", 403), ("charlie", 404)])
def test_only_the_manager_posts_updates(client, cast, name, status):
    client.force_login(getattr(cast, name))
    assert client.post(cast.url + "updates/", {"text": "x", "overall": "ok"}).status_code == status
