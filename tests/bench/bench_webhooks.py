"""Fifty webhooks a second for a minute, posted to the web server as `manage.py up` runs it: every one must be stored.

``BENCH_SECONDS`` shortens the minute. Eight senders keep the pace whatever the answers take: what is late is sent at
once. The floor is the probe that touches no database, asked the same way.
"""

import http.client
import json
import os
import queue
import statistics
import threading
import time

from common import Row, row, scratch_database, web_server

PER_SECOND = 50
SECONDS = int(os.environ.get("BENCH_SECONDS", "60"))
SENDERS = 8
PORT = int(os.environ.get("BENCH_PORT", "8199"))


def run() -> list[Row]:
    from delivery.models import AlertDelivery, AlertSource, Incident
    from pmdm.jobs import outbox
    from tests import factories

    with scratch_database():
        source, token = AlertSource.connect(
            factories.make_product(code="BENCH"), by=None, name="Bench", kind="alertmanager"
        )
        with web_server(PORT):
            floor = _send([("GET", "/healthz", None)] * PER_SECOND * min(SECONDS, 5))
            sent = _send([("POST", f"/alerts/{token}/", _body(number)) for number in range(PER_SECOND * SECONDS)])
        stored = AlertDelivery.objects.filter(source=source).count()
        taken = sum(status == 202 for status, _seconds in sent)
        began = time.perf_counter()
        while outbox.drain():
            pass
        worked = time.perf_counter() - began
        opened = Incident.objects.count()
    slow, least = (statistics.quantiles([s for _status, s in seen], n=20)[-1] * 1000 for seen in (sent, floor))
    return [
        row(f"webhooks of {len(sent)} not taken", len(sent) - taken, "", limit=0),
        row("webhooks taken and not stored", taken - stored, "", limit=0),
        row("webhooks that opened no incident", stored - opened, "", limit=0),
        row("webhook, p95", slow, "ms", floor=least, limit=500),
        row("all of them processed by one worker in", worked, "s"),
    ]


def _body(number: int) -> bytes:
    alert = {
        "status": "firing",
        "labels": {"alertname": "Down", "instance": f"web{number}"},
        "annotations": {"summary": f"web{number} is down"},
        "startsAt": "2026-06-08T08:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
    }
    return json.dumps({"version": "4", "status": "firing", "alerts": [alert]}).encode()


def _send(requests: list[tuple[str, str, bytes | None]]) -> list[tuple[int, float]]:
    """Status and seconds of each, sent PER_SECOND; 0 where the connection broke."""
    waiting: queue.SimpleQueue = queue.SimpleQueue()
    answers: list[tuple[int, float]] = []
    began = time.perf_counter()
    for number, request in enumerate(requests):
        waiting.put((began + number / PER_SECOND, request))

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        while True:
            try:
                due, (method, path, body) = waiting.get_nowait()
            except queue.Empty:
                connection.close()
                return
            time.sleep(max(0.0, due - time.perf_counter()))
            start = time.perf_counter()
            try:
                headers = {"Host": "localhost", "Content-Type": "application/json"}
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                connection.close()
                status = 0
            answers.append((status, time.perf_counter() - start))

    threads = [threading.Thread(target=work) for _number in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
