"""No way leads to 'accepted' around a row that is not decided, a criterion that is not settled, a missing signature."""

import random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.models import Product
from handover.client import verbs as client
from handover.criteria import verbs as criteria
from handover.items import deciding, finding
from handover.models import Handover
from handover.transfer import actions
from tests import factories
from tests.handover.conftest import LATER

STEPS = (
    "decide", "undo", "provide", "judge", "fail", "waive", "client", "reject", "submit", "take_up", "remark",
    "give_back", "accept", "open_issue", "refresh", "withdraw",
)  # fmt: skip


def step(name: str, record: Handover, dice: random.Random) -> None:
    """Try one thing as the person whose it is; refusals are what the test is about."""
    giver, receiver = record.giver, record.receiver
    items, lines = list(record.open_items.all()), list(record.criteria.all())
    scope = list(client.to_decide(record))
    item, line = dice.choice(items) if items else None, dice.choice(lines)
    line.handover = record
    if item:
        item.handover = record
    match name:
        case "decide" if item:
            for one in items:
                one.handover = record
                if not one.decision and dice.random() < 0.8:
                    deciding.decide(one, by=giver, decision="carry", control="A deputy", control_test_on=LATER)
        case "undo" if item:
            deciding.undo(item, by=giver)
        case "provide" | "judge":
            for one in lines:
                one.handover = record
                if one.state == "open" and dice.random() < 0.9:
                    criteria.provide(one, by=one.owner, evidence="Folder 3")
                    if name == "judge":
                        criteria.judge(one, by=one.verifier, met=True)
        case "fail":
            criteria.judge(line, by=line.verifier, met=False, verdict="Out of date")
        case "waive":
            criteria.ask_waiver(line, by=receiver, reason="Later", expires=LATER, approver=receiver)
        case "client":
            client.record_all(record, by=giver, protocol="Signed")
        case "reject" if scope:
            scope[0].handover = record
            client.record(scope[0], by=giver, accept=False, comment="No", protocol="Signed")
        case "submit":
            actions.submit(record, by=giver)
        case "take_up":
            actions.take_up(record, by=receiver)
        case "remark":
            actions.remark(record, by=receiver, text="More", criterion=line)
        case "give_back":
            actions.give_back(record, by=receiver, reason="More")
        case "accept":
            actions.accept(record, by=receiver)
        case "open_issue":
            factories.make_issue(record.project, title="New")
        case "refresh" if record.is_editable:
            finding.refresh(record)
        case "withdraw" if dice.random() < 0.1:
            actions.withdraw(record, by=giver)


def looks_right(record: Handover) -> None:
    record.refresh_from_db()
    if record.is_accepted:
        assert not record.open_items.filter(decision="").exists()
        assert not record.open_items.filter(decision__in=("carry", "op_risk"), consented_at=None).exists()
        assert not record.criteria.filter(is_required=True).exclude(state__in=("met", "waived")).exists()
        assert {one.side for one in record.signatures.filter(voided_at=None)} == {"giver", "receiver"}
        assert len({one.content_hash for one in record.signatures.filter(voided_at=None)}) == 1
        assert not client.to_decide(record).filter(result="").exists()
        assert not record.project.issues.open().exists()
        assert Product.objects.count() == 1
    else:
        assert not Product.objects.exists()
        assert not record.signatures.filter(side="receiver").exists()
    if record.state == "returned":
        assert not record.signatures.filter(voided_at=None).exists()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31), names=st.lists(st.sampled_from(STEPS), min_size=3, max_size=14))
def test_no_way_around_what_is_asked_for(project, seed, names):
    with transaction.atomic():
        walk(project, random.Random(seed), names)
        transaction.set_rollback(True)


def walk(project, dice: random.Random, names: list[str]) -> None:
    record = actions.start(project, by=project.people.alice)
    # A short list of lines keeps the ways short; what holds for two holds for all.
    keep = list(record.criteria.filter(is_required=True).values_list("pk", flat=True)[:2])
    record.criteria.exclude(pk__in=keep).delete()
    for name in [*names, "decide", "judge", "client", "refresh", "decide", "judge", "submit", "accept"]:
        fresh = Handover.objects.select_related("giver", "receiver", "product", "project").get(pk=record.pk)
        try:
            with transaction.atomic():
                step(name, fresh, dice)
        except (ValidationError, PermissionDenied):
            pass
        looks_right(fresh)


def test_the_straight_way_leads_there(record):
    actions.submit(record, by=record.giver)
    actions.accept(record, by=record.receiver)
    looks_right(record)
    with pytest.raises(actions.AlreadyMoved):
        actions.give_back(record, by=record.receiver, reason="Too late")
