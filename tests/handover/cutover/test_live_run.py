"""The plan and the live run: verbs, races, and a log that can't be edited."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from handover.cutover import verbs
from handover.cutover.timeline import chart, delay_of
from handover.models import CutoverEntry, CutoverRun, CutoverStep
from handover.transfer import actions

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def run(record, plan):
    return verbs.begin(record, by=record.giver, at=plan[0].planned_start)


def do(run, step, *events, by=None, note="Because", after=10):
    at = (run.entries.last() or run).at if run.entries.exists() else run.started_at
    for event in events:
        at += after * MINUTE
        verbs.step_on(run, step, event, by=by or step.owner, note=note, at=at)


def test_a_run_from_start_to_end(record, plan, run):
    for step in plan[:2]:
        do(run, step, "start", "done")
    do(run, plan[2], "go")
    do(run, plan[3], "start", "done")
    assert verbs.end(run, by=record.giver) == "completed"
    told = verbs.told(run)
    assert told.state.is_through
    # Planned to the 90th minute, done in the 70th.
    assert delay_of(told) == -20 * MINUTE
    figure = chart(told, run.ended_at)
    assert "4 of 4 steps are over" in figure.description
    assert "20m ahead" in figure.description or "20 min ahead" in figure.description
    assert len(figure.rows) == 4
    assert all(len(row) == len(figure.head) for row in figure.rows)


def test_go_only_when_all_before_it_is_over(plan, run):
    do(run, plan[0], "start", "done")
    with pytest.raises(ValidationError, match="can't follow"):
        do(run, plan[2], "go")
    with pytest.raises(ValidationError, match="can't follow"):
        do(run, plan[3], "start")
    do(run, plan[2], "no_go")
    do(run, plan[1], "start", "problem", "start", "done")
    do(run, plan[2], "go")


def test_problem_skip_and_no_go_want_a_reason(plan, run):
    with pytest.raises(ValidationError) as refused:
        do(run, plan[0], "skip", note=" ")
    assert "note" in refused.value.message_dict
    assert not run.entries.exists()


def test_a_rollback(record, plan, run):
    do(run, plan[0], "start", "done")
    do(run, plan[1], "start", "problem", note="3% differ")
    with pytest.raises(ValidationError, match="can't follow"):
        do(run, plan[4], "start")
    verbs.roll_back(run, by=record.giver, reason="3% of the records differ")
    with pytest.raises(ValidationError, match="can't follow"):
        do(run, plan[1], "start")
    do(run, plan[4], "start", "done")
    assert verbs.end(run, by=record.giver) == "rolled_back"
    # And the cutover is tried again another night.
    assert verbs.begin(record, by=record.giver).number == run.number + 1


def test_what_is_not_through_is_broken_off_with_a_reason(record, plan, run):
    with pytest.raises(ValidationError, match="broken off"):
        verbs.end(run, by=record.giver)
    assert verbs.end(run, by=record.giver, note="The tape did not load") == "aborted"


def test_only_the_owner_or_who_leads(record, plan, run):
    with pytest.raises(ValidationError, match="Only Bob"):
        do(run, plan[0], "start", by=record.project.people.stella)
    with pytest.raises(ValidationError, match="lead the run"):
        verbs.roll_back(run, by=record.project.people.bob, reason="x")
    do(run, plan[0], "start", by=record.receiver)


def test_the_log_is_held_by_the_database(record, plan, run):
    do(run, plan[0], "start", "done")
    entry = run.entries.first()
    for change in (
        lambda: CutoverEntry.objects.filter(pk=entry.pk).update(note="Nothing happened"),
        lambda: CutoverEntry.objects.filter(pk=entry.pk).delete(),
        lambda: CutoverRun.objects.filter(pk=run.pk).delete(),
    ):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic():
            change()
    verbs.end(run, by=record.giver, note="Over")
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        CutoverRun.objects.filter(pk=run.pk).update(outcome="completed")


def test_the_plan_stays_while_it_is_run_and_once_it_is_signed(record, plan):
    run = verbs.begin(record, by=record.giver, kind="rehearsal")
    with pytest.raises(ValidationError, match="A run is going on"):
        verbs.remove_step(plan[0], by=record.giver)
    verbs.end(run, by=record.giver, note="Enough")
    actions.submit(record, by=record.giver)
    with pytest.raises(actions.AlreadyMoved):
        verbs.remove_step(plan[0], by=record.giver)
    with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
        CutoverStep.objects.filter(pk=plan[0].pk).update(minutes=1)


def test_a_rehearsal_is_measured_from_its_own_start(record, plan):
    start = plan[0].planned_start - datetime.timedelta(days=7)
    run = verbs.begin(record, by=record.giver, kind="rehearsal", at=start)
    do(run, plan[0], "start", "done")
    assert delay_of(verbs.told(run)) == 5 * MINUTE


def test_a_running_cutover_blocks_the_acceptance(record, plan):
    actions.submit(record, by=record.giver)
    run = verbs.begin(record, by=record.giver)
    with pytest.raises(ValidationError, match="cutover is running"):
        actions.accept(record, by=record.receiver)
    verbs.end(run, by=record.giver, note="Called off")
    actions.accept(record, by=record.receiver)


@pytest.mark.django_db(transaction=True)
def test_two_thumbs_on_one_button(record, plan):
    """Eight at once: the step begins once, the others are told."""
    run = verbs.begin(record, by=record.giver)
    refused, start = [], threading.Barrier(8)

    def act():
        start.wait(30)
        try:
            verbs.step_on(run, plan[0], "start", by=plan[0].owner)
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert run.entries.count() == 1
    assert len(refused) == 7


@pytest.mark.django_db(transaction=True)
def test_two_runs_do_not_begin_at_once(record, plan):
    refused, start = [], threading.Barrier(4)

    def act():
        start.wait(30)
        try:
            verbs.begin(record, by=record.giver)
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert CutoverRun.objects.count() == 1
    assert len(refused) == 3
