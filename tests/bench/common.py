"""What the benches share: a database of their own, the clock, and the rows of the report."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

Row = dict[str, Any]


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database beside the ones in use, gone afterwards."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def web_server(port: int) -> Iterator[subprocess.Popen]:
    """The web server as ``manage.py up`` runs it, on the database in use; it answers on 127.0.0.1."""
    from django.conf import settings
    from django.db import connection

    from pmdm.local.places import Home
    from pmdm.local.programs import is_served, web

    # The name is the last part, also where the address names the folder of a socket.
    database = f"{settings.DATABASE_URL.rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    command = web(Home(settings.HOME), port=port, env={}).command
    # Away from the terminal's own variables, but with the limits on, as in production.
    env = os.environ | {"DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL, "PMDM_RATE_LIMITS": "on"}
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _try in range(240):
            if is_served(port):
                break
            time.sleep(0.25)
        else:
            raise RuntimeError(f"The web server did not answer on port {port}: {' '.join(command)} ({sys.version})")
        yield server
    finally:
        server.terminate()
        server.wait(20)


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def median(call: Callable[[int], object], times: int) -> float:
    """Median seconds of ``times`` calls, each given its number."""
    return statistics.median(timed(lambda number=number: call(number)) for number in range(times))


class Cost(NamedTuple):
    """Seconds: of this process on the CPU, and on the wall."""

    cpu: float
    wall: float


def beside(call: Callable[[], object], floor: Callable[[], object], turns: int) -> tuple[Cost, Cost]:
    """The least that both cost, taking turns: whatever else the machine does slows both alike."""
    seen: dict[Callable, list[Cost]] = {call: [], floor: []}
    for turn in range(turns + 2):
        for each, costs in seen.items():
            began = time.process_time(), time.perf_counter()
            each()
            cost = Cost(time.process_time() - began[0], time.perf_counter() - began[1])
            if turn > 1:  # The first two fill caches.
                costs.append(cost)
    first, second = (Cost(min(c.cpu for c in costs), min(c.wall for c in costs)) for costs in seen.values())
    return first, second


class CpuTime:
    """CPU seconds of calls, in this process and in the one that serves its connection to PostgreSQL."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        self._server = psutil.Process(pid)
        # Linux counts nanoseconds here; what psutil reads comes in hundredths of a second.
        self._exact = Path(f"/proc/{pid}/schedstat")

    def of(self, call: Callable[[], object]) -> float:
        began = self._now()
        call()
        return self._now() - began

    def _now(self) -> float:
        if self._exact.exists():
            return time.process_time() + int(self._exact.read_text().split()[0]) / 1e9
        server = self._server.cpu_times()
        return time.process_time() + server.user + server.system


def row(name: str, value: float, unit: str, *, floor: float | None = None, aim: float | None = None,
        limit: float | None = None, wall: float | None = None) -> Row:  # fmt: skip
    """One line of the report: ``aim`` is the highest ratio to the floor, ``limit`` the highest value.

    Where ``value`` is CPU time, ``wall`` is the time on the wall beside it.
    """
    ratio = value / floor if floor else None
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "floor": None if floor is None else round(floor, 3),
        "ratio": None if ratio is None else round(ratio, 2),
        "aim": aim,
        "limit": limit,
        "wall": None if wall is None else round(wall, 3),
    }
