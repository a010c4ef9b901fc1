"""20,000 issues in one queue: list, filters, search and a change of 500, each beside its floor of the same run.

``run()`` gives rows for ``tests/bench/run.py``. Time is CPU of this process and of its PostgreSQL process together,
since what could be slow in a long queue is the database; PostgreSQL plans without parallel workers, whose time nobody
would see. Page and floor take turns; each figure is the mean of all turns. The floor of a page is one query for the 50
newest whole rows of the same queue, by an index, and a template with eight columns. The floor of a change is the bare
``bulk_update`` of the same 500 rows and columns, with its audit trail.
"""

import datetime
import os
import random
import time
from collections.abc import Callable

from common import CpuTime, Row, row, scratch_database

ISSUES = int(os.environ.get("BENCH_ISSUES", "20000"))
EDITED = 500
TURNS = 20
WORDS = ("search", "printing", "sign-in", "export", "invoices", "a very slow page", "the audit log", "approval")

PAGES = [
    # name, query, highest ratio to the floor; what reads fields of a type, or sorts all there is, counts as a search
    ("queue, open", "?view=0", 3),
    ("queue, all states", "?state=all", 3),
    ("queue, last page of all", f"?state=all&page={ISSUES // 50}", 6),
    ("sorted by title", "?state=all&sort=title", 6),
    ("filtered by type, priority, client", "?state=all&type=bug&severity=2&organisation={client}", 3),
    ("mine, at risk or overdue", "?assignee=me&overdue=risk", 3),
    ("own field: a choice", "?state=all&own=happens&value=always", 6),
    ("own field: words contained", "?state=all&own=environment&value=Firefox 12", 6),
    ("own field: a number compared", "?state=all&own=measured&value=>%3D 400", 6),
    ("own field: a day compared", "?state=all&own=wanted_by&value=< 2026-03-01", 6),
    ("grouped, with sums", "?state=all&group=assignee&sums=on", None),
    ("searched by a word", "?state=all&q=printing", 6),
    ("searched by two words", "?state=all&q=audit+1234", 6),
    ("searched by a word of nothing", "?state=all&q=zeppelin", 6),
    ("search over everything", "/search/?q=printing", 6),
]


def run() -> list[Row]:
    with scratch_database():
        return _measure()


def _queue():
    """A product with its people and a long queue of mixed issues, as a few years leave it."""
    from django.db import connection
    from django.utils import timezone

    from delivery.models import Issue, Product
    from pmdm.accounts.models import Organisation, User
    from pmdm.accounts.roles import Role

    now, dice = timezone.now(), random.Random(7)
    agents = [User.objects.create_user(f"agent{n}@load.example", name=f"Agent {n}") for n in range(8)]
    clients = [Organisation.objects.create(name=f"Load client {n}") for n in range(5)]
    product = Product.launch(by=agents[0], code="DESK", name="Desk", stage="live", clients=clients)
    for agent in agents[1:]:
        product.add_member(agent, Role.SUPPORT, by=agents[0])
    Issue.objects.bulk_create(
        (_issue(product, number, agents, clients, now, dice) for number in range(1, ISSUES + 1)), batch_size=2000
    )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("VACUUM ANALYZE")
    return product, agents, clients


def _issue(product, number, agents, clients, now, dice):
    from delivery.models import Issue

    day = datetime.timedelta(days=1)
    kind, done = dice.choice(Issue.Type.values), dice.random() < 0.7
    created = now - dice.random() * 900 * day
    details = {
        "bug": {
            "steps": "Open the page. Press the button twice. " * dice.randint(1, 5),
            "environment": f"Firefox {dice.randint(90, 160)} on Windows",
            "happens": dice.choice(["always", "sometimes", "once"]),
        },
        "performance": {"metric": "p95", "measured": str(dice.randint(1, 900)), "target": "300", "unit": "ms"},
        "request": {"benefit": "Saves an hour a week.", "wanted_by": f"2026-0{dice.randint(1, 9)}-15"},
    }
    solved = created + dice.random() * 6 * day if done else None
    return Issue(
        product=product, number=number, type=kind, title=f"{dice.choice(WORDS).capitalize()} fails in case {number}",
        description="It worked yesterday. " * dice.randint(1, 20), severity=dice.randint(1, 4),
        state="closed" if done else dice.choice(["new", "in_progress", "waiting"]),
        details=details.get(kind, {}), organisation=dice.choice(clients), assignee=dice.choice([*agents, None]),
        created_at=created, response_due=created + day / 6, resolution_due=created + 5 * day,
        response_at_risk=created + day / 8, resolution_at_risk=created + 4 * day,
        responded_at=solved, resolved_at=solved, closed_at=solved,
    )  # fmt: skip


def _measure() -> list[Row]:
    from django.conf import settings
    from django.template import engines
    from django.test import Client

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    product, agents, clients = _queue()
    client = Client()
    client.force_login(agents[1], backend="pmdm.accounts.backends.RoleBackend")
    bare = engines["django"].from_string(
        "<table>{% for row in rows %}<tr><th><a href='/products/DESK/issues/{{ row.number }}/'>{{ row.title }}</a></th>"
        "<td>{{ row.ref }}</td><td>{{ row.get_type_display }}</td><td>{{ row.get_severity_display }}</td>"
        "<td>{{ row.get_state_display }}</td><td>{{ row.assignee.name }}</td><td>{{ row.organisation.name }}</td>"
        "<td>{{ row.resolution_due|date }}</td></tr>{% endfor %}</table>"
    )
    newest = product.issues.select_related("assignee", "organisation").order_by("-created_at")

    def floor():
        return bare.render({"rows": list(newest.all()[:50])})

    def get(path):
        answer = client.get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"

    found = []
    for name, query, aim in PAGES:
        path = query if query.startswith("/") else f"/products/DESK/issues/{query.format(client=clients[0].pk)}"
        page, least = _beside(lambda path=path: get(path), floor, TURNS)
        found.append(row(name, page[0], "ms", floor=least[0], aim=aim, wall=page[1]))
    return [*found, *_edits(product, agents)]


def _edits(product, agents) -> list[Row]:
    """500 open issues changed, taken back, and their preview; told by a worker."""
    from delivery.issues.queue import bulk
    from delivery.models import Issue
    from pmdm.jobs import outbox

    pks = list(product.issues.open().order_by("pk").values_list("pk", flat=True)[:EDITED])
    by, found = agents[1], []
    edits = [
        ("assignee", (str(agents[2].pk), str(agents[3].pk)), ("assignee", "version")),
        ("severity", ("2", "3"), ("severity", "priority_reason", *Issue.DUES, "version")),
        ("state", ("in_progress", "resolved"), ("state", "step", "assignee", "pauses", "responded_at", "resolved_at",
                                                "closed_at", "resolution", *Issue.DUES, "version")),
    ]  # fmt: skip
    for name, values, columns in edits:
        costs: list[list[float]] = [[], []]
        for value in values:
            costs[0].append(_cost(lambda name=name, value=value: bulk.apply(
                dict.fromkeys(pks), name, value, "Restarted", by=by))[0])  # fmt: skip

            def bare(columns=columns):
                rows = list(Issue.objects.filter(pk__in=pks))
                for each in rows:
                    each.version += 1
                Issue.objects.bulk_update(rows, columns, batch_size=EDITED)

            costs[1].append(_cost(bare)[0])
        page, least = (sum(each) / len(each) for each in costs)
        found.append(row(f"change of {EDITED}: {name}", page, "ms", floor=least, aim=6))
    batch = _cost(lambda: bulk.plan(bulk.Batch(dict.fromkeys(pks), by=by, at=_now(), lock=False), "type", "request"))
    found.append(row(f"what a change of {EDITED} would do", batch[0], "ms", wall=batch[1]))
    done = bulk.BulkEdit.objects.first()
    back = _cost(lambda: bulk.undo(done.pk, by=by))
    found.append(row(f"{EDITED} taken back", back[0], "ms", wall=back[1]))
    from pmdm.jobs.models import Outbox

    Outbox.objects.filter(done_at=None).update(due_at=_now())
    told = _cost(outbox.drain)
    found.append(row("telling who is concerned, in the worker", told[0], "ms", wall=told[1]))
    return found


def _now():
    from django.utils import timezone

    return timezone.now()


def _beside(call: Callable, floor: Callable, turns: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """((CPU, wall) of the call, of the floor), mean milliseconds, taking turns after two that fill caches."""
    spent: dict[Callable, list[tuple[float, float]]] = {call: [], floor: []}
    for turn in range(turns + 2):
        for each, costs in spent.items():
            cost = _cost(each)
            if turn > 1:
                costs.append(cost)
    first, second = (
        (sum(cpu for cpu, _wall in costs) / turns, min(wall for _cpu, wall in costs)) for costs in spent.values()
    )
    return first, second


def _cost(call: Callable) -> tuple[float, float]:
    """(CPU of both processes, wall) of one call, in milliseconds."""
    began = time.perf_counter()
    cpu = CpuTime().of(call)
    return cpu * 1000, (time.perf_counter() - began) * 1000
