"""The life of an issue: dues, pauses, races, and the requirement that it breaks."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from delivery.models import Issue, KnownGap, Requirement, ServiceLevel
from delivery.moves import NotNow

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)
MONDAY = datetime.datetime(2026, 6, 8, 8, tzinfo=datetime.UTC)  # 10:00 in Berlin


@pytest.fixture
def office(product, office_hours):
    product.calendar = office_hours
    product.save(update_fields=["calendar"])
    return product


def report(product, people, **fields):
    fields.setdefault("title", "Login fails")
    fields.setdefault("at", MONDAY)
    return Issue.report(product, by=fields.pop("by", people.dora), **fields)


def test_a_report_has_its_dues_from_the_service_levels(office, people):
    issue = report(office, people, severity=2)  # 4h, 2d of 8 hours
    assert issue.response_due == MONDAY + 4 * HOUR
    assert issue.resolution_due == MONDAY + 48 * HOUR
    assert issue.ref == "ISS-1"


def test_a_clients_report_is_its_organisations(product, people, northwind):
    issue = report(product, people, by=people.cleo)
    assert (issue.organisation, issue.source) == (northwind, "portal")
    assert list(product.issues.visible_to(people.cleo, product)) == [issue]
    assert not product.issues.visible_to(people.olga, product).exists()


def test_severity_change_reckons_from_the_creation(office, people):
    issue = report(office, people, severity=4)
    issue.severity = 1
    issue.revise(["severity"], by=people.dora, version=issue.version)
    issue.refresh_from_db()
    assert issue.resolution_due == MONDAY + 24 * HOUR  # 8 office hours: the next day at 10:00


def test_waiting_stops_the_clock_and_counts_as_response(office, people):
    issue = report(office, people, severity=2)
    issue.wait_for_customer(by=people.sue, text="Which browser?", at=MONDAY + HOUR)
    assert (issue.state, issue.resolution_due, issue.responded_at) == ("waiting", None, MONDAY + HOUR)
    assert not product_overdue(office, MONDAY + 1000 * HOUR)
    issue.resume(by=people.sue, at=MONDAY + 3 * HOUR)
    assert issue.resolution_due == MONDAY + 50 * HOUR
    assert issue.readings(now=MONDAY + 3 * HOUR)["resolution"].elapsed == 60
    with pytest.raises(NotNow):
        issue.resume(by=people.sue)


def product_overdue(product, now):
    return product.issues.overdue(now).exists()


def test_late_before_waiting_stays_late(office, people):
    issue = report(office, people, severity=1)
    issue.wait_for_customer(by=people.sue, text="?", at=MONDAY + 72 * HOUR)
    assert issue.resolution_due == MONDAY + 24 * HOUR
    assert product_overdue(office, MONDAY + 80 * HOUR)


def test_resolve_close_reopen(product, people):
    issue = report(product, people, severity=3)
    with pytest.raises(ValidationError):
        issue.resolve(by=people.sue, resolution="  ")
    issue.resolve(by=people.sue, resolution="Fixed", at=MONDAY + HOUR)
    assert (issue.state, issue.responded_at, issue.resolved_at) == ("resolved", MONDAY + HOUR, MONDAY + HOUR)
    due = issue.resolution_due
    issue.reopen(by=people.dora, reason="Still there", at=MONDAY + 2 * HOUR)
    assert (issue.state, issue.resolved_at, issue.reopened) == ("in_progress", None, 1)
    # The clock continues from the creation.
    assert issue.resolution_due == due
    issue.resolve(by=people.sue, resolution="Fixed again", at=MONDAY + 3 * HOUR)
    issue.close(by=people.dora, at=MONDAY + 4 * HOUR)
    assert issue.closed_at == MONDAY + 4 * HOUR
    issue.reopen(by=people.dora, reason="No")
    assert issue.closed_at is None


def test_the_loser_of_a_race_is_told(product, people):
    first, second = report(product, people), None
    second = Issue.objects.get(pk=first.pk)
    first.resolve(by=people.sue, resolution="Mine")
    with pytest.raises(NotNow, match="Resolved"):
        second.resolve(by=people.bob, resolution="Mine too")
    assert Issue.objects.get(pk=first.pk).resolution == "Mine"


def test_new_targets_and_hours_reckon_open_issues(product, people, office_hours):
    issue, done = report(product, people, severity=1), report(product, people, severity=1)
    done.resolve(by=people.sue, resolution="x", at=MONDAY + HOUR)
    ServiceLevel.agree(product, {1: (60, 120)}, by=people.dora)
    issue.refresh_from_db()
    assert issue.resolution_due == MONDAY + 2 * HOUR
    was = done.resolution_due
    done.refresh_from_db()
    assert done.resolution_due == was
    product.calendar = office_hours
    product.revise(["calendar"], by=people.dora, version=product.version)
    ServiceLevel.agree(product, {1: (60, 480)}, by=people.dora)
    issue.refresh_from_db()
    assert issue.resolution_due == MONDAY + 24 * HOUR


def test_known_gaps_are_found_by_words_of_the_title(product, people):
    gap = KnownGap.accept(product, by=people.dora, title="Bulk payment is missing")
    KnownGap.accept(product, by=people.dora, title="No dark mode").close(by=people.dora)
    assert list(product.known_gaps.like("Where is the bulk PAYMENT?")) == [gap]
    assert not product.known_gaps.like("Dark mode please").exists()
    assert not product.known_gaps.like("a b c").exists()


# --- Conformance ------------------------------------------------------------------------------------------


@pytest.fixture
def promise(product, people):
    requirement = Requirement.objects.create(product=product, title="Payments within a day")
    requirement.check_conformance(by=people.dora, result="met", evidence="Test run 7", at=MONDAY - HOUR)
    return requirement


def state(requirement):
    return Requirement.objects.with_state_of_issues().get(pk=requirement.pk)


@pytest.mark.parametrize(("severity", "result"), [(1, "failed"), (2, "degraded"), (3, "met"), (4, "met")])
def test_a_serious_bug_breaks_its_requirement(product, people, promise, severity, result):
    issue = report(product, people, type="bug", severity=severity, requirement=promise)
    promise.refresh_from_db()
    assert promise.conformance == result
    assert promise.checks.filter(issue=issue).count() == (severity < 3)


def test_other_types_and_gaps_break_nothing(product, people, promise):
    report(product, people, type="request", severity=1, requirement=promise)
    gap = Requirement.objects.create(product=product, title="Not promised", is_accepted=False)
    report(product, people, type="bug", severity=1, requirement=gap)
    promise.refresh_from_db()
    gap.refresh_from_db()
    assert (promise.conformance, gap.conformance) == ("met", "unknown")


def test_a_lesser_bug_does_not_better_it(product, people, promise):
    report(product, people, type="bug", severity=1, requirement=promise)
    report(product, people, type="bug", severity=2, requirement=promise)
    promise.refresh_from_db()
    assert promise.conformance == "failed"


def test_solving_the_bug_asks_for_a_recheck_and_never_says_met(product, people, promise):
    issue = report(product, people, type="bug", severity=1, requirement=promise)
    assert (state(promise).is_breaking, state(promise).needs_recheck) == (True, False)
    issue.resolve(by=people.sue, resolution="Fixed", at=MONDAY + HOUR)
    now = state(promise)
    assert (now.conformance, now.is_breaking, now.needs_recheck) == ("failed", False, True)
    promise.check_conformance(by=people.dora, result="met", evidence="Test run 8")
    now = state(promise)
    assert (now.conformance, now.needs_recheck) == ("met", False)
    issue.reopen(by=people.dora, reason="It is back")
    assert state(promise).conformance == "failed"


def test_raising_the_severity_breaks_it_too(product, people, promise):
    issue = report(product, people, type="bug", severity=3, requirement=promise)
    issue.severity = 1
    issue.revise(["severity"], by=people.dora, version=issue.version)
    assert state(promise).conformance == "failed"


def test_a_check_entered_late_does_not_undo_a_newer_one(promise, people):
    promise.check_conformance(by=people.dora, result="failed", at=timezone.now())
    promise.check_conformance(by=people.dora, result="met", at=timezone.now() - 5 * HOUR)
    assert state(promise).conformance == "failed"
