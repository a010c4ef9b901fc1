"""Sprints: no two at once, what is left moves on, the burn-up from history."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.schedule import edits
from projects.sprints import verbs
from projects.sprints.figures import Line, burn, capacity, chart
from projects.sprints.models import Sprint, SprintTask
from tests.factories import make_project, make_user

D = datetime.date
DAYS = st.dates(D(2026, 1, 1), D(2026, 1, 28))


def at(day, hour=9):
    return datetime.datetime(2026, 1, day, hour, tzinfo=datetime.UTC)


def sprint_of(project, by, first=5, last=16, **more):
    fields = {"name": f"Sprint {first}", "goal": "It works", "start": D(2026, 1, first), "finish": D(2026, 1, last)}
    return verbs.plan_sprint(project, by=by, **{**fields, **more})


def inside(sprint):
    return sorted(SprintTask.objects.filter(sprint=sprint, removed_at=None).values_list("task__name", flat=True))


LINES = st.tuples(st.integers(0, 999), DAYS, st.none() | DAYS, st.none() | DAYS).map(lambda values: Line(*values))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine decides nothing
@given(st.lists(LINES, max_size=12), DAYS)
def test_done_never_exceeds_scope(lines, today):
    scope, done = burn(lines, D(2026, 1, 5), D(2026, 1, 20), today)
    assert [day for day, _v in scope] == [day for day, _v in done]
    assert all(value <= whole for (_d, value), (_e, whole) in zip(done, scope, strict=True))
    assert all(day <= today for day, _v in scope)


@pytest.mark.django_db
class TestSprint:
    def test_days_belong_to_one(self, project, people):
        sprint_of(project, people.alice)
        with pytest.raises(ValidationError, match="has some of these days"):
            sprint_of(project, people.alice, 16, 20)
        sprint_of(project, people.alice, 17, 20)
        with pytest.raises(IntegrityError), transaction.atomic():
            Sprint.objects.create(project=project, name="x", goal="y", start=D(2026, 1, 10), finish=D(2026, 1, 11))

    def test_another_project_has_days_of_its_own(self, project, people):
        sprint_of(project, people.alice)
        sprint_of(make_project(), people.alice)

    def test_a_task_is_in_one_open_sprint(self, project, people, plan):
        one, two = sprint_of(project, people.alice), sprint_of(project, people.alice, 19, 30)
        assert verbs.take_in(one, [plan["A"], plan["B"], plan["Phase"]], by=people.alice) == 2, "a summary is no card"
        assert verbs.take_in(two, [plan["A"]], by=people.alice) == 1
        assert (inside(one), inside(two)) == (["B"], ["A"])
        assert [task.name for task in verbs.backlog(project)] == ["C", "D"]

    def test_one_is_under_way_at_a_time(self, project, people, plan):
        one, two = sprint_of(project, people.alice), sprint_of(project, people.alice, 19, 30)
        with pytest.raises(ValidationError, match="nothing in"):
            verbs.start(one, by=people.alice)
        verbs.take_in(one, [plan["A"]], by=people.alice)
        verbs.take_in(two, [plan["B"]], by=people.alice)
        verbs.start(one, by=people.alice)
        for sprint in (one, two):
            with pytest.raises(ValidationError):
                verbs.start(sprint, by=people.alice)

    def test_closing_moves_what_is_left(self, project, people, plan):
        one, two = sprint_of(project, people.alice), sprint_of(project, people.alice, 19, 30)
        verbs.take_in(one, [plan["A"], plan["B"], plan["C"]], by=people.alice, at=at(5))
        verbs.start(one, by=people.alice, at=at(5))
        edits.change_task(plan["A"], by=people.bob, percent=100)
        assert verbs.close(one, by=people.alice, to=two, at=at(16)) == 2
        assert (inside(one), inside(two)) == (["A"], ["B", "C"])
        with pytest.raises(ValidationError, match="not under way"):
            verbs.close(one, by=people.alice, to=two)
        with pytest.raises(ValidationError, match="is closed"):
            verbs.take_in(one, [plan["D"]], by=people.alice)

    def test_or_back_to_the_backlog(self, project, people, plan):
        one = sprint_of(project, people.alice)
        verbs.take_in(one, [plan["A"]], by=people.alice)
        verbs.start(one, by=people.alice)
        verbs.close(one, by=people.alice)
        assert "A" in [task.name for task in verbs.backlog(project)]

    def test_the_burn_up_tells_the_history(self, project, people, plan):
        one = sprint_of(project, people.alice)
        verbs.take_in(one, [plan["A"], plan["B"]], by=people.alice, at=at(5))
        verbs.start(one, by=people.alice, at=at(5))
        verbs.take_in(one, [plan["C"]], by=people.alice, at=at(7))
        edits.change_task(plan["A"], by=people.bob, percent=100, actual_start=at(5), actual_finish=at(8))
        verbs.take_out(one, [plan["B"]], by=people.alice, at=at(9))
        figure = chart(one, D(2026, 1, 10))
        rows = {day: (scope, done) for day, scope, done in figure.rows}
        assert rows["2026-01-05"] == ("5", "0")
        assert rows["2026-01-07"] == ("6", "0")
        assert rows["2026-01-08"] == ("6", "2")
        assert rows["2026-01-09"] == ("3", "2")
        assert "2 of 3 working days" in figure.description
        verbs.close(one, by=people.alice, at=at(16))
        one.refresh_from_db()
        assert {row[0]: row[1:] for row in chart(one, D(2026, 1, 20)).rows}["2026-01-16"] == ["3", "2"], (
            "left at the end, not before"
        )

    def test_capacity(self, project, people, plan):
        one = sprint_of(project, people.alice)
        verbs.take_in(one, [plan["A"], plan["B"]], by=people.alice)
        assert capacity(one).minutes is None
        project.resources.create(uid=1, name="Ann", max_units=50)
        assert (capacity(one).minutes, capacity(one).planned, capacity(one).over) == (10 * 240, 5 * 480, False)
        one.capacity = 480
        assert capacity(one).over

    def test_pages(self, client, project, people, plan):
        client.force_login(people.alice)
        new = reverse("projects:sprint-new", args=[project.code])
        data = {
            "name": "One",
            "goal": "It works",
            "start": "2026-01-05",
            "finish": "2026-01-16",
            "capacity": "10d",
            "version": 1,
        }
        assert client.post(new, data | {"finish": "2026-01-01"}).status_code == 422
        assert client.post(new, data | {"goal": ""}).status_code == 422
        assert client.post(new, data).status_code == 302
        assert client.post(new, data).status_code == 422, "the days are taken"
        sprint = Sprint.objects.get()
        url = lambda name: reverse(f"projects:{name}", args=[project.code, sprint.number])  # noqa: E731
        client.post(url("sprint-tasks"), {"uid": [plan["A"].uid, "x", "9" * 30], "do": "take"})
        client.post(url("sprint-start"))
        page = client.get(url("sprint")).content.decode()
        assert "Under way" in page
        assert "Backlog" in page
        assert client.post(url("sprint-closure"), {"to": "77"}).status_code == 422
        assert client.post(url("sprint-closure"), {"to": ""}).status_code == 302
        assert client.post(url("sprint-closure"), {"to": ""}).status_code == 409
        assert client.post(url("sprint-edit"), data).status_code == 409
        client.force_login(people.bob)
        assert client.get(url("sprint")).status_code == 200
        assert client.post(url("sprint-start")).status_code == 403

    def test_the_board_of_a_sprint(self, client, project, people, plan):
        one = sprint_of(project, people.alice)
        verbs.take_in(one, [plan["A"]], by=people.alice)
        client.force_login(people.bob)
        page = client.get(reverse("projects:board", args=[project.code]) + f"?sprint={one.number}").content.decode()
        assert page.count("data-card=") == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_start_two_sprints_at_once():
    alice = make_user("Alice")
    project = make_project(by=alice, target_start=D(2026, 1, 5))
    tasks, _moved = edits.add_tasks(project, by=alice, rows=[{"name": "A"}, {"name": "B"}])
    sprints = [sprint_of(project, alice), sprint_of(project, alice, 19, 30)]
    for sprint, task in zip(sprints, tasks, strict=True):
        verbs.take_in(sprint, [task], by=alice)
    refused = []

    def begin(sprint):
        try:
            verbs.start(sprint, by=alice)
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=[sprint]) for sprint in sprints]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 1
    assert Sprint.objects.exclude(started_at=None).count() == 1
