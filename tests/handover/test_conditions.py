"""Conditions of an acceptance: tasks with an owner and a day, found where their people look for work."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handover.transfer import actions
from handover.transfer.actions import Wanted
from projects.agenda.models import CalendarFeed

DAY = datetime.timedelta(days=1)
LIST, CALENDAR = "handover:list", "projects:my-calendar"


@pytest.fixture
def agreed(record):
    """Accepted on three conditions: two of Bob's, one of Alice's, all due in ten days."""
    people, due = record.project.people, timezone.localdate() + 10 * DAY
    actions.submit(record, by=record.giver)
    wanted = [
        Wanted("Night roster", people.bob, due),
        Wanted("Spare parts", people.bob, due),
        Wanted("Licences moved", people.alice, due),
    ]
    actions.accept(record, by=record.receiver, conditions=wanted)
    record.refresh_from_db()
    record.project.people = people
    return record


def pages_of(client, user, due):
    """What the list of handovers, My work, the calendar of that week and its subscription say to one person."""
    client.force_login(user)
    _feed, token = CalendarFeed.make(by=user, project=None)
    ics = client.get(reverse("calendar-feed", args=[token])).content.decode().replace("\r\n ", "")
    shown = [client.get(reverse(name)).content.decode() for name in (LIST, "my-work")]
    shown.append(client.get(reverse(CALENDAR), {"on": str(due), "view": "week"}).content.decode())
    return [*shown, ics]


def test_its_owner_finds_it_where_work_is_looked_for(client, agreed):
    people, row = agreed.project.people, agreed.conditions.get(text="Night roster")
    row.handover = agreed
    for page in pages_of(client, people.bob, row.due):
        assert "Night roster" in page
        assert "Licences moved" not in page
    actions.meet(row, by=people.bob, evidence="Roster of March")
    for page in pages_of(client, people.bob, row.due):
        assert "Night roster" not in page
    listed, work, calendar, feed = pages_of(client, people.dora, row.due)
    assert "Bob says that it is met: confirm it" in listed
    assert "Confirm the condition: Night roster" in work
    assert "Confirm the condition: Night roster" in calendar
    assert "Confirm the condition: Night roster" in feed
    actions.confirm(row, by=people.dora, met=True)
    for page in pages_of(client, people.dora, row.due):
        assert "Night roster" not in page


def test_it_is_said_to_be_late(client, agreed):
    bob = agreed.project.people.bob
    agreed.conditions.filter(text="Night roster").update(due=timezone.localdate() - DAY)
    client.force_login(bob)
    assert client.get(reverse(LIST)).content.decode().count(">late") == 1


def test_who_left_the_project_sees_the_promise_but_opens_nothing(client, agreed):
    bob = agreed.project.people.bob
    agreed.project.memberships.filter(user=bob).delete()
    record = reverse("handover:record", args=[agreed.project.code, agreed.number])
    client.force_login(bob)
    page = client.get(reverse(LIST)).content.decode()
    assert "Night roster" in page
    assert record not in page
    assert client.get(record).status_code == 404


def test_the_receiver_gives_it_to_somebody_else(client, agreed):
    people, row = agreed.project.people, agreed.conditions.get(text="Night roster")
    row.handover = agreed
    with pytest.raises(PermissionDenied):
        actions.pass_on(row, people.alice, by=people.bob)
    with pytest.raises(ValidationError, match="no role on this project"):
        actions.pass_on(row, people.charlie, by=people.dora)
    client.force_login(people.dora)
    url = reverse("handover:condition", args=[agreed.project.code, agreed.number, row.pk])
    assert "Give it to somebody else" in client.get(agreed_url(agreed)).content.decode()
    assert client.post(url, {"owner": "nobody"}).status_code == 422
    assert client.post(url, {"owner": people.alice.pk}).status_code == 302
    row.refresh_from_db()
    assert row.owner == people.alice
    actions.meet(row, by=people.alice, evidence="Roster")
    with pytest.raises(actions.AlreadyMoved):
        actions.pass_on(row, people.bob, by=people.dora)


def agreed_url(record):
    return reverse("handover:record", args=[record.project.code, record.number])


def test_more_conditions_than_the_form_begins_with(client, record):
    people, due = record.project.people, timezone.localdate() + 5 * DAY
    actions.submit(record, by=record.giver)
    client.force_login(record.receiver)
    url = reverse("handover:acceptance", args=[record.project.code, record.number])
    data = {}
    for number in range(3):
        row = {"text": f"Condition {number}", "owner": people.bob.pk, "due": due}
        data |= {f"condition-{number}-{name}": value for name, value in row.items()}
    page = client.post(url, data | {"more": "1"}).content.decode()
    assert "Condition 2" in page
    assert "condition-5-text" in page
    assert "condition-6-text" not in page
    record.refresh_from_db()
    assert record.state == "submitted"
    data |= {f"condition-{n}-{name}": "" for n in (4, 5) for name in ("text", "owner", "due")}
    data |= {"condition-3-text": "Condition 3", "condition-3-owner": people.bob.pk, "condition-3-due": due}
    assert client.post(url, data).status_code == 302
    assert record.conditions.count() == 4


def test_the_list_costs_the_same_for_many(client, agreed):
    client.force_login(agreed.project.people.bob)
    client.get(reverse(LIST))

    def queries(name):
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(reverse(name))
        return len(found)

    few = queries(LIST), queries(CALENDAR)
    row = agreed.conditions.first()
    for number in range(20):
        row.pk, row.text, row.owner = None, f"More {number}", agreed.project.people.bob
        row._state.adding = True
        row.save()
    assert (queries(LIST), queries(CALENDAR)) == few
