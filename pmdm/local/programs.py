"""Web server and worker as `manage.py up` runs them."""

import http.client
import os
import signal
import sys

from .places import Home
from .service import Service

HOST = "127.0.0.1"  # Never wider: the demo lets anybody sign in as anybody.


def web(home: Home, *, port: int, env: dict[str, str]) -> Service:
    workers = str(min(2, os.cpu_count() or 1))
    return Service(
        name="web",
        home=home,
        command=[
            *[sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)],
            *["--workers", workers, "--blocking-threads", "4", "--workers-kill-timeout", "8"],
            *["--respawn-failed-workers", "--no-ws", "pmdm.wsgi:application"],
        ],
        answers=lambda: is_served(port),
        grace=12,
        patience=60,
        env=env,
        shared=False,
    )


def worker(home: Home, *, env: dict[str, str]) -> Service:
    return Service(
        name="worker",
        home=home,
        command=[
            *[sys.executable, "-m", "celery", "-A", "pmdm", "worker", "--pool", "threads"],
            *["--concurrency", "4", "--beat", "--schedule", str(home.run / "celerybeat-schedule")],
            *["--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"],
        ],
        answers=lambda: True,  # It takes work from the outbox whenever it is ready; nobody waits for that.
        stop_signal=signal.SIGTERM,
        grace=15,
        env=env,
        shared=False,
    )


def is_served(port: int) -> bool:
    """Whether the web server answers that it lives."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
