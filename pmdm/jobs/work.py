"""Work that takes over two seconds: asked for by a person, done by a worker, its progress seen meanwhile.

    @does("plan.import")
    def import_plan(report, payload): report(40, _("Linking tasks")); return {"tasks": 126}

    work = start("plan.import", _("Import plan"), {"file": 7}, by=request.user)
    return redirect(work)

The function runs in one transaction with the mark 'done'; progress is written outside it, so that others see it.
A worker that dies leaves nothing half done: its lease runs out and another one begins anew.
"""

import datetime
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox, Work

RENEW_EVERY = 20.0  # seconds; a third of the lease
LONGEST = datetime.timedelta(minutes=30)  # after that the lease is left to run out: it hangs
REPORT_EVERY = 0.3  # seconds between two writes of progress

Report = Callable[[int, str], None]
_functions: dict[str, Callable[[Report, dict], dict | None]] = {}


class Refused(Exception):
    """The work can't be done and trying again would not help; the message is for the person who asked."""


def does(kind: str):
    """Register ``function(report, payload) -> result`` for this kind. ``report(percent, step)`` tells how far it is.

    A result with ``url`` sets where the person goes when it is done.
    """

    def register(function):
        if kind in _functions:
            raise ValueError(f"Two functions for {kind!r}: {_functions[kind]} and {function}.")
        _functions[kind] = function
        return function

    return register


@transaction.atomic
def start(
    kind: str, title: str, payload: dict | None = None, *, by, result_url: str = "", crumbs: Iterable[tuple] = ()
) -> Work:
    """Ask for the work in the current transaction; it begins when that commits. Unknown kind: LookupError.

    ``crumbs``, pairs of label and address, lead from its progress page back to where it was asked for.
    """
    if kind not in _functions:
        raise LookupError(f"Nothing here knows how to do {kind!r}.")
    work = Work.objects.create(
        kind=kind,
        title=title,
        payload=payload or {},
        asked_by=by,
        result_url=result_url,
        crumbs=[[str(label), url] for label, url in crumbs],
    )
    outbox.enqueue("work", f"work:{work.pk}", {"work": work.pk})
    return work


def _run(row: Outbox) -> None:
    work = Work.objects.get(pk=row.payload["work"])
    Work.objects.filter(pk=work.pk).update(state=Work.State.RUNNING, percent=0, step="", error="")
    try:
        with _renewed(row):
            _run_in_one_transaction(row, work)
    except Refused as refused:
        with transaction.atomic():
            outbox.mark_done(row)
            _finish(work, Work.State.FAILED, error=str(refused))
    except outbox.LeaseLost:
        raise
    except Exception:
        if row.attempts >= Outbox.MAX_ATTEMPTS:
            outbox.drop_broken_connection()
            _finish(
                work,
                Work.State.FAILED,
                error=_("This failed for a reason on our side. An administrator sees it under number %(number)s.")
                % {"number": row.pk},
            )
        raise


def _run_in_one_transaction(row: Outbox, work: Work) -> None:
    import pghistory

    function = _functions.get(work.kind)
    if function is None:
        raise LookupError(f"Nothing here knows how to do {work.kind!r}.")
    with pghistory.context(user=work.asked_by_id, request=f"work:{work.pk}"), transaction.atomic():
        with connection.cursor() as cursor:
            # The limits of a page are too tight here; what hangs is found by the lease.
            cursor.execute("SET LOCAL statement_timeout = '10min'")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
        with _own_connection() as other:
            result = function(_reporter(work, other), work.payload) or {}
        outbox.mark_done(row)
        _finish(work, Work.State.DONE, percent=100, result=result, result_url=result.get("url") or work.result_url)


def _finish(work: Work, state: str, **values) -> None:
    Work.objects.filter(pk=work.pk).update(state=state, step="", finished_at=timezone.now(), **values)


@contextmanager
def _own_connection() -> Iterator:
    """A second connection of this thread, in autocommit: what it writes is seen at once."""
    other = connections.create_connection("default")
    try:
        yield other
    finally:
        other.close()


def _reporter(work: Work, other) -> Report:
    last = -REPORT_EVERY

    def report(percent: int, step: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < REPORT_EVERY:
            return
        last = now
        with suppress(DatabaseError), other.cursor() as cursor:  # Progress lost is no work lost.
            cursor.execute(
                "UPDATE jobs_work SET percent = %s, step = %s WHERE id = %s AND state = 'running'",
                [max(0, min(99, int(percent))), str(step)[:200], work.pk],
            )

    return report


@contextmanager
def _renewed(row: Outbox) -> Iterator[None]:
    """Renew the row's lease from a thread of its own for as long as the work goes on."""
    stop = threading.Event()

    def renew() -> None:
        until = timezone.now() + LONGEST
        while not stop.wait(RENEW_EVERY) and timezone.now() < until:
            with suppress(DatabaseError):  # The next round may reach it; else the lease runs out, as it should.
                Outbox.objects.filter(pk=row.pk, attempts=row.attempts, done_at=None).update(
                    leased_until=timezone.now() + outbox.LEASE
                )
            connection.close()

    thread = threading.Thread(target=renew, name=f"lease of {row.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


outbox.add_handler("work", outbox.Handler(_run, atomic=False))
