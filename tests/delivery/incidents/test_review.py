"""The review: filled from the incident, agreed once, its actions tracked to done, shown in my work, reminded."""

import datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from delivery.incidents.models import MajorIncident
from delivery.incidents.review.models import IncidentReview, ReviewAction
from delivery.incidents.review.reminders import KIND, remind, send
from delivery.models import Issue, Requirement
from delivery.moves import NotNow
from pmdm.jobs.models import Outbox

pytestmark = pytest.mark.django_db

MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
NOON = datetime.datetime(2026, 6, 8, 12, tzinfo=datetime.UTC)


@pytest.fixture
def incident(product, people):
    promise = Requirement.objects.create(product=product, title="Claims are paid within a day")
    Requirement.objects.create(product=product, title="Has nothing to do with it")
    issue = Issue.report(
        product, by=people.sue, title="Nobody can pay", severity=1, requirement=promise, at=NOON - 10 * MINUTE
    )
    incident = MajorIncident.declare(
        product, by=people.sue, issue=issue, title="Nobody can pay", headline="Payments fail", commander=people.dora,
        at=NOON,
    )  # fmt: skip
    other = Requirement.objects.create(product=product, title="Pages open within a second")
    other.check_conformance(by=people.sue, result="degraded", evidence="Slow", at=NOON + 5 * MINUTE)
    incident.resolve(by=people.bob, text="The bank is back", at=NOON + 60 * MINUTE)
    issue.refresh_from_db()
    issue.resolve(by=people.bob, resolution="Bank", root_cause="One bank only", at=NOON + 61 * MINUTE)
    incident.refresh_from_db()
    return MajorIncident.objects.get(pk=incident.pk)


@pytest.fixture
def review(incident, people):
    return IncidentReview.open(incident, by=people.dora)


def test_it_is_filled_from_the_incident(review, people):
    assert review.summary == "Payments fail\nThe bank is back"
    assert review.causes == "One bank only"
    assert {requirement.title for requirement in review.requirements.all()} == {
        "Claims are paid within a day", "Pages open within a second",
    }  # fmt: skip
    assert IncidentReview.open(review.incident, by=people.bob) == review, "there is one"


def test_it_begins_when_the_incident_is_over(product, people):
    incident = MajorIncident.declare(product, by=people.sue, title="x", headline="x", commander=people.sue)
    with pytest.raises(NotNow):
        IncidentReview.open(incident, by=people.sue)


def test_it_is_agreed_with_causes_and_then_stays(review, people):
    review.causes = ""
    review.revise(["causes"], by=people.dora, version=review.version)
    with pytest.raises(ValidationError):
        review.agree(by=people.dora)
    review.causes = "One bank only"
    review.revise(["causes"], by=people.dora, version=review.version)
    review.agree(by=people.dora)
    with pytest.raises(NotNow):
        review.revise(["causes"], by=people.dora, version=review.version)
    with pytest.raises(NotNow):
        review.agree(by=people.bob)
    review.reopen(by=people.dora)
    assert (review.state, review.agreed_by) == ("draft", None)


def test_an_action_is_closed_once_with_what_came_of_it(review, people):
    action = ReviewAction.agree(review, by=people.dora, text="A second bank", owner=people.bob, due=NOON.date())
    mine = ReviewAction.objects.get(pk=action.pk)
    with pytest.raises(ValidationError):
        action.finish(by=people.bob, outcome=" ")
    action.finish(by=people.bob, outcome="Signed")
    with pytest.raises(NotNow):
        mine.finish(by=people.bob, outcome="Dropped", dropped=True)
    assert (action.closed_by, action.dropped_at) == (people.bob, None)


def test_it_stands_in_its_owners_work_until_it_is_done(review, people, as_user):
    action = ReviewAction.agree(review, by=people.dora, text="A second bank", owner=people.bob, due=NOON.date())
    page = as_user(people.bob).get("/my-work/").content.decode()
    assert "A second bank" in page
    assert "Overdue" in page
    assert "A second bank" not in as_user(people.sue).get("/my-work/").content.decode()
    action.finish(by=people.bob, outcome="Signed")
    assert "A second bank" not in as_user(people.bob).get("/my-work/").content.decode()


def test_what_is_overdue_is_asked_for_once_and_a_week_later_above(review, people):
    today = timezone.localdate()
    action = ReviewAction.agree(review, by=people.dora, text="A second bank", owner=people.bob, due=today)
    now = timezone.now()
    remind(now)
    assert not Outbox.objects.filter(kind=KIND).exists(), "it may still be done today"
    for _twice in range(2):
        remind(now + DAY)
    assert Outbox.objects.filter(kind=KIND).count() == 1
    remind(now + 7 * DAY)
    assert sorted(Outbox.objects.filter(kind=KIND).values_list("payload__to", flat=True)) == ["manager", "owner"]
    for row in Outbox.objects.filter(kind=KIND):
        send(row.payload)
    assert sorted(message.to[0] for message in mail.outbox) == sorted([people.bob.email, people.dora.email])
    mail.outbox.clear()
    action.move_to(owner=people.bob, due=today + 30 * DAY, by=people.dora, version=action.version)
    for row in Outbox.objects.filter(kind=KIND):
        send(row.payload)
    assert mail.outbox == [], "moved since"


def test_the_pages(incident, people, as_user):
    browser = as_user(people.sue)
    url = f"/products/CLAIMS/major-incidents/{incident.number}/review/"
    assert "Open the review" in browser.get(url).content.decode()
    assert browser.post(url).status_code == 302
    review = IncidentReview.objects.get()
    fields = {"summary": "It failed", "causes": "One bank", "went_well": "", "requirements": [], "version": 1}
    assert browser.post(url, fields).status_code == 302
    assert browser.post(url, fields).status_code == 409, "somebody saved since"
    assert (
        browser.post(f"{url}actions/", {"text": "x", "owner": people.cleo.pk, "due": "2026-07-01"}).status_code == 422
    )
    assert browser.post(f"{url}actions/", {"text": "x", "owner": people.bob.pk, "due": "2026-07-01"}).status_code == 302
    action = review.actions.get()
    own = f"{url}actions/{action.pk}/"
    assert browser.get(own).status_code == 200
    moved = {"move": "1", "owner": people.sue.pk, "due": "2026-08-01", "version": action.version}
    assert browser.post(own, moved).status_code == 302
    assert browser.post(own, moved).status_code == 409
    assert browser.post(own, {"outcome": ""}).status_code == 422
    assert browser.post(own, {"outcome": "Done"}).status_code == 302
    assert browser.post(own, {"outcome": "Done"}).status_code == 409
    assert browser.post(f"{url}agreement/").status_code == 302
    assert browser.post(f"{url}agreement/").status_code == 409
    assert browser.post(f"{url}agreement/", {"reopen": "1"}).status_code == 302
    assert as_user(people.cleo).get(url).status_code == 403
