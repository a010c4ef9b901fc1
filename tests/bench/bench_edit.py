"""How long a task edit takes from request to answer, beside the least it could take.

The floor, measured in the same run on the same plan: read the same rows with one cursor, run the engine once, write
the dates of the rows that moved with one UPDATE. The plan is one chain, and its first task is edited, so every task
moves: the worst case. The answer renders a page of the plan with its timeline.
"""

import statistics
import time

from common import Row, row, scratch_database
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from projects.schedule import edits, plan
from projects.schedule.models import Task
from tests.factories import make_project, make_user

RUNS = 5


def run() -> list[Row]:
    rows = []
    with scratch_database():
        for count in (1000, 5000):
            rows += _edit_of_a_chain(count)
    return rows


def _edit_of_a_chain(count: int) -> list[Row]:
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    alice = make_user("Alice")
    project = make_project(by=alice)
    rows = [{"name": f"Step {n}", "duration": 480} for n in range(count)]
    edits.add_tasks(project, by=alice, rows=rows, links=[(n, n + 1) for n in range(count - 1)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(alice, backend="pmdm.accounts.backends.RoleBackend")
    floor = statistics.median(_floor(project, 480 * (2 + run % 2)) for run in range(RUNS))
    verb = statistics.median(_verb(project, alice, 480 * (4 + run % 2)) for run in range(RUNS))
    request = statistics.median(_request(client, project, f"{6 + run % 2}d") for run in range(RUNS))
    name = f"edit the head of a chain of {count:,}"
    return [
        row(f"{name}, verb", verb * 1000, "ms", floor=floor * 1000),
        row(f"{name}, request to answer", request * 1000, "ms", floor=floor * 1000, aim=5),
    ]


def _floor(project, duration) -> float:
    """Bare read, pass and write: no forms, no pages, no comparison of what changed."""
    Task.objects.filter(project=project, number=1).update(duration=duration)
    began = time.perf_counter()
    with transaction.atomic():
        bare = plan.Plan(project)
        result = bare.compute()
        ids = [row.id for row in bare.rows]
        dates = [
            [getattr(result.tasks[key], name) for key in ids]
            for name in ("start", "finish", "early_start", "early_finish", "late_start", "late_finish")
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE projects_task t SET start = n.a, finish = n.b, early_start = n.c, early_finish = n.d,"
                " late_start = n.e, late_finish = n.f FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[],"
                " %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])"
                " AS n (id, a, b, c, d, e, f) WHERE t.id = n.id",
                [ids, *dates],
            )
    return time.perf_counter() - began


def _verb(project, alice, duration) -> float:
    task = project.tasks.get(number=1)
    began = time.perf_counter()
    moved = edits.change_task(task, by=alice, version=task.version, duration=duration)
    taken = time.perf_counter() - began
    assert len(moved.tasks) == project.tasks.count()
    return taken


def _request(client, project, duration) -> float:
    task = project.tasks.get(number=1)
    address = reverse("projects:task-detail", args=[project.code, task.uid])
    values = {
        "name": task.name,
        "duration": duration,
        "percent": 0,
        "constraint": 0,
        "mode": "auto",
        "predecessors": "",
        "version": task.version,
    }
    began = time.perf_counter()
    response = client.post(address, values, HTTP_HX_REQUEST="true")
    taken = time.perf_counter() - began
    assert response.status_code == 200
    assert "tasks moved" in response.content.decode()
    return taken
