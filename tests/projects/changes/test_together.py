"""Two at once: one wins, the other is told, and nothing is doubled."""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from projects.budget import reserves
from projects.changes import items
from projects.changes.impact import compute
from projects.changes.models import ChangeRequest
from projects.schedule import edits
from tests.projects.changes.conftest import make_world

pytestmark = pytest.mark.django_db(transaction=True)


def run(*verbs):
    """All at the same moment; what each said: None, or the error."""
    barrier, said = threading.Barrier(len(verbs)), [None] * len(verbs)

    def one(place, verb):
        try:
            barrier.wait(20)
            verb()
        except Exception as error:
            said[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return said


def prepared(funding="added"):
    world = make_world()
    change = world.assessed(funding=funding)
    alice = world.people.alice
    items.add_requirement(change, by=alice, title="Export", text="CSV")
    ops = [{"op": "add", "ref": "c", "fields": {"name": "C", "duration": "1d"}}]
    items.draft_edit(change, "add", by=alice, ops=ops, name="C")
    items.move_money(change, by=alice, line=world.line("Labour"), delta=Decimal(500))
    compute(change, by=alice)
    return world, change


def fresh(change):
    """As another request sees it: objects of its own."""
    return ChangeRequest.objects.select_related("project").get(pk=change.pk)


def first(error):
    return isinstance(error, ValidationError) and error.code == "first"


def test_two_approvers_at_once():
    world, change = prepared()
    said = run(
        *(
            lambda person=person: fresh(change).approve(by=person, impact=change.impact_id)
            for person in (world.people.sam, world.people.pmo)
        )
    )
    assert sum(error is None for error in said) == 1
    assert sum(first(error) for error in said) == 1, said
    project = world.project
    project.refresh_from_db()
    assert project.approved_budget == Decimal("12500.00")
    assert world.line("Labour").planned == Decimal("8500.00")
    assert project.tasks.filter(name="C").count() == project.requirements.filter(title="Export").count() == 1
    assert (project.scope_baselines.count(), project.baselines.count(), project.budget_baselines.count()) == (2, 2, 2)
    assert change.steps.filter(state="approved").count() == 1


def test_approved_and_rejected_at_once():
    world, change = prepared()
    said = run(
        lambda: fresh(change).approve(by=world.people.sam, impact=change.impact_id),
        lambda: fresh(change).reject(by=world.people.pmo, note="No"),
    )
    assert sum(error is None for error in said) == 1
    state = fresh(change).state
    done = world.project.tasks.filter(name="C").exists()
    assert (state, done) in {("approved", True), ("rejected", False)}


@pytest.mark.parametrize("round_", range(3))
def test_approved_while_somebody_edits_the_plan(round_):
    """Either the edit came first and the approval is refused, or it came after and both are in the plan."""
    world, change = prepared()
    approval, edit = run(
        lambda: fresh(change).approve(by=world.people.sam, impact=change.impact_id),
        lambda: edits.change_task(world.task("A"), by=world.people.alice, duration=2400),
    )
    assert edit is None
    assert world.task("A").duration == 2400
    if approval is None:
        assert world.project.tasks.filter(name="C").count() == 1
        assert fresh(change).schedule_after.tasks.get(name="A").duration == 960, "the edit is no part of the change"
    else:
        assert first(approval), approval
        assert not world.project.tasks.filter(name="C").exists()
        assert world.project.baselines.count() == 1
        world.project.refresh_from_db()
        assert world.project.approved_budget == Decimal("12000.00")


def test_approved_while_a_draw_is_decided():
    """Both take the project first: neither waits for the other for ever, and no money is drawn twice."""
    world, change = prepared("contingency")
    contingency = world.project.allowances.get(kind="contingency")
    draw = reserves.request_draw(
        world.project, by=world.people.alice, allowance=contingency, line=world.line("Labour"),
        amount=Decimal(1200), reason="Interfaces",
    )  # fmt: skip
    approval, drawn = run(
        lambda: fresh(change).approve(by=world.people.sam, impact=change.impact_id),
        lambda: reserves.approve_draw(draw, by=world.people.pmo),
    )
    assert [approval, drawn].count(None) == 1, "1,500 are set apart: 500 and 1,200 do not both fit"
    expected = Decimal(8500) if approval is None else Decimal(9200)
    assert world.line("Labour").planned == expected


def test_nothing_is_put_in_while_it_is_decided():
    world, change = prepared()
    approval, item = run(
        lambda: fresh(change).approve(by=world.people.sam, impact=change.impact_id),
        lambda: items.move_money(fresh(change), by=world.people.alice, line=world.line("Travel"), delta=Decimal(9)),
    )
    assert [approval, item].count(None) == 1, (approval, item)
    assert first(approval or item)
    assert world.line("Travel").planned == Decimal(2000)
