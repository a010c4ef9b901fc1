"""Rules put their tasks into the plan, each once."""

import datetime
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from pmdm.registers.models import StaleVersion
from projects.recurrence import verbs
from projects.recurrence.models import Occurrence, Recurrence
from projects.recurrence.words import words_of
from projects.schedule import edits
from tests.factories import make_project, make_user

D = datetime.date
TODAY = D(2026, 1, 7)


def begin(project, by, **more):
    fields = {
        "name": "Back-up test",
        "every": "month",
        "nth": 1,
        "weekdays": [0],
        "start": D(2026, 1, 1),
        "duration": 120,
    }
    return verbs.begin(project, by=by, today=TODAY, **{**fields, **more})


def starts(rule):
    return [task.start.date() for task in rule.summary.children.order_by("start")]


@pytest.mark.django_db
class TestRule:
    def test_four_stand_ahead_below_a_summary(self, project, people, plan):
        rule = begin(project, people.alice)
        assert rule.summary.name == "Back-up test"
        assert starts(rule) == [D(2026, 1, 5), D(2026, 2, 2), D(2026, 3, 2), D(2026, 4, 6), D(2026, 5, 4)]
        task = rule.summary.children.first()
        assert (task.name, task.duration, task.is_summary) == ("Back-up test, 5\u00a0Jan\u00a02026", 120, False)

    def test_again_makes_none_and_later_makes_more(self, project, people):
        rule = begin(project, people.alice)
        assert verbs.fill(rule, by=people.alice, today=TODAY) == []
        made = verbs.fill(rule, by=people.alice, today=D(2026, 2, 3))
        assert [task.start.date() for task in made] == [D(2026, 6, 1)]

    def test_a_deleted_task_is_not_made_again(self, project, people):
        rule = begin(project, people.alice)
        edits.delete_task(rule.summary.children.get(start__month=3), by=people.alice)
        verbs.fill(rule, by=people.alice, today=TODAY)
        assert D(2026, 3, 2) not in starts(rule)

    def test_a_change_moves_only_what_nobody_began(self, project, people):
        rule = begin(project, people.alice)
        february = rule.summary.children.get(start__month=2)
        edits.change_task(february, by=people.bob, percent=20)
        march = rule.summary.children.get(start__month=3)
        rule.nth, rule.name = 2, "Restore test"
        verbs.change(rule, by=people.alice, version=rule.version, today=TODAY)
        february.refresh_from_db()
        assert february.name.startswith("Back-up test"), "begun: it stays"
        days = starts(rule)
        assert D(2026, 1, 5) in days, "the past stays"
        assert {D(2026, 1, 12), D(2026, 2, 9), D(2026, 3, 9)} <= set(days), "with the one begun four stand ahead"
        assert D(2026, 3, 2) not in days
        assert not Occurrence.objects.filter(task=march.pk).exists()
        with pytest.raises(StaleVersion):
            verbs.change(rule, by=people.alice, version=1, today=TODAY)

    def test_a_new_name_keeps_the_tasks(self, project, people):
        rule = begin(project, people.alice)
        before = set(rule.summary.children.values_list("uid", flat=True))
        rule.name, rule.duration = "Restore test", 240
        verbs.change(rule, by=people.alice, version=rule.version, today=TODAY)
        assert set(rule.summary.children.values_list("uid", flat=True)) == before
        assert rule.summary.children.filter(duration=240).count() == 4

    def test_a_holiday_moves_it(self, project, people):
        project.plan_calendars.create(
            uid=1, name="Own", is_project_calendar=True,
            week={str(day): [["08:00", "16:00"]] for day in range(5)},
            exceptions=[{"from": "2026-02-02", "to": "2026-02-03", "hours": []}],
        )  # fmt: skip
        rule = begin(project, people.alice)
        assert starts(rule)[1] == D(2026, 2, 4)
        assert rule.occurrences.get(day=D(2026, 2, 2)).planned == D(2026, 2, 4)

    def test_it_ends_with_what_nobody_began(self, project, people):
        rule = begin(project, people.alice)
        edits.change_task(rule.summary.children.get(start__month=2), by=people.bob, percent=20)
        assert (
            verbs.end(rule, by=people.alice, with_tasks=True, at=datetime.datetime(2026, 1, 7, 12, tzinfo=datetime.UTC))
            == 3
        )
        assert starts(rule) == [D(2026, 1, 5), D(2026, 2, 2)]
        assert verbs.fill(rule, by=people.alice, today=D(2027, 1, 1)) == []

    def test_whoever_did_it_last_does_it_next(self, project, people):
        rule = begin(project, people.alice)
        last = rule.summary.children.get(start__month=5)
        edits.change_task(last, by=people.alice, people=[edits.Person(user=people.bob)])
        [made] = verbs.fill(rule, by=people.alice, today=D(2026, 2, 3))
        assert [one.resource.user for one in made.assignments.all()] == [people.bob]

    def test_a_paused_project_gets_none(self, project, people):
        rule = begin(project, people.alice)
        project.pause(by=people.alice, reason="Waiting")
        assert verbs.fill(rule, by=people.alice, today=D(2026, 6, 1)) == []

    def test_the_hourly_job_fills_all_in_rounds(self, project, people):
        rule = begin(project, people.alice, every="day", nth=None, weekdays=[], ahead=30, holidays="keep")
        assert rule.occurrences.count() == verbs.AT_ONCE
        verbs.fill_all(datetime.datetime(2026, 1, 7, 12, tzinfo=datetime.UTC))
        assert rule.occurrences.filter(planned__gte=TODAY).count() == 30

    def test_the_database_refuses_a_second(self, project, people):
        rule = begin(project, people.alice)
        with pytest.raises(IntegrityError), transaction.atomic():
            Occurrence.objects.create(project=project, recurrence=rule, day=D(2026, 2, 2))

    def test_pages(self, client, project, people):
        rule = begin(project, people.alice)
        client.force_login(people.alice)
        url = reverse("projects:recurrence", args=[project.code, rule.pk])
        page = client.get(url).content.decode()
        assert "Every month on the first Monday" in page
        data = {
            "name": "Weekly", "duration": "2h", "start": "2026-01-05", "every": "week", "interval": 2,
            "weekdays": [0, 3], "holidays": "skip", "ahead": 3, "version": rule.version,
        }  # fmt: skip
        assert client.post(url, data).status_code == 302
        rule.refresh_from_db()
        assert words_of(rule) == "Every 2 weeks on Monday and Thursday"
        assert client.post(url, data).status_code == 409
        for bad in (
            {"duration": "0"}, {"interval": 0}, {"ahead": 999}, {"until": "2020-01-01"}, {"month_day": 0},
            {"until": "2027-01-01", "count": 3}, {"every": "year", "month": 2, "month_day": 30, "nth": ""},
        ):  # fmt: skip
            answer = client.post(reverse("projects:recurrence-new", args=[project.code]), data | bad)
            assert answer.status_code == 422, bad
        assert Recurrence.objects.count() == 1
        client.force_login(people.bob)
        assert client.get(url).status_code == 200
        assert client.post(url, data).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_twice_at_once_makes_each_once():
    alice = make_user("Alice")
    project = make_project(by=alice, target_start=D(2026, 1, 5))
    rule = begin(project, alice)
    errors = []

    def fill():
        try:
            own = Recurrence.objects.select_related("project", "summary").get(pk=rule.pk)
            verbs.fill(own, by=alice, today=D(2026, 4, 8))
        except Exception as error:  # told by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=fill) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not errors
    days = list(rule.occurrences.values_list("day", flat=True))
    assert len(days) == len(set(days))
    assert project.tasks.filter(parent=rule.summary).count() == len(days)
    assert rule.occurrences.filter(planned__gte=D(2026, 4, 8)).count() == 4
