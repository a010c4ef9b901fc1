"""A customer's word on what is solved: it opens again, its clock continues; later it becomes an issue that follows."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from delivery.issues.answers import hear, reopens_until
from delivery.models import Issue

pytestmark = pytest.mark.django_db
URL = "/products/CLAIMS/issues/"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def solved(product, people):
    """Solved three days ago by the desk, five days after it was reported."""
    now = timezone.now()
    issue = Issue.report(product, by=people.cleo, title="Payment", description="It fails", severity=2, at=now - 8 * DAY)
    issue.resolve(by=people.sue, resolution="Paid", at=now - 3 * DAY)
    return issue


def test_within_the_days_it_opens_again_and_the_clock_continues(solved, people):
    due = solved.resolution_due
    heard = hear(solved, by=people.cleo, text="It fails again")
    solved.refresh_from_db()
    assert (heard.what, heard.issue.pk) == ("reopened", solved.pk)
    assert (solved.state, solved.resolved_at, solved.reopened) == ("in_progress", None, 1)
    assert solved.resolution_due == due
    assert heard.note.text == "It fails again"
    assert not heard.note.is_internal


def test_the_last_moment_reopens_and_the_next_follows(solved, people):
    until = reopens_until(solved)
    assert until == solved.resolved_at + 14 * DAY
    other = Issue.objects.get(pk=solved.pk)
    later = hear(other, by=people.cleo, text="Too late", at=until + datetime.timedelta(microseconds=1))
    assert later.what == "follows"
    assert hear(solved, by=people.cleo, text="In time", at=until).what == "reopened"


def test_later_it_is_a_new_issue_that_follows_with_a_clock_of_its_own(solved, people):
    at = solved.resolved_at + 15 * DAY
    heard = hear(solved, by=people.cleo, text="It is back", at=at)
    solved.refresh_from_db()
    new = heard.issue
    assert (heard.what, heard.note, solved.state, solved.reopened) == ("follows", None, "resolved", 0)
    assert (new.follows, new.title, new.description, new.severity) == (solved, "Payment", "It is back", 2)
    assert (new.reported_by, new.organisation, new.created_at) == (people.cleo, people.cleo.organisation, at)
    assert new.resolution_due > at


def test_what_is_said_next_goes_to_the_one_that_follows(solved, people):
    at = solved.resolved_at + 15 * DAY
    first = hear(solved, by=people.cleo, text="It is back", at=at).issue
    again = hear(solved, by=people.cleo, text="And again", at=at + DAY)
    assert (again.what, again.issue) == ("noted", first)
    first.resolve(by=people.sue, resolution="Paid", at=at + 2 * DAY)
    assert hear(solved, by=people.cleo, text="No", at=at + 3 * DAY).what == "reopened"
    assert Issue.objects.count() == 2


def test_a_product_says_in_how_many_days(solved, product, people, as_user):
    browser = as_user(people.dora)
    page = browser.get("/products/CLAIMS/edit/")
    assert page.context["form"].initial["reopen_days"] == 14
    type(product).objects.filter(pk=product.pk).update(reopen_days=0)
    assert hear(Issue.objects.get(pk=solved.pk), by=people.cleo, text="Again").what == "follows"


def test_thanks_and_a_word_on_a_duplicate_leave_it_solved(solved, product, people):
    assert hear(solved, by=people.cleo, text="Thank you", thanks=True).what == "noted"
    same = Issue.report(product, by=people.cleo, title="The same")
    other = Issue.report(product, by=people.cleo, title="The first")
    same.mark_duplicate(other, by=people.sue)
    assert hear(same, by=people.cleo, text="And?").what == "noted"
    assert Issue.objects.get(pk=same.pk).duplicate_of == other


def test_closed_opens_too(solved, people):
    solved.close(by=people.sue)
    assert hear(solved, by=people.cleo, text="No").what == "reopened"


def test_what_waits_is_resumed(product, people):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    issue.wait_for_customer(by=people.sue, text="Which?")
    assert hear(issue, by=people.cleo, text="This").what == "resumed"
    assert issue.pauses[-1][1] is not None


def test_the_portal_says_what_will_happen_and_does_it(solved, people, as_user):
    browser = as_user(people.cleo)
    assert "What you say opens it again" in browser.get(f"{URL}{solved.number}/").content.decode()
    answer = browser.post(f"{URL}{solved.number}/notes/", {"text": "Thank you", "thanks": "on"})
    solved.refresh_from_db()
    assert (answer.url, solved.state) == (f"{URL}{solved.number}/", "resolved")
    browser.post(f"{URL}{solved.number}/notes/", {"text": "It fails again"})
    solved.refresh_from_db()
    assert solved.state == "in_progress"
    assert [note.text for note in solved.notes.all()] == ["Thank you", "It fails again"]


def test_the_portal_leads_to_the_one_that_follows(solved, people, as_user):
    Issue.objects.filter(pk=solved.pk).update(
        created_at=solved.created_at - 30 * DAY, resolved_at=solved.resolved_at - 30 * DAY
    )
    browser = as_user(people.cleo)
    assert "becomes a new issue" in browser.get(f"{URL}{solved.number}/").content.decode()
    answer = browser.post(f"{URL}{solved.number}/notes/", {"text": "It is back"})
    new = Issue.objects.get(follows=solved)
    assert answer.url == f"{URL}{new.number}/"
    assert f"{solved.ref} Payment" in browser.get(answer.url).content.decode()
    assert f"{URL}{new.number}/" in browser.get(f"{URL}{solved.number}/").content.decode()


def test_another_client_learns_nothing_of_what_it_follows(solved, product, people, contoso):
    heard = hear(solved, by=people.cleo, text="It is back", at=solved.resolved_at + 15 * DAY)
    Issue.objects.filter(pk=heard.issue.pk).update(organisation=contoso)
    assert not solved.followed_by.visible_to(people.cleo, product).exists()


def test_what_we_say_ourselves_opens_nothing(solved, people, as_user):
    as_user(people.sue).post(f"{URL}{solved.number}/notes/", {"text": "By the way"})
    solved.refresh_from_db()
    assert solved.state == "resolved"


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_open_it_once(product, people):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    issue.resolve(by=people.sue, resolution="Paid")

    def say(text):
        try:
            return hear(Issue.objects.get(pk=issue.pk), by=people.cleo, text=text).what
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(say, ["One", "Two"])) == ["noted", "reopened"]
    issue.refresh_from_db()
    assert (issue.reopened, issue.notes.count()) == (1, 2)
