"""Freezing the plan, and how far it has moved since."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse

from projects.schedule import edits
from projects.schedule.baselines import activate_baseline, take_baseline, variance_days
from projects.schedule.calendars import STANDARD

pytestmark = pytest.mark.django_db
D = datetime.datetime


def test_it_freezes_every_task(project, people, plan):
    baseline = take_baseline(project, by=people.alice, name="Approved")
    row = baseline.tasks.get(task=plan["B"])
    assert (row.start, row.finish, row.duration) == (plan["B"].start, plan["B"].finish, 1440)
    assert (baseline.number, baseline.tasks.count(), baseline.is_active) == (0, 6, True)
    assert (baseline.start, baseline.finish) == (plan["A"].start, plan["B"].finish)
    edits.change_task(plan["A"], by=people.alice, duration=4800)
    row.refresh_from_db()
    assert row.finish != plan["B"].finish


def test_numbers_go_on_and_one_is_active(project, people, plan):
    take_baseline(project, by=people.alice)
    second = take_baseline(project, by=people.alice)
    assert (second.number, project.baselines.get(is_active=True)) == (1, second)
    first = project.baselines.get(number=0)
    activate_baseline(first, by=people.alice)
    assert project.baselines.get(is_active=True) == first
    with pytest.raises(IntegrityError):
        project.baselines.update(is_active=True)


def test_a_replaced_baseline_stays_the_active_one(project, people, plan):
    take_baseline(project, by=people.alice, number=3)
    edits.delete_task(plan["C"], by=people.alice)
    again = take_baseline(project, by=people.alice, number=3, active=False)
    assert (again.is_active, again.tasks.count(), project.baselines.count()) == (True, 5, 1)


def test_there_may_be_any_number_of_them(project, people, plan):
    for _ in range(13):
        last = take_baseline(project, by=people.alice)
    assert (last.number, project.baselines.count()) == (12, 13)
    with pytest.raises(ValidationError, match="0 to 32767"):
        take_baseline(project, by=people.alice, number=32_768)


def test_an_empty_plan_cannot_be_frozen(project, people):
    with pytest.raises(ValidationError, match="no plan"):
        take_baseline(project, by=people.alice)


def test_variance_is_in_working_days(db):
    friday, tuesday = D(2026, 1, 9, 17), D(2026, 1, 13, 12)
    assert variance_days(friday, tuesday, STANDARD, 480) == 1.5
    assert variance_days(tuesday, friday, STANDARD, 480) == -1.5
    assert variance_days(friday, D(2026, 1, 12, 8), STANDARD, 480) == 0
    assert variance_days(None, friday, STANDARD, 480) is None


def test_the_pages_show_and_take(client, project, people, plan):
    client.force_login(people.alice)
    address = reverse("projects:baseline-list", args=[project.code])
    assert "No baseline yet" in client.get(address).content.decode()
    assert client.post(address, {"name": "Approved", "active": "on"}).status_code == 302
    edits.change_task(plan["A"], by=people.alice, duration=480 * 4)
    edits.add_task(project, by=people.alice, name="Later idea")
    page = client.get(reverse("projects:baseline-detail", args=[project.code, 0])).content.decode()
    # The finish of A and Phase, start and finish of B and Done, and the finish of the whole.
    assert page.count("2 d later") == 7
    assert "Later idea" in page
    assert "2 d later" in client.get(address).content.decode()
    client.force_login(people.cleo)
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 403
