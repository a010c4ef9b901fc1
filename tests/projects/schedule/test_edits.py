"""What people do to a plan."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from pmdm.registers.models import StaleVersion
from projects.schedule import edits
from projects.schedule.engine import LagUnit, LinkIn, LinkType
from projects.schedule.models import Task
from tests.factories import make_project

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 1, 8, 12, tzinfo=datetime.UTC)


def test_numbers_and_wbs_come_from_one_pass(plan):
    assert plan.outline == [
        (1, "1", "Phase"),
        (2, "1.1", "A"),
        (3, "1.2", "B"),
        (4, "2", "Done"),
        (5, "3", "Other"),
        (6, "3.1", "C"),
    ]


def test_a_task_is_added_below_another(project, people, plan):
    task, moved = edits.add_task(project, by=people.alice, name="A2", after=plan["A"], duration=480)
    assert (task.number, task.wbs, task.parent) == (3, "1.2", plan["Phase"])
    assert plan["B"].wbs == "1.3"
    assert [move.name for move in moved.tasks] == ["A2"]


def test_a_task_below_a_summary_comes_after_its_family(project, people, plan):
    edits.add_task(project, by=people.alice, name="Next", after=plan["Phase"])
    assert plan["Next"].wbs == "2"


def test_a_task_inside_makes_a_summary_that_has_no_progress_of_its_own(project, people, plan):
    edits.change_task(plan["C"], by=people.alice, percent=40, at=NOW)
    edits.add_task(project, by=people.alice, name="C1", parent=plan["C"])
    c = plan["C"]
    assert (c.is_summary, c.percent, c.actual_start) == (True, 0, None)


def test_uids_are_never_given_twice(project, people, plan):
    first, _ = edits.add_task(project, by=people.alice, name="X")
    edits.delete_task(first, by=people.alice)
    second, _ = edits.add_task(project, by=people.alice, name="Y")
    assert second.uid > first.uid


def test_predecessors_are_replaced_by_row_number(project, people, plan):
    links = [LinkIn(2, None, LinkType.SS, 480), LinkIn(6, None, LinkType.FS, 50, LagUnit.PERCENT)]
    edits.change_task(plan["B"], by=people.alice, predecessors=links)
    rows = (
        plan["B"]
        .predecessor_links.order_by("predecessor__number")
        .values_list("predecessor__name", "type", "lag", "lag_unit")
    )
    assert list(rows) == [("A", "SS", 480, "working"), ("C", "FS", 50, "percent")]


@pytest.mark.parametrize(
    ("number", "words"), [(99, "no task 99"), (3, "wait for itself"), (1, "above or below"), (2, "twice")]
)
def test_impossible_predecessors_are_refused_by_name(people, plan, number, words):
    links = [LinkIn(2, None), LinkIn(number, None)]
    with pytest.raises(ValidationError, match=words) as error:
        edits.change_task(plan["B"], by=people.alice, predecessors=links)
    assert "predecessors" in error.value.message_dict
    assert plan["B"].predecessor_links.count() == 1


def test_a_cycle_is_refused_and_nothing_is_kept(people, plan):
    with pytest.raises(ValidationError, match="wait for each other"):
        edits.change_task(plan["A"], by=people.alice, name="Changed", predecessors=[LinkIn(3, None)])
    assert not Task.objects.filter(name="Changed").exists()
    assert plan["A"].predecessor_links.count() == 0


def test_somebody_who_read_an_older_version_is_told(people, plan):
    mine, theirs = plan["A"], plan["A"]
    edits.change_task(theirs, by=people.alice, name="Theirs", version=theirs.version)
    with pytest.raises(StaleVersion):
        edits.change_task(mine, by=people.bob, name="Mine", version=mine.version)
    assert Task.objects.filter(name="Theirs").exists()


def test_computing_does_not_count_as_an_edit(people, plan):
    version = plan["B"].version
    edits.change_task(plan["A"], by=people.alice, duration=480 * 9)
    assert plan["B"].version == version


def test_done_means_hundred_percent_with_both_dates(people, plan):
    edits.change_task(plan["A"], by=people.bob, percent=100, at=NOW)
    a = plan["A"]
    assert (a.percent, a.is_critical, a.total_float) == (100, False, None)
    assert a.actual_start == a.start
    assert a.actual_finish == datetime.datetime(2026, 1, 6, 16, tzinfo=datetime.UTC), "planned, and before now"


def test_what_is_done_early_is_not_done_later_than_now(people, plan):
    edits.change_task(plan["B"], by=people.bob, percent=100, at=NOW)
    assert plan["B"].actual_finish == NOW


def test_a_task_taken_back_is_not_finished(people, plan):
    edits.change_task(plan["A"], by=people.bob, percent=100, at=NOW)
    edits.change_task(plan["A"], by=people.bob, percent=60, at=NOW)
    assert plan["A"].actual_finish is None
    assert plan["A"].actual_start is not None


def test_a_summary_has_no_progress_of_its_own(people, plan):
    with pytest.raises(ValidationError, match="comes from the tasks below"):
        edits.change_task(plan["Phase"], by=people.alice, percent=10)


@pytest.mark.parametrize(
    ("name", "direction", "outline"),
    [
        ("B", "up", ["Phase", "B", "A", "Done", "Other", "C"]),
        ("Phase", "down", ["Done", "Phase", "A", "B", "Other", "C"]),
        ("Other", "up", ["Phase", "A", "B", "Other", "C", "Done"]),
        ("Done", "in", ["Phase", "A", "B", "Done", "Other", "C"]),
        ("A", "out", ["Phase", "B", "A", "Done", "Other", "C"]),
    ],
)
def test_rows_move_with_all_below_them(people, plan, name, direction, outline):
    edits.move_task(plan[name], direction, by=people.alice)
    assert [row[2] for row in plan.outline] == outline
    assert [row[0] for row in plan.outline] == [1, 2, 3, 4, 5, 6]


def test_indent_and_outdent_change_the_parent(people, plan):
    edits.move_task(plan["Done"], "in", by=people.alice)
    assert plan["Done"].wbs == "1.3"
    edits.move_task(plan["C"], "out", by=people.alice)
    assert plan["C"].wbs == "3"
    assert not plan["Other"].is_summary


@pytest.mark.parametrize(("name", "direction"), [("Phase", "up"), ("C", "down"), ("A", "in"), ("Done", "out")])
def test_the_edge_is_said(people, plan, name, direction):
    with pytest.raises(ValidationError, match="further"):
        edits.move_task(plan[name], direction, by=people.alice)


def test_linked_tasks_cannot_become_parent_and_child(people, plan):
    with pytest.raises(ValidationError, match="linked"):
        edits.move_task(plan["B"], "in", by=people.alice)


def test_a_family_is_deleted_only_when_asked_for(project, people, plan):
    with pytest.raises(ValidationError, match="tasks below"):
        edits.delete_task(plan["Phase"], by=people.alice)
    moved = edits.delete_task(plan["Phase"], by=people.alice, with_children=True)
    assert [row[2] for row in plan.outline] == ["Done", "Other", "C"]
    assert "comes forward" in moved.sentence


def test_people_become_resources_once(project, people, plan):
    for name in ("A", "B"):
        edits.change_task(plan[name], by=people.alice, people=[edits.Person(user=people.bob)])
    assert project.resources.count() == 1
    assert plan["A"].assignments.get().resource.user == people.bob
    edits.change_task(plan["A"], by=people.alice, people=[])
    assert plan["A"].assignments.count() == 0


def test_rows_of_another_project_are_no_place(people, plan):
    other = make_project()
    with pytest.raises(ValueError, match="another project"):
        edits.add_task(other, by=people.alice, name="X", after=plan["A"])


def test_unknown_fields_are_refused(people, plan):
    with pytest.raises(ValueError, match="no field"):
        edits.change_task(plan["A"], by=people.alice, project_id=5)
