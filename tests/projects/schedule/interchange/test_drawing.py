"""The Gantt chart as a picture: split over pages, well formed whatever the names, showing what its reader may see."""

import datetime as dt
import re
from collections import defaultdict
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from pmdm.interchange.models import Upload
from pmdm.jobs.models import Work
from projects.schedule import edits, picture_views
from projects.schedule.baselines import take_baseline
from projects.schedule.drawing import output
from projects.schedule.drawing.collect import chart_of
from projects.schedule.drawing.sheet import MAX_PAGES, Chart, Column, Link, Row, TooManyPages, draw
from projects.team.verbs import give_role
from tests.factories import make_user

START = dt.datetime(2026, 1, 5, 8)


def rows(count, days=3):
    return [
        Row(
            str(n + 1),
            f"Task {n + 1}",
            START + dt.timedelta(days=n),
            START + dt.timedelta(days=n + days),
            cells=("3d",),
        )
        for n in range(count)
    ]


def texts(svg):
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_rows_are_split_over_pages_and_each_has_its_heads():
    chart = Chart("Plan", rows(70), columns=[Column("Duration", 15)], status=START)
    pages = draw(chart)
    assert len(pages) == 3
    seen = []
    for number, page in enumerate(pages, start=1):
        words = texts(page.svg)
        assert {"Plan", "Task", "#", "Duration", "Critical", "Status date"} <= set(words)
        assert any(f"Page {number} of 3" in word for word in words)
        seen += [word for word in words if re.fullmatch(r"Task \d+", word)]
        assert (page.width, page.height) == (297, 210)
    assert seen == [f"Task {n}" for n in range(1, 71)], "each row once"


def test_time_is_split_where_a_scale_is_chosen():
    chart = Chart("Plan", rows(10, days=200), scale="week", columns=[Column("Duration", 15)])
    pages = draw(chart)
    assert len(pages) > 1
    assert "Duration" in texts(pages[0].svg)
    assert "Duration" not in texts(pages[1].svg), "later parts of time repeat number and name only"
    assert "Task 1" in texts(pages[1].svg)
    assert len(draw(Chart("Plan", rows(10, days=200), paper=(420, 297), scale="fit"))) == 1


def test_a_chart_that_nobody_prints_is_refused():
    with pytest.raises(TooManyPages) as refusal:
        draw(Chart("Plan", rows(5_000, days=9_000), scale="day"))
    assert refusal.value.pages > MAX_PAGES


def test_one_picture_holds_everything():
    (page,) = draw(Chart("Plan", rows(200), paper=None, links=[Link(n, n + 1) for n in range(199)]))
    assert page.height > 200 * 5
    assert "Task 200" in texts(page.svg)


@pytest.mark.parametrize(
    "name", ["<script>&\"'", "x" * 5_000, "\u202eevil\u0000\ud83d", "计划 Задача", "", "]]>#eval(1)"]
)
def test_any_name_can_be_drawn(name):
    chart = Chart(name or "Plan", [Row("1", name, START, START)], notes=[name])
    for page in draw(chart):
        ElementTree.fromstring(page.svg.encode("utf-8", "replace"))
        assert "<script" not in page.svg


@pytest.mark.parametrize("kind", ["FS", "SS", "FF", "SF"])
def test_every_kind_of_link_is_drawn(kind):
    page = draw(Chart("Plan", rows(4), links=[Link(0, 3, kind), Link(3, 0, kind, critical=True)]))[0]
    bare = draw(Chart("Plan", rows(4)))[0]
    assert page.svg.count("<path") == bare.svg.count("<path") + 4


def test_rows_without_dates_and_empty_plans_are_no_error():
    assert draw(Chart("Plan", []))
    assert "Nobody knows" in texts(draw(Chart("Plan", [Row("1", "Nobody knows", None, None)]))[0].svg)


def test_pdf_and_png_are_what_they_say():
    pages = draw(Chart("Plan", rows(40)))
    made = output.pdf(pages, "Plan #1 [x]")
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == len(pages) == 2
    assert output.png(pages[0]).startswith(b"\x89PNG")


# The pages of the project


def url(project, format):
    return reverse("projects:plan-picture", args=[project.code, format])


@pytest.mark.django_db
@pytest.mark.parametrize(("format", "begins"), [("pdf", b"%PDF"), ("svg", b"<svg"), ("png", b"\x89PNG")])
def test_a_picture_is_downloaded(client, people, project, plan, format, begins):
    client.force_login(people.alice)
    page = client.get(reverse("projects:plan-exports", args=[project.code])).content.decode()
    assert url(project, "pdf") in page
    response = client.get(url(project, format), {"columns": ["start"], "critical": "on", "paper": "a3"})
    assert (response.status_code, response["Content-Type"]) == (200, picture_views.FORMATS[format])
    assert response.content.startswith(begins)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"first": "soon"}, "valid date"),
        ({"first": "2026-05-01", "last": "2026-04-01"}, "after 2026-05-01"),
        ({"last": "0001-01-01"}, "1900"),
        ({"paper": "a0"}, "a0"),
        ({"columns": "passwords"}, "passwords"),
        ({"scale": "day", "first": "1900-01-01", "last": "2299-01-01", "critical": "on"}, "pages"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_what_was_typed(client, people, project, plan, asked, words):
    client.force_login(people.alice)
    response = client.get(url(project, "pdf"), asked)
    assert response.status_code == 422
    assert words in response.content.decode()


@pytest.mark.django_db
def test_costs_and_people_are_drawn_only_for_who_may_see_them(client, people, project, plan):
    edits.change_task(plan["A"], by=people.alice, cost=4321)
    client.force_login(people.alice)
    assert b"4,321" in client.get(url(project, "svg"), {"columns": ["cost"]}).content
    buyer = make_user("Clara Client")
    give_role(project, by=people.alice, user=buyer, role="client")
    client.force_login(buyer)
    assert "Cost" not in client.get(reverse("projects:plan-exports", args=[project.code])).content.decode()
    answer = client.get(url(project, "svg"), {"columns": ["cost", "people"]})
    assert answer.status_code == 422
    assert b"4,321" not in answer.content


@pytest.mark.django_db
def test_baseline_period_and_a_constant_number_of_queries(project, people, plan, django_assert_max_num_queries):
    take_baseline(project, by=people.alice)
    can = defaultdict(lambda: True)
    assert all(row.baseline for row in chart_of(project, can=can).rows)
    late = chart_of(project, can=can, first=dt.date(2026, 1, 9), last=dt.date(2026, 1, 20))
    assert [row.name for row in late.rows] == ["Phase", "B", "Done"]
    edits.add_tasks(project, by=people.alice, rows=[{"name": f"T{n}", "level": 1} for n in range(300)])
    with django_assert_max_num_queries(8):
        assert len(chart_of(project, can=can, columns=["people", "cost", "float"]).rows) == 306


@pytest.mark.django_db
def test_a_large_picture_is_drawn_by_a_worker_for_who_asked(client, people, project, plan, monkeypatch):
    monkeypatch.setitem(picture_views.AT_ONCE, "pdf", 3)
    client.force_login(people.alice)
    assert client.get(url(project, "pdf")).status_code == 302
    work = Work.objects.get(kind="plan.picture")
    result = picture_views.picture_work(lambda percent, step="": None, work.payload)
    assert client.get(result["url"]).content.startswith(b"%PDF")
    client.force_login(people.bob)
    assert client.get(result["url"]).status_code == 404
    assert Upload.objects.count() == 1


@pytest.mark.django_db
def test_durations_are_rounded_where_the_exact_text_would_be_minutes_on_end(project, people, plan):
    for name, minutes in (("A", 73337), ("B", 960), ("C", 120)):
        project.tasks.filter(name=name).update(duration=minutes)
    chart = chart_of(project, can={}, columns=["duration"])
    shown = {row.name: row.cells[0] for row in chart.rows}
    assert (shown["A"], shown["B"], shown["C"]) == ("152.8d", "2d", "0.25d")
