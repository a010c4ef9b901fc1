"""Undo and redo."""

import pytest

from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from projects.schedule.journal import PlanStep
from projects.schedule.models import BaselineTask, Link, Task

pytestmark = pytest.mark.django_db


def picture(project):
    """Everything people write, and what was computed from it."""
    tasks = list(
        Task.objects.filter(project=project)
        .order_by("number")
        .values("uid", "number", "parent__uid", "name", "notes", "duration", "percent", "constraint", "constraint_date",
                "mode", "start", "finish", "actual_start", "actual_finish", "is_milestone", "wbs", "is_summary")
    )  # fmt: skip
    links = sorted(
        Link.objects.filter(project=project).values_list("predecessor__uid", "successor__uid", "type", "lag")
    )
    people = sorted(project.assignments.values_list("task__uid", "resource__name", "units"))
    return tasks, links, people


@pytest.mark.parametrize(
    "ops",
    [
        [
            {
                "op": "set",
                "uid": "A",
                "fields": {"duration": "4d", "name": "Z", "notes": "Long", "deadline": "2026-02-02"},
            }
        ],
        [{"op": "set", "uid": "C", "fields": {"predecessors": "2FS+1d", "start": "2026-02-02"}}],
        [{"op": "set", "uid": "B", "fields": {"mode": "manual", "percent": "30"}}],
        [{"op": "remove", "uids": ["Phase"], "with_children": True}],
        [{"op": "remove", "uids": ["A"]}, {"op": "remove", "uids": ["C"]}],
        [{"op": "add", "ref": "x", "after": "A", "fields": {"name": "X", "predecessors": "2"}}],
        [{"op": "add", "ref": "x", "parent": "C", "fields": {"name": "X"}}],
        [{"op": "indent", "uids": ["Done", "Other"]}],
        [{"op": "outdent", "uids": ["A", "B"]}],
        [{"op": "up", "uids": ["B"]}],
        [{"op": "place", "uids": ["C", "A"], "before": "Done"}],
        [{"op": "unlink", "from": "A", "to": "B"}],
        [{"op": "paste", "at": "C", "columns": ["name", "duration"], "cells": [["See", "3d"], ["Dee", "4d"]]}],
    ],
    ids=lambda ops: ops[0]["op"] if isinstance(ops, list) else "",
)
def test_every_operation_is_taken_back_and_done_again(api, project, people, plan, ops):
    edits.change_task(plan["A"], by=people.alice, people=[edits.Person(user=people.bob)], notes="Short")
    names = {name: plan[name].uid for name in ("Phase", "A", "B", "Done", "Other", "C")}

    def named(value):
        return [named(one) for one in value] if isinstance(value, list) else names.get(value, value)

    ops = [{key: named(value) if key in ("uid", "uids", "after", "before", "parent", "from", "to", "at") else value
            for key, value in op.items()} for op in ops]  # fmt: skip
    before = picture(project)
    api.post(*ops)
    after = picture(project)
    assert after != before
    for _round in range(2):
        api.undo()
        assert picture(project) == before
        api.redo()
        assert picture(project) == after


def test_a_removed_task_comes_back_with_its_baseline(api, project, people, plan):
    take_baseline(project, by=people.alice)
    frozen = set(BaselineTask.objects.values_list("task_id", "start", "finish"))
    api.post({"op": "remove", "uids": [plan["A"].uid]})
    assert BaselineTask.objects.exclude(task=None).count() == len(frozen) - 1
    api.undo()
    assert set(BaselineTask.objects.values_list("task_id", "start", "finish")) == frozen


def test_steps_are_a_persons_own(api, as_, plan):
    bob = as_("bob")
    api.set("A", name="First")
    bob.set("First", percent="10")
    assert bob.undo()["undo"] == {"undo": None, "redo": "Change “First”"}
    assert plan["First"].percent == 0
    assert api.undo()["undo"]["redo"] == "Change “First”"
    assert plan["A"].name == "A"
    assert "nothing to undo" in bob.undo(status=422)["errors"][0]["message"]


def test_who_may_only_report_takes_back_reports_only(api, as_, project, people, plan):
    api.set("A", duration="5d")
    PlanStep.objects.filter(project=project).update(user=people.bob)  # as if he had managed the project then
    assert "progress only" in as_("bob").undo(status=403)["errors"][0]["message"]
    assert plan["A"].duration == 5 * 480


def test_a_closed_project_takes_no_step(api, project, plan):
    api.set("A", duration="5d")
    type(project).objects.filter(pk=project.pk).update(state=project.State.CANCELLED)
    for name in ("plan-edits", "plan-undo", "plan-redo"):
        assert api.client.post(api.url(name), "{}", content_type="application/json").status_code == 403
    assert api.data()["can"] == {"edit": False, "progress": False, "cost": True}


def test_what_somebody_changed_since_is_not_overwritten(api, as_, people, plan):
    api.set("A", percent="10")
    as_("bob").set("A", percent="60")
    (conflict,) = [one for one in api.undo(status=409)["conflicts"] if one["field"] == "percent"]
    assert (conflict["theirs"], conflict["who"]) == (60, people.bob.name)
    assert plan["A"].percent == 60


def test_a_new_edit_forgets_what_was_undone(api, plan):
    api.set("A", name="First")
    api.undo()
    api.set("A", name="Second")
    assert api.data()["undo"] == {"undo": "Change “Second”", "redo": None}
    api.redo(status=422)


def test_only_fifty_are_kept(api, project, plan):
    for number in range(52):
        api.set("C", duration=f"{number + 2}d")
    assert project.plan_steps.count() == 50
