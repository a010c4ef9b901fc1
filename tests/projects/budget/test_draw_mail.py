"""Who gets a mail about a draw, and that nobody does who may not see cost (any more)."""

import datetime
from decimal import Decimal as D

import pytest
from django.core import mail
from django.utils import timezone

from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox
from projects.budget import reserves, verbs
from tests.factories import make_cast, make_project


@pytest.fixture
def project(db):
    return make_project(approved_budget=D(1000), name="Depot")


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def draw(project, people):
    line = verbs.plan_line(project, by=people.alice, name="Cables", category="material", planned=D(600))
    reserve = reserves.set_allowance(project, "reserve", by=people.sam, amount=D(100))
    return reserves.request_draw(
        project, by=people.alice, allowance=reserve, line=line, amount=D("61.73"), reason="A second site <b>"
    )


def sent():
    """Do what waits in the outbox; who got what."""
    outbox.drain()
    assert not Outbox.objects.exclude(failed_at=None).exists()
    found = {message.to[0]: message for message in mail.outbox}
    mail.outbox.clear()
    return found


def test_the_sponsor_is_asked_and_the_manager_told(project, people, draw):
    (asked,) = (found := sent()).values()
    assert list(found) == [people.sam.email]
    assert "€61.73" in asked.body
    assert "Depot" in asked.body
    assert f"/budget/reserves/draws/{draw.number}/" in asked.body
    html = asked.alternatives[0].content
    assert "A second site &lt;b&gt;" in html
    reserves.reject_draw(draw, by=people.sam, note="Not this year")
    (told,) = (found := sent()).values()
    assert list(found) == [people.alice.email]
    assert "Rejected" in told.body
    assert "Not this year" in told.body
    assert sent() == {}


def test_where_nobody_on_the_project_may_decide_the_office_is_asked(people, db):
    office = [person.email for person in (people.pmo, people.admin)]
    alone = make_project(people.alice, approved_budget=D(10))
    line = verbs.plan_line(alone, by=people.alice, name="x", category="other", planned=D(1))
    reserve = reserves.set_allowance(alone, "reserve", by=people.pmo, amount=D(5))
    sent()
    reserves.request_draw(alone, by=people.alice, allowance=reserve, line=line, amount=D(1), reason="x")
    assert sorted(sent()) == sorted(office)


def test_whoever_asks_is_never_asked(project, people, draw):
    sent()
    line, reserve = project.budget_lines.get(), project.allowances.get()
    reserves.request_draw(project, by=people.sam, allowance=reserve, line=line, amount=D(1), reason="x")
    assert sorted(sent()) == sorted([people.pmo.email, people.admin.email])


def test_a_role_that_ended_gets_no_mail_with_cost(project, people, draw):
    project.memberships.filter(user=people.sam).delete()
    assert sent() == {}


def test_what_is_decided_meanwhile_or_long_ago_is_no_news(project, people, draw):
    long_ago = timezone.now() - datetime.timedelta(days=30)
    reserves.reject_draw(draw, by=people.sam, note="x", at=long_ago)
    assert sent() == {}


def test_withdrawing_tells_nobody(project, people, draw):
    reserves.withdraw_draw(draw, by=people.alice)
    assert sent() == {}
