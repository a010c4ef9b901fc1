"""A thousand interleavings of two people on one handover: one wins, the other is told, nothing is doubled or lost.

Each pair of verbs runs under every schedule of ``tests.interleaving``, or under a fixed sample where there are many,
each on rows of its own that are made set by set. What fails names the pair and the schedule, so that it can be run
alone.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from delivery.models import Product
from handover.client import verbs as client
from handover.criteria import verbs as criteria
from handover.items import deciding
from handover.models import (
    Condition,
    Criterion,
    Handover,
    OpenItem,
    Round,
    ScopeLine,
    Signature,
    Signer,
    SignOff,
)
from handover.signoff import verbs as signoff
from handover.transfer import actions
from handover.transfer.content import content_hash
from pmdm.registers.editing import FIRST
from projects.models import Issue, Membership, Project, Requirement
from tests import factories
from tests.handover.conftest import LATER
from tests.interleaving import Schedule, interleave, schedules

pytestmark = pytest.mark.django_db(transaction=True)

WANTED = 1000
# Acceptance writes a whole product: of its pairs a sample.
OF_ACCEPTANCE = 30
NOW = timezone.now()


# --- Rows, made set by set --------------------------------------------------------------------------------


class World:
    """The people, and as many handovers of closed projects as are asked for, each with one line of everything."""

    def __init__(self):
        self.client = factories.make_organisation("Northwind")
        names = ("alice", "dora", "sam", "bob", "vera", "dele")
        self.people = SimpleNamespace(**{name: factories.make_user(name.title()) for name in names})
        self.people.cleo = factories.make_user("Cleo", organisation=self.client)
        self.people.carl = factories.make_user("Carl", organisation=self.client)
        self.made = 0

    def records(self, count: int, state: str, *, line="met", item="carry", owner=None, signs=False) -> list[int]:
        people = self.people
        codes = [f"TWO-{self.made + number}" for number in range(count)]
        self.made += count
        projects = Project.objects.bulk_create(
            Project(code=code, name=code, state="closed", client=self.client) for code in codes
        )
        roles = {
            "alice": "manager", "dora": "delivery_manager", "sam": "sponsor", "bob": "member", "vera": "member",
            "dele": "member", "cleo": "client", "carl": "client",
        }  # fmt: skip
        Membership.objects.bulk_create(
            Membership(project=project, user=getattr(people, name), role=role)
            for project in projects
            for name, role in roles.items()
        )
        found = Handover.objects.bulk_create(
            Handover(
                project=project, number=1, giver=people.alice, receiver=people.dora, product_code=project.code,
                product_name=project.name, client_asked_at=NOW,
            )
            for project in projects
        )  # fmt: skip
        judged = {"verified_by": people.vera, "verified_at": NOW} if line == "met" else {}
        if line == "asked":
            judged = {"waiver_reason": "Later", "waiver_expires": LATER, "waiver_approver": people.sam}
        Criterion.objects.bulk_create(
            Criterion(
                project=one.project, handover=one, category="support", text="Who answers", owner=people.alice,
                verifier=people.vera, evidence="Folder 3", state="met" if line == "met" else "open", **judged,
            )
            for one in found
        )  # fmt: skip
        issues = Issue.objects.bulk_create(Issue(project=one.project, number=1, title="Slow") for one in found)
        decided = {"decision": item, "decided_by": people.alice, "decided_at": NOW, "new_owner": owner or people.dora}
        OpenItem.objects.bulk_create(
            OpenItem(project=one.project, handover=one, kind="issue", issue=issue, **(decided if item else {}))
            for one, issue in zip(found, issues, strict=True)
        )
        promises = Requirement.objects.bulk_create(
            Requirement(
                project=one.project, number=1, title="Report a claim", state="verified", approved_by=people.sam,
                approved_at=NOW, verified_at=NOW,
            )
            for one in found
        )  # fmt: skip
        said = {"result": "accepted", "decided_by": people.cleo, "decided_at": NOW} if state != "returned" else {}
        ScopeLine.objects.bulk_create(
            ScopeLine(project=one.project, handover=one, requirement=promise, **said)
            for one, promise in zip(found, promises, strict=True)
        )
        if signs:
            today = timezone.localdate()
            Signer.objects.bulk_create(
                Signer(
                    project=one.project, handover=one, user=people.bob, capacity="Finance", delegate=people.dele,
                    away_from=today - datetime.timedelta(days=9), away_until=today + datetime.timedelta(days=9),
                )
                for one in found
            )  # fmt: skip
        ids = [one.pk for one in found]
        self._bring_to(state, ids)
        return ids

    def _bring_to(self, state: str, ids: list[int]) -> None:
        records = Handover.objects.filter(pk__in=ids)
        if state == "draft":
            return
        hashes = {one.pk: content_hash(one) for one in records.select_related("project", "giver", "receiver")}
        returned = {"outcome": "returned", "decided_at": NOW, "decided_by": self.people.dora, "reason": "More"}
        Round.objects.bulk_create(
            Round(
                project_id=one.project_id, handover=one, number=1, submitted_at=NOW, submitted_by=self.people.alice,
                content={}, content_hash=hashes[one.pk], **(returned if state == "returned" else {}),
            )
            for one in records
        )  # fmt: skip
        Signature.objects.bulk_create(
            Signature(
                project_id=one.project_id, handover=one, side="giver", user=self.people.alice, signed_at=NOW,
                content_hash=hashes[one.pk], voided_at=NOW if state == "returned" else None,
            )
            for one in records
        )  # fmt: skip
        if state == "returned":
            records.update(state=state, submitted_at=NOW, returned_at=NOW, return_reason="More")
        else:
            records.update(state=state, submitted_at=NOW)

    def conditions(self, count: int, *, met: bool) -> list[int]:
        """Of one handover; a condition stands for itself."""
        record = Handover.objects.get(pk=self.records(1, "in_review")[0])
        shown = {"met_at": NOW, "met_by": self.people.bob, "evidence": "Roster"} if met else {}
        rows = Condition.objects.bulk_create(
            Condition(
                project_id=record.project_id, handover=record, text=f"C {n}", owner=self.people.bob, due=LATER, **shown
            )
            for n in range(count)
        )
        return [row.pk for row in rows]


def fresh(pk: int) -> Handover:
    return Handover.objects.select_related("giver", "receiver", "product", "project").get(pk=pk)


def child(pk: int, name: str):
    """The one row of that kind, with its record, as a view finds it."""
    record = fresh(pk)
    row = getattr(record, name).get()
    row.handover = record
    return row


# --- Pairs of verbs ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """``verbs(pk, people)`` are two callables; ``holds(pk, outcomes, errors)`` asserts what must hold afterwards."""

    name: str
    make: Callable
    verbs: Callable
    holds: Callable


def one_was_told(outcomes, errors) -> int:
    """Exactly one won, the other reads that somebody was first; which one won."""
    assert sorted(outcomes) == ["done", "told"]
    loser = outcomes.index("told")
    assert getattr(errors[loser], "code", "") == FIRST
    return 1 - loser


def accepted_once(pk: int) -> None:
    record = fresh(pk)
    assert record.is_accepted
    assert record.product is not None
    assert Product.objects.filter(code=record.project.code).count() == 1
    assert record.product.issues.count() == 1
    assert record.product.requirements.count() == 1
    assert record.open_items.get().became_issue == record.product.issues.get()
    assert record.rounds.get().outcome == "accepted"
    assert sorted(record.signatures.filter(voided_at=None).values_list("side", flat=True)) == ["giver", "receiver"]


def not_accepted(pk: int, state: str) -> None:
    record = fresh(pk)
    assert record.state == state
    assert not Product.objects.filter(code=record.project.code).exists()
    assert record.open_items.get().became is None
    assert not record.signatures.filter(voided_at=None).exists()


def accept_twice(pk, outcomes, errors):
    one_was_told(outcomes, errors)
    accepted_once(pk)


def accept_or_return(pk, outcomes, errors):
    if one_was_told(outcomes, errors) == 0:
        accepted_once(pk)
    else:
        not_accepted(pk, "returned")
        assert fresh(pk).rounds.get().outcome == "returned"


def accept_or_withdraw(pk, outcomes, errors):
    if one_was_told(outcomes, errors) == 0:
        accepted_once(pk)
    else:
        not_accepted(pk, "withdrawn")


def return_twice(pk, outcomes, errors):
    winner = one_was_told(outcomes, errors)
    not_accepted(pk, "returned")
    assert fresh(pk).return_reason == ("Mine", "Theirs")[winner]


def return_or_withdraw(pk, outcomes, errors):
    # Returned, then withdrawn is a way of two steps; withdrawn first leaves nothing to return.
    assert outcomes[1] == "done"
    assert outcomes[0] in ("done", "told")
    not_accepted(pk, "withdrawn")
    assert fresh(pk).rounds.get().outcome == ("returned" if outcomes[0] == "done" else "withdrawn")


def submit_twice(pk, outcomes, errors):
    one_was_told(outcomes, errors)
    assert fresh(pk).state == "submitted"
    assert list(fresh(pk).rounds.values_list("number", "outcome")) == [(2, ""), (1, "returned")]
    assert fresh(pk).signatures.filter(voided_at=None).count() == 1


def sign_twice(pk, outcomes, errors):
    winner = one_was_told(outcomes, errors)
    row = SignOff.objects.get(handover=pk)
    assert row.user.name == ("Bob", "Dele")[winner]


def sign_or_return(pk, outcomes, errors):
    # A signature given before the return stays, void; after it nothing can be signed.
    assert outcomes[1] == "done"
    assert outcomes[0] in ("done", "told")
    assert SignOff.objects.filter(handover=pk).count() == (outcomes[0] == "done")
    assert fresh(pk).state == "returned"


def sign_or_accept(pk, outcomes, errors):
    # Without the signature nothing is accepted; with it, either order of the two clicks is right.
    assert outcomes[0] == "done"
    assert outcomes[1] in ("done", "told")
    assert SignOff.objects.filter(handover=pk).count() == 1
    if outcomes[1] == "done":
        accepted_once(pk)
    else:
        assert fresh(pk).state == "in_review"
        assert not Product.objects.filter(code=fresh(pk).project.code).exists()


def decide_twice(pk, outcomes, errors):
    winner = one_was_told(outcomes, errors)
    row = OpenItem.objects.get(handover=pk)
    assert (row.decision, row.reason) == (("close", "Mine"), ("known_gap", "Theirs"))[winner]
    assert row.version == 2


def consent_or_redecide(pk, outcomes, errors):
    row = OpenItem.objects.get(handover=pk)
    if row.decision == "close":
        # Decided anew before or after somebody agreed: what is closed is nobody's.
        assert outcomes[1] == "done"
        assert row.consented_at is None
    else:
        assert one_was_told(outcomes, errors) == 0
        assert row.consented_at is not None


def client_twice(pk, outcomes, errors):
    winner = one_was_told(outcomes, errors)
    row = ScopeLine.objects.get(handover=pk)
    assert (row.result, row.decided_by.name) == (("accepted", "Cleo"), ("rejected", "Carl"))[winner]


def judge_or_provide(pk, outcomes, errors):
    winner = one_was_told(outcomes, errors)
    row = Criterion.objects.get(handover=pk)
    assert (row.state, row.evidence) == (("met", "Folder 3"), ("open", "Folder 4"))[winner]


def answer_twice(pk, outcomes, errors):
    winner = one_was_told(outcomes, errors)
    row = Criterion.objects.get(handover=pk)
    assert row.state == ("waived", "open")[winner]
    assert row.comments.count() == winner


def meet_or_pass_on(pk, outcomes, errors):
    row = Condition.objects.get(pk=pk)
    if outcomes[0] == "done":
        assert one_was_told(outcomes, errors) == 0
        assert (row.owner.name, row.met_by.name) == ("Bob", "Bob")
    else:
        # It was given away first: who comes then is no longer its owner, or is told while both held it.
        assert outcomes in (["refused", "done"], ["told", "done"])
        assert (row.owner.name, row.met_by) == ("Vera", None)


def confirm_or_reopen(pk, outcomes, errors):
    winner = one_was_told(outcomes, errors)
    row = Condition.objects.get(pk=pk)
    assert (row.confirmed_at is not None, row.met_at is not None) == ((True, True), (False, False))[winner]


def condition(pk: int) -> Condition:
    return Condition.objects.select_related("handover", "owner").get(pk=pk)


PAIRS = [
    Pair(
        "accept twice",
        lambda world, n: world.records(n, "in_review"),
        lambda pk, who: (
            lambda: actions.accept(fresh(pk), by=who.dora),
            lambda: actions.accept(fresh(pk), by=who.dora),
        ),
        accept_twice,
    ),
    Pair(
        "accept or return",
        lambda world, n: world.records(n, "in_review"),
        lambda pk, who: (
            lambda: actions.accept(fresh(pk), by=who.dora),
            lambda: actions.give_back(fresh(pk), by=who.dora, reason="More"),
        ),
        accept_or_return,
    ),
    Pair(
        "accept or withdraw",
        lambda world, n: world.records(n, "in_review"),
        lambda pk, who: (
            lambda: actions.accept(fresh(pk), by=who.dora),
            lambda: actions.withdraw(fresh(pk), by=who.alice),
        ),
        accept_or_withdraw,
    ),
    Pair(
        "return twice",
        lambda world, n: world.records(n, "submitted"),
        lambda pk, who: (
            lambda: actions.give_back(fresh(pk), by=who.dora, reason="Mine"),
            lambda: actions.give_back(fresh(pk), by=who.dora, reason="Theirs"),
        ),
        return_twice,
    ),
    Pair(
        "return or withdraw",
        lambda world, n: world.records(n, "in_review"),
        lambda pk, who: (
            lambda: actions.give_back(fresh(pk), by=who.dora, reason="More"),
            lambda: actions.withdraw(fresh(pk), by=who.alice),
        ),
        return_or_withdraw,
    ),
    Pair(
        "submit twice",
        lambda world, n: accepted_by_the_client(world.records(n, "returned"), world),
        lambda pk, who: (
            lambda: actions.submit(fresh(pk), by=who.alice),
            lambda: actions.submit(fresh(pk), by=who.alice),
        ),
        submit_twice,
    ),
    Pair(
        "signer and delegate sign",
        lambda world, n: world.records(n, "in_review", signs=True),
        lambda pk, who: (sign(pk, who.bob), sign(pk, who.dele)),
        sign_twice,
    ),
    Pair(
        "sign or return",
        lambda world, n: world.records(n, "in_review", signs=True),
        lambda pk, who: (sign(pk, who.bob), lambda: actions.give_back(fresh(pk), by=who.dora, reason="More")),
        sign_or_return,
    ),
    Pair(
        "sign or accept",
        lambda world, n: world.records(n, "in_review", signs=True),
        lambda pk, who: (sign(pk, who.bob), lambda: actions.accept(fresh(pk), by=who.dora)),
        sign_or_accept,
    ),
    Pair(
        "decide one row twice",
        lambda world, n: world.records(n, "draft", item=""),
        lambda pk, who: (
            lambda: deciding.decide(child(pk, "open_items"), by=who.alice, decision="close", reason="Mine", seen=1),
            lambda: deciding.decide(
                child(pk, "open_items"), by=who.dora, decision="known_gap", reason="Theirs", seen=1
            ),
        ),
        decide_twice,
    ),
    Pair(
        "agree to take a row or decide it anew",
        lambda world, n: world.records(n, "draft", owner=world.people.bob),
        lambda pk, who: (
            lambda: deciding.consent(fresh(pk), [child(pk, "open_items").pk], by=who.bob),
            lambda: deciding.decide(child(pk, "open_items"), by=who.alice, decision="close", reason="Done", seen=1),
        ),
        consent_or_redecide,
    ),
    Pair(
        "two of the client decide",
        lambda world, n: world.records(n, "returned"),
        lambda pk, who: (
            lambda: client.decide(child(pk, "scope_lines"), by=who.cleo, accept=True, seen=""),
            lambda: client.decide(child(pk, "scope_lines"), by=who.carl, accept=False, comment="No", seen=""),
        ),
        client_twice,
    ),
    Pair(
        "judge a line while its evidence changes",
        lambda world, n: world.records(n, "draft", line="open"),
        lambda pk, who: (
            lambda: criteria.judge(child(pk, "criteria"), by=who.vera, met=True, seen=1),
            lambda: criteria.provide(child(pk, "criteria"), by=who.alice, evidence="Folder 4", seen=1),
        ),
        judge_or_provide,
    ),
    Pair(
        "waive or refuse to waive",
        lambda world, n: world.records(n, "draft", line="asked"),
        lambda pk, who: (
            lambda: criteria.answer_waiver(child(pk, "criteria"), by=who.sam, approve=True, seen=1),
            lambda: criteria.answer_waiver(child(pk, "criteria"), by=who.sam, approve=False, note="No", seen=1),
        ),
        answer_twice,
    ),
    Pair(
        "meet a condition or give it away",
        lambda world, n: world.conditions(n, met=False),
        lambda pk, who: (
            lambda: actions.meet(condition(pk), by=who.bob, evidence="Roster"),
            lambda: actions.pass_on(condition(pk), who.vera, by=who.dora),
        ),
        meet_or_pass_on,
    ),
    Pair(
        "confirm a condition or open it again",
        lambda world, n: world.conditions(n, met=True),
        lambda pk, who: (
            lambda: actions.confirm(condition(pk), by=who.dora, met=True),
            lambda: actions.confirm(condition(pk), by=who.dora, met=False),
        ),
        confirm_or_reopen,
    ),
]  # fmt: skip


def sign(pk: int, by):
    def verb():
        row = child(pk, "signers")
        seen = row.handover.rounds.get().content_hash
        signoff.sign(row, by=by, seen=seen)

    return verb


def accepted_by_the_client(ids: list[int], world) -> list[int]:
    ScopeLine.objects.filter(handover__in=ids).update(result="accepted", decided_by=world.people.cleo, decided_at=NOW)
    return ids


# --- The test ---------------------------------------------------------------------------------------------


def is_blocked(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return cursor.fetchone()[0]


def run(pair: Pair, pk: int, world: World, schedule: Schedule) -> tuple[int, int]:
    """One interleaving, and what must hold after it; the statements that each of the two took."""
    actors = interleave(pair.verbs(pk, world.people), schedule, is_blocked)
    outcomes, errors = [actor.outcome for actor in actors], [actor.error for actor in actors]
    try:
        assert "broken" not in outcomes
        pair.holds(pk, outcomes, errors)
    except Exception as error:
        raise AssertionError(f"{pair.name}, {schedule}: {outcomes}, {errors}") from error
    return actors[0].statements, actors[1].statements


ALONE = (Schedule(0, 10**9, 1), Schedule(1, 10**9, 1))


def test_a_thousand_interleavings():
    world = World()
    plans: dict[str, list[Schedule]] = {}
    for pair in PAIRS:
        # One after the other, in both orders: how many statements each takes when it is first.
        first, second = (
            run(pair, pk, world, schedule)[n]
            for n, (pk, schedule) in enumerate(zip(pair.make(world, 2), ALONE, strict=True))
        )
        plans[pair.name] = schedules((first, second), WANTED, pair.name)
    # All of those that have few; of those that have many as many as make up the rest, shared evenly.
    left, share = WANTED, {}
    most = {name: OF_ACCEPTANCE if "accept" in name else len(found) for name, found in plans.items()}
    for number, name in enumerate(sorted(most, key=most.__getitem__)):
        share[name] = min(most[name], -(-left // (len(most) - number)))
        left -= share[name]
    assert left <= 0
    for pair in PAIRS:
        chosen = plans[pair.name][: share[pair.name]]
        for pk, schedule in zip(pair.make(world, len(chosen)), chosen, strict=True):
            run(pair, pk, world, schedule)
