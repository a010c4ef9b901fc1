"""Two states of a plan side by side: kinds, variances, sums, filter, order, export, who sees cost."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.models import BaselineTask, Task
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from projects.schedule.comparison import Comparison, Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(project, people, plan):
    """Baseline, then: A two days longer, C gone, D new, Done renamed."""
    Task.objects.filter(project=project, name__in="AB").update(work=960, cost=Decimal(100))
    baseline = take_baseline(project, by=people.alice, name="First")
    edits.change_task(plan["A"], by=people.alice, duration=960 + 960)
    Task.objects.filter(project=project, name="A").update(work=1920, cost=Decimal(250))
    edits.delete_task(plan["C"], by=people.alice)
    edits.add_task(project, by=people.alice, name="D", duration=480)
    edits.change_task(plan["Done"], by=people.alice, name="Ready")
    return baseline


def by_name(comparison):
    return {row.any.name: row for row in comparison.rows}


def test_what_became_of_each_task(moved, project):
    comparison = Comparison(project, moved, with_cost=True)
    rows = by_name(comparison)
    kinds = {name: row.kind.value for name, row in rows.items() if name != "Other"}  # a task of its own by now
    assert kinds == {
        "Phase": "slipped",
        "A": "slipped",
        "B": "slipped",
        "Ready": "slipped",
        "C": "removed",
        "D": "added",
    }
    assert (rows["A"].start_days, rows["A"].finish_days, rows["A"].duration) == (0, 2, 960)
    assert (rows["A"].work, rows["A"].cost) == (960, Decimal(150))
    assert (rows["B"].start_days, rows["B"].finish_days, rows["B"].duration) == (2, 2, 0)
    assert (rows["D"].finish_days, rows["C"].finish_days) == (None, None)
    assert (comparison.finish_days, comparison.work, comparison.cost) == (2, 960, Decimal(150))
    assert comparison.sentence.startswith("3 of")
    assert "1 added, 1 removed; the finish is 2 working days later" in comparison.sentence


def test_the_other_way_round_everything_changes_its_sign(moved, project, people):
    later = take_baseline(project, by=people.alice, name="Second")
    there = Comparison(project, moved, later)
    back = Comparison(project, later, moved)
    assert there.finish_days == -back.finish_days == 2
    assert there.counts[Kind.SLIPPED] == back.counts[Kind.PULLED_IN]
    assert there.counts[Kind.ADDED] == back.counts[Kind.REMOVED] == 1
    same = Comparison(project, later)
    assert same.counts[Kind.UNCHANGED] == len(same.leaves)
    assert same.sentence.startswith("No task differs; the finish stays on")


def test_cost_is_for_those_who_may_see_it(client, moved, project, people):
    url = reverse("projects:baseline-detail", args=[project.code, moved.number])
    export = reverse("projects:baseline-export", args=[project.code, moved.number])
    for who, cost, work in (("alice", True, True), ("bob", False, True), ("cleo", False, False)):
        client.force_login(getattr(people, who))
        page, table = client.get(url).content.decode(), client.get(export).content.decode()
        assert ("€150" in page, "Cost then" in table) == (cost, cost), who
        assert ("sort=work" in page, "Work then" in table) == (work, work), who


def test_filter_order_and_export_agree(client, moved, project, people):
    client.force_login(people.alice)
    url = reverse("projects:baseline-detail", args=[project.code, moved.number])
    page = client.get(url, {"show": "slipped", "sort": "-finish"}).context["page"]
    assert {row.any.name for row in page.rows} >= {"A", "B", "Ready"}
    assert all(row.kind == Kind.SLIPPED for row in page.rows)
    assert [row.any.name for row in client.get(url, {"q": "read"}).context["page"].rows] == ["Ready"]
    by_start = client.get(url, {"sort": "-start"}).context["page"].rows
    known = [row.start_days for row in by_start if row.start_days is not None]
    assert known == sorted(known, reverse=True)
    assert [row.start_days for row in by_start][len(known) :] == [None] * (len(by_start) - len(known))
    text = client.get(reverse("projects:baseline-export", args=[project.code, moved.number]), {"show": "added"})
    table = list(csv.DictReader(io.StringIO(text.content.decode().lstrip("\ufeff"))))
    assert [(row["Task"], row["Change"], row["Finish variance (d)"]) for row in table] == [("D", "Added", "")]


def test_unknown_words_in_the_address_are_an_answer_not_an_error(client, moved, project, people):
    client.force_login(people.alice)
    url = reverse("projects:baseline-detail", args=[project.code, moved.number])
    for query in ({"against": "99"}, {"against": "x", "show": "y", "sort": "z", "page": "-1"}, {"q": "\x00"}):
        assert client.get(url, query).status_code == 200


def test_a_formula_in_a_name_stays_text(client, moved, project, people):
    edits.add_task(project, by=people.alice, name="=1+1", duration=480)
    client.force_login(people.alice)
    text = client.get(reverse("projects:baseline-export", args=[project.code, moved.number])).content.decode()
    assert "'=1+1" in text


def test_as_many_queries_for_300_rows_as_for_3(client, project, people):
    client.force_login(people.alice)
    counts = []
    for size in (3, 300):
        project.tasks.all().delete()
        project.baselines.all().delete()
        edits.add_tasks(project, by=people.alice, rows=[{"name": f"T{n}", "duration": 480} for n in range(size)])
        baseline = take_baseline(project, by=people.alice)
        take_baseline(project, by=people.alice)
        Task.objects.filter(project=project).update(duration=960)
        for query in ("", "?against=1&sort=-finish"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                page = client.get(reverse("projects:baseline-detail", args=[project.code, baseline.number]) + query)
            assert page.status_code == 200
            counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[1] == counts[3]


def test_rows_written_without_a_name_get_the_task_s(project, people, plan):
    baseline = project.baselines.create(number=5, is_active=False)
    row = BaselineTask.objects.create(baseline=baseline, task=plan["B"])
    row.refresh_from_db()
    assert (row.uid, row.name, row.wbs, row.number) == (plan["B"].uid, "B", "1.2", 3)
