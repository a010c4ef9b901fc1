"""No order of steps by anybody leads to an approval past the approver or past an impact that holds."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.changes import engine, items
from projects.changes.frozen import DECIDED, MOVES
from projects.changes.impact import compute, out_of_date
from projects.changes.models import ChangeRequest
from projects.schedule import edits

PEOPLE = ("alice", "bob", "sam", "pmo", "cleo", "admin")
LATER = datetime.date(2999, 1, 1)
STEPS = ("submit", "assess", "compute", "approve", "reject", "defer", "withdraw", "implement", "edit plan", "add money")


class _Undo(Exception):
    pass


def do(world, step, by, change, read):
    match step:
        case "submit":
            change.submit(by=by)
        case "assess":
            change.assess(by=by)
        case "compute":
            compute(change, by=by)
        case "approve":
            change.approve(by=by, impact=read)
        case "reject":
            change.reject(by=by, note="No")
        case "defer":
            change.defer(by=by, note="Later", until=LATER)
        case "withdraw":
            change.withdraw(by=by, note="Mine")
        case "implement":
            change.implement(by=by)
        case "edit plan":
            task = world.task("A")
            edits.change_task(task, by=by, duration=task.duration + 480)
        case "add money":
            items.move_money(change, by=by, name="More", category="other", delta=Decimal(1))


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_around_approver_and_impact(world, data):
    try:
        with transaction.atomic():
            requester = getattr(world.people, data.draw(st.sampled_from(("bob", "cleo", "sam", "alice"))))
            pk = world.change(requester=requester).pk
            before, read = "draft", None
            # The way that leads furthest, with anything by anybody in between.
            usual = ["submit", "assess", "compute", "approve", "implement"]
            for wanted in usual:
                between = data.draw(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(PEOPLE)), max_size=2))
                for step, name in [*between, (wanted, data.draw(st.sampled_from(PEOPLE)))]:
                    by, change = getattr(world.people, name), ChangeRequest.objects.get(pk=pk)
                    change.project = world.project
                    if data.draw(st.booleans()):
                        read = change.impact_id  # the page is opened anew
                    stale = change.impact is None or bool(out_of_date(change))
                    problems = change.impact.problems if change.impact else []
                    submitter = change.submitted_by
                    try:
                        with transaction.atomic():
                            do(world, step, by, change, read)
                        worked = True
                    except (ValidationError, PermissionDenied):
                        worked = False
                    now = ChangeRequest.objects.get(pk=pk)
                    assert now.state == before or now.state in MOVES[before]
                    if before in DECIDED:
                        assert (now.state, step) in {(before, step), ("implemented", "implement")}
                    if now.state == "approved" != before:
                        assert worked
                        assert step == "approve"
                        assert name in ("sam", "pmo", "admin")
                        assert by not in (requester, submitter)
                        assert not stale
                        assert not problems
                        assert now.impact_id == read
                        assert before == "assessment"
                    assert now.steps.count() == 0 or now.steps.last().state == now.state
                    before = now.state
            raise _Undo
    except _Undo:
        pass


MONEY = st.decimals("-99999", "99999", places=2)


@given(
    st.lists(MONEY, max_size=8), MONEY, st.decimals("0", "99999", places=2), st.none() | MONEY,
    st.sampled_from(("added", "contingency", "reserve")),
)  # fmt: skip
def test_layers_add_up_for_any_change(deltas, lines, kept, approved, funding):
    before = engine.Layers(lines, kept, approved, kept)
    then = engine.after(before, deltas, funding)
    net = sum(deltas, Decimal(0))
    assert then.lines == lines + net
    if approved is None:
        assert then.approved is None
    elif net >= 0:
        # What is needed comes from one place: what nobody has distributed stays.
        assert then.undistributed == before.undistributed
        whole = {"added": net, "contingency": 0, "reserve": 0}[funding]
        assert then.approved + then.reserve == before.approved + before.reserve + whole
    elif funding == "added":
        assert then.approved == approved + net
    else:
        assert (then.approved, then.contingency, then.reserve) == (approved, kept, kept)
    parts = engine.parts_drawn(deltas)
    assert sum(parts, Decimal(0)) == engine.needed(deltas)
    assert all(0 <= part <= max(delta, 0) for part, delta in zip(parts, deltas, strict=True))


def test_an_unknown_source_of_money_is_refused():
    with pytest.raises(ValueError, match="No such funding"):
        engine.after(engine.Layers(*[Decimal(1)] * 4), [Decimal(1)], "lottery")


@pytest.mark.parametrize("state", MOVES)
def test_every_state_has_its_moves(state):
    assert state in ChangeRequest.State.values
    assert set(MOVES[state]) <= set(ChangeRequest.State.values)
