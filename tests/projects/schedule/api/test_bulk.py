"""Many at once: one computation, set-based writes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.schedule import edits, engine
from projects.schedule.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(project, people):
    tasks, _moved = edits.add_tasks(
        project, by=people.alice, rows=[{"name": f"T{n}"} for n in range(300)], links=[(n, n + 1) for n in range(299)]
    )
    return [task.uid for task in tasks]


def costs(api, *ops):
    with CaptureQueriesContext(connection) as queries:
        api.post(*ops)
    return len(queries)


def test_as_many_queries_for_three_hundred_operations_as_for_three(api, plan, rows):
    def ops(uids, days):
        fields = {"duration": f"{days}d", "name": f"X{days}", "predecessors": "", "deadline": "2026-09-01"}
        was = {"percent": 0}
        return [{"op": "set", "uid": uid, "fields": fields, "was": was} for uid in uids]

    costs(api, *ops(rows[:1], 2))
    few, many = costs(api, *ops(rows[:3], 3)), costs(api, *ops(rows, 4))
    assert few == many <= 45


def test_the_plan_is_computed_once(api, plan, rows, monkeypatch):
    calls = []
    schedule = engine.schedule
    monkeypatch.setattr(engine, "schedule", lambda *args, **options: calls.append(1) or schedule(*args, **options))
    api.post(*[{"op": "set", "uid": uid, "fields": {"duration": "2d"}} for uid in rows])
    assert len(calls) == 1


def test_a_block_of_a_thousand_rows(api, project, plan):
    cells = [[f"R{n}", f"{n % 5 + 1}d", str(n + 6) if n else ""] for n in range(1000)]
    answer = api.post({"op": "paste", "at": None, "columns": ["name", "duration", "predecessors"], "cells": cells})
    assert answer["moved"] == 1000
    assert project.tasks.count() == 1006
    assert Task.objects.get(name="R999").predecessor_links.get().predecessor.name == "R998"
    api.undo()
    assert project.tasks.count() == 6
    api.redo()
    assert Task.objects.get(name="R999").predecessor_links.get().predecessor.name == "R998"
