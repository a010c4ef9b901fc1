"""Test cases cover requirements; a session runs them; a failed run names its issue."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from projects.scope.testing.models import TestCase, TestRun, TestSession
from projects.scope.tracing.models import TraceLink, link
from tests.factories import make_cast, make_issue, make_project, make_requirement

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "tests/"
    people.requirement = make_requirement(project, title="Export")
    people.case = project.test_cases.create(title="Try the export", expected="A table")
    link("case", [people.requirement], people.case, by=people.bob)
    return people


def plan(cast):
    session = TestSession.plan(cast.project, [cast.case], title="Round 1")
    run = session.runs.get()
    run.project, run.session = cast.project, session
    return session, run


def test_bob_writes_a_case_and_a_session_and_runs_it(client, cast):
    client.force_login(cast.bob)
    answer = client.post(cast.url + "cases/new/", {"title": "Sign in", "requirements": cast.requirement.pk})
    case = cast.project.test_cases.get(title="Sign in")
    assert answer.url == f"{cast.url}cases/{case.number}/"
    assert "Export" in client.get(answer.url).text
    answer = client.post(cast.url + "sessions/new/", {"title": "Round 1", "cases": [case.pk, cast.case.pk]})
    session = cast.project.test_sessions.get()
    assert session.runs.count() == 2
    run = session.runs.get(case=case)
    url = f"{answer.url}runs/{run.pk}/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"result": "pass", "note": "As expected"}).status_code == 302
    run.refresh_from_db()
    assert (run.result, run.by) == ("pass", cast.bob)
    page = client.get(cast.url).context["page"].rows
    assert {row.title: row.latest for row in page} == {"Sign in": "pass", "Try the export": None}


def test_the_newest_sessions_come_first_and_older_ones_are_folded(client, cast):
    titles = [f"Round {number}" for number in (7, 3, 9, 1, 5, 8, 2)]
    for title in titles:
        TestSession.plan(cast.project, [cast.case], title=title)
    client.force_login(cast.bob)
    answer = client.get(cast.url)
    assert [row.title for row in answer.context["sessions"]] == titles[::-1]
    page = answer.text
    assert page.index("Round 2") < page.index("2 older") < page.index("Round 3") < page.index("Round 7")


def test_a_failed_run_opens_an_issue_that_is_linked_to_the_requirement(client, cast):
    session, run = plan(cast)
    client.force_login(cast.bob)
    url = f"{cast.url}sessions/{session.number}/runs/{run.pk}/"
    answer = client.post(url, {"result": "fail", "note": "Empty page"})
    assert answer.status_code == 422
    assert "A failed run needs an issue" in answer.text
    assert "Empty page" in answer.text
    assert client.post(url, {"result": "fail", "note": "Empty page", "new_issue": "Export is empty"}).status_code == 302
    issue = cast.project.issues.get()
    assert (issue.title, issue.raised_by, issue.area) == ("Export is empty", cast.bob, "quality")
    assert "Empty page" in issue.description
    assert TraceLink.objects.get(issue=issue).requirement == cast.requirement


def test_a_failed_run_may_name_an_issue_that_is_there(cast):
    _session, run = plan(cast)
    issue = make_issue(cast.project)
    run.record("fail", by=cast.bob, issue=issue)
    run.record("fail", by=cast.bob, issue=issue, note="Again")
    assert TraceLink.objects.filter(issue=issue).count() == 1
    run.record("pass", by=cast.bob)
    run.refresh_from_db()
    assert (run.result, run.issue) == ("pass", None)


def test_an_issue_of_another_project_cannot_be_named(client, cast):
    session, run = plan(cast)
    theirs = make_issue(make_project())
    client.force_login(cast.bob)
    answer = client.post(
        f"{cast.url}sessions/{session.number}/runs/{run.pk}/", {"result": "fail", "issue": theirs.pk, "new_issue": ""}
    )
    assert answer.status_code == 422
    assert not TraceLink.objects.filter(issue=theirs).exists()


def test_the_database_refuses_a_fail_without_issue(cast):
    _session, run = plan(cast)
    with pytest.raises(IntegrityError, match="test_run_failed_names_issue"), transaction.atomic():
        TestRun.objects.filter(pk=run.pk).update(result="fail", by=cast.bob, at=cast.project.created_at)


def test_a_closed_session_takes_no_result(client, cast):
    session, run = plan(cast)
    client.force_login(cast.bob)
    assert client.post(f"{cast.url}sessions/{session.number}/closure/").status_code == 302
    with pytest.raises(ValidationError, match="closed"):
        run.record("pass", by=cast.bob)
    assert client.post(f"{cast.url}sessions/{session.number}/closure/").status_code == 409


def test_the_client_sees_results_but_no_issue(client, cast):
    session, run = plan(cast)
    run.record("fail", by=cast.bob, new_issue="Secret issue")
    client.force_login(cast.cleo)
    for path in (
        "",
        f"cases/{cast.case.number}/",
        f"sessions/{session.number}/",
        f"sessions/{session.number}/runs/{run.pk}/",
    ):
        page = client.get(cast.url + path)
        assert page.status_code == 200
        assert "Secret issue" not in page.text
    assert client.post(f"{cast.url}sessions/{session.number}/runs/{run.pk}/", {"result": "pass"}).status_code == 403


def test_a_link_goes_to_exactly_one_thing_of_the_same_project(cast):
    with pytest.raises(IntegrityError, match="trace_link_to_one_thing"), transaction.atomic():
        TraceLink.objects.create(project=cast.project, requirement=cast.requirement)
    with pytest.raises(IntegrityError, match="trace_link_to_one_thing"), transaction.atomic():
        TraceLink.objects.create(
            project=cast.project, requirement=cast.requirement, case=cast.case, issue=make_issue(cast.project)
        )
    with pytest.raises(ValidationError, match="one project"):
        link("case", [make_requirement(make_project())], cast.case, by=cast.bob)


def test_as_many_queries_for_300_rows_as_for_3(client, cast):
    def fill(start, stop):
        TestCase.objects.bulk_create(
            TestCase(project=cast.project, number=n, title="More", owner=cast.bob) for n in range(start, stop)
        )

    def queries():
        client.force_login(cast.alice)
        client.get(cast.url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(cast.url).status_code == 200
        return len(captured)

    fill(2, 4)
    few = queries()
    fill(4, 300)
    assert queries() == few
