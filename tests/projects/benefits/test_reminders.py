"""One mail on the day, one to the sponsor two weeks later; neither twice, none for what is done."""

import datetime

import pytest
from django.core import mail

from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox
from projects.benefits.reminders import remind

pytestmark = pytest.mark.django_db
FIRST = datetime.date(2027, 3, 18)
ON, LATE = "Please measure: Faster claims", "Review overdue: Faster claims"
MEASURED = {"value": 1, "measured_on": datetime.date(2026, 11, 1), "evidence": "x"}


def days(number):
    return datetime.timedelta(days=number)


def job(day):
    remind(datetime.datetime.combine(day, datetime.time(12), datetime.UTC))


def run(day):
    """The daily job at noon of that day, and the mails that went out."""
    job(day)
    outbox.drain()
    sent = [(message.to[0], message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return sent


def test_the_owner_on_the_day_and_the_sponsor_two_weeks_late_each_once(cast):
    assert run(FIRST - days(1)) == []
    assert run(FIRST) == [(cast.dora.email, ON)]
    assert run(FIRST) == run(FIRST + days(1)) == run(FIRST + days(13)) == []
    assert run(FIRST + days(14)) == [(cast.sam.email, LATE)]
    assert run(FIRST + days(15)) == []
    assert not Outbox.objects.filter(done_at=None).exists()


def test_what_is_done_is_not_asked_for(cast):
    cast.benefit.record(by=cast.dora, review=cast.benefit.reviews.first(), **MEASURED)
    assert run(FIRST) == []


def test_done_between_the_job_and_the_mail(cast):
    job(FIRST)
    cast.benefit.record(by=cast.dora, review=cast.benefit.reviews.first(), **MEASURED)
    outbox.drain()
    assert mail.outbox == []


def test_a_moved_review_is_asked_for_anew(cast):
    assert len(run(FIRST)) == 1
    cast.benefit.move_review(cast.benefit.reviews.first(), FIRST + days(5), by=cast.dora)
    assert run(FIRST + days(4)) == []
    assert run(FIRST + days(5)) == [(cast.dora.email, ON)]


def test_the_sponsor_answers_for_an_owner_who_has_left(cast):
    cast.dora.is_active = False
    cast.dora.save()
    assert run(FIRST) == [(cast.sam.email, ON)]


def test_a_sponsor_who_owns_it_is_asked_once(cast):
    cast.benefit.hand_on(cast.sam, by=cast.alice)
    assert run(FIRST + days(20)) == [(cast.sam.email, ON)]


def test_a_closed_project_is_asked_and_a_cancelled_is_not(cast):
    rows = type(cast.project).objects.filter(pk=cast.project.pk)
    rows.update(state="cancelled")
    assert run(FIRST) == []
    rows.update(state="closed")
    assert len(run(FIRST)) == 1


def test_the_mail_leads_to_the_benefit_and_holds_no_markup_of_others(cast, settings):
    settings.SITE_URL = "https://pmdm.example.com"
    cast.objective.statement = "Faster <b>claims</b>"
    cast.objective.save()
    job(FIRST)
    outbox.drain()
    message = mail.outbox[0]
    assert f"https://pmdm.example.com/projects/benefits/{cast.benefit.pk}/" in message.body
    assert "<b>claims" not in message.alternatives[0].content
