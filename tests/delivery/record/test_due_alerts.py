"""Alerts before the end of life and before contracts must be decided: rows found by a sweep, told once."""

import datetime
import threading

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from delivery.models import Agreement, DueAlert, Product
from delivery.reminders.sweep import KIND, fire, moment, plan, sweep
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox
from tests.factories import retire

DAY = datetime.timedelta(days=1)
TODAY = timezone.localdate()
SECOND = datetime.timedelta(seconds=1)


def in_days(count):
    return TODAY + count * DAY


@pytest.fixture
def ending(product):
    Product.objects.filter(pk=product.pk).update(retire_on=in_days(200))
    return product


def told():
    return list(DueAlert.objects.exclude(told=[]).order_by("due_at").values_list("days_before", flat=True))


def test_the_end_of_life_is_told_at_180_90_and_30_days(ending, people):
    end = in_days(200)
    for count, expected in ((180, [180]), (90, [180, 90]), (30, [180, 90, 30])):
        before = moment(end, count) - SECOND
        sweep(before)
        assert told() == expected[:-1]
        sweep(before + 2 * SECOND)
        sweep(before + 3 * SECOND)
        assert told() == expected
    row = DueAlert.objects.get(days_before=90)
    assert set(row.told) == {people.dora.pk, people.sue.pk, people.stella.pk}, "our own people, never a client"
    assert Outbox.objects.filter(kind=KIND).count() == 9


def test_a_worker_that_slept_tells_the_nearest_only(ending, people):
    sweep(moment(in_days(200), 30) + SECOND)
    assert told() == [30]
    assert DueAlert.objects.exclude(fired_at=None).count() == 3


def test_a_moved_date_takes_its_waiting_alerts_along_and_what_was_told_stays(ending, people):
    sweep(moment(in_days(200), 180) + SECOND)
    Product.objects.filter(pk=ending.pk).update(retire_on=in_days(400))
    sweep(timezone.now())
    waiting = DueAlert.objects.filter(fired_at=None)
    assert {row.day for row in waiting} == {in_days(400)}
    assert waiting.count() == 3
    assert told() == [180]


def test_a_contract_is_told_before_its_notice_to_who_answers_for_it(product, people):
    row = Agreement.objects.create(
        product=product, title="Hosting", party="Nordhaven", starts_on=in_days(-30), ends_on=in_days(300),
        notice_on=in_days(60), owner=people.bob, alert_days=[20],
    )  # fmt: skip
    sweep(moment(row.notice_on, 20) + SECOND)
    alert = DueAlert.objects.get(agreement=row)
    assert alert.told == [people.dora.pk, people.bob.pk]
    outbox.drain()
    assert sorted(message.to[0] for message in mail.outbox) == sorted([people.dora.email, people.bob.email])
    assert "last day to give notice" in mail.outbox[0].body
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<due-{alert.pk}-")


def test_what_is_over_ended_or_retired_is_silent(ending, people):
    over = {"product": ending, "title": "x", "party": "y", "starts_on": in_days(-90)}
    Agreement.objects.create(**over, ends_on=in_days(-1))
    Agreement.objects.create(**over, ends_on=in_days(10)).end(by=people.dora, reason="Enough")
    endless = Agreement.objects.create(**over)
    plan(timezone.now())
    assert not DueAlert.objects.filter(about="contract").exists()
    endless.end(by=people.dora, reason="Out of service")
    retire(ending, by=people.dora)
    plan(timezone.now())
    assert not DueAlert.objects.exists()


def test_planning_costs_the_same_for_many(ending, django_assert_max_num_queries):
    Agreement.objects.bulk_create(
        Agreement(product=ending, title=f"{n}", party="y", starts_on=TODAY, ends_on=in_days(300)) for n in range(60)
    )
    with django_assert_max_num_queries(12):
        sweep(timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_once(dora):
    product = Product.launch(by=dora, code="END", name="Ends", retire_on=in_days(100))
    at = moment(product.retire_on, 90) + SECOND
    plan(at)
    start = threading.Barrier(2)

    def look():
        start.wait()
        fire(at)
        connections.close_all()

    threads = [threading.Thread(target=look) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Outbox.objects.filter(kind=KIND).count() == 1
