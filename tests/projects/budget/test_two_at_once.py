"""Two decide at the same moment: money is drawn once, never more than is left, and the other is told."""

import datetime
import threading
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from pmdm.accounts.roles import Role
from projects.budget import accruals, orders, reserves, verbs
from projects.budget.models import Draw
from tests.factories import join, make_project, make_user

TODAY = datetime.date(2026, 3, 2)


def at_once(*actions) -> list[str]:
    """Run each in a thread of its own, together; 'done', or what was said."""
    together, outcome = threading.Barrier(len(actions)), []

    def run(action):
        together.wait(10)
        try:
            action()
            outcome.append("done")
        except ValidationError as error:
            outcome.append(" ".join(error.messages))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcome) == len(actions)
    return outcome


@pytest.fixture
def story(transactional_db):
    """Alice manages, Sam and Sue may decide; a reserve of 100 and one line."""
    alice, sam, sue = make_user("Alice"), make_user("Sam"), make_user("Sue", site_role=Role.PMO)
    project = make_project(alice, approved_budget=D(1000))
    join(project, sam, Role.SPONSOR)
    line = verbs.plan_line(project, by=alice, name="Cables", category="material", planned=D(600))
    reserve = reserves.set_allowance(project, "reserve", by=sam, amount=D(100))
    return project, line, reserve, alice, sam, sue


def ask(story, amount):
    project, line, reserve, alice, _sam, _sue = story
    draw = reserves.request_draw(project, by=alice, allowance=reserve, line=line, amount=D(amount), reason="x")
    return lambda: Draw.objects.select_related("project", "allowance", "line").get(pk=draw.pk)


def test_two_approve_one_draw(story):
    project, line, _reserve, _alice, sam, sue = story
    draw = ask(story, 60)
    first, second = draw(), draw()
    outcome = at_once(lambda: reserves.approve_draw(first, by=sam), lambda: reserves.approve_draw(second, by=sue))
    assert sorted(outcome)[0].endswith("is decided already.")
    assert outcome.count("done") == 1
    project.refresh_from_db()
    line.refresh_from_db()
    assert (project.approved_budget, line.planned) == (1060, 660)


def test_two_draws_of_more_than_is_left_together(story):
    project, line, _reserve, _alice, sam, sue = story
    first, second = ask(story, 60)(), ask(story, 60)()
    outcome = at_once(lambda: reserves.approve_draw(first, by=sam), lambda: reserves.approve_draw(second, by=sue))
    assert outcome.count("done") == 1
    assert any("40.00 is left there" in said for said in outcome)
    project.refresh_from_db()
    line.refresh_from_db()
    assert (project.approved_budget, line.planned) == (1060, 660)
    assert reserves.allowances(project).get().left == 40


def test_approved_and_withdrawn(story):
    _project, _line, _reserve, alice, sam, _sue = story
    draw = ask(story, 60)
    first, second = draw(), draw()
    outcome = at_once(lambda: reserves.approve_draw(first, by=sam), lambda: reserves.withdraw_draw(second, by=alice))
    assert outcome.count("done") == 1
    found = draw()
    found.line.refresh_from_db()
    assert found.line.planned == (660 if found.state == "approved" else 600)


def test_an_order_is_ended_while_something_comes(story):
    """Either what came is recorded and the order stays open, or it is over and nothing is recorded."""
    project, line, _reserve, alice, _sam, _sue = story
    order = orders.place_order(
        project, by=alice, line=line, supplier="S", description="x", amount=D(100), ordered_on=TODAY
    )
    outcome = at_once(
        lambda: accruals.record_receipt(order, by=alice, amount=D(10), accrued_on=TODAY),
        lambda: orders.close_order(order, by=alice, reason="x"),
    )
    assert outcome.count("done") == 1
    order.refresh_from_db()
    assert (order.state == "open") == project.accruals.exists()


def test_one_accrual_is_reversed_once(story):
    project, line, _reserve, alice, _sam, _sue = story
    row = accruals.accrue(
        project, by=alice, line=line, amount=D(10), accrued_on=TODAY, description="x",
        reverses_on=TODAY + datetime.timedelta(days=400),
    )  # fmt: skip
    on = TODAY + datetime.timedelta(days=3)
    outcome = at_once(*[lambda: accruals.reverse(row, by=alice, on=on, reason="x")] * 2)
    assert outcome.count("done") == 1
