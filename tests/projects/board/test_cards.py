"""Cards and progress are one truth."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pmdm.registers.models import StaleVersion
from projects.board.cards import Elsewhere, Sure, cards_of, column_of, move_card, ordered, rows_of, set_priority
from projects.board.columns import Wanted, arrange, columns_of, version_of
from projects.schedule import edits
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2026, 1, 14, 10, 30, tzinfo=datetime.UTC)


def lies_in(project, name):
    """The column's key, from progress as it is stored."""
    task = project.tasks.select_related("card").get(name=name)
    card = getattr(task, "card", None)
    return column_of(
        columns_of(project), task.percent, task.actual_start is not None, card.column_id if card else None
    ).key


def names(project, key):
    columns = columns_of(project)
    column = next(column for column in columns if column.key == key)
    by_pk = dict(project.tasks.values_list("pk", "name"))
    return [by_pk[row.pk] for row in ordered(rows_of(cards_of(project)), columns, column)]


def test_cards_are_the_tasks_with_work(project, plan):
    assert names(project, "todo") == ["A", "B", "C", "D"]


def test_to_done_completes_the_task_now(project, plan, people):
    move_card(plan["A"], by=people.bob, to="done", was="todo", at=AT)
    task = plan["A"]
    assert (task.percent, task.actual_finish) == (100, AT)
    assert task.actual_start == datetime.datetime(2026, 1, 5, 7, tzinfo=datetime.UTC), "as planned, which was earlier"
    assert task.version == 2


def test_between_begins_it_and_keeps_what_it_is(project, plan, people):
    move_card(plan["A"], by=people.bob, to="review", was="todo", at=AT)
    task = plan["A"]
    assert (task.percent, task.actual_start, task.actual_finish) == (0, AT, None)
    assert lies_in(project, "A") == "review"
    move_card(task, by=people.bob, to="doing", was="review", at=AT)
    assert plan["A"].version == task.version, "between the two the plan does not change"


def test_out_of_done_it_is_as_far_as_before(project, plan, people):
    edits.change_task(plan["A"], by=people.bob, percent=40)
    move_card(plan["A"], by=people.bob, to="done", was="doing", at=AT)
    move_card(plan["A"], by=people.bob, to="review", was="done", at=AT)
    assert (plan["A"].percent, plan["A"].actual_finish) == (40, None)
    assert plan["A"].actual_start is not None


def test_back_to_the_first_asks_before_progress_is_lost(project, plan, people):
    edits.change_task(plan["A"], by=people.bob, percent=40)
    with pytest.raises(Sure) as sure:
        move_card(plan["A"], by=people.bob, to="todo", was="doing", at=AT)
    assert sure.value.code == "progress"
    assert "40" in sure.value.sentence
    assert plan["A"].percent == 40
    move_card(plan["A"], by=people.bob, to="todo", was="doing", sure=["progress"], at=AT)
    assert (plan["A"].percent, plan["A"].actual_start) == (0, None)


def test_progress_from_elsewhere_moves_the_card(project, plan, people):
    move_card(plan["A"], by=people.bob, to="review", was="todo", at=AT)
    edits.change_task(plan["A"], by=people.alice, percent=100)
    assert lies_in(project, "A") == "done"
    edits.change_task(plan["A"], by=people.alice, percent=30)
    assert lies_in(project, "A") == "review", "where it was put"
    edits.change_task(plan["B"], by=people.alice, percent=10)
    assert lies_in(project, "B") == "doing", "the first of those between"


def test_a_limit_asks_first(project, plan, people):
    columns = [Wanted("To do", None, "todo"), Wanted("Doing", 1, "doing"), Wanted("Done", None, "done")]
    arrange(project, by=people.alice, columns=columns, version=version_of(project))
    move_card(plan["A"], by=people.bob, to="doing", was="todo", at=AT)
    with pytest.raises(Sure) as sure:
        move_card(plan["B"], by=people.bob, to="doing", was="todo", at=AT)
    assert sure.value.code == "limit"
    assert lies_in(project, "B") == "todo"
    move_card(plan["B"], by=people.bob, to="doing", was="todo", sure=["limit"], at=AT)
    assert names(project, "doing") == ["A", "B"]


def test_whoever_was_second_learns_who_was_first(project, plan, people):
    move_card(plan["A"], by=people.bob, to="doing", was="todo", at=AT)
    with pytest.raises(Elsewhere) as error:
        move_card(plan["A"], by=people.alice, to="done", was="todo", at=AT)
    assert error.value.column.key == "doing"
    assert plan["A"].percent == 0


def test_a_task_that_became_a_summary_is_no_card(project, plan, people):
    task = plan["A"]
    edits.add_task(project, by=people.alice, name="Below", parent=task)
    with pytest.raises(Elsewhere) as error:
        move_card(task, by=people.bob, to="doing", was="todo", at=AT)
    assert error.value.column is None


def test_the_order_is_kept(project, plan, people):
    move_card(plan["D"], by=people.bob, to="todo", was="todo", before=plan["B"].uid)
    assert names(project, "todo") == ["A", "D", "B", "C"]
    move_card(plan["A"], by=people.bob, to="todo", was="todo", place="down")
    assert names(project, "todo") == ["D", "A", "B", "C"]
    move_card(plan["C"], by=people.bob, to="todo", was="todo", place="top")
    assert names(project, "todo") == ["C", "D", "A", "B"]
    move_card(plan["C"], by=people.bob, to="todo", was="todo")
    assert names(project, "todo") == ["D", "A", "B", "C"]
    edits.move_task(plan["B"], "up", by=people.alice)
    assert names(project, "todo") == ["D", "A", "B", "C"], "rows that move in the plan leave the board's order alone"


def test_done_shows_the_latest_first(project, plan, people):
    move_card(plan["A"], by=people.bob, to="done", was="todo", at=AT)
    move_card(plan["B"], by=people.bob, to="done", was="todo", at=AT + datetime.timedelta(hours=1))
    assert names(project, "done") == ["B", "A"]


def test_columns_are_arranged_and_their_cards_kept(project, plan, people):
    move_card(plan["A"], by=people.bob, to="review", was="todo", at=AT)
    version = version_of(project)
    arrange(
        project,
        by=people.alice,
        columns=[
            Wanted("Idea", None, "todo"),
            Wanted("Build", 3, "doing"),
            Wanted("Test"),
            Wanted("Ready", None, "done"),
        ],
        version=version,
    )
    columns = columns_of(project)
    assert [(column.key, column.name, column.wip_limit) for column in columns] == [
        ("todo", "Idea", None), ("doing", "Build", 3), ("c1", "Test", None), ("done", "Ready", None),
    ]  # fmt: skip
    assert lies_in(project, "A") == "doing", "its column went"
    with pytest.raises(StaleVersion):
        arrange(project, by=people.alice, columns=[Wanted(n) for n in "abc"], version=version)


@pytest.mark.parametrize("wanted", [["a", "b"], ["a", "b", "A"], [str(n) for n in range(13)]])
def test_columns_that_make_no_board_are_refused(project, people, wanted):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        arrange(project, by=people.alice, columns=[Wanted(name) for name in wanted], version=0)
    assert not project.board_columns.exists()


def test_priority(project, plan, people):
    set_priority(plan["A"], by=people.alice, priority=1)
    assert plan["A"].card.priority == 1
    move_card(plan["A"], by=people.bob, to="doing", was="todo", at=AT)
    assert plan["A"].card.priority == 1


class AnyMoves(TestCase):
    """Whatever is moved wherever: the card lies where its progress says, and no two orders disagree."""

    def setUp(self):
        self.alice = make_user("Alice")
        self.project = make_project(self.alice, target_start=datetime.date(2026, 1, 5))
        edits.add_tasks(self.project, by=self.alice, rows=[{"name": name, "duration": 480} for name in "ABCDE"])

    keys = st.sampled_from(["todo", "doing", "review", "done"])

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(st.sampled_from("ABCDE"), keys, st.none() | st.sampled_from("ABCDE")), max_size=8))
    def test_the_card_lies_where_it_was_put(self, moves):
        for name, to, before in moves:
            task = self.project.tasks.get(name=name)
            task.project = self.project
            other = self.project.tasks.get(name=before).uid if before else None
            move_card(
                task, by=self.alice, to=to, was=lies_in(self.project, name), before=other, sure=["progress"], at=AT
            )
            assert lies_in(self.project, name) == to
            column = names(self.project, to)
            if before and before != name and before in column and to != "done":
                assert column.index(name) == column.index(before) - 1
            task.refresh_from_db()
            assert (task.percent == 100) == (task.actual_finish is not None) == (to == "done")
            assert (task.actual_start is None) == (to == "todo")
        everywhere = [name for key in ("todo", "doing", "review", "done") for name in names(self.project, key)]
        assert sorted(everywhere) == list("ABCDE")
