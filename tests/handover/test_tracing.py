"""The product's issues in the traceability matrix of the project that delivered it: who sees them, gaps, past."""

import datetime
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from delivery.models import Issue, Requirement
from handover.models import RequirementLink
from handover.transfer import actions
from tests import factories
from tests.projects.past.test_travel import on

pytestmark = pytest.mark.django_db
FIRST, LATER = datetime.date(2026, 3, 2), datetime.date(2026, 4, 6)


@pytest.fixture(autouse=True)
def _first(db):
    """What no day is said of happened on the first."""
    with on(FIRST):
        yield


@pytest.fixture
def delivered(record):
    """A project whose two requirements live on in a product; an issue of the client breaks the first."""
    actions.submit(record, by=record.giver)
    record.product = actions.accept(record, by=record.receiver)
    record.promise = record.product.requirements.get(title="Report a claim")
    record.url = record.project.get_absolute_url() + "traceability/"
    with on(LATER):
        record.issue = break_it(record, "Claims are lost", organisation=record.project.client)
    return record


def break_it(record, title, **fields):
    """An open serious bug."""
    return Issue.objects.create(
        product=record.product, title=title, type="bug", severity=2, requirement=record.promise, **fields
    )


def close(issue):
    now = timezone.now()
    Issue.objects.filter(pk=issue.pk).update(state="closed", resolved_at=now, closed_at=now)


def column(client, record, **query):
    """By requirement what stands in the product's column: (marks, gap); None where there is no such column."""
    page = client.get(record.url, query)
    assert page.status_code == 200
    if "Product issues" not in page.context["names"]:
        return None
    place = page.context["names"].index("Product issues")
    return {
        row.requirement.title: ([(mark.title, mark.tone) for mark in row.cells[place][1]], row.cells[place][2])
        for row in page.context["rows"]
    }


def on_product(record, user, role):
    record.product.memberships.create(user=user, role=role)


def test_issues_that_break_it_stand_beside_it_with_their_state(client, delivered):
    dora = delivered.receiver
    client.force_login(dora)
    assert column(client, delivered)["Report a claim"] == ([("Claims are lost", "act")], "")
    close(delivered.issue)
    assert column(client, delivered)["Report a claim"][0] == [("Claims are lost", "ok")]
    page = client.get(delivered.url).text
    address = f"/products/{delivered.product.code}/issues/{delivered.issue.number}/"
    assert address in page
    assert client.get(address).status_code == 200
    assert address in client.get(delivered.project.get_absolute_url() + "requirements/1/").text


def test_who_may_not_see_the_product_sees_no_issue(client, delivered):
    people = delivered.project.people
    for person in (people.bob, people.alice):
        client.force_login(person)
        assert column(client, delivered) is None
        for address in (delivered.url, delivered.url + "export.csv", delivered.url + "?gap=product-issue",
                        delivered.project.get_absolute_url() + "requirements/1/"):  # fmt: skip
            text = client.get(address).content.decode()
            assert "Claims are lost" not in text
            assert "Product issues" not in text
    titles = [row.requirement.title for row in client.get(delivered.url, {"gap": "product-issue"}).context["rows"]]
    assert len(titles) == 2, "a filter that is not offered tells nothing"


def test_a_client_sees_its_own_issues_only(client, delivered):
    break_it(delivered, "Of another client", organisation=factories.make_organisation("Rival"))
    Requirement.objects.filter(pk=delivered.promise.pk).update(conformance="failed")
    client.force_login(delivered.project.people.cleo)
    assert column(client, delivered)["Report a claim"] == ([("Claims are lost", "act")], "")
    close(delivered.issue)
    marks, gap = column(client, delivered)["Report a claim"]
    assert (marks, gap) == ([("Claims are lost", "ok")], ""), "how the product fares is told on its own pages"


def test_broken_without_an_issue_is_a_gap_and_can_be_filtered(client, delivered):
    client.force_login(delivered.receiver)

    def titles(gap):
        return [row.requirement.title for row in client.get(delivered.url, {"gap": gap}).context["rows"]]

    assert (titles("product-issue"), titles("product-broken")) == (["Report a claim", "Sign a settlement"], [])
    close(delivered.issue)
    Requirement.objects.filter(pk=delivered.promise.pk).update(conformance="failed")
    assert (titles("product-issue"), titles("product-broken")) == (["Sign a settlement"], ["Report a claim"])
    assert column(client, delivered)["Report a claim"][1] == "broken, no issue"
    assert "broken, no issue" in client.get(delivered.url).context["rows"][0].gaps


def test_it_is_in_the_files(client, delivered):
    client.force_login(delivered.receiver)
    told = f"{delivered.issue.ref} Claims are lost (new)"
    assert told in client.get(delivered.url + "export.csv").content.decode()
    book = load_workbook(io.BytesIO(client.get(delivered.url + "export.xlsx").content))
    head, first = list(book.active.iter_rows(values_only=True))[:2]
    assert first[head.index("Product issues")] == told
    assert told not in client.get(delivered.url + "export.csv", {"gap": "product-broken"}).content.decode()


def test_as_of_a_past_day(client, delivered):
    """By then it was handed over and nothing was reported; before that there was no product to break."""
    with on(datetime.date(2026, 5, 4)):
        close(delivered.issue)
    client.force_login(delivered.receiver)
    assert column(client, delivered, as_of="2026-03-02")["Report a claim"] == ([], "")
    assert column(client, delivered, as_of="2026-04-06")["Report a claim"] == ([("Claims are lost", "act")], "")
    assert column(client, delivered)["Report a claim"] == ([("Claims are lost", "ok")], "")
    found = client.get(delivered.url, {"as_of": "2026-04-06", "gap": "product-issue"}).context["rows"]
    assert [row.requirement.title for row in found] == ["Report a claim", "Sign a settlement"]
    found = client.get(delivered.url, {"as_of": "2026-03-02", "gap": "product-issue"}).context["rows"]
    assert [row.requirement.title for row in found] == ["Sign a settlement"], "carried over open"


def test_before_a_handover_there_is_no_such_column(client, project):
    client.force_login(project.people.alice)
    assert "Product issues" not in client.get(project.get_absolute_url() + "traceability/").context["names"]


def test_as_many_queries_for_many_rows_and_issues(client, delivered):
    client.force_login(delivered.receiver)

    def queries():
        client.get(delivered.url)
        with CaptureQueriesContext(connection) as caught:
            client.get(delivered.url)
        return len(caught)

    few = queries()
    project, product = delivered.project, delivered.product
    for number in range(10, 40):
        source = project.requirements.create(title=f"Requirement {number}")
        promise = product.requirements.create(title=f"Promise {number}")
        RequirementLink.objects.create(project=project, handover=delivered, source=source, target=promise)
        Issue.objects.create(product=product, title="Bug", type="bug", severity=2, requirement=promise)
    assert queries() == few


def test_open_ones_come_first_and_the_fifth_stands_behind_more(client, delivered):
    for number in range(5):
        close(break_it(delivered, f"Old bug {number}"))
    client.force_login(delivered.receiver)
    assert column(client, delivered)["Report a claim"][0][0] == ("Claims are lost", "act")
    page = client.get(delivered.url).text
    assert "<summary>2 more</summary>" in page
    assert page.index("Old bug 4") < page.index("<summary>2 more</summary>") < page.index("Old bug 0")
    close(delivered.issue)
    Requirement.objects.filter(pk=delivered.promise.pk).update(conformance="failed")
    assert "broken, no issue</span>" in client.get(delivered.url).text, "said although closed ones stand there"
