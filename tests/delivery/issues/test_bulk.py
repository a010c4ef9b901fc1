"""Bulk edit: seen first, done in a constant number of queries, refused row by row, taken back."""

import datetime
import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.issues import family
from delivery.issues.queue import bulk
from delivery.issues.queue.models import BulkEdit
from delivery.issues.types import OPEN, TYPES
from delivery.models import Issue, Product, Release, Requirement
from tests.factories import retire

pytestmark = pytest.mark.django_db

BULK, LIST = "/products/issues/edits/", "/products/CLAIMS/issues/"
MONDAY = datetime.datetime(2026, 6, 8, 8, tzinfo=datetime.UTC)


def report(product, people, **fields):
    fields.setdefault("title", "Login fails")
    return Issue.report(product, by=people.dora, at=MONDAY, **fields)


@pytest.fixture
def three(product, people):
    return [report(product, people, severity=severity) for severity in (1, 2, 3)]


def seen(issues):
    return {issue.pk: Issue.objects.get(pk=issue.pk).version for issue in issues}


def values(issues, name):
    found = dict(Issue.objects.filter(pk__in=[issue.pk for issue in issues]).values_list("pk", name))
    return [found[issue.pk] for issue in issues]


def test_an_assignee_for_all_and_back(three, people):
    edit = bulk.apply(seen(three), "assignee", str(people.bob.pk), by=people.sue)
    assert values(three, "assignee") == [people.bob.pk] * 3
    assert [change["was"] for change in edit.changes] == ["Nobody yet"] * 3
    assert bulk.undo(edit.pk, by=people.sue).left == []
    assert values(three, "assignee") == [None] * 3
    assert bulk.undo(edit.pk, by=people.sue) is None, "once"


def test_what_changed_since_is_refused_and_left_by_undo(three, people):
    versions = seen(three)
    three[0].take(by=people.dora)
    edit = bulk.apply(versions, "severity", "4", by=people.sue)
    assert values(three, "severity") == [1, 4, 4]
    assert [row["issue"] for row in edit.refused] == [three[0].pk]
    bulk.apply({three[1].pk: None}, "severity", "1", by=people.dora)
    undone = bulk.undo(edit.pk, by=people.sue)
    assert [row["issue"] for row in undone.left] == [three[1].pk]
    assert undone.left[0]["why"] == "It is “Critical” now, where this change had made it “Low”."
    assert values(three, "severity") == [1, 1, 3]


def test_undo_looks_at_what_it_wrote_not_at_who_wrote_since(three, people):
    """An older change, after a newer one of the same issues was taken back; work on another field between."""
    older = bulk.apply(seen(three), "severity", "4", by=people.sue)
    newer = bulk.apply(seen(three), "severity", "2", by=people.sue)
    assert bulk.undo(newer.pk, by=people.sue).left == []
    Issue.objects.get(pk=three[0].pk).take(by=people.dora)
    assert bulk.undo(older.pk, by=people.sue).left == []
    assert values(three, "severity") == [1, 2, 3]
    assert values(three, "state") == ["in_progress", "new", "new"], "what others did stays"


def test_undo_of_an_older_change_leaves_what_a_newer_one_wrote(three, people):
    older = bulk.apply(seen(three), "severity", "4", by=people.sue)
    bulk.apply(seen(three[:1]), "severity", "2", by=people.sue)
    undone = bulk.undo(older.pk, by=people.sue)
    assert [row["issue"] for row in undone.left] == [three[0].pk]
    assert values(three, "severity") == [2, 2, 3]


def test_undo_never_takes_a_word_that_came_later(product, people):
    """What was written into the fields of the new type, and the customer's pauses, are not lost by it."""
    issue = report(product, people, type="bug", details={"happens": "always"})
    edit = bulk.apply(seen([issue]), "type", "request", by=people.sue)
    Issue.objects.filter(pk=issue.pk).update(details={"benefit": "An hour a week"})
    assert "fields of its type" in bulk.undo(edit.pk, by=people.sue).left[0]["why"]
    assert values([issue], "details") == [{"benefit": "An hour a week"}]
    edit = bulk.apply(seen([issue]), "state", "in_progress", by=people.sue)
    issue.refresh_from_db()
    issue.wait_for_customer(by=people.sue, text="Which one?")
    assert "Waiting for customer" in bulk.undo(edit.pk, by=people.sue).left[0]["why"]


def test_undo_keeps_the_rules_of_what_came_between(product, people, three):
    """A reason that is needed now, a parent that is a child now, a release that is gone."""
    judged = report(product, people, impact=3, urgency=3, severity=4)
    edit = bulk.apply(seen([judged]), "severity", "1", "The board looks at it", by=people.sue)
    Issue.objects.filter(pk=judged.pk).update(impact=1, urgency=1)
    assert "say why" in bulk.undo(edit.pk, by=people.sue).left[0]["why"]

    child, parent, above = three
    family.attach(child, parent, by=people.sue)
    edit = bulk.apply(seen([child]), "parent", "", by=people.sue)
    family.attach(parent, above, by=people.sue)
    assert "cannot be put back" in bulk.undo(edit.pk, by=people.sue).left[0]["why"]
    assert values([child], "parent") == [None]

    release = Release.objects.create(product=product, name="1.3")
    Issue.objects.filter(pk=child.pk).update(fixed_in=release)
    edit = bulk.apply(seen([child]), "fixed_in", "", by=people.sue)
    release.delete()
    assert bulk.undo(edit.pk, by=people.sue).left[0]["why"].startswith("“1.3” cannot be put back")


def test_undo_of_a_type_after_the_state_went_on(product, people):
    step = next(step for step in TYPES["bug"].steps if step.within == OPEN)
    issue = report(product, people, type="bug")
    Issue.objects.filter(pk=issue.pk).update(state="in_progress", step=step.name)
    edit = bulk.apply(seen([issue]), "type", "request", by=people.sue)
    issue.refresh_from_db()
    issue.resolve(by=people.sue, resolution="Restarted")
    assert bulk.undo(edit.pk, by=people.sue).left == []
    assert (values([issue], "type"), values([issue], "step")) == (["bug"], [""])


def test_another_priority_moves_dues_and_escalations_there_and_back(three, people):
    before = values(three, "resolution_due")
    edit = bulk.apply(seen(three), "severity", "4", by=people.sue)
    assert len(set(values(three, "resolution_due"))) == 1
    due = three[0].escalations.waiting().get(step__clock="resolution", step__trigger="breached").due_at
    assert due == values(three, "resolution_due")[0]
    bulk.undo(edit.pk, by=people.sue)
    assert values(three, "resolution_due") == before


def test_a_priority_against_the_matrix_needs_a_reason(product, people, three):
    judged = report(product, people, impact=1, urgency=1)
    edit = bulk.apply(seen([judged, three[2]]), "severity", "4", by=people.sue)
    assert [row["issue"] for row in edit.refused] == [judged.pk]
    bulk.apply(seen([judged]), "severity", "4", "Only a test", by=people.sue)
    judged.refresh_from_db()
    assert (judged.severity, judged.priority_reason) == (4, "Only a test")
    bulk.apply(seen([judged]), "urgency", "3", by=people.sue)
    judged.refresh_from_db()
    assert (judged.severity, judged.priority_reason) == (4, "Only a test"), "what was set by hand stays"
    bulk.apply(seen(three), "impact", "1", by=people.sue)
    edit = bulk.apply(seen(three), "urgency", "1", by=people.sue)
    assert values(three, "severity") == [1, 1, 1]
    bulk.undo(edit.pk, by=people.sue)
    assert values(three, "severity") == [1, 2, 4]


def test_states_follow_the_rules_of_the_moves(three, people):
    waiting, fresh, solved = three
    waiting.wait_for_customer(by=people.sue, text="?", at=MONDAY)
    solved.resolve(by=people.sue, resolution="x", at=MONDAY)
    edit = bulk.apply(seen(three), "state", "in_progress", by=people.sue)
    assert values(three, "state") == ["in_progress", "in_progress", "resolved"]
    assert [row["issue"] for row in edit.refused] == [solved.pk]
    assert values(three, "assignee")[1] == people.sue.pk
    waiting.refresh_from_db()
    assert waiting.pauses[-1][1] is not None
    assert waiting.resolution_due is not None
    bulk.undo(edit.pk, by=people.sue)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.pauses[-1][1], waiting.resolution_due) == ("waiting", None, None)

    assert len(bulk.apply(seen([waiting, fresh]), "state", "resolved", by=people.sue).refused) == 2, "no word how"
    edit = bulk.apply(seen([waiting, fresh]), "state", "resolved", "Restarted", by=people.sue)
    assert not edit.refused
    assert values([fresh], "resolution") == ["Restarted"]
    assert values([fresh], "responded_at")[0] is not None
    assert not fresh.escalations.waiting().exists()
    edit = bulk.apply(seen(three), "state", "closed", by=people.sue)
    assert values(three, "state") == ["closed"] * 3
    bulk.undo(edit.pk, by=people.sue)
    assert values(three, "closed_at") == [None] * 3


def test_only_what_one_works_on(product, three, people):
    foreign = Product.launch(by=people.pmo, code="FOREIGN", name="Foreign", stage="live")
    elsewhere = Issue.report(foreign, by=people.pmo, title="Elsewhere")
    edit = bulk.apply({**seen(three), elsewhere.pk: None}, "type", "request", by=people.sue)
    assert len(edit.changes) == 3
    assert not edit.refused, "what one may not see is not there"
    assert len(bulk.apply(seen(three), "type", "bug", by=people.stella).refused) == 3, "she only looks"
    assert bulk.apply(seen(three), "type", "bug", by=people.charlie).changes == []
    retire(product, by=people.dora)
    assert len(bulk.apply(seen(three), "type", "bug", by=people.sue).refused) == 3


def test_people_requirements_and_clients_of_another_product_are_refused(product, three, people, contoso):
    foreign = Product.launch(by=people.dora, code="FOREIGN", name="Foreign", stage="live")
    requirement = Requirement.objects.create(product=foreign, title="x")
    for name, value in (("assignee", people.charlie.pk), ("assignee", people.cleo.pk), ("requirement", requirement.pk)):
        edit = bulk.apply(seen(three), name, str(value), by=people.sue)
        assert (len(edit.changes), len(edit.refused)) == (0, 3)
    assert len(bulk.apply(seen(three), "organisation", str(contoso.pk), by=people.sue).changes) == 3


def test_a_promise_that_breaks_by_it_is_marked(product, three, people):
    requirement = Requirement.objects.create(product=product, title="Claims are paid")
    issue = report(product, people, severity=3, requirement=requirement)
    requirement.check_conformance(by=people.dora, result="met", evidence="x", at=MONDAY)
    bulk.apply(seen([issue]), "severity", "1", by=people.sue)
    requirement.refresh_from_db()
    assert requirement.conformance == "failed"


def cost(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_five_hundred_cost_the_queries_of_five(product, people):
    rows = [Issue(product=product, number=1000 + n, title="More", created_at=MONDAY) for n in range(500)]
    pks = [issue.pk for issue in Issue.objects.bulk_create(rows)]
    requirement = Requirement.objects.create(product=product, title="x")
    for name, value in (
        ("assignee", people.bob.pk),
        ("severity", 2),
        ("state", "in_progress"),
        ("requirement", requirement.pk),
    ):
        few = cost(lambda: bulk.apply(dict.fromkeys(pks[:5]), name, value, by=people.sue))  # noqa: B023
        many = cost(lambda: bulk.apply(dict.fromkeys(pks), name, value, by=people.sue))  # noqa: B023
        assert many <= few + 3  # A thousand new escalations may be written in more than one go.
    edit = BulkEdit.objects.first()
    assert len(edit.changes) == 495
    assert cost(lambda: bulk.undo(edit.pk, by=people.sue)) < 40


# --- In the browser's requests ----------------------------------------------------------------------------


def form(issues, **fields):
    keys = [f"{pk}:{version}" for pk, version in seen(issues).items()]
    return {"issue": keys, "product": "CLAIMS", "query": "type=bug", **{name: str(v) for name, v in fields.items()}}


def test_seen_first_then_done_then_taken_back(three, people, as_user):
    browser = as_user(people.sue)
    assert "See what would change" in browser.post(BULK, form(three, field="severity")).content.decode()
    text = browser.post(BULK, form(three, field="severity", value=3)).content.decode()
    assert "Change 2 issues" in text
    assert "so already" in text
    assert values(three, "severity") == [1, 2, 3], "only looked at"
    answer = browser.post(BULK, form(three, field="severity", value=3, now=1))
    assert answer.url == f"{LIST}?type=bug"
    assert values(three, "severity") == [3, 3, 3]
    page = browser.get(answer.url).content.decode()
    edit = BulkEdit.objects.get()
    assert f"{BULK}{edit.pk}/" in page
    assert f"{BULK}{edit.pk}/" not in browser.get(answer.url).content.decode(), "offered once"
    assert browser.get(f"{BULK}{edit.pk}/").status_code == 200
    assert browser.post(f"{BULK}{edit.pk}/").url == answer.url
    assert values(three, "severity") == [1, 2, 3]


def test_an_edit_is_its_makers(three, people, as_user):
    edit = bulk.apply(seen(three), "severity", "4", by=people.sue)
    assert as_user(people.bob).get(f"{BULK}{edit.pk}/").status_code == 404
    assert as_user(people.bob).post(f"{BULK}{edit.pk}/").status_code == 404


def test_refusals_are_shown(three, people, as_user):
    three[0].resolve(by=people.sue, resolution="x")
    browser = as_user(people.sue)
    text = browser.post(BULK, form(three, field="state", value="in_progress")).content.decode()
    assert "Reopening needs a reason" in text
    answer = browser.post(BULK, form(three, field="state", value="in_progress", now=1))
    assert "Reopening needs a reason" in browser.get(answer.url).content.decode()


def test_all_that_match(product, three, people, as_user):
    report(product, people, type="request")
    fields = form([], field="type", value="complaint", now=1, all=1)
    as_user(people.sue).post(BULK, fields)
    assert values(three, "type") == ["complaint"] * 3
    assert Issue.objects.filter(type="request").count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"field": "title", "value": "x"},
        {"field": "severity", "value": "7", "now": "1"},
        {"field": "severity", "value": "", "now": "1"},
        {"field": "state", "value": "new", "now": "1"},
        {"field": "assignee", "value": "x", "now": "1"},
    ],
)
def test_nonsense_changes_nothing(three, people, as_user, fields):
    response = as_user(people.sue).post(BULK, form(three, **fields))
    assert response.status_code in (302, 422)
    assert not BulkEdit.objects.exists()


def test_nothing_chosen(people, product, as_user):
    for issues in ([], ["x"], ["99999999:1"], ["1:x"]):
        assert as_user(people.sue).post(BULK, {"issue": issues, "field": "type", "value": "bug"}).status_code == 302


def test_clients_change_nothing(three, people, as_user, northwind):
    Issue.objects.filter(pk=three[0].pk).update(organisation=northwind)
    as_user(people.cleo).post(BULK, form(three, field="type", value="request", now=1))
    assert values(three, "type") == ["bug"] * 3


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_write_over_each_other(product, people):
    issues = [report(product, people) for _number in range(5)]
    versions, edits = seen(issues), []
    gate = threading.Barrier(2)

    def change(severity):
        try:
            gate.wait()
            edits.append(bulk.apply(versions, "severity", str(severity), by=people.sue, at=timezone.now()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=change, args=[severity]) for severity in (1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((len(edit.changes), len(edit.refused)) for edit in edits) == [(0, 5), (5, 0)]
