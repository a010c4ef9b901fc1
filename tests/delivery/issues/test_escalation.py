"""Escalations: planned with the clock, moved with it, fired once, told to the right people."""

import datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from delivery.issues.escalation.models import Escalation, EscalationStep
from delivery.issues.escalation.sweep import KIND, sweep, told_until
from delivery.models import Issue, ServiceLevel
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox
from tests.factories import retire

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)
SECOND = datetime.timedelta(seconds=1)
MONDAY = datetime.datetime(2026, 6, 8, 8, tzinfo=datetime.UTC)  # 10:00 in Berlin


@pytest.fixture
def office(product, office_hours):
    product.calendar = office_hours
    product.save(update_fields=["calendar"])
    return product


def report(product, people, **fields):
    fields.setdefault("title", "Login fails")
    fields.setdefault("at", MONDAY)
    return Issue.report(product, by=people.dora, **fields)


def plan_of(issue):
    """{(clock, trigger): due_at} of what waits."""
    rows = issue.escalations.waiting().select_related("step")
    return {(row.step.clock, row.step.trigger): row.due_at for row in rows}


def told(issue):
    """[(clock, trigger, told people)] of what was fired, in order."""
    rows = issue.escalations.exclude(fired_at=None).select_related("step").order_by("fired_at", "due_at")
    return [(row.step.clock, row.step.trigger, set(row.told)) for row in rows]


def test_a_report_plans_its_escalations_in_service_hours(office, people):
    issue = report(office, people, severity=2)  # 4h, 2d of 8 hours
    assert plan_of(issue) == {
        ("response", "at_risk"): MONDAY + 3 * HOUR,
        ("response", "breached"): MONDAY + 4 * HOUR,
        ("resolution", "at_risk"): MONDAY + 28 * HOUR,  # 12 of 16 hours: Tuesday at 14:00
        ("resolution", "breached"): MONDAY + 48 * HOUR,
        ("resolution", "after"): MONDAY + 72 * HOUR,  # one day of service later
    }


def test_the_moments_are_on_the_issue_too(office, people):
    issue = report(office, people, severity=2)
    assert (issue.response_at_risk, issue.resolution_at_risk) == (MONDAY + 3 * HOUR, MONDAY + 28 * HOUR)


def test_each_is_fired_once_and_tells_who_the_step_names(office, people):
    issue = report(office, people, severity=2, assignee=people.bob)
    assert sweep(MONDAY + 3 * HOUR) == 0, "at its very moment it is not past it"
    assert sweep(MONDAY + 3 * HOUR + SECOND) == 1
    assert sweep(MONDAY + 3 * HOUR + SECOND) == 0
    assert told(issue) == [("response", "at_risk", {people.bob.pk})]
    sweep(MONDAY + 5 * HOUR)
    assert told(issue)[1] == ("response", "breached", {people.bob.pk, people.dora.pk})
    assert Outbox.objects.filter(kind=KIND).count() == 3


def test_while_nobody_has_it_the_support_team_hears(office, people):
    issue = report(office, people, severity=2)
    sweep(MONDAY + 3 * HOUR + SECOND)
    assert told(issue) == [("response", "at_risk", {people.sue.pk})]


def test_clients_strangers_and_who_left_hear_nothing(office, people):
    issue = report(office, people, severity=1, assignee=people.charlie)  # not on the team (any more)
    people.dora.is_active = False
    people.dora.save()
    sweep(MONDAY + 500 * HOUR)
    heard = set().union(*(whom for _clock, _trigger, whom in told(issue)))
    assert heard == {people.sue.pk, people.stella.pk}


def test_after_standing_still_each_person_hears_the_latest_only(office, people):
    issue = report(office, people, severity=2, assignee=people.bob)
    assert sweep(MONDAY + 500 * HOUR) == 5
    by_step = {(clock, trigger): whom for clock, trigger, whom in told(issue)}
    assert by_step["resolution", "after"] == {people.dora.pk, people.stella.pk}
    assert by_step["resolution", "breached"] == {people.bob.pk}
    assert by_step["resolution", "at_risk"] == set()
    assert Outbox.objects.filter(kind=KIND).count() == 5


def test_an_answer_cancels_the_response_and_a_solution_everything(office, people):
    issue = report(office, people, severity=2)
    issue.respond(by=people.sue, text="On it", at=MONDAY + HOUR)
    assert {clock for clock, _trigger in plan_of(issue)} == {"resolution"}
    issue.resolve(by=people.sue, resolution="Done", at=MONDAY + 2 * HOUR)
    assert plan_of(issue) == {}
    assert sweep(MONDAY + 900 * HOUR) == 0


def test_reopening_continues_the_clock(office, people):
    issue = report(office, people, severity=2)
    sweep(MONDAY + 29 * HOUR)  # at risk was told
    issue.resolve(by=people.sue, resolution="Done", at=MONDAY + 30 * HOUR)
    issue.reopen(by=people.dora, reason="No", at=MONDAY + 47 * HOUR)
    assert plan_of(issue) == {
        ("resolution", "breached"): MONDAY + 48 * HOUR,
        ("resolution", "after"): MONDAY + 72 * HOUR,
    }
    before = Escalation.objects.exclude(fired_at=None).count()
    issue.resolve(by=people.sue, resolution="Done", at=MONDAY + 47.5 * HOUR)
    issue.reopen(by=people.dora, reason="No", at=MONDAY + 100 * HOUR)
    assert sweep(MONDAY + 100 * HOUR) == 2, "what ran out meanwhile is told now"
    assert Escalation.objects.exclude(fired_at=None).count() == before + 2


def test_waiting_moves_them_and_holds_them(office, people):
    issue = report(office, people, severity=2)
    issue.wait_for_customer(by=people.sue, text="?", at=MONDAY + HOUR)
    assert plan_of(issue) == {}
    assert sweep(MONDAY + 900 * HOUR) == 0
    issue.resume(by=people.sue, at=MONDAY + 3 * HOUR)
    assert plan_of(issue)["resolution", "breached"] == MONDAY + 50 * HOUR


def test_another_severity_counts_from_the_creation(office, people):
    issue = report(office, people, severity=4)
    issue.severity = 1
    issue.revise(["severity"], by=people.dora, version=issue.version)
    assert plan_of(issue)["resolution", "breached"] == MONDAY + 24 * HOUR
    sweep(MONDAY + 25 * HOUR)
    fired = len(told(issue))
    # To a later promise and back: the new moment is a new warning, the old one was told.
    for severity in (4, 1):
        issue.severity = severity
        issue.revise(["severity"], by=people.dora, version=issue.version)
    assert len(told(issue)) == fired
    assert set(plan_of(issue)) == {("resolution", "after")}


def test_new_targets_and_hours_move_them(product, people):
    issue = report(product, people, severity=1)
    ServiceLevel.agree(product, {1: (60, 120)}, by=people.dora)
    assert plan_of(issue)["resolution", "breached"] == MONDAY + 2 * HOUR


def test_a_new_step_does_not_tell_about_what_was_late_before(office, people):
    late, open_still = report(office, people, severity=1), report(office, people, severity=4)
    step = EscalationStep.agree(
        office, by=people.dora, clock="resolution", trigger="after", minutes=60, tells=["delivery_manager"],
        at=MONDAY + 100 * HOUR,
    )  # fmt: skip
    assert not late.escalations.filter(step=step).exists()
    assert open_still.escalations.waiting().filter(step=step).exists()
    with pytest.raises(ValidationError, match="already"):
        EscalationStep.agree(office, by=people.dora, clock="resolution", trigger="after", minutes=60, tells=["support"])
    step.end(by=people.dora)
    assert not open_still.escalations.waiting().filter(step=step).exists()


def test_imported_issues_tell_nobody(product, people):
    assert plan_of(report(product, people, source="import")) == {}


def test_a_retired_product_is_silent(product, people):
    report(product, people)
    retire(product, by=people.dora)
    assert sweep(MONDAY + 900 * HOUR) == 0


def test_the_database_keeps_it_to_once(office, people):
    issue = report(office, people, severity=2)
    sweep(MONDAY + 3 * HOUR + SECOND)
    row = issue.escalations.exclude(fired_at=None).get()
    for values in (
        {"step": row.step, "due_at": row.due_at},
        {"step": row.step, "due_at": MONDAY + HOUR, "fired_at": MONDAY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Escalation.objects.create(product=office, issue=issue, **values)


def test_history_is_told_at_its_own_moments(office, people):
    issue = report(office, people, severity=2)
    assert told_until(issue.pk, MONDAY + 500 * HOUR) == 5
    rows = issue.escalations.all()
    assert {row.fired_at - row.due_at for row in rows} == {5 * SECOND}


def test_the_mail_says_what_and_where_with_one_id(office, people):
    issue = report(office, people, severity=2, assignee=people.bob, title="Claims\nare lost")
    sweep(MONDAY + 4 * HOUR + SECOND)
    outbox.drain()
    letter = next(sent for sent in mail.outbox if sent.to == [people.dora.email])
    assert "breached" in letter.subject
    assert "\n" not in letter.subject
    assert f"/products/CLAIMS/issues/{issue.number}/" in letter.body
    assert letter.extra_headers["Message-ID"].startswith("<escalation-")
    assert Outbox.objects.filter(kind=KIND, done_at=None).count() == 0


def test_the_sweep_costs_the_same_for_three_and_for_sixty(office, people, django_assert_max_num_queries):
    for _number in range(20):
        report(office, people, severity=2)
    with django_assert_max_num_queries(9):
        assert sweep(MONDAY + 500 * HOUR) == 100


# --- Pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def pressed(product, people):
    """Now: one issue at risk, one breached, one calm, one of another product."""
    now = timezone.now()
    return {
        "late": report(product, people, severity=1, title="Is late", at=now - 9 * HOUR),
        "risky": report(product, people, severity=2, title="Is risky", at=now - 15 * HOUR),
        "calm": report(product, people, severity=4, title="Is calm", at=now),
    }


def test_the_breach_list_has_what_can_be_saved_first(pressed, people, as_user):
    for issue in pressed.values():
        issue.respond(by=people.sue, text="x", at=issue.created_at)
    sweep()
    text = as_user(people.sue).get("/products/CLAIMS/breaches/").content.decode()
    assert text.index("Is risky") < text.index("Is late")
    assert "Is calm" not in text
    assert "Sue Support" in text  # who was told


def test_over_all_my_products(pressed, people, as_user):
    text = as_user(people.sue).get("/products/breaches/").content.decode()
    assert "Is late" in text
    assert "Is late" not in as_user(people.charlie).get("/products/breaches/").content.decode()
    assert "Is late" not in as_user(people.cleo).get("/products/breaches/").content.decode()
    assert "Is late" not in as_user(people.sue).get("/products/breaches/?mine=on").content.decode()


def test_steps_are_added_and_removed(product, people, as_user):
    url = "/products/CLAIMS/service-levels/escalation/"
    browser = as_user(people.dora)
    form = {"clock": "resolution", "trigger": "after", "after": "2d", "tells": ["stakeholder"]}
    assert browser.post(url, {**form, "after": "soon"}).status_code == 422
    assert browser.post(url, {**form, "after": ""}).status_code == 422
    assert browser.post(url, {**form, "trigger": "breached"}).status_code == 422
    assert browser.post(url, {**form, "tells": []}).status_code == 422
    assert browser.post(url, form).status_code == 302
    assert browser.post(url, form).status_code == 422
    step = product.escalation_steps.current().get(minutes=2880)
    assert browser.post(f"{url}{step.pk}/removal/").status_code == 302
    assert not product.escalation_steps.current().filter(pk=step.pk).exists()
    assert as_user(people.sue).post(url, form).status_code == 403


def test_the_issue_tells_its_escalations_to_staff_only(pressed, people, as_user, northwind):
    sweep()
    issue = pressed["late"]
    Issue.objects.filter(pk=issue.pk).update(organisation=northwind)
    url = f"/products/CLAIMS/issues/{issue.number}/"
    assert "Escalation" in as_user(people.sue).get(url).content.decode()
    assert "Escalation" not in as_user(people.cleo).get(url).content.decode()
