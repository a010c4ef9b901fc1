"""The portfolio as of a past day: stages, people and dates from the trail, figures from the snapshots."""

import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pmdm.accounts.roles import Role
from pmdm.kpis.models import Snapshot
from projects.models import Project
from projects.team.verbs import give_role
from tests.factories import join, make_cast, make_product, make_project, make_user
from tests.projects.past.test_travel import on

pytestmark = pytest.mark.django_db
DAY = datetime.date
BEGUN, HELD, ENDED = DAY(2026, 1, 5), DAY(2026, 3, 2), DAY(2026, 5, 4)


def keep(kind, subject, day, kpi, value, status):
    Snapshot.objects.create(
        subject_type=kind, subject_id=subject.pk, kpi=kpi, value=value, unit="x", status=status, day=day
    )


@pytest.fixture
def world():
    """A project that was begun in January, paused in March under another name, and cancelled in May; a product."""
    with on(BEGUN):
        project = make_project(code="OLD", name="First name", target_finish=DAY(2026, 6, 1))
        people = make_cast(project)
        product = make_product(code="PROD", name="A product", stage="early_life")
        join(product, people.alice, Role.DELIVERY_MANAGER)
    with on(HELD):
        Project.objects.filter(pk=project.pk).update(name="Second name", target_finish=DAY(2026, 9, 1))
        Project.objects.get(pk=project.pk).pause(by=people.sam, reason="Wait")
        type(product).objects.filter(pk=product.pk).update(stage="live")
        nora = make_user("Nora Newcomer")
        give_role(project, by=people.alice, user=nora, role="manager")
    with on(ENDED):
        Project.objects.get(pk=project.pk).cancel(by=people.sam, reason="No money")
    keep("project", project, BEGUN, "high_risks", 1, "ok")
    keep("project", project, HELD, "high_risks", 7, "act")
    keep("project", project, HELD, "on_budget_forecast", 90, "watch")
    return SimpleNamespace(project=project, product=product, people=people)


def shown(client, person, day, **query):
    client.force_login(person)
    answer = client.get(reverse("kpis:portfolio"), {"as_of": day.isoformat()} | query)
    assert answer.status_code == 200
    return {row["code"]: row for row in answer.context["page"].rows}, answer


def test_it_is_what_it_was(client, world):
    alice = world.people.alice
    assert shown(client, alice, BEGUN - datetime.timedelta(days=1))[0] == {}
    then, _ = shown(client, alice, BEGUN)
    held, _ = shown(client, alice, HELD)
    facts = [(row["name"], row["stage"], row["due"], row["lead"]) for row in (then["OLD"], held["OLD"])]
    assert facts == [
        ("First name", "initiation", DAY(2026, 6, 1), "Alice Manager"),
        ("Second name", "paused", DAY(2026, 9, 1), "Nora Newcomer"),
    ]
    assert [one["PROD"]["stage"] for one in (then, held)] == ["early_life", "live"]
    assert "OLD" not in shown(client, alice, ENDED)[0], "ended: no longer under way"
    assert shown(client, alice, ENDED, stage="all")[0]["OLD"]["stage"] == "cancelled"


def test_lights_and_figures_are_those_of_the_last_snapshot(client, world):
    alice = world.people.alice
    rows, answer = shown(client, alice, HELD + datetime.timedelta(days=20))
    assert rows["OLD"]["light"] == "act"
    assert rows["PROD"]["light"] == "na"
    number = {figure.kpi.code: figure.number for figure in rows["OLD"]["figures"] if figure}
    assert number["high_risks"] == 7
    assert {one["status"]: one["count"] for one in answer.context["page"].summary} == {
        "act": 1, "watch": 0, "ok": 0, "na": 1,
    }  # fmt: skip
    assert shown(client, alice, BEGUN)[0]["OLD"]["light"] == "ok"
    assert list(shown(client, alice, HELD, light="act")[0]) == ["OLD"]
    assert list(shown(client, alice, HELD, q="second")[0]) == ["OLD"]
    assert shown(client, alice, BEGUN, q="second")[0] == {}


def test_todays_roles_decide_who_sees_what(client, world):
    assert shown(client, world.people.charlie, HELD)[0] == {}
    bob, _ = shown(client, world.people.bob, HELD)
    assert bob["OLD"]["light"] == "act", "of what he may see: risks, not cost"
    codes = {figure.kpi.code for figure in bob["OLD"]["figures"] if figure}
    assert "on_budget_forecast" not in codes
    cleo, answer = shown(client, world.people.cleo, HELD)
    assert not answer.context["page"].with_figures
    assert cleo["OLD"]["stage"] == "paused"
    # Whoever left sees nothing of it, whatever day is asked for.
    world.project.memberships.filter(user=world.people.bob).delete()
    assert shown(client, world.people.bob, HELD)[0] == {}


def test_it_says_so_keeps_the_day_and_begins_nothing(client, world):
    _, answer = shown(client, world.people.alice, HELD)
    page = answer.content.decode()
    assert "can only be read" in page
    assert reverse("projects:new") not in page.split("<main", 1)[1]
    assert reverse("projects:figures", args=["OLD"]) + f"?as_of={HELD}" in page
    assert f"light=act&amp;as_of={HELD}" in page
    assert 'name="as_of" value="2026-03-02"' in page


def test_a_day_to_come_is_refused_in_words(client, world):
    client.force_login(world.people.alice)
    page = client.get(reverse("kpis:portfolio"), {"as_of": "2999-01-01"})
    assert "takes a day before today" in page.content.decode()


def test_queries_do_not_grow(client, world):
    counts = []
    for more in (2, 40):
        with on(BEGUN):
            for number in range(more):
                make_project(code=f"P{more}-{number}", by=world.people.alice)
        client.force_login(world.people.alice)
        with CaptureQueriesContext(connection) as queries:
            rows, _ = shown(client, world.people.alice, HELD)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(rows) > 40
