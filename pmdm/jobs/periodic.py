"""Jobs that run once per hour or day, caught up on start, never twice for one period."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from pmdm.jobs import outbox
from pmdm.jobs.models import PeriodicRun


@dataclass(frozen=True)
class Periodic:
    name: str
    every: str  # 'hour' or 'day'
    run: Callable[[datetime.datetime], None]

    def period(self, now: datetime.datetime) -> str:
        now = now.astimezone(datetime.UTC)
        return f"{now:%Y-%m-%dT%H}" if self.every == "hour" else f"{now:%Y-%m-%d}"


_jobs: dict[str, Periodic] = {}


def periodic(name: str, *, every: str):
    """Register ``function(now)`` to run once per 'hour' or 'day' (UTC). Two jobs of one name: ValueError."""
    if every not in ("hour", "day"):
        raise ValueError(f"A periodic job runs every 'hour' or 'day', not {every!r}.")

    def register(function):
        if name in _jobs:
            raise ValueError(f"Two periodic jobs named {name!r}: {_jobs[name].run} and {function}.")
        _jobs[name] = Periodic(name, every, function)
        return function

    return register


def start_due(now: datetime.datetime | None = None) -> list[str]:
    """Put every job whose current period has no run yet into the outbox; the names of those.

    A machine that slept through midnight catches up with its first minute. The unique row makes two beats one run,
    and the outbox counts attempts and shows a job that fails.
    """
    now = now or timezone.now()
    started = []
    for job in _jobs.values():
        period = job.period(now)
        with transaction.atomic():
            _, created = PeriodicRun.objects.get_or_create(job=job.name, period=period)
            if created:
                outbox.enqueue(
                    "periodic",
                    f"periodic:{job.name}:{period}",
                    {"job": job.name, "period": period, "now": now.isoformat()},
                )
                started.append(job.name)
    return started


@outbox.handles("periodic")
def _run(payload: dict) -> None:
    with connection.cursor() as cursor:
        # A night's work over all subjects may take longer than a page may.
        cursor.execute("SET LOCAL statement_timeout = '10min'")
    _jobs[payload["job"]].run(datetime.datetime.fromisoformat(payload["now"]))
    PeriodicRun.objects.filter(job=payload["job"], period=payload["period"]).update(finished_at=timezone.now())
