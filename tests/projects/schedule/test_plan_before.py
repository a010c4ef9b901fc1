"""An import can be taken back: the plan as it stood before, with one click, and back again."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from projects.models import PlanBefore
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from projects.schedule.exporting import plan_json
from projects.schedule.importing import bring_back, import_plan, read_plan

pytestmark = pytest.mark.django_db
OTHER = b"ID,Name,Duration,Predecessors\n1,Other,3d,\n2,More,2d,1\n"


def replaced(project, people):
    return import_plan(project, read_plan(OTHER, "other.csv"), by=people.alice, file_name="other.csv", replace=True)


def test_all_of_the_plan_comes_back(project, people, plan):
    edits.change_task(plan["A"], by=people.alice, percent=40, notes="Kept", people=[edits.Person(user=people.bob)])
    take_baseline(project, by=people.alice, name="First")
    before = plan_json(project)
    replaced(project, people)
    assert [task["name"] for task in plan_json(project)["tasks"]] == ["Other", "More"]
    kept = PlanBefore.objects.get()
    assert (kept.tasks, kept.replaced_by, kept.kept_by) == (6, "other.csv", people.alice)
    bring_back(project, by=people.alice)
    assert plan_json(project) == before
    task = project.tasks.get(name="A")
    assert task.notes == "Kept"
    assert task.assignments.get().resource.user == people.bob
    frozen = project.baselines.get(is_active=True)
    assert frozen.tasks.filter(task__project=project).count() == 6
    # And the imported one in its turn.
    bring_back(project, by=people.alice)
    assert [task["name"] for task in plan_json(project)["tasks"]] == ["Other", "More"]


def test_a_dry_run_keeps_nothing(project, people, plan):
    import_plan(project, read_plan(OTHER, "other.csv"), by=people.alice, file_name="other.csv", dry_run=True)
    assert not PlanBefore.objects.exists()
    with pytest.raises(ValidationError, match="No plan is kept"):
        bring_back(project, by=people.alice)


def test_the_first_plan_replaces_none(project, people):
    import_plan(project, read_plan(OTHER, "other.csv"), by=people.alice, file_name="other.csv")
    assert not PlanBefore.objects.exists()


def test_by_one_click(client, project, people, plan):
    names = [task["name"] for task in plan_json(project)["tasks"]]
    client.force_login(people.alice)
    form, click = (
        reverse("projects:plan-import", args=[project.code]),
        reverse("projects:plan-before", args=[project.code]),
    )
    assert click not in client.get(form).content.decode()
    assert client.post(click).status_code == 422
    replaced(project, people)
    page = client.get(form).content.decode()
    assert click in page
    assert "other.csv" in page
    assert client.get(click).status_code == 302
    client.force_login(people.bob)
    assert client.post(click).status_code == 403
    client.force_login(people.alice)
    assert client.post(click).status_code == 302
    assert [task["name"] for task in plan_json(project)["tasks"]] == names
    # Open pages read the plan anew.
    changes = client.get(reverse("projects:plan-changes", args=[project.code]), {"since": 1})
    assert json.loads(changes.content)["reload"] is True
