"""Pages on the load of ``demo --scale 300``: each beside a bare view that renders 50 rows from the ORM.

``run()`` gives rows for ``tests/bench/run.py``. In process, through the whole stack of middleware, as a person of the
PMO, who sees everything. What is compared is the CPU time of this process, the least of all turns: on a machine that
others use too the clock on the wall says how busy they are. Floor and page take turns, so that a slow minute makes
both slow; the time on the wall stands beside.

The memory is that of the web server as ``manage.py up`` runs it, with its processes: after its first page, and after
each page that links lead to, ``ROUNDS`` times.
"""

import html
import http.client
import os
import re
from collections.abc import Iterator

import psutil
from common import Row, beside, row, scratch_database, web_server

PROJECTS = int(os.environ.get("BENCH_PROJECTS", "300"))
TURNS = 25
PORT = int(os.environ.get("BENCH_PORT", "8199"))
ROUNDS = 3
LINK = re.compile(r'href="(/[^"#]*)')

PAGES = [
    # name, path, highest ratio to the floor
    ("project list, 50 rows", "/projects/", 3),
    ("product list, 50 rows", "/products/", 3),
    ("issues of a product, 50 rows", "/products/LP1/issues/", 3),
    ("issues of a product, searched", "/products/LP1/issues/?q=printing", 3),
    ("requirements of a project", "/projects/L1/requirements/", 3),
    ("risks of a project", "/projects/L1/risks/", 3),
    ("portfolio", "/kpis/", 6),
    ("project overview", "/projects/L1/", 6),
    ("product overview", "/products/LP1/", 6),
    ("schedule of 200 tasks", "/projects/L1/schedule/", None),
    ("search", "/search/?q=printing", 6),
]


def run() -> list[Row]:
    from django.utils import timezone

    from handover.demo import scale
    from pmdm.kpis import recompute

    with scratch_database():
        _without_time_limit()
        scale.build(PROJECTS, now=timezone.now())
        recompute.recompute_all()
        _analyze()
        return _measure()


def _without_time_limit() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measure() -> list[Row]:
    from django.conf import settings
    from django.test import Client

    from pmdm.accounts.models import User

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    person = User.objects.create_user("bench@load.example", name="Bench", site_role="pmo")
    client = Client()
    client.force_login(person, backend="pmdm.accounts.backends.RoleBackend")

    def get(path):
        answer = client.get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"

    rows = []
    for name, path, aim in PAGES:
        page, floor = beside(lambda path=path: get(path), _bare_view, TURNS)
        rows.append(row(name, page.cpu * 1000, "ms", floor=floor.cpu * 1000, aim=aim, wall=page.wall * 1000))
    rows += _memory(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return rows


def _memory(session: str) -> list[Row]:
    """What the web server holds after all pages, beside what it held after its first."""
    with web_server(PORT) as server:
        site = _Site(session)
        site.get("/projects/")
        processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        start = _held(processes)
        paths = list(site.all_pages())
        once = _held(processes)
        for _round in range(ROUNDS - 1):
            for path in paths:
                site.get(path)
        end = _held(processes)
    return [
        row(f"memory of the web server after {len(paths)} pages", once, "MiB", floor=start, aim=1.5),
        row(f"the same after each of them {ROUNDS} times", end, "MiB", floor=start, aim=1.5),
    ]


def _held(processes: list[psutil.Process]) -> float:
    return sum(process.memory_info().rss for process in processes) / 2**20


class _Site:
    """One signed-in reader of the web server."""

    def __init__(self, session: str) -> None:
        from django.conf import settings

        self.headers = {"Host": "localhost", "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)

    def get(self, path: str) -> str:
        """The page; '' where it is none (a file, a redirect)."""
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status >= 500:
            raise RuntimeError(f"{path} answered {answer.status}.")
        return body.decode() if answer.getheader("Content-Type", "").startswith("text/html") else ""

    def all_pages(self) -> Iterator[str]:
        """Follows links: for each route the first address that is found."""
        from django.urls import Resolver404, resolve

        waiting, seen = [path for _name, path, _aim in PAGES], set()
        while waiting:
            path = waiting.pop(0)
            try:
                route = resolve(path.split("?")[0]).route
            except Resolver404:
                continue
            if route in seen:
                continue
            seen.add(route)
            waiting += [html.unescape(found) for found in LINK.findall(self.get(path))]
            yield path


def _bare_view() -> str:
    """The least: one query, 50 rows, one template with the same columns, no frame, no session."""
    from django.template import engines

    from projects.models import Project

    rows = list(Project.objects.select_related("client").order_by("name")[:50])
    return _template(engines["django"]).render({"rows": rows})


_cache: dict = {}


def _template(engine):
    if "template" not in _cache:
        _cache["template"] = engine.from_string(
            "<table>{% for row in rows %}<tr><th><a href='/projects/{{ row.code }}/'>{{ row.name }}</a> {{ row.code }}"
            "</th><td>{{ row.client.name }}</td><td>{{ row.get_state_display }}</td><td>{{ row.target_start|date }}"
            "</td><td>{{ row.target_finish|date }}</td><td>{{ row.approved_budget }}</td><td>{{ row.currency }}</td>"
            "<td>{{ row.goal }}</td></tr>{% endfor %}</table>"
        )
    return _cache["template"]
