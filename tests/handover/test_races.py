"""Two people at once on one handover: one wins, the other is told, nothing is doubled and nothing lost."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from delivery.models import Product
from handover.items import deciding
from handover.models import Handover
from handover.transfer import actions
from tests import factories
from tests.handover.conftest import make_ready

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def at_once(*verbs) -> list[str]:
    """Run each in a thread and a transaction of its own; 'done' or 'told' for each."""
    barrier, outcomes = threading.Barrier(len(verbs)), [""] * len(verbs)

    def run(number, verb):
        try:
            barrier.wait()
            verb()
            outcomes[number] = "done"
        except ValidationError:
            outcomes[number] = "told"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def fresh(record) -> Handover:
    return Handover.objects.select_related("giver", "receiver", "product", "project").get(pk=record.pk)


def submitted(number: int) -> Handover:
    project = factories.make_project(code=f"RACE-{number}")
    factories.join(project, factories.make_user("Dora"), "delivery_manager")
    factories.make_issue(project, title="Search is slow")
    type(project).objects.filter(pk=project.pk).update(state="closed")
    project.refresh_from_db()
    project.__dict__.pop("key_people", None)
    record = actions.start(project, by=project.manager)
    record.criteria.filter(pk__in=record.criteria.values("pk")[3:]).delete()
    make_ready(record)
    actions.submit(record, by=record.giver)
    return record


@pytest.mark.parametrize("number", range(ROUNDS))
def test_accepting_returning_and_withdrawing_at_once(number):
    record = submitted(number)
    mine = [fresh(record) for _n in range(4)]
    outcomes = at_once(
        lambda: actions.accept(mine[0], by=record.receiver),
        lambda: actions.give_back(mine[1], by=record.receiver, reason="More"),
        lambda: actions.accept(mine[2], by=record.receiver),
        lambda: actions.withdraw(mine[3], by=record.giver),
    )
    record.refresh_from_db()
    products = Product.objects.count()
    if record.is_accepted:
        assert outcomes.count("done") == 1
        assert products == 1
        assert record.open_items.get().became_issue is not None
    else:
        # Returning and then withdrawing are two steps that may both be done, in that order.
        assert products == 0
        assert record.state in ("returned", "withdrawn")
        assert outcomes[0] == outcomes[2] == "told"
    assert record.rounds.exclude(outcome="").count() == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_two_decisions_on_one_row(number):
    record = submitted(100 + number)
    actions.give_back(record, by=record.receiver, reason="More")
    item = record.open_items.get()
    ones = [record.open_items.get() for _n in range(2)]
    for one in ones:
        one.handover = fresh(record)
    outcomes = at_once(
        lambda: deciding.decide(ones[0], by=record.giver, decision="close", reason="Mine", seen=item.version),
        lambda: deciding.decide(ones[1], by=record.receiver, decision="known_gap", reason="Theirs", seen=item.version),
    )
    assert sorted(outcomes) == ["done", "told"]
    winner = outcomes.index("done")
    item.refresh_from_db()
    assert item.decision == ("close", "known_gap")[winner]
    assert item.reason == ("Mine", "Theirs")[winner]
    assert item.version == ones[0].version if winner == 0 else ones[1].version


def test_submitting_twice_makes_one_round():
    record = submitted(900)
    actions.give_back(record, by=record.receiver, reason="More")
    mine = [fresh(record) for _n in range(2)]
    outcomes = at_once(
        lambda: actions.submit(mine[0], by=record.giver), lambda: actions.submit(mine[1], by=record.giver)
    )
    assert sorted(outcomes) == ["done", "told"]
    assert record.rounds.count() == 2
