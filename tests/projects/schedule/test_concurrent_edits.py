"""Two people, one plan: the second waits and computes on what the first left."""

import threading

import pytest
from django.db import connection, transaction

from projects.schedule import edits
from projects.schedule.models import Task
from tests.factories import make_project, make_user


@pytest.mark.django_db(transaction=True)
def test_two_edits_stand_in_line():
    alice = make_user("Alice")
    project = make_project(by=alice)
    edits.add_tasks(project, by=alice, rows=[{"name": name, "duration": 480} for name in "ABC"], links=[(0, 1), (1, 2)])
    inside, go, done = threading.Event(), threading.Event(), []

    def first():
        with transaction.atomic():
            edits.change_task(Task.objects.get(name="A"), by=alice, duration=960)
            inside.set()
            go.wait(5)
        connection.close()

    def second():
        inside.wait(5)
        edits.change_task(Task.objects.get(name="B"), by=alice, duration=1440)
        done.append(True)
        connection.close()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    inside.wait(5)
    threads[1].join(0.5)
    assert not done, "the second edit waits for the first"
    go.set()
    for thread in threads:
        thread.join(10)
    project.refresh_from_db()
    a, b, c = (Task.objects.get(name=name) for name in "ABC")
    assert done
    assert a.finish < b.start < b.finish < c.start
    assert (a.duration, b.duration) == (960, 1440)
    assert project.computed_finish == c.finish
