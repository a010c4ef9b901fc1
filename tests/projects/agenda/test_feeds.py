"""Secret addresses: whoever knows one sees what its person may see now, and nothing else."""

import datetime

import pytest
from django.urls import reverse
from icalendar import Calendar

from pmdm.activity.models import Change
from projects.agenda.models import CalendarFeed, hash_of
from projects.schedule import edits
from projects.schedule.exporting import plan_ics
from projects.schedule.localtime import to_instant
from tests.factories import join, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def january(time_machine_at):
    pass


@pytest.fixture
def time_machine_at():
    import time_machine

    with time_machine.travel(datetime.datetime(2026, 1, 7, 12, tzinfo=datetime.UTC), tick=False):
        yield


def address(user, project=None):
    feed, token = CalendarFeed.make(by=user, project=project)
    return reverse("calendar-feed", args=[token]), feed


def events(response):
    assert response.status_code == 200, response.content
    calendar = Calendar.from_ical(response.content)
    assert calendar["VERSION"] == "2.0"
    assert not calendar.errors
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_a_project_as_a_calendar(client, people, project, plan):
    deadline = to_instant(datetime.datetime(2026, 1, 20, 17), project)
    edits.change_task(plan["A"], by=people.alice, deadline=deadline, notes="canary-notes", cost=987654)
    path, feed = address(people.alice, project)
    response = client.get(path)
    found = events(response)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert sorted(str(event["SUMMARY"]) for event in found.values()) == [
        "A", "B", "C", "D", "Deadline: A", "◆ Done",
    ]  # fmt: skip
    task = found[f"task-{project.pk}-{plan['A'].uid}@127.0.0.1"]
    assert (task["DTSTART"].dt, task["DTEND"].dt) == (datetime.date(2026, 1, 5), datetime.date(2026, 1, 7))
    assert found[f"deadline-{project.pk}-{plan['A'].uid}@127.0.0.1"]["DTSTART"].dt == datetime.date(2026, 1, 20)
    assert b"canary" not in response.content
    assert b"987654" not in response.content
    feed.refresh_from_db()
    assert (feed.uses, feed.last_used_at is None) == (1, False)


def test_the_same_task_keeps_its_uid_when_it_moves(client, people, project, plan):
    path, _feed = address(people.alice, project)
    before = events(client.get(path))
    edits.change_task(plan["A"], by=people.alice, name="Dig", duration=4800)
    after = events(client.get(path))
    assert set(before) == set(after)
    uid = f"task-{project.pk}-{plan['Dig'].uid}@127.0.0.1"
    assert after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"]


def test_unchanged_is_304_and_changed_is_not(client, people, project, plan):
    path, _feed = address(people.alice, project)
    tag = client.get(path)["ETag"]
    again = client.get(path, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content) == (304, b"")
    edits.change_task(plan["A"], by=people.alice, name="Dig")
    assert client.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 200
    assert client.get(path)["Cache-Control"] == "private, no-cache"


def test_everything_of_mine(client, people, project, plan):
    other, hidden = make_project(), make_project()
    join(other, people.bob, "member")
    for one in (other, hidden):
        edits.add_task(one, by=people.alice, name=f"Ready {one.code}", duration=0, is_milestone=True)
    edits.change_task(plan["B"], by=people.alice, people=[edits.Person(user=people.bob)])
    path, _feed = address(people.bob)
    names = sorted(str(event["SUMMARY"]) for event in events(client.get(path)).values())
    assert names == sorted([f"B ({project.name})", f"◆ Done ({project.name})", f"◆ Ready {other.code} ({other.name})"])


def test_who_lost_the_role_or_left_sees_nothing(client, people, project, plan):
    path, _feed = address(people.bob, project)
    assert client.get(path).status_code == 200
    project.memberships.filter(user=people.bob).delete()
    assert client.get(path).status_code == 404
    join(project, people.bob, "member")
    assert client.get(path).status_code == 200
    people.bob.deactivate(by=people.admin)
    response = client.get(path)
    assert response.status_code == 404
    assert project.name not in response.content.decode()


def test_revoked_and_replaced_addresses_are_404(client, people, project, plan):
    first, feed = address(people.bob, project)
    second, _other = address(people.bob, project)
    assert [client.get(path).status_code for path in (first, second)] == [404, 200]
    CalendarFeed.objects.get(revoked_at=None).revoke(by=people.bob)
    assert client.get(second).status_code == 404
    assert feed.revoke(by=people.bob) is False


@pytest.mark.parametrize("token", ["x", "0" * 43, "é" * 20, "../admin", "%00"])
def test_unknown_addresses_are_404(client, token):
    assert client.get(f"/calendars/{token}.ics").status_code == 404


def test_nothing_is_written_by_it(client, people, project, plan):
    path, _feed = address(people.alice, project)
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200


def test_the_token_is_nowhere_but_in_the_answer(client, people, project, plan):
    client.force_login(people.bob)
    page = client.post(reverse("projects:feeds"), {"what": project.code}).content.decode()
    token = page.split("/calendars/")[1].split(".ics")[0]
    assert len(token) >= 43
    feed = CalendarFeed.objects.get()
    assert (feed.user, feed.project, feed.token_hash) == (people.bob, project, hash_of(token))
    assert token not in client.get(reverse("projects:feeds")).content.decode()
    rows = Change.objects.filter(table="projects_calendarfeed")
    assert rows
    assert all("token_hash" not in row.after for row in rows)


def test_only_ones_own_are_listed_and_revoked(client, people, project, plan):
    path, feed = address(people.alice, project)
    client.force_login(people.bob)
    assert client.post(reverse("projects:feed-revocation", args=[feed.pk])).status_code == 404
    assert client.get(path).status_code == 200
    assert "Revoke" not in client.get(reverse("projects:feeds")).content.decode()
    client.force_login(people.alice)
    client.post(reverse("projects:feed-revocation", args=[feed.pk]))
    assert client.get(path).status_code == 404


def test_no_address_for_a_project_one_does_not_see(client, people, project):
    client.force_login(people.charlie)
    assert client.post(reverse("projects:feeds"), {"what": project.code}).status_code == 422
    assert not CalendarFeed.objects.exists()


def test_it_is_limited(client, people, project, plan, settings):
    settings.RATE_LIMITS_ON = True
    path, _feed = address(people.alice, project)
    codes = {client.get(path, REMOTE_ADDR="192.0.2.77").status_code for _n in range(125)}
    assert codes == {200, 429}


def test_a_file_and_a_feed_call_a_task_the_same(client, people, project, plan):
    path, _feed = address(people.alice, project)
    feed = {uid for uid in events(client.get(path)) if uid.startswith("task-")}
    file = {str(event["UID"]) for event in Calendar.from_ical(plan_ics(project)).walk("VEVENT")}
    assert feed == file
