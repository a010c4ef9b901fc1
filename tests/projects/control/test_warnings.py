"""The warning that the critical path changed: on the overview, the schedule and control; not for clients."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.control.history import keep_week
from projects.schedule import edits

pytestmark = pytest.mark.django_db

PAGES = ("projects:detail", "projects:schedule", "projects:control")


@pytest.fixture
def changed(project, people, plan):
    """Kept a week ago; since then C became the longest."""
    keep_week(timezone.now() - datetime.timedelta(days=7))
    edits.change_task(plan["C"], by=people.alice, duration=480 * 15)
    return project


def test_it_is_told_where_people_look(client, changed, people):
    client.force_login(people.alice)
    for name in PAGES:
        text = client.get(reverse(name, args=[changed.code])).content.decode()
        assert "The critical path changed since" in text, name
        assert "1 task came onto the critical path: C." in text


def test_a_client_is_not_told_and_nothing_is_said_when_nothing_changed(client, changed, people):
    client.force_login(people.cleo)
    for name in PAGES[:2]:
        assert "The critical path changed" not in client.get(reverse(name, args=[changed.code])).content.decode()
    keep_week(timezone.now() - datetime.timedelta(days=7))
    client.force_login(people.alice)
    for name in PAGES:
        assert "The critical path changed" not in client.get(reverse(name, args=[changed.code])).content.decode()
