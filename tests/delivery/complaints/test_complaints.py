"""Complaints: heard by a clock, held against what was accepted, put right, confirmed or refused by the customer."""

import datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from delivery.complaints import figures
from delivery.complaints.models import Complaint, ComplaintTerms
from delivery.complaints.sweep import KIND, open_missing, send, sweep
from delivery.models import Issue, Requirement
from delivery.moves import NotNow
from pmdm.jobs.models import Outbox

pytestmark = pytest.mark.django_db

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
FRIDAY = datetime.datetime(2026, 6, 5, 13, tzinfo=datetime.UTC)  # 15:00 in Berlin: two hours of service are left
URL = "/products/CLAIMS/complaints/"


@pytest.fixture
def office(product, office_hours):
    product.calendar = office_hours
    product.save(update_fields=["calendar"])
    return product


@pytest.fixture
def promise(product, people):
    promise = Requirement.objects.create(product=product, title="Letters within two days", text="In two working days")
    promise.check_conformance(by=people.dora, result="met", evidence="Protocol of the acceptance test")
    return promise


def complain(product, people, at=FRIDAY):
    issue = Issue.report(product, by=people.cleo, title="Letters come late", type="complaint", at=at)
    return Complaint.objects.select_related("issue__product").get(issue=issue)


def remedied(product, people, promise, at=FRIDAY):
    row = complain(product, people, at)
    row.acknowledge(by=people.sue, text="We have it", at=at + HOUR)
    row.judge(by=people.sue, verdict="breach", reasoning="Promised", requirement=promise, at=at + 2 * HOUR)
    row.remedy(by=people.sue, text="Sent again", cause="A queue stood still", at=at + 3 * HOUR)
    return row


def test_it_is_due_in_service_hours(office, people):
    row = complain(office, people)
    assert row.acknowledge_due == datetime.datetime(2026, 6, 8, 13, tzinfo=datetime.UTC), "8 hours: Monday, 15:00"
    ComplaintTerms.agree(office, 120, by=people.dora)
    row.refresh_from_db()
    assert row.acknowledge_due == FRIDAY + 2 * HOUR
    assert complain(office, people).acknowledge_due == FRIDAY + 2 * HOUR


def test_other_issues_are_none_and_what_becomes_one_gets_its_clock(product, people):
    issue = Issue.report(product, by=people.sue, title="Slow", type="bug")
    assert not Complaint.objects.exists()
    issue.type = "complaint"
    issue.revise(["type"], by=people.sue, version=issue.version)
    assert Complaint.objects.get().issue == issue
    Issue.objects.create(product=product, title="By another way", type="complaint")
    assert open_missing(timezone.now()) == 1
    assert open_missing(timezone.now()) == 0


def test_an_imported_one_has_no_clock(product):
    issue = Issue.objects.create(product=product, title="From elsewhere", type="complaint", source="import")
    assert Complaint.open(issue).acknowledge_due is None
    assert sweep(timezone.now() + 900 * DAY) == 0


def test_acknowledging_is_the_first_response_and_happens_once(product, people):
    row, other = complain(product, people), None
    other = Complaint.objects.select_related("issue__product").get(pk=row.pk)
    row.acknowledge(by=people.sue, text="We have it", at=FRIDAY + HOUR)
    assert row.issue.responded_at == FRIDAY + HOUR
    assert row.was_late is False
    with pytest.raises(NotNow):
        other.acknowledge(by=people.bob, text="We have it too", at=FRIDAY + HOUR)
    assert row.issue.notes.count() == 1


def test_what_nobody_heard_is_told_once(product, people):
    row = complain(product, people)
    assert sweep(row.acknowledge_due) == 0
    assert sweep(row.acknowledge_due + HOUR) == 1
    assert sweep(row.acknowledge_due + 2 * HOUR) == 0
    asked = Outbox.objects.filter(kind=KIND)
    assert set(asked.values_list("payload__user", flat=True)) == {people.dora.pk, people.sue.pk}
    send(asked[0].payload)
    assert "Letters come late" in mail.outbox[0].subject
    row.acknowledge(by=people.sue, text="We have it")
    send(asked[1].payload)
    assert len(mail.outbox) == 1, "heard since"


def test_it_is_judged_after_it_is_heard_and_a_breach_names_what_was_accepted(product, people, promise):
    row = complain(product, people)
    with pytest.raises(NotNow):
        row.judge(by=people.sue, verdict="new_need", reasoning="x")
    row.acknowledge(by=people.sue, text="We have it")
    gap = Requirement.objects.create(product=product, title="Not accepted", is_accepted=False)
    for requirement in (None, gap):
        with pytest.raises(ValidationError, match="accepted requirement"):
            row.judge(by=people.sue, verdict="breach", reasoning="x", requirement=requirement)
    with pytest.raises(ValidationError):
        row.judge(by=people.sue, verdict="new_need", reasoning="  ")
    row.judge(by=people.sue, verdict="breach", reasoning="Promised", requirement=promise)
    row.issue.refresh_from_db()
    assert (row.standing, row.issue.requirement) == ("judged", promise)


def test_the_database_knows_no_breach_of_nothing(product, people):
    row = complain(product, people)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=row.pk).update(
            verdict="breach", reasoning="x", judged_at=FRIDAY, judged_by=people.sue
        )


def test_a_remedy_answers_to_a_verdict_and_resolves_the_issue(product, people, promise):
    row = complain(product, people)
    row.acknowledge(by=people.sue, text="We have it", at=FRIDAY + HOUR)
    with pytest.raises(NotNow):
        row.remedy(by=people.sue, text="Sent again")
    row = remedied(product, people, promise)
    assert (row.standing, row.issue.state, row.issue.root_cause) == ("remedied", "resolved", "A queue stood still")


def test_the_customer_confirms_once(product, people, promise):
    row = remedied(product, people, promise)
    row.confirm(by=people.cleo, at=FRIDAY + DAY)
    row.refresh_from_db()
    assert (row.standing, row.issue.state, row.confirmed_by) == ("confirmed", "closed", people.cleo)
    with pytest.raises(NotNow):
        row.confirm(by=people.cleo)


def test_staff_write_down_who_said_so(product, people, promise):
    row = remedied(product, people, promise)
    with pytest.raises(ValidationError):
        row.confirm(by=people.sue)
    row.confirm(by=people.sue, text="Mrs. Client on the phone")
    assert row.issue.notes.filter(text__contains="on the phone").exists()


def test_a_refusal_opens_it_again_and_the_earlier_word_no_longer_counts(product, people, promise):
    row = remedied(product, people, promise)
    row.refuse(by=people.cleo, text="Still late", at=FRIDAY + DAY)
    assert (row.standing, row.refused, row.issue.reopened) == ("judged", 1, 1)
    row.remedy(by=people.sue, text="Sent by courier", at=FRIDAY + 2 * DAY)
    row.confirm(by=people.cleo, at=FRIDAY + 3 * DAY)
    row.issue.reopen(by=people.sue, reason="Once more", at=FRIDAY + 4 * DAY)
    row.refresh_from_db()
    assert row.standing == "judged"
    row.remedy(by=people.sue, text="Now", at=FRIDAY + 5 * DAY)
    assert row.standing == "remedied", "what was confirmed before is not confirmed now"
    row.confirm(by=people.cleo, at=FRIDAY + 6 * DAY)
    assert row.standing == "confirmed"


def test_the_query_and_the_row_read_the_same(product, people, promise):
    rows = [complain(product, people), remedied(product, people, promise), remedied(product, people, promise)]
    rows[1].confirm(by=people.cleo)
    heard = complain(product, people)
    heard.acknowledge(by=people.sue, text="x")
    rows[2].issue.close(by=people.sue)
    stands = {row.pk: row.stands for row in Complaint.objects.standing()}
    for row in Complaint.objects.select_related("issue"):
        assert stands[row.pk] == row.standing
    assert sorted(stands.values()) == ["acknowledged", "closed", "confirmed", "received"]


def test_the_figures_and_the_rows_they_open(product, people, promise, as_user):
    assert {tile.reason != "" for tile in figures.tiles(product)[1:4]} == {True}, "nothing to divide by is no zero"
    now = timezone.now()
    done = remedied(product, people, promise, at=now - 3 * DAY)
    done.confirm(by=people.cleo)
    late = complain(product, people, at=now - 20 * DAY)
    late.acknowledge(by=people.sue, text="Sorry", at=now)
    Issue.report(product, by=people.sue, title="A bug", type="bug", at=now - DAY)
    found = figures.counts(product)
    assert (found["n_in_time"], found["n_late"], found["n_breach"], found["n_confirmed"]) == (1, 1, 1, 1)
    assert figures.complaint_rate(product) == pytest.approx(100 * 2 / 3)
    browser = as_user(people.sue)
    for show in ("in_time", "late", "breach", "confirmed", "open"):
        page = browser.get(f"{URL}?show={show}")
        assert page.context["page"].count == found[f"n_{show}"]
    chart = figures.by_month(product)
    assert len(chart.rows) == 12
    drawn = [sum(int(row[column]) for row in chart.rows) for column in (1, 2, 3, 4)]
    assert drawn == [1, 0, 0, 1], "one breach, one that nobody has judged"


def test_the_pages(product, people, promise, as_user):
    row = complain(product, people, at=timezone.now() - HOUR)
    own = f"{URL}{row.issue.number}/"
    browser = as_user(people.sue)
    assert browser.post(f"{own}acknowledgement/", {"text": ""}).status_code == 422
    assert browser.post(f"{own}acknowledgement/", {"text": "We have it"}).status_code == 302
    assert browser.post(f"{own}acknowledgement/", {"text": "We have it"}).status_code == 409
    row.refresh_from_db()
    verdict = {"verdict": "breach", "requirement": "", "reasoning": "Promised", "version": row.version}
    assert browser.post(f"{own}verdict/", verdict).status_code == 422
    assert browser.post(f"{own}verdict/", verdict | {"requirement": promise.pk}).status_code == 302
    assert browser.post(f"{own}verdict/", verdict | {"requirement": promise.pk}).status_code == 409, "a later version"
    page = browser.get(own).content.decode()
    assert "Protocol of the acceptance test" in page
    assert "In two working days" in page
    assert browser.post(f"{own}remedy/", {"text": "Sent again", "cause": "A queue"}).status_code == 302
    assert browser.post(URL, {"acknowledge": "soon"}).status_code == 403, "support sets no terms"
    assert as_user(people.dora).post(URL, {"acknowledge": "soon"}).status_code == 422
    assert as_user(people.dora).post(URL, {"acknowledge": "4h"}).status_code == 302


def test_the_client_has_the_word_and_sees_no_more(product, people, promise, as_user):
    row = remedied(product, people, promise)
    own = f"{URL}{row.issue.number}/"
    page = as_user(people.cleo).get(own).content.decode()
    assert "Is it put right?" in page
    assert "Sent again" in page
    assert "A queue stood still" not in page
    assert "Protocol of the acceptance test" not in page
    assert as_user(people.olga).get(own).status_code == 404
    assert as_user(people.cleo).get(URL).status_code == 403
    assert as_user(people.cleo).post(f"{own}remedy/", {"text": "x"}).status_code == 403
    assert as_user(people.cleo).post(f"{own}word/", {"text": "", "refuse": "1"}).status_code == 422
    assert as_user(people.cleo).post(f"{own}word/", {"text": "Still late", "refuse": "1"}).status_code == 302
    row.issue.refresh_from_db()
    assert row.issue.is_open
    assert as_user(people.cleo).post(f"{own}word/", {"text": "", "confirm": "1"}).status_code == 409
    assert as_user(people.stella).post(f"{own}word/", {"text": "x", "confirm": "1"}).status_code == 403


@pytest.mark.parametrize("count", [3, 60])
def test_the_register_asks_the_same_number_of_questions(
    product, people, promise, as_user, count, django_assert_max_num_queries
):
    for number in range(count):
        issue = Issue.objects.create(product=product, title=f"Late {number}", type="complaint", number=5000 + number)
        Complaint.objects.create(product=product, issue=issue)
    browser = as_user(people.sue)
    browser.get(URL)
    with django_assert_max_num_queries(24):
        browser.get(URL)
