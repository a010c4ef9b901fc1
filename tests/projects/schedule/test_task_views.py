"""Rows become forms, with and without htmx."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from projects.schedule.models import Link, Task
from projects.schedule.plan import reschedule

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def url(project, name="schedule", *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


def typed(task, **changes):
    """What the form of this row holds, with some of it changed."""
    values = {
        "name": task.name,
        "duration": "2d",
        "percent": task.percent,
        "predecessors": "",
        "constraint": task.constraint,
        "mode": task.mode,
        "version": task.version,
    }
    return {**values, **changes}


@pytest.fixture
def alice(client, people):
    client.force_login(people.alice)
    return client


def test_the_page_shows_tree_and_timeline(alice, project, plan):
    page = alice.get(url(project)).content.decode()
    for text in ("1.1", "Phase", "2d", "5\u00a0Jan", '<svg class="gantt"', 'class="mile"', 'class="sum"', "Float"):
        assert text in page
    assert page.count('<tr class="') == 6


def test_a_client_sees_the_plan_and_may_not_touch_it(client, people, project, plan):
    client.force_login(people.cleo)
    page = client.get(url(project)).content.decode()
    assert "Phase" in page
    assert url(project, "task-detail", plan["A"].uid) not in page
    assert client.post(url(project, "task-detail", plan["A"].uid), typed(plan["A"])).status_code == 403


def test_a_client_learns_neither_people_nor_notes(client, people, project, plan):
    edits.change_task(plan["A"], by=people.alice, notes="Internal words", people=[edits.Person(user=people.bob)])
    client.force_login(people.cleo)
    pages = [url(project), url(project, "task-detail", plan["A"].uid), url(project, "plan-export", "csv")]
    for page in (client.get(address).content.decode() for address in pages):
        assert people.bob.name not in page
        assert "Internal words" not in page
    assert client.get(url(project) + f"?q={people.bob.name}").context["plan"].rows == []
    client.force_login(people.stella)
    assert people.bob.name in client.get(url(project)).content.decode()


def test_a_stranger_finds_nothing(client, people, project, plan):
    client.force_login(people.charlie)
    for address in (url(project), url(project, "task-detail", plan["A"].uid), url(project, "plan-export", "csv")):
        assert client.get(address).status_code == 404


def test_a_task_of_another_project_is_not_found(alice, people, project, plan):
    from tests.factories import make_project

    other = make_project(by=people.alice)
    assert alice.get(url(other, "task-detail", plan["A"].uid)).status_code == 404


def test_saving_a_row_says_what_moved(alice, project, plan):
    a = plan["A"]
    response = alice.post(url(project, "task-detail", a.uid), typed(a, duration="4d"), **HTMX)
    text = response.content.decode()
    assert response.status_code == 200
    assert "3 tasks moved; the finish slips to 13\u00a0Jan." in text
    assert text.lstrip().startswith("<div"), "the plan alone, not the page around it"
    assert "<html" not in text
    assert plan["A"].duration == 4 * 480


def test_without_script_the_same_form_is_a_page_and_comes_back(alice, project, plan):
    a = plan["A"]
    page = alice.get(url(project, "task-detail", a.uid) + "?level=1").content.decode()
    assert "<html" in page
    assert 'name="predecessors"' in page
    response = alice.post(url(project, "task-detail", a.uid) + "?level=1", typed(a, name="Renamed"))
    assert (response.status_code, response.url) == (302, url(project) + "?level=1")
    assert Task.objects.filter(name="Renamed").exists()


def test_predecessors_are_typed_as_project_tools_write_them(alice, project, plan):
    c = plan["C"]
    alice.post(url(project, "task-detail", c.uid), typed(c, predecessors="3FS+2d, 2SS"))
    links = c.predecessor_links.order_by("predecessor__number").values_list("predecessor__name", "type", "lag")
    assert list(links) == [("A", "SS", 0), ("B", "FS", 960)]
    assert "2SS,3FS+2d" in alice.get(url(project)).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"duration": "soon"}, "soon"),
        ({"duration": "-3d"}, "-3d"),
        ({"predecessors": "7XX"}, "7XX"),
        ({"predecessors": "99"}, "no task 99"),
        ({"predecessors": "3"}, "wait for each other"),
        ({"percent": "101"}, "100"),
        ({"constraint": "4"}, "needs a date"),
        ({"actual_start": "2026-01-09", "actual_finish": "2026-01-08"}, "before the actual start"),
        ({"name": ""}, "required"),
        ({"deadline": "9999-01-01"}, "1950 to 2250"),
    ],
)
def test_what_cannot_be_is_answered_422_with_what_was_typed(alice, project, plan, changes, words):
    a = plan["A"]
    response = alice.post(url(project, "task-detail", a.uid), typed(a, **{"name": "Typed text", **changes}), **HTMX)
    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert "Typed text" in text or "name" in changes
    assert plan["A"].name == "A"


def test_a_late_save_is_answered_409_with_both_versions(alice, people, project, plan):
    a = plan["A"]
    edits.change_task(plan["A"], by=people.alice, version=a.version, name="Theirs")
    response = alice.post(url(project, "task-detail", a.uid), typed(a, name="Mine", version=a.version), **HTMX)
    text = response.content.decode()
    assert response.status_code == 409
    assert "Theirs" in text
    assert 'value="Mine"' in text
    again = typed(a, name="Mine", version=a.version + 1)
    assert alice.post(url(project, "task-detail", a.uid), again, **HTMX).status_code == 200
    assert Task.objects.filter(name="Mine").exists()


def test_a_member_reports_progress_and_nothing_else(client, people, project, plan):
    client.force_login(people.bob)
    a = plan["A"]
    page = client.get(url(project, "task-detail", a.uid)).content.decode()
    assert 'name="percent"' in page
    assert 'name="duration"' not in page
    client.post(url(project, "task-detail", a.uid), typed(a, percent=50, name="Renamed", duration="9d"))
    assert (plan["A"].percent, plan["A"].duration) == (50, 960)
    assert not Task.objects.filter(name="Renamed").exists()
    for name in ("task-new", "plan-import"):
        assert client.post(url(project, name), {}).status_code == 403
    for name in ("task-position", "task-removal"):
        assert client.post(url(project, name, a.uid), {"move": "up"}).status_code == 403


def test_an_unchanged_date_keeps_its_time(alice, people, project, plan):
    at = datetime.datetime(2026, 1, 20, 10, 30, tzinfo=datetime.UTC)
    edits.change_task(plan["A"], by=people.alice, deadline=at)
    a = plan["A"]
    alice.post(url(project, "task-detail", a.uid), typed(a, name="A!", deadline="2026-01-20"))
    assert Task.objects.get(name="A!").deadline == at


def test_a_deadline_ends_with_the_day(alice, project, plan):
    a = plan["A"]
    alice.post(url(project, "task-detail", a.uid), typed(a, deadline="2026-01-06"))
    assert plan["A"].deadline == datetime.datetime(2026, 1, 6, 16, tzinfo=datetime.UTC), "17:00 in Berlin"
    assert plan["A"].total_float == 0


def test_a_manual_task_keeps_its_dates(alice, project, plan):
    a = plan["A"]
    alice.post(url(project, "task-detail", a.uid), typed(a, mode="manual", manual_start="2026-01-12"))
    alice.post(url(project, "task-detail", plan["C"].uid), typed(plan["C"], duration="20d"))
    assert plan["A"].start == datetime.datetime(2026, 1, 12, 7, tzinfo=datetime.UTC)


def test_tasks_are_added_moved_and_deleted(alice, project, plan):
    alice.post(url(project, "task-new"), {"name": "New", "duration": "1w", "after": plan["A"].uid})
    assert (plan["New"].wbs, plan["New"].duration) == ("1.2", 2400)
    alice.post(url(project, "task-position", plan["New"].uid), {"move": "up"})
    assert plan["New"].wbs == "1.1"
    page = alice.get(url(project, "task-removal", plan["Phase"].uid)).content.decode()
    assert "3 tasks below it go too" in page
    assert alice.post(url(project, "task-removal", plan["Phase"].uid)).status_code == 422
    alice.post(url(project, "task-removal", plan["Phase"].uid), {"with_children": "1"})
    assert [row[2] for row in plan.outline] == ["Done", "Other", "C"]


def test_a_closed_project_takes_no_edits(alice, project, plan):
    project.state = "closed"
    project.save(update_fields=["state"])
    a = plan["A"]
    assert alice.post(url(project, "task-detail", a.uid), typed(a, name="X")).status_code == 403
    assert 'name="duration"' not in alice.get(url(project)).content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=phase", {"Phase"}),
        ("?q=1.2", {"B"}),
        ("?show=critical", {"A", "B", "Done"}),
        ("?show=milestones", {"Done"}),
        ("?level=1", {"Phase", "Done", "Other"}),
        ("?level=1&open={phase}", {"Phase", "A", "B", "Done", "Other"}),
        ("?shut={phase}", {"Phase", "Done", "Other", "C"}),
        ("?page=x&level=0&open=a.b&show=nonsense", {"Phase", "A", "B", "Done", "Other", "C"}),
    ],
)
def test_filters_and_folding(alice, project, plan, query, names):
    response = alice.get(url(project) + query.format(phase=plan["Phase"].uid))
    assert {row["task"].name for row in response.context["plan"].rows} == names


def test_late_is_past_its_time_deadline_or_baseline(alice, people, project, plan):
    from projects.schedule.baselines import take_baseline

    project.target_start = datetime.date(2030, 1, 7)
    project.save(update_fields=["target_start"])
    reschedule(project)
    take_baseline(project, by=people.alice)
    assert alice.get(url(project) + "?show=late").context["plan"].rows == []
    edits.change_task(plan["B"], by=people.alice, duration=480 * 5)
    names = [row["task"].name for row in alice.get(url(project) + "?show=late").context["plan"].rows]
    assert names == ["B", "Done"]
    assert "2 d behind" in alice.get(url(project)).content.decode()


def test_queries_stay_the_same_from_3_to_300_rows(alice, project, plan):
    def count(query=""):
        with CaptureQueriesContext(connection) as queries:
            alice.get(url(project) + query)
        return len(queries)

    few = [count(), count("?show=critical")]
    tasks = [Task(project=project, uid=100 + n, number=100 + n, name=f"T{n}") for n in range(300)]
    Task.objects.bulk_create(tasks)
    Link.objects.bulk_create(Link(project=project, predecessor=tasks[n], successor=tasks[n + 1]) for n in range(299))
    reschedule(project)
    many = [count(), count("?show=critical")]
    assert max(many) <= 30
    assert [m - f for m, f in zip(many, few, strict=True)] in ([0, 0], [1, 1], [0, 1], [1, 0]), (
        "one more at most: numbers of predecessors on the page before"
    )


def test_a_long_name_and_markup_stay_text(alice, people, project, plan):
    name = "<script>alert(1)</script>" + "x" * 200
    edits.change_task(plan["A"], by=people.alice, name=name)
    page = alice.get(url(project)).content.decode()
    assert "<script>alert(1)" not in page


def test_the_export_neutralises_formulas(alice, people, project, plan):
    edits.change_task(plan["A"], by=people.alice, name='=HYPERLINK("http://x")')
    text = alice.get(url(project, "plan-export", "csv")).content.decode()
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text


def test_each_task_counts_once_whatever_the_number_of_baselines(alice, project, people, plan):
    take_baseline(project, by=people.alice)
    edits.change_task(plan["A"], by=people.alice, duration=1440, percent=50)

    def figures():
        return {str(tile.label): (tile.value, str(tile.note)) for tile in alice.get(url(project)).context["plan"].tiles}

    before = figures()
    assert before["% complete"] == ("21%", "0 of 4 tasks done")
    assert before["Late"][0] == "4", "all are overdue by now"
    assert before["Critical"][0] == "3"
    for _number in range(2):
        take_baseline(project, by=people.alice, active=False)
    assert figures() == before
