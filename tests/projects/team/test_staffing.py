"""Who is free, what if, and named people in place of a generic resource."""

import datetime
from decimal import Decimal as D

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pmdm.accounts.models import Skill
from pmdm.accounts.roles import Role
from projects.schedule.api import steps
from projects.schedule.plan import reschedule
from projects.team import staffing
from projects.team.heatmap import monday_of
from tests.factories import join, make_cast, make_organisation, make_project, make_user

pytestmark = pytest.mark.django_db
NEXT = monday_of(timezone.localdate()) + datetime.timedelta(days=7)
FRIDAY = NEXT + datetime.timedelta(days=4)


@pytest.fixture
def project(db):
    return make_project(schedule_start=timezone.make_aware(datetime.datetime.combine(NEXT, datetime.time(7))))


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def skill(db):
    return Skill.objects.create(name="Testing")


def plan(project, *resources, days=5, **assignment):
    number = project.tasks.count() + 1
    task = project.tasks.create(uid=number, number=number, name=f"Task {number}", duration=480 * days)
    for resource in resources:
        project.assignments.create(task=task, resource=resource, **assignment)
    reschedule(project)
    return task


def resource_of(project, user):
    return project.resources.create(uid=project.resources.count() + 1, name=user.name, user=user)


def found(project, **wanted):
    rows = staffing.suggest(project, staffing.Wanted(NEXT, FRIDAY, **wanted))
    return [(row.user.name, row.fit.share) for row in rows]


def test_people_with_the_skill_are_ranked_by_what_fits(project, people, skill):
    for user, level in ((people.bob, 2), (people.alice, 4), (people.charlie, 3)):
        user.skills.create(skill=skill, level=level)
    plan(project, resource_of(project, people.alice), units=75)
    people.charlie.absences.create(first=NEXT, last=FRIDAY)
    assert found(project, skill=skill) == [("Bob", 100), ("Alice Manager", 25), ("Charlie", 0)]
    assert found(project, skill=skill, percent=25)[:2] == [("Alice Manager", 100), ("Bob", 100)]


def test_work_in_other_projects_counts_and_is_not_named(client, project, people, skill):
    secret = make_project(name="Secret takeover", schedule_start=project.schedule_start)
    people.bob.skills.create(skill=skill)
    plan(secret, resource_of(secret, people.bob))
    assert found(project, skill=skill) == [("Bob", 0)]
    client.force_login(people.alice)
    page = client.get(reverse("projects:free", args=[project.code]), {"first": NEXT, "last": FRIDAY, "skill": skill.pk})
    assert "Bob" in page.content.decode()
    assert "Secret" not in page.content.decode()


def test_what_if_shows_both_and_saves_nothing_until_it_is_said(client, project, people):
    plan(project, resource_of(project, people.bob), units=60)
    task = plan(project)
    client.force_login(people.alice)
    page = f"{reverse('projects:free', args=[project.code])}?task={task.uid}&percent=60"
    values = {"task": task.uid, "person": people.bob.pk, "percent": 60}
    text = client.post(page, {**values, "do": "preview"}).content.decode()
    assert "60%" in text
    assert "120%" in text
    assert "1 week goes over 100 %" in text
    assert not task.assignments.exists()
    assert client.post(page, {**values, "do": "save"}).status_code == 302
    assert task.assignments.get().units == 60
    again = client.post(page, {**values, "do": "save"})
    assert again.status_code == 422
    assert "on this task already" in again.content.decode()


def test_who_is_not_in_the_team_joins_it_and_others_keep_their_units(project, people):
    task = plan(project, resource_of(project, people.bob), units=30)
    staffing.assign(task, people.charlie, by=people.alice, units=50)
    assert project.memberships.get(user=people.charlie).role == Role.MEMBER
    assert sorted(task.assignments.values_list("units", flat=True)) == [30, 50]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_named_people_take_over_units_and_work_and_none_is_lost(project, people, skill, count):
    generic = staffing.add_generic(project, by=people.alice, name="2 testers", units=200, skill=skill)
    plan(project, generic, units=200, work=4801)
    plan(project, generic, units=100)
    named = [people.bob, people.charlie, people.dora][:count]
    assert staffing.replace_generic(generic, named, by=people.alice) == 2
    sums = [
        (row["units"], row["work"])
        for row in project.assignments.values("task").annotate(units=Sum("units"), work=Sum("work")).order_by("task")
    ]
    assert sums == [(D(200), 4801), (D(100), None)]
    assert not project.assignments.filter(resource__user=None).exists()
    assert project.assignments.values("resource__user").distinct().count() == count


def test_naming_people_is_a_step_that_undo_takes_back(project, people):
    generic = staffing.add_generic(project, by=people.alice, name="2 testers", units=200)
    first, second = plan(project, generic, units=200), plan(project, generic, units=100)
    staffing.replace_generic(generic, [people.bob, people.dora], by=people.alice)
    names = "resource__name", "units"
    assert set(first.assignments.values_list(*names)) == {(people.bob.name, D(100)), (people.dora.name, D(100))}
    steps.step_back(project, by=people.alice)
    for task, units in ((first, 200), (second, 100)):
        assert list(task.assignments.values_list(*names)) == [("2 testers", D(units))]
    steps.step_again(project, by=people.alice)
    assert set(second.assignments.values_list(*names)) == {(people.bob.name, D(50)), (people.dora.name, D(50))}


def test_a_resource_without_tasks_can_be_removed_one_with_tasks_stays(client, project, people):
    generic = staffing.add_generic(project, by=people.alice, name="2 testers", units=200)
    plan(project, generic, units=200)
    client.force_login(people.alice)
    page = reverse("projects:generic-people", args=[project.code, generic.uid])
    assert client.post(page, {"remove": "1"}).status_code == 409
    staffing.replace_generic(generic, [people.bob], by=people.alice)
    assert "Remove the resource" in client.get(page).content.decode()
    assert client.post(page, {"remove": "1"}).status_code == 302
    assert not project.resources.filter(pk=generic.pk).exists()


def test_who_is_on_the_task_already_takes_the_share_on_top(project, people):
    generic = staffing.add_generic(project, by=people.alice, name="Tester", units=100)
    task = plan(project, generic, resource_of(project, people.bob), units=40)
    staffing.replace_generic(generic, [people.bob], by=people.alice)
    assert task.assignments.get().units == 80


def test_generic_resources_through_the_browser(client, project, people):
    client.force_login(people.alice)
    page = reverse("projects:generic-new", args=[project.code])
    assert client.post(page, {"name": "", "units": "0"}).status_code == 422
    assert client.post(page, {"name": "2 testers", "units": "200"}).status_code == 302
    generic = project.resources.get()
    page = reverse("projects:generic-people", args=[project.code, generic.uid])
    assert client.post(page, {}).status_code == 422
    outsider = make_user("Out", organisation=make_organisation())
    assert client.post(page, {"people": [outsider.pk]}).status_code == 422
    assert client.post(page, {"people": [people.bob.pk]}).status_code == 302
    client.force_login(people.bob)
    assert client.get(reverse("projects:free", args=[project.code])).status_code == 403
    # The PMO staffs the portfolio: it looks, and does not put people on tasks.
    client.force_login(people.pmo)
    assert client.get(reverse("projects:free", args=[project.code])).status_code == 200
    assert client.post(reverse("projects:free", args=[project.code]), {}).status_code == 403


def test_queries_stay_the_same_from_3_to_300_people(client, project, people, skill):
    client.force_login(people.alice)

    def rows(count):
        for _ in range(count):
            user = make_user()
            join(project, user, Role.MEMBER)
            user.skills.create(skill=skill)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("projects:free", args=[project.code]), {"skill": skill.pk})
        assert page.status_code == 200
        return len(captured)

    rows(3)
    few = queries()
    rows(297)
    assert queries() == few <= 30


def test_what_is_wrong_is_not_called_nobody(client, project, people):
    client.force_login(people.alice)
    url = reverse("projects:free", args=[project.code])
    answer = client.get(url, {"first": FRIDAY, "last": NEXT})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "The last day lies before the first." in page
    assert "Nobody fits" not in page
