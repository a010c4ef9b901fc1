"""Hypercare from the acceptance to the exit, and its relapse."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from delivery.models import Incident, Issue
from delivery.moves import NotNow
from handover.hypercare import verbs
from handover.models import Hypercare, HypercareEvent, IssueClass
from handover.transfer import actions

DAY = datetime.timedelta(days=1)


def levels(product):
    return {row.severity: (row.response, row.resolution) for row in product.service_levels.all()}


def test_acceptance_starts_it_as_agreed(running, record):
    assert running.state == "running"
    assert running.until - running.started_at == 10 * DAY
    assert running.product.stage == "early_life"
    assert levels(running.product)[1] == (30, 240)  # half of 60 and 480 minutes
    assert running.events.get().kind == "started"


def test_without_an_agreement_it_runs_as_usual(record):
    actions.submit(record, by=record.giver)
    product = actions.accept(record, by=record.receiver)
    assert product.hypercares.get().days == 30


def test_the_exit_wants_every_meter(running, record):
    with pytest.raises(ValidationError, match="the agreed period"):
        verbs.leave(running, by=record.receiver, reason="Calm", at=running.started_at + 9 * DAY)
    verbs.leave(running, by=record.receiver, reason="Calm", at=running.started_at + 10 * DAY)
    running.refresh_from_db()
    assert running.state == "ended"
    assert running.product.stage == "live"
    assert levels(running.product)[1] == (60, 480)
    event = running.events.first()
    assert event.kind == "ended"
    assert all(meter["met"] for meter in event.meters)


def test_an_open_critical_issue_holds_it(running, record):
    at = running.started_at + 3 * DAY
    issue = Issue.report(running.product, by=record.receiver, title="Down", severity=1, at=at)
    with pytest.raises(ValidationError, match="critical"):
        verbs.leave(running, by=record.receiver, reason="Calm", at=running.started_at + 12 * DAY)
    issue.resolve(by=record.receiver, resolution="Repaired", at=running.started_at + 12 * DAY)
    with pytest.raises(ValidationError, match="critical"):
        verbs.leave(running, by=record.receiver, reason="Calm", at=running.started_at + 16 * DAY)
    verbs.leave(running, by=record.receiver, reason="Calm", at=running.started_at + 17 * DAY)


def test_no_way_to_live_around_the_exit(running, record):
    product = running.product
    with pytest.raises(NotNow, match="formal exit"):
        product.change_stage("live", by=record.receiver, reason="Enough")
    product.refresh_from_db()
    assert product.stage == "early_life"


def test_an_extension_wants_a_reason_and_a_later_day(running, record):
    at = running.started_at + DAY
    with pytest.raises(ValidationError, match="Say why"):
        verbs.extend(running, by=record.receiver, until=running.until + DAY, reason=" ", at=at)
    with pytest.raises(ValidationError, match="after"):
        verbs.extend(running, by=record.receiver, until=running.until, reason="More time", at=at)
    verbs.extend(running, by=record.receiver, until=running.until + 5 * DAY, reason="More time", at=at)
    assert running.until - running.started_at == 15 * DAY


class TestRelapse:
    @pytest.fixture
    def ended(self, running, record):
        verbs.leave(running, by=record.receiver, reason="Calm", at=running.started_at + 10 * DAY)
        return running

    def test_a_quiet_product_stays_live(self, ended):
        assert not verbs.watch(ended, now=ended.ended_at + 10 * DAY)

    def test_a_critical_issue_opens_it_again(self, ended, record):
        at = ended.ended_at + 3 * DAY
        Issue.report(ended.product, by=record.receiver, title="Down", severity=1, at=at)
        assert verbs.watch(ended, now=at)
        assert not verbs.watch(ended, now=at)  # once
        ended.refresh_from_db()
        assert ended.state == "running"
        assert ended.product.stage == "early_life"
        assert levels(ended.product)[1] == (30, 240)
        event = ended.events.first()
        assert (event.kind, event.by) == ("relapsed", None)
        assert "critical" in event.reason

    def test_so_does_a_long_outage(self, ended, record):
        at = ended.ended_at + 2 * DAY
        incident = Incident.begin(ended.product, by=record.receiver, title="Fire", started_at=at)
        incident.end(by=record.receiver, at=at + datetime.timedelta(hours=9))
        assert verbs.watch_all(at + DAY) == 1

    def test_what_comes_later_is_the_life_of_a_product(self, ended, record):
        at = ended.ended_at + 15 * DAY
        Issue.report(ended.product, by=record.receiver, title="Down", severity=1, at=at)
        assert not verbs.watch(ended, now=at)


def test_thresholds_change_with_a_reason_only(running, record):
    with pytest.raises(ValidationError, match="Say why"):
        verbs.change(running, {"issues_per_day": 9}, by=record.receiver, version=running.version, reason="")
    verbs.change(running, {"issues_per_day": 9}, by=record.receiver, version=running.version, reason="A campaign")
    assert running.issues_per_day == 9
    assert running.events.first().kind == "changed"


def test_what_is_signed_is_not_changed(record, agreed):
    actions.submit(record, by=record.giver)
    with pytest.raises(actions.AlreadyMoved):
        verbs.agree(record, {"days": 1}, by=record.giver, version=agreed.version)


def test_early_issues_are_classed(running, record):
    at = running.started_at + DAY
    issue = Issue.report(running.product, by=record.receiver, title="Typo", at=at)
    verbs.classify(running, issue, "training", by=record.receiver)
    verbs.classify(running, issue, "defect", by=record.receiver)
    assert IssueClass.objects.get().kind == "defect"
    before = Issue.report(running.product, by=record.receiver, title="Old", at=running.started_at - DAY)
    for wrong in (lambda: verbs.classify(running, before, "gap", by=record.receiver),
                  lambda: verbs.classify(running, issue, "weather", by=record.receiver)):  # fmt: skip
        with pytest.raises(ValidationError):
            wrong()


def test_what_happened_is_never_changed(running):
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        HypercareEvent.objects.update(reason="Nothing")


def test_service_levels_that_somebody_set_meanwhile_stay(running, record):
    from delivery.models import ServiceLevel

    ServiceLevel.agree(running.product, {1: (15, 90)}, by=record.receiver)
    verbs.leave(running, by=record.receiver, reason="Calm", at=running.started_at + 10 * DAY)
    assert levels(running.product)[1] == (15, 90)
    assert levels(running.product)[2] == (240, 960)


def test_a_second_handover_into_the_product_starts_no_second(running):
    assert Hypercare.objects.filter(product=running.product).count() == 1
    assert verbs.start(running.handover, by=running.handover.receiver, at=running.started_at) is None
