"""Controls of operational risks: tested by a day, reminded once, incidents linked, what is left of the risk."""

import datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from delivery.models import Incident, Product, Risk
from delivery.moves import NotNow
from delivery.risks.controls import ControlTest, RiskIncident
from delivery.risks.reminders import KIND, remind, send
from pmdm.jobs.models import Outbox

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
URL = "/products/CLAIMS/risks/"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def risk(product, people, today):
    return Risk.raise_risk(
        product, by=people.dora, title="Bank interface retires", probability=4, impact=5,
        control="A second bank, tried each quarter", control_owner=people.sue, control_tested_on=today - 90 * DAY,
        control_test_due=today,
    )  # fmt: skip


def test_a_test_sets_the_last_and_the_next_day(risk, people, today):
    ControlTest.record(risk, by=people.sue, result="works", evidence="Paid one claim", next_due=today + 90 * DAY)
    assert (risk.control_tested_on, risk.control_test_due) == (today, today + 90 * DAY)
    ControlTest.record(risk, by=people.sue, result="fails", evidence="Found in an old mail", on=today - 30 * DAY)
    assert (risk.control_tested_on, risk.control_test_due) == (today, today + 90 * DAY), "a newer one stands"


def test_without_a_day_the_next_test_comes_after_as_long_as_before(risk, people, today):
    ControlTest.record(risk, by=people.sue, result="works", evidence="Paid one claim")
    assert risk.control_test_due == today + 90 * DAY
    risk.control_tested_on = risk.control_test_due = None
    risk.save()
    ControlTest.record(risk, by=people.sue, result="works", evidence="Once more")
    assert risk.control_test_due == today + 365 * DAY, "a year where nothing else is known"


def test_the_list_says_that_a_test_is_due_and_when_it_was_last_done(risk, people, today, as_user):
    Risk.objects.filter(pk=risk.pk).update(control_test_due=today - DAY)
    text = as_user(people.dora).get(URL).content.decode()
    assert "Test is due" in text
    assert f'<time datetime="{(today - 90 * DAY).isoformat()}">' in text
    assert "Over a year" not in text, "it is 90 days, and was due yesterday"


def test_what_cannot_be(risk, people, today):
    for wrong in ({"on": today + DAY}, {"next_due": today}):
        with pytest.raises(ValidationError):
            ControlTest.record(risk, by=people.sue, result="works", evidence="x", **wrong)
    Risk.objects.filter(pk=risk.pk).update(control="")
    with pytest.raises(NotNow):
        ControlTest.record(risk, by=people.sue, result="works", evidence="x")


def test_tests_are_never_changed(risk, people):
    ControlTest.record(risk, by=people.sue, result="works", evidence="x")
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM delivery_controltest")


def test_the_owner_is_asked_on_the_day_and_the_manager_two_weeks_later(risk, people, today):
    now = timezone.now()
    remind(now - DAY)
    assert not Outbox.objects.filter(kind=KIND).exists()
    for _twice in range(2):
        remind(now)
    remind(now + 14 * DAY)
    rows = list(Outbox.objects.filter(kind=KIND).order_by("pk"))
    assert [row.payload["to"] for row in rows] == ["owner", "manager"]
    for row in rows:
        send(row.payload)
    assert [message.to for message in mail.outbox] == [[people.sue.email], [people.dora.email]]
    assert "R-1" in mail.outbox[0].subject
    ControlTest.record(risk, by=people.sue, result="works", evidence="Paid one claim", next_due=today + 90 * DAY)
    for row in rows:
        send(row.payload)
    assert len(mail.outbox) == 2, "tested since"


def test_incidents_are_linked_once_and_only_those_of_the_product(risk, product, people):
    incident = Incident.begin(product, by=people.dora, title="Bank away", started_at=timezone.now() - DAY)
    RiskIncident.link(risk, incident, by=people.dora)
    RiskIncident.link(risk, incident, by=people.sue)
    assert risk.incident_links.count() == 1
    elsewhere = Product.launch(by=people.dora, code="OTHER", name="Other")
    foreign = Incident.begin(elsewhere, by=people.dora, title="Not ours")
    with pytest.raises(ValidationError):
        RiskIncident.link(risk, foreign, by=people.dora)


def test_what_is_left_of_it_stands_beside_what_it_was(risk, people, as_user):
    assert (risk.inherent_score, risk.score) == (20, 20)
    risk.probability = 2
    risk.save_changes(["probability"], version=risk.version)
    page = as_user(people.stella).get(f"{URL}{risk.number}/").content.decode()
    assert "20" in page
    assert "10" in page
    assert (risk.inherent_score, risk.score) == (20, 10)


def test_the_pages(risk, product, people, today, as_user):
    browser = as_user(people.dora)
    own = f"{URL}{risk.number}/"
    assert browser.post(f"{own}tests/", {"result": "works", "evidence": "", "on": today}).status_code == 422
    fields = {"result": "partly", "evidence": "Paid, but late", "on": today, "next_due": today + 30 * DAY}
    assert browser.post(f"{own}tests/", fields).status_code == 302
    incident = Incident.begin(product, by=people.dora, title="Bank away", started_at=timezone.now() - DAY)
    assert browser.post(f"{own}incidents/", {"incident": incident.pk}).status_code == 302
    page = browser.get(own).content.decode()
    assert "Paid, but late" in page
    assert "Bank away" in page
    link = risk.incident_links.get()
    assert browser.post(f"{own}incidents/{link.pk}/removal/").status_code == 302
    assert not risk.incident_links.exists()
    assert as_user(people.bob).post(f"{own}tests/", fields).status_code == 403, "who reads the register"
    assert as_user(people.sue).post(f"{own}tests/", fields).status_code == 302, "who answers for the control"
    assert as_user(people.cleo).get(own).status_code == 403
