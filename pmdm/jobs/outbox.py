"""Effects outside the change: written with it, done by a worker, once or visibly not.

A handler is registered under a kind: ``@handles("survey.invite")``; it gets the payload and must be safe to run
twice. ``enqueue`` writes the row in the caller's transaction; ``on_commit`` only wakes a worker.
"""

import datetime
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from pmdm.jobs.models import Outbox

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(seconds=60)
RETRY_AFTER = [datetime.timedelta(seconds=5), datetime.timedelta(seconds=30)]


@dataclass(frozen=True)
class Handler:
    run: Callable[[Any], None]
    # False: the handler keeps its own transactions and renews the lease (pmdm.jobs.work); it gets the row itself.
    atomic: bool = True


class LeaseLost(Exception):
    """Somebody else took the row after our lease ran out; what we did is undone, what they do counts."""


_handlers: dict[str, Handler] = {}


def handles(kind: str):
    """Register the function that does the effect of this kind. Two handlers for one kind: ValueError."""

    def register(function):
        add_handler(kind, Handler(function))
        return function

    return register


def add_handler(kind: str, handler: Handler) -> None:
    if kind in _handlers:
        raise ValueError(f"Two handlers for {kind!r}: {_handlers[kind].run} and {handler.run}.")
    _handlers[kind] = handler


def enqueue(kind: str, key: str, payload: dict | None = None, *, due_at: datetime.datetime | None = None) -> bool:
    """Ask for an effect in the current transaction. The same key again changes nothing (False)."""
    _, created = Outbox.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": payload or {}, "due_at": due_at or timezone.now()}
    )
    if created:
        transaction.on_commit(wake)
    return created


def enqueue_many(kind: str, rows: list[tuple[str, dict]]) -> None:
    """Ask for many effects, (key, payload) each, with one statement; keys that are there already change nothing."""
    Outbox.objects.bulk_create(
        (Outbox(kind=kind, key=key, payload=payload) for key, payload in rows), ignore_conflicts=True, batch_size=500
    )
    transaction.on_commit(wake)


def wake() -> None:
    """Wake a worker. With Redis away this is only a log line: the sweep finds the row within seconds."""
    from pmdm.jobs.tasks import drain_outbox

    try:
        drain_outbox.apply_async(retry=False)
    except Exception as error:  # kombu raises many kinds; the change is saved, so none may reach the person
        logger.warning("Could not wake a worker (%s); the sweep will find the work.", error)


def lease(now: datetime.datetime | None = None) -> Outbox | None:
    """Take the oldest due row for LEASE; nobody else sees it until that ends. Attempts count before the work."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Outbox.objects.due(now).order_by("due_at", "pk").select_for_update(skip_locked=True).first()
        if row is None:
            return None
        Outbox.objects.filter(pk=row.pk).update(leased_until=now + LEASE, attempts=F("attempts") + 1)
    row.attempts += 1
    return row


def drain(limit: int = 200) -> int:
    """Do what is due, one after another; the number of rows tried. Each row in a transaction of its own.

    One lease at a time: a row that waits behind a slow one stays free for other workers.
    """
    tried = 0
    while tried < limit and (row := lease()):
        _do(row)
        tried += 1
    return tried


def mark_done(row: Outbox) -> None:
    """Mark in the transaction of the effect. LeaseLost where another attempt has begun: undo by raising it."""
    marked = Outbox.objects.filter(pk=row.pk, attempts=row.attempts, done_at=None, failed_at=None).update(
        done_at=timezone.now(), leased_until=None, error=""
    )
    if not marked:
        raise LeaseLost(f"{row} was taken by another worker")


def _do(row: Outbox) -> None:
    try:
        if row.attempts > Outbox.MAX_ATTEMPTS:
            raise RuntimeError(f"The worker died {Outbox.MAX_ATTEMPTS} times while doing this.")
        handler = _handlers.get(row.kind)
        if handler is None:
            raise LookupError(f"Nothing here knows how to do {row.kind!r}.")
        if handler.atomic:
            _do_atomic(row, handler)
        else:
            handler.run(row)
    except LeaseLost as lost:
        logger.warning("%s; nothing of this attempt was kept.", lost)
    except Exception:  # any error of any handler is kept on the row and retried, then listed for the admin
        drop_broken_connection()
        logger.exception("Outbox row %s (%s) failed", row.pk, row.kind)
        _note_failure(row, traceback.format_exc()[-4000:].replace("\x00", "\N{REPLACEMENT CHARACTER}"))


def drop_broken_connection() -> None:
    """After an error: the next query of this thread gets a connection that works."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _do_atomic(row: Outbox, handler: Handler) -> None:
    with transaction.atomic():
        # Effect and mark together: a crash between them undoes both (as far as the database goes). The row's lock
        # outlives a lease that runs out meanwhile: others skip locked rows. It waits rather than skips: somebody
        # who looks for work may hold the lock for a moment, only to see that the row is leased.
        mine = Outbox.objects.filter(pk=row.pk, done_at=None, attempts=row.attempts)
        claimed = mine.select_for_update().first()
        if claimed is None:
            raise LeaseLost(f"{row} was taken by another worker")
        handler.run(row.payload)
        mark_done(row)


def _note_failure(row: Outbox, error: str) -> None:
    now = timezone.now()
    mine = Outbox.objects.filter(pk=row.pk, attempts=row.attempts, done_at=None)
    if row.attempts >= Outbox.MAX_ATTEMPTS:
        mine.update(failed_at=now, leased_until=None, error=error)
    else:
        mine.update(leased_until=None, due_at=now + RETRY_AFTER[row.attempts - 1], error=error)


def retry(row_id: int) -> bool:
    """Put a failed row back for another three attempts; False where it has not failed (any more)."""
    put_back = (
        Outbox.objects.filter(pk=row_id)
        .exclude(failed_at=None)
        .update(failed_at=None, attempts=0, leased_until=None, due_at=timezone.now(), error="")
    )
    if put_back:
        transaction.on_commit(wake)
    return bool(put_back)
