"""An approved change is carried out, all of it or nothing, and the baselines it touches move."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from projects.budget import verbs
from projects.budget.models import BudgetLine
from projects.changes import items
from projects.changes.impact import compute, out_of_date
from projects.changes.models import ChangeRequest
from projects.lifecycle.models import Project
from projects.schedule import edits
from projects.schedule.baselines import remove_baseline, take_baseline
from projects.scope.baseline import progress
from tests.factories import make_requirement

D = Decimal


def everything(world, funding="added"):
    """A change of everything: one text added, one reworded, one taken out; B twice as long, C after it; money."""
    change = world.assessed(funding=funding)
    alice = world.people.alice
    items.add_requirement(
        change, by=alice, title="Export", text="To CSV", priority="must", criteria="It opens\nIt sums"
    )
    items.change_requirement(
        change, world.req("Search"), {"text": "Search works at once", "priority": "must"}, by=alice
    )
    items.take_out_requirement(change, world.req("Print"), by=alice)
    b, done = world.task("B"), world.task("Done")
    ops = items.set_ops(b, items.cells_of(world.project, b), {"duration": "6d"})
    items.draft_edit(change, "set", by=alice, ops=ops, name="B", uid=b.uid)
    ops = [
        {"op": "add", "ref": "c", "fields": {"name": "C", "duration": "1d"}, "after": b.uid},
        {"op": "link", "from": b.uid, "to": "c"},
        {"op": "link", "from": "c", "to": done.uid},
    ]
    items.draft_edit(change, "add", by=alice, ops=ops, name="C")
    items.move_money(change, by=alice, line=world.line("Labour"), delta=D("1200.50"))
    items.move_money(change, by=alice, line=world.line("Travel"), delta=D("-200.50"))
    items.move_money(change, by=alice, name="Licences", category="licences", delta=D("300.00"))
    return change


def test_impact_by_hand(world):
    change = everything(world)
    before = world.project.computed_finish
    impact = compute(change, by=world.people.alice)
    impact.refresh_from_db()
    # A 5-6 Jan, B 7-9 Jan. Six days of B end on Wednesday 14, C takes Thursday 15: four working days later.
    assert (impact.finish_before, impact.shift) == (before, D("4.00"))
    assert impact.finish_before.date() == datetime.date(2026, 1, 9)
    assert impact.finish_after.date() == datetime.date(2026, 1, 15)
    assert [row["name"] for row in impact.days["added"]] == ["C"]
    assert [(row["name"], row["days"]) for row in impact.days["tasks"]] == [("B", "3.00"), ("Done", "4.00")]
    assert [row["name"] for row in impact.days["milestones"]] == ["Done"]
    # Three frozen, one added, one taken out, one reworded and now a must: 3 of 3 touched.
    assert impact.scope["promised"] == [3, 3]
    assert {name: (then, now) for name, then, now in impact.scope["priorities"]} == {
        "must": (1, 3), "should": (1, 0), "could": (1, 0), "wont": (0, 0),
    }  # fmt: skip
    assert impact.scope["weight"] == 100
    # 1,200.50 - 200.50 + 300.00 = 1,300.00
    assert impact.delta == D("1300.00")
    assert impact.money["lines"] == ["10000.00", "11300.00"]
    assert impact.money["approved"] == ["12000.00", "13300.00"]
    assert impact.money["undistributed"] == ["500.00", "500.00"]
    # Nothing was saved.
    assert not world.project.tasks.filter(name="C").exists()
    assert world.task("B").duration == 1440
    assert world.line("Labour").planned == D("8000.00")
    assert impact.problems == []


def test_everything_moves_in_one_step(world):
    change, project, sam = everything(world), world.project, world.people.sam
    old_scope, old_plan = project.scope_baselines.get(), project.baselines.get()
    impact = compute(change, by=world.people.alice)
    change.approve(by=sam, impact=impact.pk, note="Agreed.")
    change.refresh_from_db()
    project.refresh_from_db()
    # Scope
    assert world.req("Export").state == "approved"
    assert list(world.req("Export").criteria.values_list("text", flat=True)) == ["It opens", "It sums"]
    assert (world.req("Search").text, world.req("Search").priority) == ("Search works at once", "must")
    assert world.req("Print").state == "rejected"
    assert change.ref in world.req("Print").removed_reason
    items_now = dict(change.scope_after.items.values_list("title", "version__number"))
    assert items_now == {"Login": 1, "Search": 2, "Export": 1}
    assert change.scope_before == old_scope
    assert change.scope_after.is_active
    old_scope.refresh_from_db()
    assert not old_scope.is_active
    assert old_scope.items.count() == 3
    assert (progress(project).creep, progress(project).changed, progress(project).removed) == (0, 0, 0)
    # Plan
    assert project.computed_finish == impact.finish_after
    assert change.schedule_before == old_plan
    new = change.schedule_after
    assert (new.state, new.is_active, new.requested_by, new.decided_by) == ("approved", True, world.people.bob, sam)
    assert new.finish == project.computed_finish
    rows = {row.name: row for row in new.tasks.all()}
    assert set(rows) == {"Phase", "A", "B", "C", "Done"}
    assert rows["B"].duration == 2880
    assert rows["Phase"].finish == rows["C"].finish
    assert rows["Phase"].duration == 480 * 9
    assert old_plan.tasks.get(name="B").duration == 1440
    # Money
    assert project.approved_budget == D("13300.00")
    amounts = dict(project.budget_lines.values_list("name", "planned"))
    assert amounts == {"Labour": D("9200.50"), "Travel": D("1799.50"), "Licences": D("300.00")}
    then = dict(change.budget_before.lines.values_list("name", "planned"))
    assert then == {"Labour": D("8000.00"), "Travel": D("2000.00")}
    assert dict(change.budget_after.lines.values_list("name", "planned")) == amounts
    assert (change.budget_before.approved, change.budget_after.approved) == (D("12000.00"), D("13300.00"))
    # The request and its traces
    assert (change.state, change.decided_by, change.decision_note) == ("approved", sam, "Agreed.")
    traced = change.trace_links.values_list("requirement__title", flat=True)
    assert set(traced) == {"Export", "Search", "Print"}


@pytest.mark.parametrize(
    ("funding", "approved", "contingency", "reserve"),
    [("contingency", "12000.00", "200.00", "3000.00"), ("reserve", "13300.00", "1500.00", "1700.00")],
)
def test_money_drawn(world, funding, approved, contingency, reserve):
    change, project = everything(world, funding), world.project
    compute(change, by=world.people.alice)
    change.approve(by=world.people.sam, impact=change.impact_id)
    project.refresh_from_db()
    change.refresh_from_db()
    assert project.approved_budget == D(approved)
    assert (change.budget_after.contingency, change.budget_after.reserve) == (D(contingency), D(reserve))
    assert dict(project.budget_lines.values_list("name", "planned")) == {
        "Labour": D("9200.50"), "Travel": D("1799.50"), "Licences": D("300.00"),
    }  # fmt: skip
    # 1,200.50 of the first line, the rest of what is needed on the second; the last 200.50 are paid by Travel.
    assert list(project.draws.order_by("number").values_list("amount", flat=True)) == [D("1200.50"), D("99.50")]
    assert {draw.reason.split(":")[0] for draw in project.draws.all()} == {change.ref}
    assert dict(change.budget_after.lines.values_list("name", "planned")) == dict(
        project.budget_lines.values_list("name", "planned")
    )


def test_more_than_is_left_is_a_problem(world):
    change = world.assessed(funding="contingency")
    items.move_money(change, by=world.people.alice, line=world.line("Labour"), delta=D("1500.01"))
    impact = compute(change, by=world.people.alice)
    assert impact.problems == ["There is not enough left in the contingency to pay for it."]
    with pytest.raises(ValidationError, match="not enough left"):
        change.approve(by=world.people.sam, impact=impact.pk)
    assert world.line("Labour").planned == D("8000.00")


def test_drift_stays_outside_the_new_baselines(world):
    """What slipped, came or was typed past a change is still variance and creep after the next change."""
    project, alice, sam = world.project, world.people.alice, world.people.sam
    creep = make_requirement(project, title="Smuggled")
    creep.project = project
    creep.move_on("reviewed")
    creep.approve(by=sam)
    login = world.req("Login").propose({"text": "Login by face"}, by=alice, reason="Nice")
    login.requirement = world.req("Login")
    login.approve(by=sam)
    edits.add_task(project, by=alice, name="Unplanned", duration=480)
    edits.change_task(world.task("A"), by=alice, duration=1440)
    verbs.change_line(world.line("Travel"), by=alice, planned=D("2400.00"))
    change = world.assessed()
    done = world.task("Done")
    ops = [{"op": "set", "uid": done.uid, "fields": {"deadline": "2026-03-02"}}]
    items.draft_edit(change, "set", by=alice, ops=ops, name="Done", uid=done.uid)
    items.take_out_requirement(change, world.req("Print"), by=alice)
    items.move_money(change, by=alice, line=world.line("Labour"), delta=D("10"))
    compute(change, by=alice)
    change.approve(by=sam, impact=change.impact_id)
    change.refresh_from_db()
    figures = progress(project)
    assert (figures.promised, figures.creep, figures.changed) == (2, 1, 1)
    rows = {row.name: row for row in change.schedule_after.tasks.all()}
    assert set(rows) == {"Phase", "A", "B", "Done"}
    assert rows["A"].duration == 960, "A slipped without a change: the baseline keeps what was agreed"
    # B starts later only because A slipped, so it keeps its dates as well.
    assert rows["B"].start == change.schedule_before.tasks.get(name="B").start
    assert rows["Phase"].finish == rows["B"].finish


def test_hand_typed_money_stays_outside(world):
    project, alice, sam = world.project, world.people.alice, world.people.sam
    for delta in (D("100"), D("50")):
        change = world.assessed()
        items.move_money(change, by=alice, line=world.line("Labour"), delta=delta)
        compute(change, by=alice)
        change.approve(by=sam, impact=change.impact_id)
        verbs.change_line(world.line("Travel"), by=alice, planned=world.line("Travel").planned + 1)
    change.refresh_from_db()
    assert change.budget_before.number == 2
    assert dict(change.budget_after.lines.values_list("name", "planned")) == {
        "Labour": D("8150.00"), "Travel": D("2000.00"),
    }  # fmt: skip
    project.refresh_from_db()
    assert project.approved_budget == D("12150.00")


def test_creep_becomes_scope_by_a_change(world):
    project, sam = world.project, world.people.sam
    row = make_requirement(project, title="Smuggled")
    row.project = project
    row.move_on("reviewed")
    row.approve(by=sam)
    assert progress(project).creep == 1
    change = world.assessed()
    items.add_requirement(change, by=world.people.alice, requirement=world.req("Smuggled"))
    compute(change, by=world.people.alice)
    change.approve(by=sam, impact=change.impact_id)
    assert (progress(project).creep, progress(project).promised, progress(project).by_change) == (0, 4, 1)


def test_a_planned_cost_goes_into_plan_and_baseline(world):
    change, alice = world.assessed(), world.people.alice
    a = world.task("A")
    ops = items.same_ops(a, items.cells_of(world.project, a))
    items.draft_edit(change, "set", by=alice, ops=ops, name="A", uid=a.uid, cost=D("450.00"))
    ops = [{"op": "add", "ref": "n", "fields": {"name": "New", "duration": "1d"}}]
    items.draft_edit(change, "add", by=alice, ops=ops, name="New", cost=D("99.95"))
    impact = compute(change, by=alice)
    assert impact.money["tasks"] == "549.95"
    change.approve(by=world.people.sam, impact=impact.pk)
    change.refresh_from_db()
    costs = {row.name: row.cost for row in change.schedule_after.tasks.all()}
    assert (world.task("A").cost, world.task("New").cost) == (D("450.00"), D("99.95"))
    assert (costs["A"], costs["New"], costs["B"]) == (D("450.00"), D("99.95"), None)


def test_a_removed_task_leaves_the_new_baseline_only(world):
    change, alice = world.assessed(), world.people.alice
    b = world.task("B")
    ops = [{"op": "remove", "uids": [b.uid], "with_children": True}]
    items.draft_edit(change, "remove", by=alice, ops=ops, name="B", uid=b.uid)
    impact = compute(change, by=alice)
    assert [row["name"] for row in impact.days["removed"]] == ["B"]
    change.approve(by=world.people.sam, impact=impact.pk)
    change.refresh_from_db()
    assert set(change.schedule_after.tasks.values_list("name", flat=True)) == {"Phase", "A", "Done"}
    assert change.schedule_before.tasks.filter(name="B").exists()


# Out of date


@pytest.mark.parametrize(
    ("part", "happens"),
    [
        ("the plan", lambda w: edits.change_task(w.task("A"), by=w.people.alice, duration=480)),
        ("the budget", lambda w: verbs.change_line(w.line("Travel"), by=w.people.alice, planned=D(1999))),
        ("the scope", lambda w: w.req("Login").take_out(by=w.people.sam, reason="No")),
        (
            "the request itself",
            lambda w: items.move_money(
                ChangeRequest.objects.get(), by=w.people.alice, name="X", category="other", delta=D(1)
            ),
        ),
    ],
)
def test_an_impact_that_is_left_behind_is_refused(world, part, happens):
    change = everything(world)
    impact = compute(change, by=world.people.alice)
    assert out_of_date(change) == []
    happens(world)
    change = ChangeRequest.objects.get(pk=change.pk)
    assert out_of_date(change) == [part]
    finish = world.project.tasks.get(name="Done").finish
    with pytest.raises(ValidationError, match="out of date") as refused:
        change.approve(by=world.people.sam, impact=impact.pk)
    assert refused.value.code == "first"
    assert not world.project.requirements.filter(title="Export").exists()
    assert world.task("Done").finish == finish
    # Computed again, it is approved.
    again = compute(change, by=world.people.alice)
    change.approve(by=world.people.sam, impact=again.pk)


def test_another_impact_than_the_one_read_is_refused(world):
    change = everything(world)
    read = compute(change, by=world.people.alice)
    compute(change, by=world.people.alice)
    with pytest.raises(ValidationError, match="computed anew") as refused:
        change.approve(by=world.people.sam, impact=read.pk)
    assert refused.value.code == "first"


def test_without_an_impact_nobody_approves(world):
    change = everything(world)
    with pytest.raises(ValidationError, match="Compute its impact first"):
        change.approve(by=world.people.sam, impact=None)


def test_a_cell_that_somebody_else_changed_is_a_problem(world):
    change = everything(world)
    edits.change_task(world.task("B"), by=world.people.alice, duration=960)
    impact = compute(change, by=world.people.alice)
    assert any("2d now, not 3d" in text for text in impact.problems)
    with pytest.raises(ValidationError, match="can't be done"):
        change.approve(by=world.people.sam, impact=impact.pk)


def test_a_failure_at_the_end_leaves_nothing_half_done(world, monkeypatch):
    change, project = everything(world), world.project
    compute(change, by=world.people.alice)

    def fails(*args, **kwargs):
        raise ValidationError("The last step fails.")

    monkeypatch.setattr("projects.changes.baselines.move_budget", fails)
    with pytest.raises(ValidationError, match="last step"):
        change.approve(by=world.people.sam, impact=change.impact_id)
    project.refresh_from_db()
    assert ChangeRequest.objects.get().state == "assessment"
    assert not project.requirements.filter(title="Export").exists()
    assert world.req("Search").text == "Search works"
    assert world.task("B").duration == 1440
    assert (project.scope_baselines.count(), project.baselines.count(), project.budget_baselines.count()) == (1, 1, 0)
    assert project.approved_budget == D("12000.00")
    assert world.line("Labour").planned == D("8000.00")


# The approver


def test_the_requester_never_decides(world):
    change = world.assessed(requester=world.people.sam)
    compute(change, by=world.people.alice)
    for verb in (
        lambda: change.approve(by=world.people.sam, impact=change.impact_id),
        lambda: change.reject(by=world.people.sam, note="No"),
        lambda: change.defer(by=world.people.sam, note="No", until=datetime.date(2999, 1, 1)),
    ):
        with pytest.raises(ValidationError, match="never decides"):
            verb()
    change.approve(by=world.people.pmo, impact=change.impact_id)


def test_who_submits_for_another_never_decides(world):
    change = world.change(requester=world.people.cleo)
    change.submit(by=world.people.sam)
    change.assess(by=world.people.alice)
    compute(change, by=world.people.alice)
    with pytest.raises(ValidationError, match="never decides"):
        change.approve(by=world.people.sam, impact=change.impact_id)


def test_who_wrote_it_never_decides_whoever_is_named(world):
    """Sam writes, Alice names Bob and hands it in: it is still Sam's wish."""
    change = world.change(requester=world.people.sam)
    change.requester = world.people.bob
    change.save_changes(["requester"])
    change.submit(by=world.people.alice)
    change.assess(by=world.people.alice)
    compute(change, by=world.people.alice)
    with pytest.raises(ValidationError, match="never decides"):
        change.approve(by=world.people.sam, impact=change.impact_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.filter(pk=change.pk).update(requester=world.people.cleo)


def test_a_text_that_changed_since_is_refused(world):
    change = everything(world)
    impact = compute(change, by=world.people.alice)
    change.title = "Something else"
    change.save_changes(["title"])
    with pytest.raises(ValidationError, match="the request itself changed"):
        change.approve(by=world.people.sam, impact=impact.pk)


def test_earned_value_counts_the_change(world):
    """Budget at completion and finish are those of the new baselines; of the day before, those of the old ones."""
    from projects.earned_value.reading import cut_of, read

    def figures():
        project = Project.objects.get(pk=world.project.pk)
        reading = read([cut_of(project)])[project.pk]
        return reading.total.bac, len(reading.leaves), reading.finish.date()

    assert figures() == (D("12000.00"), 3, datetime.date(2026, 1, 9))
    change = everything(world)
    compute(change, by=world.people.alice)
    assert figures() == (D("12000.00"), 3, datetime.date(2026, 1, 9))
    change.approve(by=world.people.sam, impact=change.impact_id)
    assert figures() == (D("13300.00"), 4, datetime.date(2026, 1, 15))


@pytest.mark.parametrize("name", ["alice", "bob", "dora", "stella", "cleo", "charlie"])
def test_only_approvers_decide(world, name):
    change = world.assessed(requester=world.people.cleo)
    compute(change, by=world.people.alice)
    with pytest.raises(PermissionDenied):
        change.approve(by=getattr(world.people, name), impact=change.impact_id)
    assert ChangeRequest.objects.get().state == "assessment"


def test_the_database_refuses_what_the_verbs_do_not_do(world):
    change = world.assessed()
    compute(change, by=world.people.alice)
    rows = ChangeRequest.objects.filter(pk=change.pk)
    now = change.submitted_at
    for values in (
        {"state": "approved", "decided_at": now, "decided_by": world.people.bob},  # its requester
        {"state": "approved", "decided_at": now, "decided_by": None},
        {"state": "approved", "decided_at": now, "decided_by": world.people.sam, "impact": None},
        {"state": "implemented", "decided_at": now, "decided_by": world.people.sam},
        {"state": "submitted"},  # back
        {"state": "rejected", "decided_at": now, "decided_by": world.people.sam},  # without a reason
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)
    change.reject(by=world.people.sam, note="Too late")
    for values in ({"state": "assessment"}, {"title": "Another"}, {"decision_note": "Other"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        change.money.create(project=world.project, name="X", category="other", delta=1)


# What was replaced


def test_a_replaced_baseline_stays(world):
    change = everything(world)
    compute(change, by=world.people.alice)
    change.approve(by=world.people.sam, impact=change.impact_id)
    old = world.project.baselines.get(number=0)
    with pytest.raises(ValidationError, match=change.ref):
        remove_baseline(old, by=world.people.alice)
    with pytest.raises(ValidationError, match=change.ref):
        take_baseline(world.project, by=world.people.alice, number=0)


def test_a_line_of_a_change_stays(world):
    change = everything(world)
    assert change.money.count() == 3
    with pytest.raises(ValidationError, match="part of a change request"):
        verbs.remove_line(BudgetLine.objects.get(name="Travel"), by=world.people.alice)


def test_a_text_drafted_for_a_change_is_decided_with_it(world):
    change = everything(world)
    draft = world.req("Search").versions.get(state="draft")
    for verb in (draft.approve, draft.discard):
        with pytest.raises(ValidationError, match=change.ref):
            verb(by=world.people.sam)
    change.reject(by=world.people.sam, note="Not now")
    draft.refresh_from_db()
    assert draft.state == "discarded"
    assert world.req("Search").text == "Search works"


def test_without_baselines_the_first_ones_are_made(world):
    project = world.project
    project.baselines.all().delete()
    project.scope_baselines.all().delete()
    change = everything(world)
    compute(change, by=world.people.alice)
    change.approve(by=world.people.sam, impact=change.impact_id)
    change.refresh_from_db()
    assert (change.scope_before, change.schedule_before) == (None, None)
    assert change.schedule_after.tasks.count() == 5
    assert change.scope_after.items.count() == 3
