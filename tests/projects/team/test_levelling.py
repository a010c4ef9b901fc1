"""Levelling: within float or beyond, by whom, what stays, and one step that can be undone."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from pmdm.jobs import outbox
from pmdm.jobs.models import Work
from projects.schedule.models import PlanSettings
from projects.schedule.plan import reschedule
from projects.team.heatmap import monday_of
from projects.team.levelling import Options, Stale, apply, propose
from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db
NEXT = monday_of(timezone.localdate()) + datetime.timedelta(days=7)
FREELY = Options(within_float=False)


@pytest.fixture
def project(db):
    return make_project(schedule_start=timezone.make_aware(datetime.datetime.combine(NEXT, datetime.time(7))))


@pytest.fixture
def people(project):
    return make_cast(project)


def add(project, name, days, user=None, units=100, after=None, **fields):
    number = project.tasks.count() + 1
    task = project.tasks.create(uid=number, number=number, name=name, duration=480 * days, **fields)
    if user:
        resource = project.resources.filter(user=user).first() or project.resources.create(
            uid=number, name=user.name, user=user
        )
        project.assignments.create(task=task, resource=resource, units=units)
    if after:
        project.links.create(predecessor=after, successor=task)
    reschedule(project)
    return task


def moved(proposal) -> dict[str, int]:
    """Days by which each task starts later."""
    return {
        move["name"]: (
            datetime.datetime.fromisoformat(move["start"][1]) - datetime.datetime.fromisoformat(move["start"][0])
        ).days
        for move in proposal.moves
    }


def test_of_two_tasks_at_once_one_waits(project, people):
    add(project, "Dig", 5, people.bob)
    add(project, "Build", 5, people.bob)
    proposal = propose(project, FREELY)
    assert moved(proposal) == {"Build": 7}
    assert len(proposal.before) == 1
    assert proposal.after == []
    assert proposal.finish[1] > proposal.finish[0]
    assert "Bob has no room" in proposal.moves[0]["why"]


def test_within_float_the_finish_stays(project, people):
    add(project, "Long", 10)
    add(project, "Dig", 5, people.bob)
    add(project, "Build", 5, people.bob)
    add(project, "Paint", 5, people.bob)
    proposal = propose(project, Options())
    assert proposal.finish[0] == proposal.finish[1]
    assert moved(proposal) == {"Build": 7}
    assert proposal.after, "the third has no float left"


def test_tasks_that_go_first_keep_their_place(project, people):
    add(project, "Dig", 5, people.bob)
    build = add(project, "Build", 5, people.bob)
    proposal = propose(project, Options(within_float=False, first=frozenset({build.uid})))
    assert moved(proposal) == {"Dig": 7}


def test_links_absences_and_other_projects_are_kept(project, people):
    other = make_project(by=people.alice, schedule_start=project.schedule_start)
    add(other, "Elsewhere", 5, people.bob)
    people.bob.absences.create(first=NEXT + datetime.timedelta(days=7), last=NEXT + datetime.timedelta(days=13))
    dig = add(project, "Dig", 5, people.bob)
    add(project, "After", 2, after=dig)
    proposal = propose(project, FREELY)
    assert moved(proposal) == {"Dig": 14, "After": 14}
    assert proposal.moves[1]["why"] == ""


def test_started_manual_and_pinned_tasks_stay(project, people):
    begun = add(project, "Begun", 5, people.bob)
    project.tasks.filter(pk=begun.pk).update(percent=10)
    monday = project.schedule_start
    add(project, "Manual", 5, people.bob, mode="manual", manual_start=monday, manual_finish=monday)
    add(project, "Pinned", 5, people.bob, constraint=2, constraint_date=monday)
    assert propose(project, FREELY).moves == []


def test_only_the_people_chosen_are_levelled(project, people):
    for name, user in (("A", people.bob), ("B", people.bob), ("C", people.alice), ("D", people.alice)):
        add(project, name, 5, user)
    proposal = propose(project, Options(within_float=False, people=frozenset({f"u{people.alice.pk}"})))
    assert moved(proposal) == {"D": 7}


def test_a_person_on_part_of_their_time_does_two_things_at_once(project, people):
    add(project, "Dig", 5, people.bob, units=50)
    add(project, "Build", 5, people.bob, units=50)
    proposal = propose(project, FREELY)
    assert proposal.moves == proposal.before == []


def test_what_is_saved_is_what_was_shown_and_leaves_nothing_to_level(project, people):
    for name in "ABCD":
        add(project, name, 3, people.bob)
    proposal = propose(project, FREELY)
    apply(project, proposal.moves, by=people.alice)
    for move in proposal.moves:
        task = project.tasks.get(uid=move["uid"])
        assert task.start.astimezone().date().isoformat() == move["start"][1][:10]
    again = propose(project, FREELY)
    assert again.moves == again.before == []


def test_a_plan_that_moved_since_is_not_overwritten(project, people):
    dig = add(project, "Dig", 5, people.bob)
    add(project, "Build", 5, people.bob)
    proposal = propose(project, FREELY)
    project.tasks.exclude(pk=dig.pk).update(start=project.schedule_start + datetime.timedelta(days=1))
    with pytest.raises(Stale):
        apply(project, proposal.moves, by=people.alice)


def test_through_the_browser_a_worker_finds_it_and_undo_takes_it_back(client, project, people):
    add(project, "Dig", 5, people.bob)
    build = add(project, "Build", 5, people.bob)
    start = project.tasks.get(pk=build.pk).start
    client.force_login(people.alice)
    page = reverse("projects:level", args=[project.code])
    assert client.post(page, {"scope": "sideways"}).status_code == 422
    assert client.post(page, {"scope": "finish"}).status_code == 302
    outbox.drain()
    work = Work.objects.get()
    assert work.state == "done"
    shown = client.get(work.result_url).content.decode()
    assert "Build" in shown
    assert "Bob has no room" in shown
    assert project.tasks.get(pk=build.pk).start == start, "nothing is saved yet"
    assert client.post(work.result_url).status_code == 302
    assert project.tasks.get(pk=build.pk).start > start
    assert client.post(work.result_url).status_code == 409
    undone = client.post(reverse("projects:plan-undo", args=[project.code]), "{}", content_type="application/json")
    assert undone.status_code == 200
    assert project.tasks.get(pk=build.pk).start == start
    client.force_login(people.bob)
    assert client.get(page).status_code == 403
    client.force_login(people.admin)
    assert client.get(work.result_url).status_code == 404, "a proposal is for who asked for it"


def test_a_plan_computed_backwards_is_refused_with_the_reason(client, project, people):
    """By the verb, and by the worker in the words that the person reads."""
    add(project, "Dig", 5, people.bob)
    add(project, "Build", 5, people.bob)
    PlanSettings.objects.update_or_create(
        project=project, defaults={"from_finish": project.schedule_start + datetime.timedelta(days=60)}
    )
    with pytest.raises(ValidationError, match="computed backwards"):
        propose(project, FREELY)
    client.force_login(people.alice)
    answer = client.post(reverse("projects:level", args=[project.code]), {"scope": "float"})
    assert answer.status_code == 302
    outbox.drain()
    work = Work.objects.get()
    assert work.state == Work.State.FAILED
    assert "computed backwards" in work.error
    assert [label for label, _url in work.crumbs] == ["Projects", project.code, "Team"]
    assert reverse("projects:team", args=[project.code]) in client.get(work.get_absolute_url()).content.decode()
