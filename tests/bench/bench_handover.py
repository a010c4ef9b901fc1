"""A handover with 2,000 open items: its page and its list beside a bare table of the rows; and its acceptance.

``run()`` gives rows for ``tests/bench/run.py``. Acceptance is one transaction with its audit trail; its clock stands
beside the CPU time, since what is asked for is seconds that a person waits.
"""

import datetime
import os
import time

from common import Row, beside, row, scratch_database

ITEMS = int(os.environ.get("BENCH_ITEMS", "2000"))
TURNS = 9


def run() -> list[Row]:
    with scratch_database():
        return _measure()


def _record():
    """A closed project with issues, risks and a manager on each side, everything decided and verified."""
    from django.db import connection

    from handover.criteria import verbs as criteria
    from handover.items import deciding, finding
    from handover.transfer import actions
    from pmdm.accounts.models import User
    from projects.models import Issue, Project, Risk

    giver, receiver = (User.objects.create_user(f"{name}@load.example", name=name) for name in ("Gina", "Remo"))
    project = Project.initiate(by=giver, code="BENCH", name="Bench")
    project.memberships.create(user=receiver, role="delivery_manager")
    half = ITEMS // 2
    Issue.objects.bulk_create(Issue(project=project, number=n, title=f"Issue {n}") for n in range(1, half + 1))
    Risk.objects.bulk_create(
        Risk(project=project, number=n, title=f"Risk {n}", probability=3, impact=3) for n in range(1, ITEMS - half + 1)
    )
    Project.objects.filter(pk=project.pk).update(state="closed")
    project = Project.objects.get(pk=project.pk)
    record = actions.start(project, by=giver)
    finding.refresh(record)
    day = datetime.date(2100, 1, 1)
    choice = deciding.Choice("carry", control="A deputy", control_test_on=day)
    deciding.decide_many(record, dict(record.open_items.values_list("pk", "version")), choice, by=giver)
    for line in record.criteria.all():
        line.handover = record
        criteria.provide(line, by=line.owner, evidence="Folder 3")
        criteria.judge(line, by=line.verifier, met=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return project, record


def _measure() -> list[Row]:
    from django.conf import settings
    from django.template import engines
    from django.test import Client

    from handover.transfer import actions

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    project, record = _record()
    client = Client()
    client.force_login(record.giver, backend="pmdm.accounts.backends.RoleBackend")
    bare = engines["django"].from_string(
        "<table>{% for row in rows %}<tr><th>{{ row }}</th><td>{{ row.get_kind_display }}</td>"
        "<td>{{ row.get_decision_display }}</td><td>{{ row.new_owner.name }}</td></tr>{% endfor %}</table>"
    )

    def floor():
        rows = list(record.open_items.select_related("risk", "issue", "new_owner")[:50])
        return bare.render({"rows": rows})

    def get(path):
        answer = client.get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"

    base = f"/projects/{project.code}/handover/{record.number}/"
    found = []
    for name, path in ((f"handover of {ITEMS} items", base), ("its open items, 50 rows", f"{base}open-items/")):
        page, least = beside(lambda path=path: get(path), floor, TURNS)
        found.append(row(name, page.cpu * 1000, "ms", floor=least.cpu * 1000, aim=6, wall=page.wall * 1000))
    actions.submit(record, by=record.giver)
    began = time.perf_counter()
    product = actions.accept(record, by=record.receiver)
    seconds = time.perf_counter() - began
    assert product.issues.count() + product.risks.count() == ITEMS
    found.append(row(f"accept, {ITEMS} items carried over", seconds * 1000, "ms", limit=2000))
    return found
