"""How long an edit takes from request to answer, beside the least it could take; and reading a whole plan.

The plan is one chain and its first task is edited, so every task moves: the worst case. The floor is measured in the
same run on the same plan: read the columns that the engine needs with one cursor, run the engine once, write the dates
of the same rows with one UPDATE, triggers off: no lock, no links between people, no history, no answer. The request is
the whole of it: session, permission, lock, the plan, the engine, what changed, the write with its history, the journal
with its step for undo, and every moved row as JSON.
"""

import gzip
import json
import statistics
import time

from common import Row, row, scratch_database, timed
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from projects.schedule import edits, engine
from projects.schedule.calendars import project_calendar
from projects.schedule.localtime import to_wall
from projects.schedule.models import Task
from tests.factories import make_project, make_user

RUNS = 5


def run() -> list[Row]:
    rows = []
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    with scratch_database():
        requests = {}
        for count in (1000, 5000, 10_000):
            found, requests[count] = _edit_of_a_chain(count)
            rows += found
        rows.append(
            row("edit 10,000 rather than 5,000 of a chain", requests[10_000] * 1000, "ms",
                floor=requests[5000] * 1000, aim=2.5)
        )  # fmt: skip
    return rows


def _edit_of_a_chain(count: int) -> tuple[list[Row], float]:
    alice = make_user("Alice")
    project = make_project(by=alice)
    rows = [{"name": f"Step {n}", "duration": 480} for n in range(count)]
    edits.add_tasks(project, by=alice, rows=rows, links=[(n, n + 1) for n in range(count - 1)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(alice, backend="pmdm.accounts.backends.RoleBackend")
    floors, verbs, requests = [], [], []
    for number in range(RUNS):  # one after the other, so that a busy machine is as unkind to all of them
        floors.append(_floor(project, 480 * (2 + number % 2)))
        verbs.append(_verb(project, alice, 480 * (4 + number % 2)))
        requests.append(_request(client, project, f"{6 + number % 2}d"))
    floor, verb, request = (statistics.median(times) for times in (floors, verbs, requests))
    name = f"edit the head of a chain of {count:,}"
    found = [
        row(f"{name}, verb", verb * 1000, "ms", floor=floor * 1000),
        row(f"{name}, request to answer", request * 1000, "ms", floor=floor * 1000, aim=5 if count == 5000 else None),
    ]
    return [*found, *_whole_plan(client, project, count)], request


def _floor(project, duration) -> float:
    """Bare read, pass and write."""
    Task.objects.filter(project=project, number=1).update(duration=duration)
    project.refresh_from_db(fields=["computed_start"])
    start = to_wall(project.computed_start, project)
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers
        cursor.execute("SELECT id, duration FROM projects_task WHERE project_id = %s ORDER BY number", [project.pk])
        tasks = [engine.TaskIn(*values) for values in cursor.fetchall()]
        cursor.execute("SELECT predecessor_id, successor_id FROM projects_link WHERE project_id = %s", [project.pk])
        links = [engine.LinkIn(*values) for values in cursor.fetchall()]
        result = engine.schedule(engine.Network(tasks, links), start, project_calendar(project))
        names = ("start", "finish", "early_start", "early_finish", "late_start", "late_finish")
        dates = [[getattr(out, name) for out in result.tasks.values()] for name in names]
        cursor.execute(
            "UPDATE projects_task t SET start = n.a, finish = n.b, early_start = n.c, early_finish = n.d,"
            " late_start = n.e, late_finish = n.f FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[],"
            " %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])"
            " AS n (id, a, b, c, d, e, f) WHERE t.id = n.id",
            [list(result.tasks), *dates],
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
    address = reverse("projects:plan-edits", args=[project.code])
    body = json.dumps({"ops": [{"op": "set", "uid": task.uid, "fields": {"duration": duration}}]})
    began = time.perf_counter()
    response = client.post(address, body, content_type="application/json")
    taken = time.perf_counter() - began
    assert response.status_code == 200, response.content
    assert len(response.json()["rows"]) == project.tasks.count()
    return taken


def _whole_plan(client, project, count: int) -> list[Row]:
    address = reverse("projects:plan-data", args=[project.code])
    taken = statistics.median(timed(lambda: client.get(address)) for _number in range(RUNS))
    size = len(gzip.compress(client.get(address).content, 6))
    return [
        row(f"a plan of {count:,} as JSON", taken * 1000, "ms", limit=400),
        row(f"a plan of {count:,} as JSON, compressed", size / 1000, "kB"),
    ]
