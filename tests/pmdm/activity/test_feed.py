"""The trail reads like sentences, keeps secrets and costs the same however long it is."""

import datetime

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pmdm.accounts.models import User
from pmdm.activity.feed import recent
from pmdm.activity.models import Change
from pmdm.celery import app
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    project = factories.make_project(name="New customer portal", code="NCP")
    people = factories.make_cast(project)
    Change_ids = Change.objects.order_by("-id").values_list("id", flat=True)
    project.latest = Change_ids.first()
    return project, people


def acting(user, request="r1", **more):
    return pghistory.context(user=user.pk, request=request, **more)


def told(project, user, limit=1):
    return [str(entry) for entry in recent(project, user, limit)]


def test_a_change_names_who_what_before_and_after(world):
    project, people = world
    risk = factories.make_risk(project, title="Late supplier", probability=2, impact=2)
    with acting(people.alice):
        risk.probability = 4
        risk.owner = people.bob
        risk.save_changes(["probability", "owner"])
    assert told(project, people.alice) == [
        f"Alice Manager changed risk R-{risk.number} Late supplier: probability 2 → 4, owner – → Bob"
    ]


def test_a_moved_task_brings_the_others_along(world):
    project, people = world
    nov = datetime.datetime(2026, 11, 20, 16, tzinfo=datetime.UTC)
    tasks = [project.tasks.create(uid=n, number=n, name=f"Task {n}", start=nov, finish=nov) for n in range(1, 13)]
    with acting(people.alice, "move"):
        task = tasks[0]
        task.deadline = nov
        task.save(update_fields=["deadline"])
        task.deadline = nov + datetime.timedelta(days=2)
        task.finish = nov + datetime.timedelta(days=7)
        task.save(update_fields=["deadline", "finish"])
        project.tasks.exclude(pk=task.pk).update(finish=nov + datetime.timedelta(days=7), total_float=3)
    [sentence] = told(project, people.alice)
    assert sentence.startswith("Alice Manager changed task Task 1: deadline – → 20\xa0Nov, and 12 tasks more")


def test_engine_columns_alone_are_silent(world):
    project, people = world
    task = project.tasks.create(uid=1, number=1, name="Quiet")
    before = told(project, people.alice)
    with acting(people.alice, "engine"):
        project.tasks.filter(pk=task.pk).update(total_float=5, wbs="1.1", version=7)
    assert told(project, people.alice) == before


def test_rows_of_one_request_are_one_entry_and_many_are_counted(world):
    project, people = world
    with acting(people.alice, "import"):
        for n in range(1, 8):
            project.tasks.create(uid=n, number=n, name=f"Task {n}")
        factories.make_risk(project, title="New risk")
    entries = recent(project, people.alice, 5)
    assert sorted(map(str, entries[0].items)) == ["added 7 tasks", "added risk R-1 New risk"]
    assert entries[0].who == "Alice Manager"


def test_a_deleted_row_keeps_its_name(world):
    project, people = world
    task = project.tasks.create(uid=1, number=1, name="Short-lived")
    with acting(people.alice, "delete"):
        task.delete()
    assert told(project, people.alice) == ["Alice Manager deleted task Short-lived"]


def test_membership_is_told_by_person_and_role(world):
    project, people = world
    newcomer = factories.make_user("Nina New")
    with acting(people.alice, "join"):
        factories.join(project, newcomer, "member")
    [sentence] = told(project, people.bob)
    assert "Nina New Team member" in sentence


def test_what_nobody_did_is_told_as_ours(world):
    project, people = world
    factories.make_risk(project, title="By a worker")
    assert told(project, people.alice)[0].startswith("PMDM added risk")


def test_what_one_run_of_a_task_changes_is_one_entry(world):
    project, people = world

    @app.task(name="tests.two_risks", lazy=False)
    def two_risks():
        for title in ("One", "Two"):
            factories.make_risk(project, title=title)

    def run(number, **how):
        two_risks.push_request(id=f"run-{number}", **how)
        try:
            two_risks()
        finally:
            two_risks.pop_request()

    run(1, called_directly=False)
    run(2, called_directly=False)
    for sentence in told(project, people.alice, 2):
        assert "One" in sentence
        assert "Two" in sentence

    # Done at once within a request it belongs to what that request did.
    with acting(people.alice, "both"):
        factories.make_risk(project, title="Zero")
        run(3, called_directly=False, is_eager=True)
    [entry] = told(project, people.alice)
    assert entry.startswith("Alice Manager added risk")
    assert "Zero" in entry
    assert "Two" in entry
    app.tasks.pop("tests.two_risks")


def test_history_may_be_told_after_the_fact(world):
    project, people = world
    then = datetime.datetime(2025, 2, 3, 9, tzinfo=datetime.UTC)
    with acting(people.alice, "demo", at=then.isoformat()):
        factories.make_risk(project, title="Old risk")
    assert recent(project, people.alice, 1)[0].at == then


class TestSecrets:
    def test_money_is_told_to_those_who_see_cost(self, world):
        project, people = world
        with acting(people.alice, "money"):
            project.approved_budget = "987654.32"
            project.save(update_fields=["approved_budget"])
        assert "987,654.32" in told(project, people.alice)[0]
        assert "987" not in " ".join(told(project, people.bob, 9))
        assert all("budget" not in sentence for sentence in told(project, people.bob, 9))

    def test_budget_lines_are_not_told_at_all_without_cost(self, world):
        project, people = world
        with acting(people.alice, "line"):
            project.budget_lines.create(name="Consultants", category="services", planned="1000.00")
        assert "Consultants" in told(project, people.alice)[0]
        assert "Consultants" not in " ".join(told(project, people.bob, 9))

    def test_clients_and_strangers_read_nothing(self, world):
        project, people = world
        factories.make_risk(project, title="Hidden")
        assert recent(project, people.cleo) == []
        assert recent(project, people.charlie) == []

    def test_passwords_are_never_recorded(self, world):
        user = User.objects.create_user("new@example.org", "a secret password", name="Ned")
        user.set_password("another secret")
        user.save()
        rows = Change.objects.filter(table="accounts_user", row_id=user.pk)
        assert rows.count() == 1, "a new password alone is no row"
        assert "password" not in rows.get().after
        assert "last_login" not in rows.get().after


def test_it_costs_no_more_for_a_long_trail(world):
    project, people = world

    def fill(count, start):
        for n in range(start, start + count):
            with acting(people.alice if n % 2 else people.bob, f"r{n}"):
                factories.make_risk(project, title=f"Risk {n}", owner=people.dora)

    def cost():
        project.__dict__.pop("_permissions", None)
        with CaptureQueriesContext(connection) as queries:
            assert len(recent(project, people.alice, 30)) >= 3
        return len(queries)

    fill(3, 0)
    few = cost()
    fill(60, 10)
    assert cost() <= few <= 6


def test_pages_go_back_without_gap_or_repetition(world):
    project, people = world
    for n in range(25):
        with acting(people.alice, f"p{n}"):
            factories.make_risk(project, title=f"Risk {n}")
    everything = [entry.id for entry in recent(project, people.alice, 100)]
    paged, before = [], None
    while page := recent(project, people.alice, 7, before=before):
        paged += [entry.id for entry in page]
        before = page[-1].id
    assert paged == everything


def test_a_short_feed_tells_three_things_and_counts_the_rest(world):
    project, people = world
    with acting(people.alice, "many kinds"):
        factories.make_risk(project)
        factories.make_issue(project)
        factories.make_requirement(project)
        project.tasks.create(uid=1, number=1, name="Dig")
    (whole,) = recent(project, people.alice, 1)
    (short,) = recent(project, people.alice, 1, told=3)
    assert (len(whole.items), whole.left_out) == (4, 0)
    assert (len(short.items), short.left_out) == (3, 1)


def test_what_is_named_by_another_row_takes_its_name(world):
    project, people = world
    objective = project.objectives.create(statement="Claims reported online", measure="Share", target_value=55)
    benefit = factories.make_benefit(objective, people.stella)
    with acting(people.alice):
        benefit.reviews.create(project=project, due=datetime.date(2026, 3, 10))
    [line] = told(project, people.alice)
    assert "Claims reported online" in line
    assert "(deleted)" not in line
