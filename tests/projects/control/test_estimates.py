"""Three-point estimates: typed, pasted, in order, all or nothing; and what counts without one."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.control.estimates import settings_of
from projects.models import SimulationSettings, TaskEstimate
from projects.schedule import edits

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(project):
    return reverse("projects:estimate-list", args=[project.code])


@pytest.fixture
def alice(client, people):
    client.force_login(people.alice)
    return client


def fields(plan, name, a="", m="", b="", s="triangular"):
    uid = plan[name].uid
    return {f"a-{uid}": a, f"m-{uid}": m, f"b-{uid}": b, f"s-{uid}": s}


def test_typed_kept_changed_and_removed(alice, url, project, plan):
    assert alice.post(url, fields(plan, "A", "4d", "", "2w", "pert")).status_code == 302
    estimate = TaskEstimate.objects.get(task=plan["A"])
    assert (estimate.optimistic, estimate.likely, estimate.pessimistic, estimate.shape) == (1920, None, 4800, "pert")
    page = alice.get(url).content.decode()
    assert 'value="4d"' in page
    assert 'value="10d"' in page
    alice.post(url, fields(plan, "A", "4d", "6d", "12d"))
    estimate.refresh_from_db()
    assert (estimate.likely, estimate.shape) == (2880, "triangular")
    alice.post(url, fields(plan, "A"))
    assert not TaskEstimate.objects.exists()


@pytest.mark.parametrize(
    ("a", "m", "b", "why"),
    [
        ("6d", "", "4d", "at least the optimistic"),
        ("2d", "9d", "8d", "lies between"),
        ("6d", "", "9d", "The plan says 5d"),
        ("2d", "", "", "Give a duration such as 3d"),
        ("soon", "", "9d", "not accepted"),
        ("2ed", "", "9d", "without e"),
        ("1d", "", "9999w", "twenty years"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(alice, url, plan, a, m, b, why):
    good = fields(plan, "C", "1d", "", "3d")
    answer = alice.post(url, {**fields(plan, "A", a, m, b), **good})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert why in text
    assert f'value="{a}"' in text
    assert 'value="3d"' in text
    assert not TaskEstimate.objects.exists()


def test_a_block_from_a_spreadsheet(alice, url, project, plan):
    block = "Task\tBest\tLikely\tWorst\n1.1\t4d\t\t9d\tPERT\n5;1d;2d;4d\n"
    assert alice.post(url, {"what": "block", "block": block}).status_code == 302
    rows = dict(TaskEstimate.objects.values_list("task__name", "pessimistic"))
    assert rows == {"A": 4320, "C": 1920}
    alice.post(url, {"what": "block", "block": "1.1\t\t\t"})
    assert TaskEstimate.objects.get().task == plan["C"]


def test_every_bad_line_is_named_and_nothing_saved(alice, url, plan):
    block = "1.1\t4d\t\t9d\n99\t1d\t\t2d\n1.2\tx\t\t2d\n1.1\t4d\t\t9d\n5\t1d\n"
    answer = alice.post(url, {"what": "block", "block": block})
    text = answer.content.decode()
    assert answer.status_code == 422
    for said in ("Line 2: there is no", "Line 3: optimistic", "Line 4: task 1.1 stands there twice", "Line 5: give"):
        assert said in text
    assert "1.2\tx" in text
    assert not TaskEstimate.objects.exists()


def test_the_default_is_said_and_changed(alice, url, project):
    page = alice.get(url).content.decode()
    assert "from −10 % to +30 %" in page
    assert alice.post(url, {"what": "default", "low": "5", "high": "30", "shape": "pert"}).status_code == 422
    assert not SimulationSettings.objects.exists()
    assert alice.post(url, {"what": "default", "low": "-20", "high": "50", "shape": "pert"}).status_code == 302
    assert (settings_of(project).low, settings_of(project).high) == (-20, 50)


def test_the_database_holds_the_order(project, plan):
    for a, m, b in ((2, None, 1), (1, 3, 2), (2, 1, 3)):
        with pytest.raises(IntegrityError), transaction.atomic():
            TaskEstimate.objects.create(project=project, task=plan["A"], optimistic=a, likely=m, pessimistic=b)


def test_done_tasks_summaries_and_milestones_have_none(alice, url, project, people, plan):
    edits.change_task(plan["A"], by=people.alice, percent=100)
    rows = [row.task.name for row in alice.get(url).context["rows"]]
    assert rows == ["B", "C"]
    alice.post(url, fields(plan, "A", "1d", "", "9d"))
    assert not TaskEstimate.objects.exists()


def test_others_read_or_do_not_see_it(client, url, people, plan):
    for who, get, post in (("bob", 200, 403), ("cleo", 403, 403), ("charlie", 404, 404)):
        client.force_login(getattr(people, who))
        assert client.get(url).status_code == get
        assert client.post(url, fields(plan, "A", "1d", "", "9d")).status_code == post


def test_as_many_queries_for_300_rows_as_for_3(alice, url, project, people):
    reads, writes = [], []
    for size in (3, 300):
        project.tasks.all().delete()
        tasks, _moved = edits.add_tasks(
            project, by=people.alice, rows=[{"name": f"T{n}", "duration": 480} for n in range(size)]
        )
        with CaptureQueriesContext(connection) as queries:
            alice.get(url)
        reads.append(len(queries))
        block = "\n".join(f"{task.number}\t4h\t\t2d" for task in tasks)
        with CaptureQueriesContext(connection) as queries:
            assert alice.post(url, {"what": "block", "block": block}).status_code == 302
        writes.append(len(queries))
    assert reads[0] == reads[1]
    assert writes[0] == writes[1]


def test_the_page_is_one_of_control(alice, url, project, plan):
    page = alice.get(url)
    assert [tab["url"] for tab in page.context["control_tabs"] if tab["current"]] == [
        reverse("projects:simulation", args=[project.code])
    ]
    assert f'href="{reverse("projects:schedule-quality", args=[project.code])}"' in page.content.decode()
