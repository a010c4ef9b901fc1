"""Who owes a week, and the mail that asks for it once."""

import datetime

import pytest
from django.core import mail
from django.utils import timezone

from pmdm.accounts.roles import Role
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox
from projects.timesheets import verbs
from projects.timesheets.locking import monday_of
from projects.timesheets.missing import missing_of, remind
from tests.factories import join, make_project, make_user

pytestmark = pytest.mark.django_db
WEEK = datetime.timedelta(days=7)
TODAY = timezone.localdate()
LAST = monday_of(TODAY) - WEEK


@pytest.fixture
def project(db):
    project = make_project()
    project.memberships.update(since=timezone.now() - 10 * WEEK)
    return project


@pytest.fixture
def bob(project):
    bob = make_user("Bob")
    join(project, bob, Role.MEMBER)
    project.memberships.filter(user=bob).update(since=timezone.now() - 2 * WEEK)
    return bob


def owed(project, user) -> list[datetime.date]:
    return next((missing.weeks for missing in missing_of([project], TODAY) if missing.user == user), [])


def test_weeks_since_the_person_joined_are_owed(project, bob):
    assert LAST in owed(project, bob)
    assert LAST - 3 * WEEK not in owed(project, bob)
    verbs.submit(bob, LAST, by=bob)
    assert LAST not in owed(project, bob)


def test_nothing_is_owed_for_a_week_off(project, bob):
    bob.absences.create(first=LAST, last=LAST + datetime.timedelta(days=6))
    assert LAST not in owed(project, bob)


def test_hours_sent_back_are_owed_again(project, bob):
    verbs.set_cell(project, by=bob, day=LAST, minutes=60)
    verbs.submit(bob, LAST, by=bob)
    part = project.timesheet_parts.select_related("user", "project").get()
    verbs.reject(part, by=project.manager, note="Too little")
    assert LAST in owed(project, bob)


def test_stakeholders_owe_nothing(project):
    stella = make_user("Stella")
    join(project, stella, Role.STAKEHOLDER)
    project.memberships.update(since=timezone.now() - 9 * WEEK)
    assert not owed(project, stella)


def test_one_mail_a_person_and_week_however_often_it_runs(project, bob):
    for _ in range(3):
        remind(timezone.now())
    assert Outbox.objects.filter(kind="timesheets.remind").count() == 1
    outbox.drain()
    remind(timezone.now())
    outbox.drain()
    assert [message.to for message in mail.outbox] == [[bob.email]]
    assert f"week={LAST}" in mail.outbox[0].body


def test_who_submits_meanwhile_gets_no_mail(project, bob):
    remind(timezone.now())
    verbs.submit(bob, LAST, by=bob)
    outbox.drain()
    assert mail.outbox == []


def test_a_manager_owes_weeks_once_they_book_hours(project, bob):
    assert not owed(project, project.manager)
    verbs.set_cell(project, by=project.manager, day=LAST, minutes=60)
    assert LAST in owed(project, project.manager)
