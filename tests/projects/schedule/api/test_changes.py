"""Open pages follow what others do."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.schedule import journal
from projects.schedule.baselines import take_baseline
from projects.schedule.plan import reschedule

pytestmark = pytest.mark.django_db


def test_nothing_when_nothing_changed(api):
    assert api.changes(api.data()["revision"]) is None


def test_what_others_saved(api, as_, people, plan):
    revision = api.data()["revision"]
    as_("bob").set("A", percent="10")
    answer = api.changes(revision)
    assert answer["revision"] == revision + 1
    assert answer["by"] == [people.bob.name]
    assert answer["sentence"].startswith(f"{people.bob.name}: ")
    assert plan["A"].uid in [row[0] for row in answer["rows"]]


def test_removed_added_unlinked(api, as_, plan):
    revision = api.data()["revision"]
    a, b = plan["A"].uid, plan["B"].uid
    api.post({"op": "unlink", "from": a, "to": b})
    api.post({"op": "remove", "uids": [plan["C"].uid]}, {"op": "add", "fields": {"name": "New"}})
    answer = api.changes(revision)
    assert answer["unlinked"] == [[a, b]]
    assert len(answer["removed"]) == 1
    assert answer["order"] == [plan[row[2]].uid for row in plan.outline]


def test_too_far_behind_reads_all_anew(api, project, people, plan):
    revision = api.data()["revision"]
    take_baseline(project, by=people.alice)
    assert api.changes(revision)["reload"]
    assert api.changes(0)["reload"] or revision == 1


def test_saving_nothing_is_no_revision(api, project, plan):
    revision = api.data()["revision"]
    reschedule(project)
    assert api.data()["revision"] == revision


def test_looking_costs_the_sign_in_and_one_query(api):
    revision = api.data()["revision"]
    with CaptureQueriesContext(connection) as queries:
        api.changes(revision)
    about_the_plan = [query for query in queries if "projects_plan" in query["sql"] or "projects_task" in query["sql"]]
    assert len(about_the_plan) == 1


def test_the_log_is_pruned_and_the_newest_stays(api, project, plan):
    api.set("A", duration="4d")
    api.set("A", duration="5d")
    journal.PlanChange.objects.update(at=timezone.now() - datetime.timedelta(days=3))
    revision = api.data()["revision"]
    journal.prune(timezone.now())
    assert list(project.plan_changes.values_list("revision", flat=True)) == [revision]
    assert api.changes(revision - 2)["reload"]
