"""Long work: progress seen meanwhile, survives its worker, refusals for the person."""

import datetime

import pytest
from django.db import connections
from django.utils import timezone

from pmdm.accounts.models import User
from pmdm.accounts.roles import Role
from pmdm.jobs import outbox
from pmdm.jobs import work as long_work
from pmdm.jobs.models import Heartbeat, Outbox, Work

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def does(monkeypatch):
    monkeypatch.setattr(long_work, "_functions", {})
    monkeypatch.setattr(outbox, "wake", lambda: None)
    return long_work.does


@pytest.fixture
def alice():
    return User.objects.create_user("alice@example.org", "x", name="Alice Asker")


def seen_by_others(pk):
    """The row as another session sees it."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT state, percent, step FROM jobs_work WHERE id = %s", [pk])
            return cursor.fetchone()
    finally:
        other.close()


def test_progress_is_seen_before_the_effect_is(does, alice):
    seen = []

    @does("count")
    def count(report, payload):
        Heartbeat.objects.create(name="inside", at=NOW)
        report(40, "Counting")
        seen.append(seen_by_others(payload["work"]))
        return {"text": "7 counted", "url": "/there/"}

    work = long_work.start("count", "Count things", by=alice)
    Work.objects.update(payload={"work": work.pk})
    assert outbox.drain() == 1
    assert seen == [("running", 40, "Counting")]
    work.refresh_from_db()
    assert (work.state, work.percent, work.result_url) == ("done", 100, "/there/")
    assert work.finished_at
    assert Heartbeat.objects.exists()


def test_a_refusal_is_told_at_once_and_not_tried_again(does, alice):
    @does("import")
    def refuse(report, payload):
        Heartbeat.objects.create(name="half", at=NOW)
        raise long_work.Refused("Line 7 names no task.")

    work = long_work.start("import", "Import", by=alice)
    outbox.drain()
    work.refresh_from_db()
    assert (work.state, work.error) == ("failed", "Line 7 names no task.")
    assert not Heartbeat.objects.exists()
    assert Outbox.objects.get().done_at


def test_an_error_of_ours_is_tried_three_times_then_told_without_its_stack(does, alice):
    @does("import")
    def broken(report, payload):
        raise KeyError("secret detail")

    work = long_work.start("import", "Import", by=alice)
    for _ in range(3):
        outbox.drain()
        Outbox.objects.update(due_at=timezone.now())
    work.refresh_from_db()
    assert work.state == "failed"
    assert "secret" not in work.error
    assert "secret detail" in Outbox.objects.get().error


def test_work_whose_worker_died_begins_anew(does, alice):
    runs = []
    does("import")(lambda report, payload: runs.append(1))
    work = long_work.start("import", "Import", by=alice)
    outbox.lease()  # The worker that took it was killed.
    Work.objects.update(state="running", percent=60)
    assert outbox.drain() == 0
    Outbox.objects.update(leased_until=timezone.now() - datetime.timedelta(seconds=1))
    outbox.drain()
    work.refresh_from_db()
    assert (runs, work.state) == ([1], "done")


def test_the_lease_is_renewed_while_it_works(does, alice, monkeypatch):
    monkeypatch.setattr(long_work, "RENEW_EVERY", 0.05)

    @does("slow")
    def slow(report, payload):
        before = Outbox.objects.get().leased_until
        for _ in range(100):
            if Outbox.objects.get().leased_until > before:
                return
            __import__("time").sleep(0.05)
        pytest.fail("the lease was not renewed")

    long_work.start("slow", "Slow", by=alice)
    outbox.drain()
    assert Work.objects.get().state == "done"


def test_a_worker_that_lost_the_lease_keeps_nothing(does, alice):
    @does("late")
    def late(report, payload):
        Heartbeat.objects.create(name="late", at=NOW)
        Outbox.objects.update(attempts=2)

    long_work.start("late", "Late", by=alice)
    outbox.drain()
    assert not Heartbeat.objects.exists()
    assert Work.objects.get().state == "running"


def test_unknown_work_is_not_begun(does, alice):
    with pytest.raises(LookupError):
        long_work.start("nothing", "Nothing", by=alice)
    assert not Work.objects.exists()


class TestPage:
    @pytest.fixture
    def work(self, alice):
        return Work.objects.create(kind="import", title="Import plan", asked_by=alice, state="running", percent=30)

    def test_the_asker_sees_it_and_it_polls(self, client, work, alice):
        client.force_login(alice)
        response = client.get(work.get_absolute_url())
        assert b'hx-trigger="every 1s"' in response.content
        assert b"Import plan" in response.content

    def test_a_stranger_does_not(self, client, work):
        client.force_login(User.objects.create_user("bob@example.org", "x", name="Bob"))
        assert client.get(work.get_absolute_url()).status_code == 404

    def test_the_administrator_does(self, client, work):
        client.force_login(User.objects.create_user("ada@example.org", "x", name="Ada", site_role=Role.ADMIN))
        assert client.get(work.get_absolute_url()).status_code == 200

    def test_the_fragment_leads_to_the_result(self, client, work, alice):
        Work.objects.update(state="done", percent=100, result_url="/projects/X/")
        client.force_login(alice)
        response = client.get(work.get_absolute_url(), headers={"HX-Request": "true"})
        assert response["HX-Redirect"] == "/projects/X/"

    def test_a_failure_stops_the_polling_and_says_why(self, client, work, alice):
        Work.objects.update(state="failed", error="Line 7 names no task.")
        client.force_login(alice)
        response = client.get(work.get_absolute_url(), headers={"HX-Request": "true"})
        assert b"Line 7 names no task." in response.content
        assert b"hx-trigger" not in response.content
        assert b"<html" not in response.content
