"""The engine of a live run: random events, and what must never come of them."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from handover.cutover import engine
from handover.cutover.engine import Entry, Step, replay

START = datetime.datetime(2026, 5, 2, 20, tzinfo=datetime.UTC)
KINDS = st.lists(st.sampled_from([engine.TASK, engine.TASK, engine.DECISION, engine.ROLLBACK]), min_size=1, max_size=8)
CHOICES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), max_size=40)


def in_order(kinds):
    """Rollback steps last, as the plan has them."""
    return [Step(number, kind) for number, kind in enumerate(sorted(kinds, key=lambda kind: kind == engine.ROLLBACK))]


def walk(steps, choices):
    """Follow only what is allowed; the choice 8 decides the rollback."""
    entries = []
    for number, (place, which) in enumerate(choices):
        run = replay(steps, entries)
        at = START + datetime.timedelta(minutes=number)
        if place == 8 and run.may_roll_back:
            entries.append(Entry(engine.ROLL_BACK, at))
        elif place < len(steps) and (allowed := run.allowed(steps[place])):
            entries.append(Entry(allowed[which % len(allowed)], at, steps[place].id))
    return entries


@given(KINDS, CHOICES)
def test_nothing_begins_behind_a_point_that_has_not_said_go(kinds, choices):
    steps = in_order(kinds)
    entries = walk(steps, choices)
    for length, entry in enumerate(entries):
        if entry.step is None:
            continue
        before = replay(steps, entries[:length])
        step = steps[entry.step]
        if step.kind != engine.ROLLBACK:
            points = [other for other in steps[: entry.step] if other.kind == engine.DECISION]
            assert all(before.progress[point.id].state == engine.GO for point in points)
        if entry.event == engine.GO:
            earlier = [other for other in steps[: entry.step] if other.kind != engine.ROLLBACK]
            assert all(before.progress[other.id].is_over for other in earlier)


@given(KINDS, CHOICES)
def test_after_the_decision_only_the_rollback_moves(kinds, choices):
    steps = in_order(kinds)
    rolled_back = False
    for entry in walk(steps, choices):
        if entry.step is None:
            rolled_back = True
        else:
            assert (steps[entry.step].kind == engine.ROLLBACK) == rolled_back


@given(KINDS, CHOICES)
def test_what_is_over_stays_over_and_times_run_forward(kinds, choices):
    steps = in_order(kinds)
    entries = walk(steps, choices)
    over = {}
    for length in range(len(entries) + 1):
        run = replay(steps, entries[:length])
        for step in steps:
            progress = run.progress[step.id]
            if step.id in over:
                assert (progress.state, progress.finished) == over[step.id]
            if progress.is_over:
                over[step.id] = progress.state, progress.finished
                assert run.allowed(step) == ()
                assert progress.started is None or progress.started <= progress.finished


def test_an_ended_run_takes_nothing():
    steps = in_order([engine.TASK, engine.ROLLBACK])
    run = replay(steps, [Entry(engine.END, START)])
    assert [run.allowed(step) for step in steps] == [(), ()]
    assert not run.may_roll_back
