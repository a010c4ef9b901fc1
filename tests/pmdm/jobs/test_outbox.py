"""The outbox: once or visibly not."""

import datetime
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from pmdm.jobs import outbox
from pmdm.jobs.models import Heartbeat, Outbox

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


@pytest.fixture
def handler(monkeypatch):
    """Registers handlers for this test only."""
    monkeypatch.setattr(outbox, "_handlers", dict(outbox._handlers))
    return outbox.handles


@pytest.fixture(autouse=True)
def silent(monkeypatch):
    monkeypatch.setattr(outbox, "wake", lambda: None)


def leave_a_trace(payload):
    """An effect in the database that shows if it happened twice."""
    Heartbeat.objects.create(name=payload["name"], at=NOW)


@pytest.mark.django_db
class TestEnqueue:
    def test_the_same_key_twice_is_one_effect(self):
        assert outbox.enqueue("mail", "mail:1", {"to": "a"})
        assert not outbox.enqueue("mail", "mail:1", {"to": "b"})
        assert Outbox.objects.get().payload == {"to": "a"}

    def test_a_rolled_back_change_asks_for_nothing(self):
        with transaction.atomic():
            outbox.enqueue("mail", "mail:1")
            transaction.set_rollback(True)
        assert not Outbox.objects.exists()

    def test_it_wakes_only_after_commit(self, django_capture_on_commit_callbacks, monkeypatch):
        woken = []
        monkeypatch.setattr(outbox, "wake", lambda: woken.append(1))
        with django_capture_on_commit_callbacks(execute=True):
            outbox.enqueue("mail", "mail:1")
            assert not woken
        assert woken == [1]

    def test_future_rows_wait_for_their_time(self, handler):
        handler("trace")(leave_a_trace)
        outbox.enqueue("trace", "t", {"name": "x"}, due_at=timezone.now() + datetime.timedelta(hours=1))
        assert outbox.drain() == 0
        Outbox.objects.update(due_at=timezone.now())
        assert outbox.drain() == 1


@pytest.mark.django_db
class TestFailure:
    def test_it_counts_attempts_waits_and_lists_after_three(self, handler):
        @handler("bad")
        def bad(payload):
            raise ValueError("no such \x00 address")

        outbox.enqueue("bad", "bad:1")
        for attempt in (1, 2, 3):
            assert outbox.drain() == 1
            row = Outbox.objects.get()
            assert row.attempts == attempt
            assert "no such \N{REPLACEMENT CHARACTER} address" in row.error
            assert (row.failed_at is not None) == (attempt == 3)
            assert outbox.drain() == 0, "it waits before the next attempt"
            Outbox.objects.update(due_at=timezone.now())
        assert outbox.drain() == 0, "a failed row is left to the administrator"
        assert Outbox.objects.get().last_line.startswith("ValueError: no such")

    def test_a_failed_effect_leaves_nothing(self, handler):
        @handler("half")
        def half(payload):
            Heartbeat.objects.create(name="half", at=NOW)
            raise ValueError("in the middle")

        outbox.enqueue("half", "half:1")
        outbox.drain()
        assert not Heartbeat.objects.exists()

    def test_a_database_error_in_a_handler_is_kept_on_the_row(self, handler):
        @handler("sql")
        def sql(payload):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")

        outbox.enqueue("sql", "sql:1")
        outbox.drain()
        assert "division by zero" in Outbox.objects.get().error

    def test_one_poison_row_does_not_stop_the_others(self, handler):
        handler("trace")(leave_a_trace)
        outbox.enqueue("nobody knows this kind", "a")
        outbox.enqueue("trace", "b", {"name": "b"})
        assert outbox.drain() == 2
        assert Heartbeat.objects.get().name == "b"
        assert "Nothing here knows how to do 'nobody knows this kind'" in Outbox.objects.get(key="a").error

    def test_a_row_that_kills_its_worker_three_times_is_listed(self, handler):
        handler("trace")(leave_a_trace)
        outbox.enqueue("trace", "t", {"name": "t"})
        for _ in range(3):  # Leased, then the worker died and the lease ran out.
            outbox.lease()
            Outbox.objects.update(leased_until=timezone.now() - datetime.timedelta(seconds=1))
        outbox.drain()
        row = Outbox.objects.get()
        assert row.failed_at
        assert "The worker died 3 times" in row.error
        assert not Heartbeat.objects.exists()

    def test_retry_gives_three_more_attempts(self, handler):
        handler("trace")(leave_a_trace)
        row = Outbox.objects.create(kind="trace", key="t", payload={"name": "t"}, attempts=3, failed_at=NOW, error="x")
        assert outbox.retry(row.pk)
        assert not outbox.retry(row.pk), "it is not failed any more"
        outbox.drain()
        row.refresh_from_db()
        assert row.done_at
        assert (row.failed_at, row.error) == (None, "")


@pytest.mark.django_db
def test_two_handlers_for_one_kind_do_not_start(handler):
    handler("trace")(leave_a_trace)
    with pytest.raises(ValueError, match="Two handlers for 'trace'"):
        handler("trace")(leave_a_trace)


@pytest.mark.django_db
def test_a_leased_row_is_nobody_elses_until_the_lease_ends():
    outbox.enqueue("mail", "mail:1")
    assert outbox.lease()
    assert outbox.lease() is None
    assert outbox.lease(timezone.now() + outbox.LEASE + datetime.timedelta(seconds=1)).attempts == 2


@pytest.mark.django_db
def test_an_attempt_that_lost_its_lease_undoes_its_effect(handler):
    def slow(payload):
        leave_a_trace(payload)
        Outbox.objects.update(attempts=2)  # Another worker began meanwhile.

    handler("slow")(slow)
    outbox.enqueue("slow", "s", {"name": "s"})
    outbox.drain()
    assert not Heartbeat.objects.exists()
    assert Outbox.objects.get().done_at is None


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_four_workers_do_every_effect_once(self, handler):
        handler("trace")(leave_a_trace)  # A second time would break the unique name.
        for number in range(60):
            outbox.enqueue("trace", f"t{number}", {"name": f"t{number}"})
        run_together(outbox.drain, 4)
        assert Heartbeat.objects.count() == 60
        assert Outbox.objects.exclude(done_at=None).filter(attempts=1).count() == 60

    def test_a_lease_that_runs_out_under_a_living_worker_is_not_taken(self, handler, monkeypatch):
        began, go_on = threading.Event(), threading.Event()

        @handler("long")
        def long(payload):
            leave_a_trace(payload)
            began.set()
            assert go_on.wait(10)

        monkeypatch.setattr(outbox, "LEASE", datetime.timedelta(seconds=-1))
        outbox.enqueue("long", "l", {"name": "l"})
        worker = threading.Thread(target=in_thread(outbox.drain))
        worker.start()
        assert began.wait(10)
        assert outbox.lease() is None, "the row's lock outlives the lease"
        go_on.set()
        worker.join()
        assert Outbox.objects.get().done_at
        assert Heartbeat.objects.count() == 1

    def test_enqueued_twice_at_once_is_one_row(self):
        run_together(lambda: outbox.enqueue("mail", "mail:1"), 4)
        assert Outbox.objects.count() == 1


def in_thread(function):
    def run():
        try:
            function()
        finally:
            connection.close()

    return run


def run_together(function, count):
    threads = [threading.Thread(target=in_thread(function)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
