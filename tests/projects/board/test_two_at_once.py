"""Two people drop the same card at the same moment: one of them is first, the other is told."""

import threading

import pytest
from django.db import connection

from projects.board.cards import Elsewhere, move_card
from projects.schedule import edits
from projects.schedule.models import Task
from tests.factories import make_project, make_user


@pytest.mark.django_db(transaction=True)
def test_one_is_first_and_the_other_learns_who():
    alice, bob = make_user("Alice"), make_user("Bob")
    project = make_project(by=alice)
    edits.add_tasks(project, by=alice, rows=[{"name": "A", "duration": 480}])
    together, outcome = threading.Barrier(2), []

    def drop(person, to):
        task = Task.objects.select_related("project").get(name="A")
        together.wait(10)
        try:
            move_card(task, by=person, to=to, was="todo")
            outcome.append(to)
        except Elsewhere as error:
            outcome.append(error.column.key)
        finally:
            connection.close()

    threads = [threading.Thread(target=drop, args=pair) for pair in ((alice, "doing"), (bob, "done"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcome) == 2
    assert outcome[0] == outcome[1], "the second saw where the first had put it"
    task = Task.objects.get(name="A")
    assert (task.percent == 100) == (outcome[0] == "done")
    assert project.board_columns.count() == 4, "the columns were stored once"
