"""Rates of roles: for people without a rate of their own, dated, never two a day."""

import datetime
import threading
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from projects.budget import verbs
from projects.budget.models import RoleRate, TimeEntry
from projects.budget.rates import hourly_on, set_role_rate
from tests.factories import join, make_cast, make_project

pytestmark = pytest.mark.django_db
JANUARY, MARCH = datetime.date(2026, 1, 1), datetime.date(2026, 3, 2)
BEFORE = MARCH - datetime.timedelta(days=1)


@pytest.fixture
def project(db):
    return make_project(approved_budget=D(1000))


@pytest.fixture
def people(project):
    return make_cast(project)


def role_rate(project, people, hourly, day, role="member"):
    return set_role_rate(project, by=people.alice, role=role, hourly=D(hourly), valid_from=day)


def test_the_role_counts_where_the_person_has_no_rate(project, people):
    role_rate(project, people, 60, JANUARY)
    assert hourly_on(project, people.bob, MARCH) == 60
    assert hourly_on(project, people.alice, MARCH) is None  # a manager
    verbs.set_rate(people.bob, by=people.alice, hourly=D(95), currency="EUR", valid_from=MARCH)
    assert hourly_on(project, people.bob, BEFORE) == 60
    assert hourly_on(project, people.bob, MARCH) == 95


def test_a_later_rate_ends_the_one_before_and_an_earlier_one_ends_at_it(project, people):
    role_rate(project, people, 70, MARCH)
    role_rate(project, people, 60, JANUARY)
    assert [hourly_on(project, people.bob, day) for day in (JANUARY, BEFORE, MARCH)] == [60, 60, 70]
    assert hourly_on(project, people.bob, JANUARY - datetime.timedelta(days=1)) is None
    role_rate(project, people, 75, MARCH)
    assert [(one.valid_from, one.valid_until, one.hourly) for one in project.role_rates.all()] == [
        (MARCH, None, 75),
        (JANUARY, MARCH, 60),
    ]


def test_who_holds_two_roles_costs_what_the_dearer_does(project, people):
    join(project, people.bob, "manager") if not project.memberships.filter(role="manager").exists() else None
    join(project, people.alice, "member")
    role_rate(project, people, 60, JANUARY)
    role_rate(project, people, 110, JANUARY, role="manager")
    assert hourly_on(project, people.alice, MARCH) == 110
    assert hourly_on(project, people.bob, MARCH) == 60


def test_the_database_refuses_two_rates_of_a_day(project):
    RoleRate.objects.create(project=project, role="member", hourly=1, valid_from=JANUARY)
    for first, until in ((MARCH, None), (JANUARY, MARCH)):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleRate.objects.create(project=project, role="member", hourly=2, valid_from=first, valid_until=until)
    RoleRate.objects.create(project=project, role="manager", hourly=2, valid_from=JANUARY)
    RoleRate.objects.create(project=make_project(), role="member", hourly=2, valid_from=JANUARY)


def test_time_without_a_cost_gets_one_and_a_fixed_cost_stays(project, people):
    verbs.plan_line(project, by=people.alice, name="Team", category="labour", planned=D(600))
    verbs.book_time(project, by=people.bob, day=MARCH, minutes=120)
    assert TimeEntry.objects.get().cost is None
    role_rate(project, people, 50, JANUARY)
    assert TimeEntry.objects.get().cost == 100
    role_rate(project, people, 80, JANUARY)
    assert TimeEntry.objects.get().cost == 100
    entry = verbs.book_time(project, by=people.bob, day=MARCH, minutes=60)
    assert entry.cost == 80


def test_on_the_team_page(client, project, people):
    page = reverse("projects:team-rates", args=[project.code])
    client.force_login(people.alice)
    form = {"role": "member", "hourly": "64.50", "valid_from": "2026-01-01"}
    assert client.post(page, {**form, "hourly": "-1"}).status_code == 422
    assert client.post(page, {**form, "role": "client"}).status_code == 422
    assert client.post(page, form).status_code == 302
    text = client.get(reverse("projects:team", args=[project.code])).content.decode()
    assert "€64.50" in text
    client.force_login(people.bob)
    assert client.post(page, form).status_code == 403
    assert "64.50" not in client.get(reverse("projects:team", args=[project.code])).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_stand_in_line():
    project = make_project()
    people = make_cast(project)
    failed = []

    def work(number):
        try:
            role_rate(project, people, 50 + number, JANUARY + datetime.timedelta(days=number % 3))
        except Exception as error:  # whatever it is, it must not happen
            failed.append(error)
        connection.close()

    workers = [threading.Thread(target=work, args=[number]) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert failed == []
    days = [(one.valid_from, one.valid_until) for one in project.role_rates.order_by("valid_from")]
    assert [until for _first, until in days[:-1]] == [first for first, _until in days[1:]]
    assert days[-1][1] is None
