"""The heat map: what counts, who sees what, and at what price."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pmdm.accounts.models import Department, Skill
from pmdm.accounts.roles import Role
from projects.schedule.plan import reschedule
from projects.team.heatmap import Choice, causes_of, heat_map, monday_of
from tests.factories import join, make_cast, make_organisation, make_project, make_user

pytestmark = pytest.mark.django_db
THIS = monday_of(timezone.localdate())
NEXT = THIS + datetime.timedelta(days=7)


@pytest.fixture
def project(db):
    return make_project(schedule_start=timezone.make_aware(datetime.datetime.combine(NEXT, datetime.time(7))))


@pytest.fixture
def people(project):
    return make_cast(project)


def plan(project, user, days=5, units=100, name="Dig", **fields):
    """A task of so many days from next Monday on, with this person on it."""
    number = project.tasks.count() + 1
    task = project.tasks.create(uid=number, number=number, name=name, duration=480 * days, **fields)
    resource = project.resources.create(uid=number, name=str(user or "2 testers"), user=user, max_units=200)
    project.assignments.create(task=task, resource=resource, units=units)
    reschedule(project)
    return task


def cell_of(heat, user, week=NEXT):
    row = next(row for row in heat.rows if row.user == user)
    return next(cell for cell in row.cells if cell.week == week)


def see(reader, **choice):
    return heat_map(reader, Choice(first=THIS, **choice))


def test_work_of_all_projects_adds_up_against_the_capacity(project, people):
    other = make_project(by=people.alice, schedule_start=project.schedule_start)
    plan(project, people.bob, units=80)
    plan(other, people.bob, units=50)
    heat = see(people.alice)
    cell = cell_of(heat, people.bob)
    assert (cell.load, cell.capacity, cell.percent, cell.over) == (3120, 2400, 130, True)
    named, elsewhere = causes_of(heat, f"u{people.bob.pk}", NEXT)
    assert [cause.minutes for cause in named] == [1920, 1200]
    assert elsewhere == 0


def test_projects_one_may_not_see_count_as_elsewhere_without_a_name(client, project, people):
    secret = make_project(name="Secret takeover", schedule_start=project.schedule_start)
    plan(project, people.bob, units=50)
    plan(secret, people.bob, units=100, name="Secret task")
    cell = cell_of(see(people.alice), people.bob)
    assert (cell.load, cell.elsewhere) == (3600, 2400)
    client.force_login(people.alice)
    for page in (reverse("projects:load"), reverse("projects:project-load", args=[project.code])):
        text = client.get(f"{page}?open=u{people.bob.pk}:{NEXT}").content.decode()
        assert "Elsewhere" in text
        assert "Secret" not in text
        assert "▲" in text


def test_absence_takes_capacity_and_the_load_stays(project, people):
    plan(project, people.bob)
    people.bob.absences.create(first=NEXT, last=NEXT + datetime.timedelta(days=4))
    cell = cell_of(see(people.alice), people.bob)
    assert (cell.load, cell.capacity, cell.percent, cell.over, cell.absent) == (2400, 0, None, True, True)


def test_done_inactive_and_paused_work_does_not_count(project, people):
    plan(project, people.bob, is_active=False)
    done = plan(project, people.bob)
    project.tasks.filter(pk=done.pk).update(percent=100)
    paused = make_project(by=people.alice, schedule_start=project.schedule_start)
    plan(paused, people.bob)
    paused.pause(by=people.alice, reason="Budget")
    assert cell_of(see(people.alice), people.bob).load == 0


def test_a_resource_that_is_nobody_yet_has_a_row_of_its_own(project, people):
    plan(project, None, units=200)
    row = next(row for row in see(people.alice).rows if row.resource)
    cell = next(cell for cell in row.cells if cell.week == NEXT)
    assert (row.resource.name, cell.load, cell.capacity) == ("2 testers", 4800, 4800)


def test_filters_by_project_skill_department_and_overload(project, people):
    skill, department = Skill.objects.create(name="Masonry"), Department.objects.create(name="Site")
    people.bob.skills.create(skill=skill)
    people.alice.department = department
    people.alice.save()
    plan(project, people.bob, units=120)
    other = make_project(by=people.alice)
    assert [row.user for row in see(people.alice, skill=skill).rows] == [people.bob]
    assert [row.user for row in see(people.alice, department=department).rows] == [people.alice]
    assert [row.user for row in see(people.alice, project=other).rows] == [people.alice]
    assert [row.user for row in see(people.alice, only_over=True).rows] == [people.bob]


def test_nobody_sees_people_of_projects_they_are_not_in(client, project, people):
    plan(project, people.bob)
    assert see(people.charlie).rows == []
    client.force_login(people.charlie)
    assert "Bob" not in client.get(reverse("projects:load")).content.decode()
    assert client.get(reverse("projects:project-load", args=[project.code])).status_code == 404
    client.force_login(people.cleo)
    assert client.get(reverse("projects:project-load", args=[project.code])).status_code == 403
    client.force_login(make_user("Out", organisation=make_organisation()))
    assert client.get(reverse("projects:load")).status_code == 404


def test_the_pmo_sees_everybody(project, people):
    plan(project, people.bob)
    assert cell_of(see(people.pmo), people.bob).load == 2400


@pytest.mark.parametrize("name", ["load", "project-load"])
def test_queries_stay_the_same_from_3_to_300_people(client, project, people, name):
    page = reverse("projects:load") if name == "load" else reverse("projects:project-load", args=[project.code])
    client.force_login(people.alice)
    start = timezone.make_aware(datetime.datetime.combine(NEXT, datetime.time(8)))

    def rows(first, count):
        for number in range(first, first + count):
            user = make_user()
            join(project, user, Role.MEMBER)
            user.working_hours.create(valid_from=THIS, percent=80)
            user.absences.create(first=NEXT, last=NEXT)
            task = project.tasks.create(
                uid=number, number=number, name=f"T{number}", start=start, finish=start + datetime.timedelta(days=4)
            )
            resource = project.resources.create(uid=number, name=user.name, user=user)
            project.assignments.create(task=task, resource=resource)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    rows(1, 3)
    few = queries()
    rows(4, 297)
    assert queries() == few <= 30
