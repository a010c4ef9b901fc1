"""Teams: an issue goes from one to another by consent, and the time each had it is measured from what happened."""

import datetime
import itertools
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.issues.queue import bulk
from delivery.issues.teams import time
from delivery.models import HandOff, Issue, Product, Team, TeamStay
from delivery.moves import NotNow

pytestmark = pytest.mark.django_db

URL = "/products/CLAIMS/issues/"
NOW = timezone.now().replace(microsecond=0)
HOUR, MINUTE = datetime.timedelta(hours=1), datetime.timedelta(minutes=1)


def hours_ago(number):
    return NOW - number * HOUR


@pytest.fixture
def first(product, people):
    return Team.form(product, by=people.dora, name="First line", members=[people.sue])


@pytest.fixture
def second(product, people):
    return Team.form(product, by=people.dora, name="Second line", members=[people.bob])


@pytest.fixture
def issue(product, people, first):
    issue = Issue.report(product, by=people.dora, title="Login fails", at=hours_ago(20), assignee=people.sue)
    HandOff.offer(issue, to=first, by=people.sue, reason="Came in", at=hours_ago(20))
    issue.refresh_from_db()
    return issue


def minutes(issue, now=NOW):
    return {row.team.name: row.minutes for row in time.of_issue(issue, now)}


def test_nobodys_issue_is_given_at_once(issue, first):
    assert issue.team == first
    assert issue.hand_offs.get().state == "accepted"


def test_another_team_is_asked_and_the_time_counts_for_the_giver_until_it_accepts(issue, people, second):
    offer = HandOff.offer(issue, to=second, by=people.sue, reason="Needs code", at=hours_ago(15))
    issue.refresh_from_db()
    assert issue.team.name == "First line"
    offer.accept(by=people.bob, at=hours_ago(12))
    issue.refresh_from_db()
    assert (issue.team, issue.assignee) == (second, None), "Sue is not in second line"
    issue.resolve(by=people.bob, resolution="Fixed", at=hours_ago(10))
    assert minutes(issue) == {"First line": 480, "Second line": 120}
    issue.reopen(by=people.sue, reason="Again", at=hours_ago(4))
    assert minutes(issue, hours_ago(1)) == {"First line": 480, "Second line": 300}, "it still has it"


def test_a_team_that_declines_says_why_and_it_stays(issue, people, second):
    offer = HandOff.offer(issue, to=second, by=people.sue, reason="Needs code")
    with pytest.raises(ValidationError):
        offer.decline(by=people.bob, answer=" ")
    with pytest.raises(ValidationError):
        offer.decline(by=people.sue, answer="Not hers to say")
    offer.decline(by=people.bob, answer="The log is missing")
    issue.refresh_from_db()
    assert issue.team.name == "First line"
    with pytest.raises(NotNow):
        offer.accept(by=people.bob)
    HandOff.offer(issue, to=second, by=people.sue, reason="Log attached").withdraw(by=people.sue)
    assert [row.state for row in issue.hand_offs.all()] == ["accepted", "declined", "withdrawn"]


def test_offers_that_make_no_sense(issue, people, first, second):
    for to, reason in ((first, "It has it"), (second, " ")):
        with pytest.raises(ValidationError):
            HandOff.offer(issue, to=to, by=people.sue, reason=reason)
    other = Team.form(Product.launch(by=people.dora, code="OTHER", name="Other"), by=people.dora, name="Theirs")
    with pytest.raises(ValidationError):
        HandOff.offer(issue, to=other, by=people.sue, reason="Elsewhere")
    HandOff.offer(issue, to=second, by=people.sue, reason="Once")
    with pytest.raises(NotNow):
        HandOff.offer(issue, to=second, by=people.sue, reason="Twice")
    issue.resolve(by=people.sue, resolution="Done")
    assert issue.hand_offs.last().state == "withdrawn", "there is nothing to hand over any more"
    with pytest.raises(NotNow):
        HandOff.offer(issue, to=second, by=people.sue, reason="Closed")


def test_what_the_customer_took_counts_for_no_team(issue, people):
    issue.wait_for_customer(by=people.sue, text="Which browser?", at=hours_ago(18))
    issue.resume(by=people.sue, at=hours_ago(3))
    assert minutes(issue) == {"First line": 5 * 60}


def test_a_team_ends_only_when_it_has_nothing(issue, people, first, second):
    with pytest.raises(NotNow):
        first.end(by=people.dora)
    offer = HandOff.offer(issue, to=second, by=people.sue, reason="Needs code")
    with pytest.raises(NotNow):
        second.end(by=people.dora)
    offer.accept(by=people.bob)
    first.end(by=people.dora)
    assert first.ended_at
    with pytest.raises(ValidationError):
        HandOff.offer(issue, to=first, by=people.bob, reason="Back")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from("oadwrnb"), st.integers(1, 300)), max_size=9))
def test_stays_never_overlap_and_cover_what_some_team_had(product, people, steps):
    """Whatever happens, an open issue that a team has is in exactly one running stay, and stays follow each other."""
    teams = [
        Team.form(product, by=people.dora, name=f"{name} {product.teams.count()}", members=[who])
        for name, who in (("A", people.sue), ("B", people.bob))
    ]
    at = hours_ago(100)
    issue = Issue.report(product, by=people.dora, title="Any", at=at)
    for what, pause in steps:
        at += pause * MINUTE
        offer = issue.hand_offs.waiting().first()
        other = teams[1] if issue.team_id == teams[0].pk else teams[0]
        try:
            if what == "o":
                HandOff.offer(issue, to=other, by=people.dora, reason="-", at=at)
            elif what in "ad" and offer:
                if what == "a":
                    offer.accept(by=people.dora, at=at)
                else:
                    offer.decline(by=people.dora, answer="-", at=at)
            elif what == "w":
                issue.wait_for_customer(by=people.sue, text="?", at=at)
            elif what == "r":
                issue.resolve(by=people.sue, resolution="-", at=at)
            elif what == "n":
                issue.reopen(by=people.sue, reason="-", at=at)
            else:
                bulk.apply({issue.pk: None}, "team", str(other.pk), by=people.sue, at=at)
        except NotNow:
            pass
        issue = Issue.objects.get(pk=issue.pk)
        stays = list(issue.team_stays.all())
        assert all(one.until <= two.since for one, two in itertools.pairwise(stays))
        running = [stay.team_id for stay in stays if stay.until is None]
        assert running == ([issue.team_id] if issue.is_open and issue.team_id else [])
        assert not (issue.hand_offs.waiting().exists() and not issue.is_open)


@pytest.mark.django_db(transaction=True)
def test_an_offer_is_answered_once(issue, people, second):
    offer = HandOff.offer(issue, to=second, by=people.sue, reason="Needs code")
    gate, refused = threading.Barrier(2), []

    def answer(verb):
        try:
            gate.wait()
            verb(HandOff.objects.get(pk=offer.pk))
        except NotNow:
            refused.append(verb)
        finally:
            connections.close_all()

    verbs = (lambda one: one.accept(by=people.bob), lambda one: one.decline(by=people.bob, answer="No"))
    threads = [threading.Thread(target=answer, args=[verb]) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    offer.refresh_from_db()
    issue.refresh_from_db()
    assert (issue.team == second) == (offer.state == "accepted")


def test_in_bulk_only_what_no_other_team_has(product, people, issue, second):
    free = Issue.report(product, by=people.dora, title="New")
    done = bulk.apply({issue.pk: None, free.pk: None}, "team", str(second.pk), by=people.sue)
    free.refresh_from_db()
    assert free.team == second
    assert [row["issue"] for row in done.refused] == [issue.pk]
    # Somebody of the team fetches it.
    bulk.apply({issue.pk: None}, "team", str(second.pk), by=people.bob)
    issue.refresh_from_db()
    assert issue.team == second
    bulk.undo(done.pk, by=people.sue)
    free.refresh_from_db()
    assert free.team is None
    assert TeamStay.objects.filter(issue=free, until=None).count() == 0


def test_on_the_pages(issue, people, second, as_user):
    page = f"{URL}{issue.number}/"
    browser = as_user(people.sue)
    assert browser.post(f"{page}hand-off/", {"to": second.pk, "reason": ""}).status_code == 422
    assert browser.post(f"{page}hand-off/", {"to": second.pk, "reason": "Needs code"}).status_code == 302
    assert "Offered to Second line" in browser.get(page).content.decode()
    assert browser.post(f"{page}acceptance/").status_code == 422, "Sue is not in second line"
    for query, person, found in (("team=mine", "bob", 1), (f"team={second.pk}", "sue", 1), ("team=none", "sue", 0)):
        text = as_user(getattr(people, person)).get(f"{URL}?{query}&columns=team").content.decode()
        assert text.count("Login fails") == found, query
    browser = as_user(people.bob)
    assert browser.post(f"{page}refusal/", {"answer": ""}).status_code == 422
    assert browser.post(f"{page}acceptance/").status_code == 302
    assert browser.post(f"{page}acceptance/").status_code == 409
    assert "has it" in browser.get(page).content.decode()
    for person in (people.cleo, people.olga):
        assert as_user(person).get("/products/CLAIMS/issue-teams/").status_code in (403, 404)


def test_sums_cost_the_same_for_many(product, people, issue, second, as_user):
    url = "/products/CLAIMS/issue-teams/?days=30"

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert as_user(people.dora).get(url).status_code == 200
        return len(captured)

    queries()
    few = queries()
    offer = HandOff.offer(issue, to=second, by=people.sue, reason="Needs code", at=hours_ago(10))
    offer.accept(by=people.bob, at=hours_ago(8))
    for number in range(20):
        Team.form(product, by=people.dora, name=f"Team {number}", members=[people.sue])
    assert queries() <= few
    rows = {row.team.name: row for row in time.of_product(product, hours_ago(24))}
    assert (rows["First line"].issues, rows["First line"].minutes) == (1, 12 * 60)
    assert (rows["Second line"].open, rows["Second line"].issues) == (1, 0)


def test_teams_are_formed_and_changed_by_the_delivery_manager(product, people, first, as_user):
    url = "/products/CLAIMS/issue-teams/"
    browser = as_user(people.dora)
    assert browser.post(url, {"name": "first LINE"}).status_code == 422
    assert browser.post(url, {"name": "Third", "members": [people.bob.pk]}).status_code == 302
    assert browser.post(url, {"name": "Fourth", "members": [people.cleo.pk]}).status_code == 422, "a client"
    assert browser.post(f"{url}{first.pk}/", {"name": "Front", "members": [people.bob.pk]}).status_code == 302
    first.refresh_from_db()
    assert (first.name, list(first.members.all())) == ("Front", [people.bob])
    assert browser.post(f"{url}{first.pk}/end/").status_code == 302
    assert as_user(people.sue).post(url, {"name": "Mine"}).status_code == 403
