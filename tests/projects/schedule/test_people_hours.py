"""Hours and absences of people in the schedule pass: only where the plan asks for it, shown before it is saved."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pmdm.accounts.roles import Role
from pmdm.worktime.models import WorkingHours
from projects.control.fingerprint import plan_hash
from projects.schedule import edits
from projects.schedule.journal import PlanState
from projects.schedule.localtime import to_wall
from projects.schedule.models import PlanCalendar, PlanSettings, Task
from projects.schedule.people_hours import have_changed
from projects.schedule.plan import Plan, reschedule
from projects.schedule.plan_settings import change_settings, preview_settings
from projects.schedule.words_of_dates import why
from projects.team.verbs import give_role
from tests import factories

pytestmark = pytest.mark.django_db

MONDAY = datetime.date(2026, 5, 4)
DAY = 480
D = datetime.datetime


@pytest.fixture
def team():
    """Dig 3d (Ann) → Pour 2d (Ben) → Check 1d (both), in the week of 4 May; Ann is away 5 to 8 May."""
    alice = factories.make_user("Alice Manager")
    project = factories.make_project(by=alice, code="SITE", target_start=MONDAY)
    ann, ben = factories.make_user("Ann Lee"), factories.make_user("Ben Ode")
    for user in (ann, ben):
        give_role(project, by=alice, user=user, role=Role.MEMBER)
    edits.add_tasks(
        project, by=alice,
        rows=[{"name": n, "duration": days * DAY} for n, days in (("Dig", 3), ("Pour", 2), ("Check", 1))],
        links=[(0, 1), (1, 2)],
    )  # fmt: skip
    people = {"Dig": "Ann Lee", "Pour": "Ben Ode", "Check": "Ann Lee; Ben Ode"}
    ops = [{"op": "set", "uid": task.uid, "fields": {"people": people[task.name]}} for task in project.tasks.all()]
    edits.apply_ops(project, by=alice, ops=ops)
    ann.absences.create(first=MONDAY + datetime.timedelta(days=1), last=MONDAY + datetime.timedelta(days=4))
    project.alice, project.ann, project.ben = alice, ann, ben
    return project


def dates(project) -> dict[str, tuple]:
    return {task.name: (to_wall(task.start, project), to_wall(task.finish, project)) for task in project.tasks.all()}


def test_a_plan_moves_only_when_it_is_told_to(team):
    reschedule(team, by=team.alice)
    before = dates(team)
    assert before["Dig"] == (D(2026, 5, 4, 8), D(2026, 5, 6, 17))
    seen = preview_settings(team, people_hours=True)
    assert [move.name for move in seen.moved.tasks] == ["Dig", "Pour", "Check"]
    assert dates(team) == before, "a preview saves nothing"
    assert not PlanSettings.objects.filter(project=team, people_hours=True).exists()

    revision = PlanState.objects.get(project=team).revision
    assert change_settings(team, by=team.alice, people_hours=True).moved.sentence.startswith(
        "3 tasks moved; the finish slips"
    )
    after = dates(team)
    assert after["Dig"] == (D(2026, 5, 4, 8), D(2026, 5, 12, 17)), "Monday, then from Monday to Tuesday"
    assert after["Pour"] == (D(2026, 5, 13, 8), D(2026, 5, 14, 17))
    assert PlanState.objects.get(project=team).revision == revision + 1
    change_settings(team, by=team.alice, people_hours=False)
    assert dates(team) == before


def test_the_reason_names_who_is_absent_but_not_to_a_client(team):
    change_settings(team, by=team.alice, people_hours=True)
    plan = Plan(team)
    row = plan.rows[0]
    assert "(Ann Lee absent)" in why(plan, row.id)["finish"]
    told = why(Plan(team), row.id, with_people=False)["finish"]
    assert "not worked" in told
    assert "Ann" not in told


def test_one_of_two_goes_on_and_the_tasks_own_calendar_holds(team):
    change_settings(team, by=team.alice, people_hours=True)
    team.ann.absences.create(first=MONDAY + datetime.timedelta(days=11), last=MONDAY + datetime.timedelta(days=11))
    reschedule(team, by=team.alice)
    assert dates(team)["Check"] == (D(2026, 5, 15, 8), D(2026, 5, 15, 17)), "Ben is there"
    mornings = PlanCalendar.objects.create(
        project=team, uid=7, name="Mornings", week={str(day): [["08:00", "12:00"]] for day in range(5)}
    )
    Task.objects.filter(name="Check").update(calendar=mornings)
    reschedule(team, by=team.alice)
    assert dates(team)["Check"] == (D(2026, 5, 15, 8), D(2026, 5, 18, 12))


def test_part_time_takes_longer_and_who_left_does_not_hold_the_plan(team):
    change_settings(team, by=team.alice, people_hours=True)
    WorkingHours.objects.create(user=team.ben, valid_from=MONDAY, percent=50)
    reschedule(team, by=team.alice)
    assert dates(team)["Pour"] == (D(2026, 5, 13, 8), D(2026, 5, 18, 12))
    WorkingHours.objects.create(user=team.ben, valid_from=MONDAY + datetime.timedelta(days=7), percent=0)
    reschedule(team, by=team.alice)
    assert dates(team)["Pour"] == (D(2026, 5, 13, 8), D(2026, 5, 14, 17))


def test_who_begins_during_the_plan_is_waited_for(team):
    change_settings(team, by=team.alice, people_hours=True)
    WorkingHours.objects.create(user=team.ben, valid_from=MONDAY + datetime.timedelta(days=14))
    reschedule(team, by=team.alice)
    assert dates(team)["Pour"] == (D(2026, 5, 18, 8), D(2026, 5, 19, 17))


def test_a_drag_counts_the_days_of_the_people(team):
    change_settings(team, by=team.alice, people_hours=True)
    dig = team.tasks.get(name="Dig")
    edits.apply_ops(team, by=team.alice, ops=[{"op": "resize", "uid": dig.uid, "finish": "2026-05-13T17:00"}])
    dig.refresh_from_db()
    assert dig.duration == 4 * DAY
    assert dates(team)["Dig"][1] == D(2026, 5, 13, 17)


def test_later_absences_are_a_notice_until_somebody_computes(team, client):
    client.force_login(team.alice)
    url = reverse("projects:schedule", args=["SITE"])
    change_settings(team, by=team.alice, people_hours=True)
    assert not have_changed(team)
    fingerprint, before = plan_hash(team), dates(team)
    team.ben.absences.create(first=datetime.date(2026, 5, 13), last=datetime.date(2026, 5, 13))
    assert have_changed(team)
    assert plan_hash(team) != fingerprint, "a simulation is out of date"
    assert dates(team) == before
    assert "have changed since it was computed" in client.get(url).content.decode()
    settings = reverse("projects:plan-settings", args=["SITE"])
    asked = client.post(settings, {"people_hours": "on", "honour_constraints": "on", "preview": ""})
    assert "2 tasks moved" in asked.content.decode()
    done = client.post(settings, {"people_hours": "on", "honour_constraints": "on", "save": "1"})
    assert done.status_code == 302
    assert dates(team)["Pour"][0] == D(2026, 5, 14, 8)
    assert "have changed since" not in client.get(url).content.decode()


def test_the_number_of_queries_does_not_grow_with_people(team, django_assert_num_queries):
    change_settings(team, by=team.alice, people_hours=True)
    with CaptureQueriesContext(connection) as few:
        Plan(team).compute()
    for n in range(8):
        user = factories.make_user(f"Person {n}")
        give_role(team, by=team.alice, user=user, role=Role.MEMBER)
        user.absences.create(first=MONDAY, last=MONDAY)
        WorkingHours.objects.create(user=user, valid_from=MONDAY)
        edits.add_tasks(team, by=team.alice, rows=[{"name": f"Task {n}", "duration": DAY}])
        task = team.tasks.get(name=f"Task {n}")
        edits.apply_ops(team, by=team.alice, ops=[{"op": "set", "uid": task.uid, "fields": {"people": str(user)}}])
    with django_assert_num_queries(len(few)):
        Plan(team).compute()
