"""Jobs once per period, caught up, never twice."""

import datetime
import threading

import pytest
from django.db import connection
from django.utils import timezone

from pmdm.jobs import outbox, periodic
from pmdm.jobs.models import Outbox, PeriodicRun

MONDAY = datetime.datetime(2026, 3, 2, 0, 1, tzinfo=datetime.UTC)


@pytest.fixture
def jobs(monkeypatch):
    monkeypatch.setattr(periodic, "_jobs", {})
    monkeypatch.setattr(outbox, "wake", lambda: None)
    return periodic.periodic


@pytest.mark.django_db
def test_a_day_is_run_once(jobs):
    ran = []
    jobs("snapshot", every="day")(ran.append)
    assert periodic.start_due(MONDAY) == ["snapshot"]
    assert periodic.start_due(MONDAY + datetime.timedelta(hours=20)) == []
    outbox.drain()
    assert ran == [MONDAY]
    assert PeriodicRun.objects.get().finished_at
    assert periodic.start_due(MONDAY + datetime.timedelta(days=1)) == ["snapshot"]


@pytest.mark.django_db
def test_an_hour_is_an_hour_of_utc(jobs):
    jobs("hourly", every="hour")(lambda now: None)
    berlin = datetime.timezone(datetime.timedelta(hours=1))
    periodic.start_due(MONDAY)
    assert periodic.start_due(MONDAY.astimezone(berlin)) == []
    assert periodic.start_due(MONDAY + datetime.timedelta(hours=1)) == ["hourly"]


@pytest.mark.django_db
def test_a_machine_that_slept_catches_up_with_the_day_it_wakes_in(jobs):
    jobs("snapshot", every="day")(lambda now: None)
    periodic.start_due(MONDAY)
    assert periodic.start_due(MONDAY + datetime.timedelta(days=3, hours=11)) == ["snapshot"]
    assert list(PeriodicRun.objects.order_by("period").values_list("period", flat=True)) == ["2026-03-02", "2026-03-05"]


@pytest.mark.django_db
def test_a_job_that_fails_does_not_stop_the_others_and_is_listed(jobs):
    ran = []

    @jobs("broken", every="day")
    def broken(now):
        raise ValueError("broken job")

    jobs("sound", every="day")(ran.append)
    periodic.start_due(MONDAY)
    for _ in range(3):
        outbox.drain()
        Outbox.objects.update(due_at=timezone.now())
    assert ran == [MONDAY]
    assert "broken job" in Outbox.objects.failed().get().error
    assert PeriodicRun.objects.get(job="broken").finished_at is None


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_are_one_run(jobs):
    ran = []
    jobs("snapshot", every="day")(ran.append)
    started = []

    def beat():
        try:
            started.extend(periodic.start_due(MONDAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.drain()
    assert (started, ran) == (["snapshot"], [MONDAY])


def test_two_jobs_of_one_name_do_not_start(jobs):
    jobs("snapshot", every="day")(print)
    with pytest.raises(ValueError, match="Two periodic jobs"):
        jobs("snapshot", every="day")(repr)
    with pytest.raises(ValueError, match="'hour' or 'day'"):
        jobs("weekly", every="week")(print)
