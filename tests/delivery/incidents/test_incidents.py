"""Major incidents: declared once, told at intervals, a timeline that nobody changes, late updates found once."""

import datetime
import threading

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.utils import timezone

from delivery.incidents.models import TELL, IncidentEntry, MajorIncident, UpdateDue
from delivery.incidents.sweep import OVERDUE, sweep
from delivery.incidents.times import impact, spans
from delivery.models import Issue
from delivery.moves import NotNow
from pmdm.accounts.roles import Role
from pmdm.jobs.models import Outbox

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)
NOON = datetime.datetime(2026, 6, 8, 12, tzinfo=datetime.UTC)


@pytest.fixture
def incident(product, people):
    issue = Issue.report(product, by=people.sue, title="Nobody can pay", severity=1, at=NOON - 10 * MINUTE)
    return MajorIncident.declare(
        product, by=people.sue, issue=issue, title="Nobody can pay", headline="Payments fail", commander=people.dora,
        communications=people.bob, cadence=30, at=NOON,
    )  # fmt: skip


def waiting(incident):
    return [(row.step, row.due_at) for row in incident.updates_due.waiting()]


def kinds(incident):
    return list(incident.entries.values_list("kind", flat=True))


def test_declaring_starts_the_clock_and_tells_those_with_a_duty(incident, people):
    assert incident.ref == "MI-1"
    assert incident.detected_at == NOON - 10 * MINUTE, "when the issue was reported"
    assert incident.next_update_due == NOON + 30 * MINUTE
    assert waiting(incident) == [(1, NOON + 30 * MINUTE), (2, NOON + 60 * MINUTE)]
    assert set(Outbox.objects.filter(kind=TELL).values_list("payload__user", flat=True)) == {
        people.dora.pk, people.bob.pk,
    }  # fmt: skip


def test_without_an_issue_a_critical_one_is_reported(product, people):
    incident = MajorIncident.declare(
        product, by=people.sue, title="All is down", headline="It is down", commander=people.sue
    )
    assert (incident.issue.severity, incident.issue.title) == (1, "All is down")


def test_an_issue_is_led_once(incident, product, people):
    with pytest.raises(NotNow):
        MajorIncident.declare(
            product, by=people.bob, issue=incident.issue, title="x", headline="x", commander=people.bob
        )
    incident.stand_down(by=people.dora, text="It was a drill.", at=NOON + MINUTE)
    again = MajorIncident.declare(
        product, by=people.bob, issue=incident.issue, title="x", headline="x", commander=people.bob
    )
    assert again.ref == "MI-2"


def test_what_all_clients_read_names_none_of_them(incident, product, people, northwind, contoso, as_user):
    product.clients.set([northwind, contoso])
    with pytest.raises(ValidationError, match="names another client: “Contoso”"):
        incident.note(by=people.bob, text="The line to contoso is cut", is_public=True, at=NOON + MINUTE)
    with pytest.raises(ValidationError, match="Contoso"):
        incident.mitigate(by=people.dora, text="Contoso was moved away", at=NOON + MINUTE)
    incident.note(by=people.bob, text="The line to Contoso is cut", is_public=False, at=NOON + MINUTE)
    incident.note(by=people.bob, text="Contosoft is a word of its own", is_public=True, at=NOON + MINUTE)

    # What only one client reads may name that one, and no other.
    issue = Issue.report(product, by=people.sue, title="Theirs", severity=1, organisation=northwind, at=NOON)
    declare = {"by": people.sue, "issue": issue, "title": "Theirs", "commander": people.dora, "at": NOON}
    with pytest.raises(ValidationError) as refused:
        MajorIncident.declare(product, headline="Contoso and Northwind wait", **declare)
    assert "headline" in refused.value.message_dict
    theirs = MajorIncident.declare(product, headline="Northwind waits", **declare)
    theirs.note(by=people.bob, text="Northwind works again", is_public=True, at=NOON + MINUTE)

    # What was typed is kept, with the reason beside it.
    typed = {"text": "Contoso calls every minute", "is_public": "yes"}
    page = as_user(people.dora).post(f"/products/{product.code}/major-incidents/{incident.number}/", typed)
    assert page.status_code == 422
    assert "Contoso calls every minute" in page.content.decode()
    assert "It names another client" in page.content.decode()


def test_a_product_of_one_client_may_name_it(incident, product, people, northwind):
    product.clients.set([northwind])
    incident.note(by=people.bob, text="Northwind can pay again", is_public=True, at=NOON + MINUTE)


def test_a_public_update_moves_the_clock_a_private_note_does_not(incident, people):
    incident.note(by=people.bob, text="Looking at the bank", is_public=False, at=NOON + 5 * MINUTE)
    assert incident.next_update_due == NOON + 30 * MINUTE
    incident.note(by=people.bob, text="We know the cause", is_public=True, at=NOON + 20 * MINUTE)
    assert incident.next_update_due == NOON + 50 * MINUTE
    assert waiting(incident) == [(1, NOON + 50 * MINUTE), (2, NOON + 80 * MINUTE)]


def test_what_is_entered_late_says_when_it_was(incident, people):
    entry = incident.note(
        by=people.bob, text="Called the bank", is_public=False, at=NOON + 40 * MINUTE, happened_at=NOON + 2 * MINUTE
    )
    assert (entry.at, entry.recorded_at, entry.is_late) == (NOON + 2 * MINUTE, NOON + 40 * MINUTE, True)
    with pytest.raises(ValidationError, match="not happened yet"):
        incident.note(by=people.bob, text="x", is_public=False, at=NOON, happened_at=NOON + MINUTE)
    with pytest.raises(ValidationError, match="detected later"):
        incident.mitigate(by=people.bob, text="x", at=NOON + MINUTE, happened_at=NOON - 11 * MINUTE)


def test_an_overdue_update_is_told_once_and_escalated_after_another_interval(incident, people):
    assert sweep(NOON + 30 * MINUTE) == 0, "not yet over"
    assert sweep(NOON + 31 * MINUTE) == 1
    assert sweep(NOON + 59 * MINUTE) == 0
    first = incident.updates_due.get(step=1)
    assert first.told == [people.bob.pk, people.dora.pk]
    assert sweep(NOON + 61 * MINUTE) == 1
    second = incident.updates_due.get(step=2)
    assert set(second.told) == {people.bob.pk, people.dora.pk, people.stella.pk}
    assert kinds(incident) == ["declared", "overdue", "overdue"]
    assert sweep(NOON + 600 * MINUTE) == 0
    assert Outbox.objects.filter(kind=OVERDUE).count() == 5


def test_after_hours_of_standing_still_each_person_hears_once(incident, people):
    assert sweep(NOON + 300 * MINUTE) == 2
    told = [key for row in incident.updates_due.all() for key in row.told]
    assert sorted(told) == sorted({people.bob.pk, people.dora.pk, people.stella.pk})


def test_an_update_in_time_leaves_nothing_to_tell(incident, people):
    incident.note(by=people.bob, text="Soon", is_public=True, at=NOON + 29 * MINUTE)
    assert sweep(NOON + 45 * MINUTE) == 0
    incident.resolve(by=people.bob, text="Done", at=NOON + 46 * MINUTE)
    assert incident.next_update_due is None
    assert sweep(NOON + 900 * MINUTE) == 0


def test_a_mail_says_what_waits_and_has_one_id(incident, people):
    sweep(NOON + 31 * MINUTE)
    row = Outbox.objects.filter(kind=OVERDUE, payload__user=people.bob.pk).get()
    from delivery.incidents.effects import overdue

    overdue(row.payload)
    overdue(row.payload)
    first, second = mail.outbox
    assert first.to == [people.bob.email]
    assert "MI-1" in first.subject
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_states_and_times(incident, people):
    incident.mitigate(by=people.bob, text="Works on the spare", at=NOON + 50 * MINUTE)
    assert incident.next_update_due == NOON + 80 * MINUTE, "updates go on"
    assert impact(incident, NOON + 500 * MINUTE) == 60 * MINUTE
    with pytest.raises(ValidationError, match="mitigated later"):
        incident.resolve(by=people.bob, text="x", at=NOON + 90 * MINUTE, happened_at=NOON + 40 * MINUTE)
    incident.resolve(by=people.bob, text="The cause is gone", at=NOON + 90 * MINUTE)
    incident.stand_down(by=people.dora, text="Quiet", at=NOON + 120 * MINUTE)
    assert {span.key: span.length for span in spans(incident)} == {
        "declared": 10 * MINUTE, "mitigated": 60 * MINUTE, "resolved": 100 * MINUTE, "stood_down": 130 * MINUTE,
    }  # fmt: skip
    with pytest.raises(NotNow):
        incident.mitigate(by=people.bob, text="x", at=NOON + 130 * MINUTE)
    with pytest.raises(NotNow):
        incident.note(by=people.bob, text="x", is_public=True, at=NOON + 130 * MINUTE)


def test_what_came_back_is_active_and_told_again(incident, people):
    incident.resolve(by=people.bob, text="Gone", at=NOON + 20 * MINUTE)
    incident.relapse(by=people.bob, text="It is back", at=NOON + 40 * MINUTE)
    assert (incident.state, incident.mitigated_at, incident.resolved_at) == ("active", None, None)
    assert incident.next_update_due == NOON + 70 * MINUTE


def test_the_commander_is_never_nobody_and_a_changed_duty_is_told(incident, people):
    with pytest.raises(ValidationError):
        incident.give("commander", None, by=people.dora)
    incident.give("commander", people.sue, by=people.dora, at=NOON + MINUTE)
    incident.give("commander", people.sue, by=people.dora, at=NOON + MINUTE)
    assert kinds(incident) == ["declared", "duty"]
    assert Outbox.objects.filter(kind=TELL, payload__user=people.sue.pk).count() == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE delivery_incidententry SET text = 'x'", "DELETE FROM delivery_incidententry"]
)
def test_the_database_refuses_to_change_the_timeline(incident, statement):
    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_correction_stands_beside_and_for_the_same_readers(incident, people):
    entry = incident.note(by=people.bob, text="Only one client", is_public=True, at=NOON + MINUTE)
    correction = incident.correct(entry, by=people.dora, text="All clients", at=NOON + 2 * MINUTE)
    assert (correction.corrects, correction.is_public) == (entry, True)
    with pytest.raises(ValidationError):
        incident.correct(correction, by=people.dora, text="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentEntry.objects.create(product=incident.product, incident=incident, kind="note", text="x", is_public=True,
                                     at=NOON)  # fmt: skip


def test_clients_read_what_is_public_and_for_them(incident, product, people, as_user):
    incident.note(by=people.bob, text="Suspicion about the bank", is_public=False, at=NOON + MINUTE)
    incident.note(by=people.bob, text="Payments come back at two", is_public=True, at=NOON + 2 * MINUTE)
    page = as_user(people.cleo).get("/products/CLAIMS/major-incidents/1/").content.decode()
    assert "Payments come back at two" in page
    assert "Payments fail" in page
    assert "Suspicion" not in page
    assert "Nobody can pay" not in page
    assert "Bob" not in page
    olgas = Issue.report(product, by=people.olga, title="Contoso alone", severity=1)
    own = MajorIncident.declare(
        product, by=people.sue, issue=olgas, title="Contoso alone", headline="Your export is broken",
        commander=people.dora,
    )  # fmt: skip
    assert not own.is_for_all
    assert as_user(people.olga).get(f"/products/CLAIMS/major-incidents/{own.number}/").status_code == 200
    assert as_user(people.cleo).get(f"/products/CLAIMS/major-incidents/{own.number}/").status_code == 404
    assert "Your export" not in as_user(people.cleo).get("/products/CLAIMS/major-incidents/").content.decode()
    assert as_user(people.cleo).post("/products/CLAIMS/major-incidents/1/", {"text": "x"}).status_code == 403


def test_the_pages(incident, people, as_user):
    browser = as_user(people.sue)
    url = "/products/CLAIMS/major-incidents/"
    issue = incident.issue
    assert browser.get(f"{url}new/?issue={issue.number}").status_code == 200
    fields = {"issue": issue.pk, "title": "", "headline": "x", "commander": people.sue.pk, "cadence": 30}
    assert browser.post(f"{url}new/", fields).status_code == 409, "it is led already"
    answer = browser.post(f"{url}new/", {**fields, "issue": "", "title": "Another", "is_for_all": "on"})
    assert answer.status_code == 302
    assert browser.post(f"{url}1/", {"text": "", "is_public": "yes"}).status_code == 422
    assert browser.post(f"{url}1/", {"text": "We know more", "is_public": "yes"}).status_code == 302
    lead = {"commander": people.sue.pk, "communications": "", "operations": people.bob.pk, "cadence": 45}
    assert browser.post(f"{url}1/lead/", lead).status_code == 302
    incident.refresh_from_db()
    assert (incident.commander, incident.communications, incident.operations, incident.cadence) == (
        people.sue, None, people.bob, 45,
    )  # fmt: skip
    assert browser.post(f"{url}1/lead/", {**lead, "cadence": 1}).status_code == 422
    assert browser.post(f"{url}1/mitigation/", {"text": "Spare"}).status_code == 302
    assert browser.post(f"{url}1/mitigation/", {"text": "Spare"}).status_code == 409
    entry = incident.entries.first()
    assert browser.post(f"{url}1/entries/{entry.pk}/", {"text": "Rather so"}).status_code == 302
    assert "Rather so" in browser.get(f"{url}1/").content.decode()
    assert browser.post(f"{url}1/resolution/", {"text": "Done"}).status_code == 302
    assert browser.post(f"{url}1/standing-down/", {"text": "Quiet"}).status_code == 302


@pytest.mark.parametrize("count", [3, 60])
def test_the_page_asks_the_same_number_of_questions(incident, people, as_user, count, django_assert_max_num_queries):
    for number in range(count):
        incident.note(by=people.bob, text=f"Note {number}", is_public=False, at=NOON + MINUTE)
    browser = as_user(people.sue)
    browser.get("/products/CLAIMS/major-incidents/1/")
    with django_assert_max_num_queries(24):
        browser.get("/products/CLAIMS/major-incidents/1/")


@pytest.mark.django_db(transaction=True)
def test_an_update_and_the_sweep_at_once_neither_lose_nor_block(product, people):
    at = timezone.now() - 2 * datetime.timedelta(hours=1)
    incident = MajorIncident.declare(
        product, by=people.sue, title="Down", headline="Down", commander=people.dora, cadence=30, at=at
    )
    start, failed = threading.Barrier(2), []

    def run(work):
        try:
            start.wait(30)
            work()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    def update():
        MajorIncident.objects.select_related("product").get(pk=incident.pk).note(
            by=people.bob, text="x", is_public=True
        )

    threads = [threading.Thread(target=run, args=(work,)) for work in (update, sweep)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    rows = UpdateDue.objects.filter(incident=incident)
    assert rows.count() == 4
    assert rows.waiting().count() == 2
    told = rows.exclude(fired_at=None).count()
    assert told in (0, 2)
    assert incident.entries.filter(kind="overdue").count() == told


def test_two_people_declare_one_issue_at_once(product, people):
    assert product.memberships.filter(role=Role.SUPPORT).exists()
    issue = Issue.report(product, by=people.sue, title="Down")
    common = {"product": product, "issue": issue, "title": "x", "headline": "x", "commander": people.sue,
              "detected_at": NOON, "declared_at": NOON, "declared_by": people.sue}  # fmt: skip
    MajorIncident.objects.create(**common)
    with pytest.raises(IntegrityError), transaction.atomic():
        MajorIncident.objects.create(**common)


def test_a_cadence_that_cannot_be_says_what_could(product, people, as_user):
    typed = {"title": "All is down", "headline": "It does not open", "commander": people.sue.pk, "cadence": "3"}
    answer = as_user(people.sue).post("/products/CLAIMS/major-incidents/new/", typed)
    assert answer.status_code == 422
    assert "greater than or equal to 5" in answer.content.decode()
    assert "Constraint" not in answer.content.decode()
