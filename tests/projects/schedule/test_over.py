"""A project that is over: the verbs of its plan refuse themselves, whatever a view has seen before."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from projects.changes import items
from projects.models import Project, Task
from projects.schedule import baselines, edits, importing, planfiles
from projects.schedule.api.ops import Refused
from projects.schedule.api.steps import step_again, step_back
from projects.schedule.leaving import plan_of
from projects.schedule.plan import reschedule
from projects.schedule.plan_settings import change_settings
from projects.scope.baseline import freeze
from tests.closing import decide_all, open_report
from tests.projects.changes.conftest import make_world

ENDS = ["closed", "cancelled", "awaits"]


def end(project, how):
    """As the closing of somebody else leaves it; the project in hand is the one that was read before."""
    rows = Project.objects.filter(pk=project.pk)
    rows.update(awaits_closure=True) if how == "awaits" else rows.update(state=how)


@pytest.fixture
def world(db):
    world = make_world()
    edits.apply_ops(
        world.project,
        by=world.people.alice,
        ops=[{"op": "set", "uid": world.task("A").uid, "fields": {"duration": "4d"}}],
    )
    world.baseline = baselines.take_baseline(world.project, by=world.people.alice, name="Second", active=False)
    world.draft = world.assessed()
    return world


def state(project):
    return (
        list(project.tasks.order_by("pk").values()),
        list(project.baselines.order_by("pk").values()),
        list(project.scope_baselines.order_by("pk").values()),
        list(project.change_requests.order_by("pk").values()),
        list(project.change_requirements.order_by("pk").values()),
    )


VERBS = {
    "add": lambda w, by: edits.add_task(w.project, by=by, name="New"),
    "add many": lambda w, by: edits.add_tasks(w.project, by=by, rows=[{"name": "New"}]),
    "change": lambda w, by: edits.change_task(w.task("A"), by=by, duration=480),
    "progress": lambda w, by: edits.change_task(w.task("A"), by=by, percent=50),
    "revise": lambda w, by: edits.revise(w.project, by=by, remove=[w.task("B")]),
    "delete": lambda w, by: edits.delete_task(w.task("B"), by=by),
    "move": lambda w, by: edits.move_task(w.task("B"), "up", by=by),
    "settings": lambda w, by: change_settings(w.project, by=by, people_hours=True),
    "compute": lambda w, by: reschedule(w.project, by=by),
    "baseline": lambda w, by: baselines.take_baseline(w.project, by=by),
    "active baseline": lambda w, by: baselines.activate_baseline(w.baseline, by=by),
    "removed baseline": lambda w, by: baselines.remove_baseline(w.baseline, by=by),
    "import": lambda w, by: importing.import_plan(
        w.project, planfiles.parse_mspdi(planfiles.write_mspdi(plan_of(w.project)), check=False),
        by=by, file_name="plan.xml", replace=True,
    ),
    "frozen scope": lambda w, by: freeze(w.project, by=by),
    "change withdrawn": lambda w, by: w.draft.withdraw(by=by, note="No"),
    "change rejected": lambda w, by: w.draft.reject(by=w.people.sam, note="No"),
    "change affects": lambda w, by: items.add_requirement(w.draft, by=by, title="X"),
}  # fmt: skip


@pytest.mark.parametrize("how", ENDS)
def test_every_verb_refuses_and_nothing_is_written(world, how):
    end(world.project, how)
    before = state(world.project)
    for name, verb in VERBS.items():
        with pytest.raises(ValidationError, match="read-only") as refused:
            verb(world, world.people.alice)
        assert refused.value.code == "first", f"{name}: the page answers 409"
    assert state(world.project) == before


@pytest.mark.parametrize("how", ENDS)
def test_operations_are_refused_as_the_table_reads_it(world, how):
    end(world.project, how)
    before = state(world.project)
    ops = [{"op": "set", "uid": world.task("A").uid, "fields": {"duration": "9d"}}]
    for verb in (
        lambda: edits.apply_ops(world.project, by=world.people.alice, ops=ops),
        lambda: step_back(world.project, by=world.people.alice),
        lambda: step_again(world.project, by=world.people.alice),
    ):
        with pytest.raises(Refused, match="read-only") as refused:
            verb()
        assert refused.value.status == 403
    assert state(world.project) == before


def test_reopened_it_takes_changes(world):
    end(world.project, "cancelled")
    project = Project.objects.get(pk=world.project.pk)
    project.reopen(by=world.people.sam, reason="Needed after all")
    edits.change_task(world.task("A"), by=world.people.alice, duration=480)
    assert world.task("A").duration == 480


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_edited_while_the_end_report_is_submitted(_round):
    """Either the edit came first, or it is refused: nothing of a plan moves below a report that waits."""
    world = make_world()
    alice = world.people.alice
    report = open_report(world.project, by=alice)
    report.reached = "All"
    report.save_changes(["reached"])
    decide_all(report, by=alice)
    task = world.task("A")
    barrier, said = threading.Barrier(2), {}

    def run(name, verb):
        try:
            barrier.wait(20)
            verb()
        except ValidationError as error:
            said[name] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=("report", lambda: report.submit(by=alice))),
        threading.Thread(target=run, args=("edit", lambda: edits.change_task(task, by=alice, duration=2400))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert "report" not in said, said
    assert Project.objects.get(pk=world.project.pk).awaits_closure
    if "edit" in said:
        assert said["edit"].code == "first"
        assert Task.objects.get(pk=task.pk).duration == 960
    else:
        assert Task.objects.get(pk=task.pk).duration == 2400
