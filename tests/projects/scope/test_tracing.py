"""The traceability matrix: gaps in words, filters, export, links made and taken away."""

import datetime
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from projects.scope.models import Requirement
from projects.scope.testing.models import TestSession
from projects.scope.tracing import matrix
from projects.scope.tracing.models import TraceLink, link
from tests.factories import make_cast, make_issue, make_project, make_requirement, make_risk
from tests.projects.past.test_travel import on

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "traceability/"
    people.one, people.two = (make_requirement(project, title=title) for title in ("Export", "Sign in"))
    for requirement in (people.one, people.two):
        requirement.move_on("reviewed")
        requirement.approve(by=people.sam)
    people.case = project.test_cases.create(title="Try it")
    link("case", [people.one], people.case, by=people.bob)
    return people


def run(cast, result, **more):
    session = TestSession.plan(cast.project, [cast.case], title="Round")
    one = session.runs.get()
    one.project, one.session = cast.project, session
    one.record(result, by=cast.bob, **more)


def titles(client, cast, **query):
    return [row.requirement.title for row in client.get(cast.url, query).context["rows"]]


def test_every_kind_is_shown_and_gaps_are_named(client, cast):
    project = cast.project
    task = project.tasks.create(uid=7, number=1, name="Build it", percent=100)
    deliverable = project.deliverables.create(title="System")
    link("task", [cast.one], task, by=cast.alice)
    link("deliverable", [cast.one], deliverable, by=cast.alice)
    link("risk", [cast.one], make_risk(project, title="Late partner"), by=cast.alice)
    run(cast, "fail", new_issue="Empty page")
    change = project.change_requests.create(
        title="Another text", reason="Law", requester=cast.bob, created_by=cast.bob, state="draft"
    )
    change.project = project
    change.submit(by=cast.bob)
    link("change", [cast.one], change, by=cast.alice)
    client.force_login(cast.alice)
    full, empty = client.get(cast.url).context["rows"]
    assert [(kind, [(mark.title, mark.state) for mark in marks]) for kind, marks, _gap in full.cells] == [
        ("deliverable", [("System", "planned")]),
        ("task", [("Build it", "done")]),
        ("case", [("Try it", "fail")]),
        ("change", [("Another text", "submitted")]),
        ("risk", [("Late partner", "open")]),
        ("issue", [("Empty page", "open")]),
    ]
    assert (full.gaps, empty.gaps) == ([], ["no deliverable", "no task", "no test"])


def test_the_filters_find_what_is_missing(client, cast):
    client.force_login(cast.alice)
    assert titles(client, cast) == ["Export", "Sign in"]
    assert titles(client, cast, gap="case") == ["Sign in"]
    assert titles(client, cast, gap="deliverable") == ["Export", "Sign in"]
    assert titles(client, cast, gap="fail") == []
    run(cast, "fail", new_issue="Empty page")
    assert titles(client, cast, gap="fail") == ["Export"]
    run(cast, "pass")  # only the latest result counts
    assert titles(client, cast, gap="fail") == []


def test_what_will_not_be_delivered_has_no_gap(client, cast):
    make_requirement(cast.project, title="Never", priority="wont")
    client.force_login(cast.alice)
    assert "Never" not in titles(client, cast, gap="case")
    assert client.get(cast.url).context["rows"][-1].gaps == []


def test_coverage_counts_passed_tests_and_accepted_deliverables(cast):
    assert matrix.coverage(cast.project).percent == 0
    run(cast, "pass")
    figures = matrix.coverage(cast.project)
    assert (figures.approved, figures.covered, figures.percent) == (2, 1, 50)
    assert figures.without == {"deliverable": 2, "task": 2, "case": 1}
    row = cast.project.deliverables.create(title="System")
    link("deliverable", [cast.two], row, by=cast.alice)
    row.submit(by=cast.alice)
    assert matrix.coverage(cast.project).covered == 1
    row.decide(accept=True, by=cast.cleo)
    assert matrix.coverage(cast.project).covered == 2
    assert matrix.coverage(make_project()).percent is None


def test_coverage_of_each_requirement_stands_in_the_register(cast):
    second = cast.project.test_cases.create(title="Try it otherwise")
    link("case", [cast.one], second, by=cast.bob)
    run(cast, "pass")
    rows = matrix.with_coverage(cast.project.requirements.with_criteria()).order_by("number")
    assert [(row.tests, row.tests_passed) for row in rows] == [(2, 1), (0, 0)]


def test_risks_and_issues_are_not_for_the_client(client, cast):
    link("risk", [cast.one], make_risk(cast.project, title="Secret risk"), by=cast.alice)
    link("issue", [cast.one], make_issue(cast.project, title="Secret issue"), by=cast.alice)
    client.force_login(cast.cleo)
    page = cast.project.get_absolute_url() + f"requirements/{cast.one.number}/"
    for address in (cast.url, cast.url + "export.csv", page):
        text = client.get(address).content.decode()
        assert "Try it" in text
        assert "Secret" not in text
    client.force_login(cast.charlie)
    assert client.get(cast.url).status_code == client.get(cast.url + "export.csv").status_code == 404


def test_the_export_is_filtered_and_runs_no_formula(client, cast):
    Requirement.objects.filter(pk=cast.two.pk).update(title='=HYPERLINK("http://example.org")')
    client.force_login(cast.alice)
    text = client.get(cast.url + "export.csv", {"gap": "case"}).content.decode("utf-8-sig")
    head, line, end = text.split("\r\n")
    assert head.startswith("Number,Requirement,")
    assert line.startswith("REQ-2,\"'=HYPERLINK")
    assert line.endswith('"no deliverable, no task, no test"')
    assert end == ""
    book = load_workbook(io.BytesIO(client.get(cast.url + "export.xlsx").content))
    cells = list(book.active.iter_rows(values_only=False))
    assert [row[0].value for row in cells] == ["Number", "REQ-1", "REQ-2"]
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n"}
    assert client.get(cast.url + "export.pdf").status_code == 404


@pytest.mark.parametrize("typed", ["D-1", "d-1", "TC-2", "R-1", "ISS-1", "#1", "1"])
def test_a_reference_links_whatever_it_names(client, cast, typed):
    project = cast.project
    project.deliverables.create(title="System")
    project.test_cases.create(title="Another")
    project.tasks.create(uid=7, number=1, name="Build it")
    make_risk(project), make_issue(project)
    client.force_login(cast.alice)
    page = project.get_absolute_url() + f"requirements/{cast.two.number}/"
    assert client.post(page + "links/", {"reference": typed}).status_code == 302
    made = cast.two.trace_links.get()
    assert made.by == cast.alice
    assert client.post(page + "links/", {"reference": typed}).status_code == 302  # once is enough
    assert cast.two.trace_links.count() == 1
    assert client.post(f"{page}links/{made.pk}/removal/").status_code == 302
    assert not cast.two.trace_links.exists()


@pytest.mark.parametrize(("typed", "says"), [("D-9", "There is no D-9"), ("the manual", "is no reference")])
def test_a_reference_to_nothing_is_refused_and_kept(client, cast, typed, says):
    client.force_login(cast.alice)
    answer = client.post(
        cast.project.get_absolute_url() + f"requirements/{cast.two.number}/links/", {"reference": typed}
    )
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{typed}"' in answer.text


def test_as_of_a_past_day_links_filters_and_coverage_are_those_of_then(client, cast):
    """What was linked and passed later is not there, and a filter's inner queries read that day too."""
    first, second = datetime.date(2026, 3, 2), datetime.date(2026, 3, 3)
    with on(first):
        project = make_project(code="THEN")
        people = make_cast(project)
        people.project = project
        one = make_requirement(project, title="Export")
        one.move_on("reviewed")
        one.approve(by=people.sam)
        people.case = project.test_cases.create(title="Try it")
    with on(second):
        link("case", [one], people.case, by=people.bob)
        run(people, "pass")
    client.force_login(people.alice)
    address = project.get_absolute_url() + "traceability/"
    for day, gaps, covered, without in ((first, 1, 0, ["Export"]), (second, 0, 1, [])):
        page = client.get(address, {"as_of": day.isoformat()})
        assert sum("no test" in row.gaps for row in page.context["rows"]) == gaps
        assert page.context["coverage"].covered == covered
        found = client.get(address, {"as_of": day.isoformat(), "gap": "case"}).context["rows"]
        assert [row.requirement.title for row in found] == without
        text = client.get(address + "export.csv", {"as_of": day.isoformat()}).content.decode()
        assert ("TC-1 Try it (pass)" in text) == bool(covered)
    assert "As of 2 March 2026." in client.get(address, {"as_of": first.isoformat()}).text
    assert client.get(address + "export.csv", {"as_of": "2099-01-01"}).status_code == 422


def test_as_many_queries_for_300_rows_as_for_3(client, cast):
    def fill(start, stop):
        made = Requirement.objects.bulk_create(
            Requirement(project=cast.project, number=number, title=f"Requirement {number}")
            for number in range(start, stop)
        )
        TraceLink.objects.bulk_create(TraceLink(project=cast.project, requirement=row, case=cast.case) for row in made)

    def queries(address):
        client.force_login(cast.alice)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    addresses = (cast.url, cast.url + "export.csv", cast.project.get_absolute_url() + "requirements/")
    fill(3, 5)
    few = [queries(address) for address in addresses]
    fill(5, 300)
    assert [queries(address) for address in addresses] == few
