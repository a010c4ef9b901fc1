"""Priority from impact × urgency: the matrix, the override with its reason, what follows when the matrix changes."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from delivery.issues.priority.models import DEFAULT, PriorityRule, matrix_of
from delivery.models import Issue

pytestmark = pytest.mark.django_db

MONDAY = datetime.datetime(2026, 6, 8, 8, tzinfo=datetime.UTC)
URL = "/products/CLAIMS/"


def report(product, people, **fields):
    return Issue.report(product, by=people.dora, title="Login fails", at=MONDAY, **fields)


def test_the_usual_matrix():
    assert DEFAULT == {
        (1, 1): 1, (1, 2): 2, (1, 3): 3, (2, 1): 2, (2, 2): 3, (2, 3): 4, (3, 1): 3, (3, 2): 4, (3, 3): 4,
    }  # fmt: skip


def test_worse_impact_or_urgency_is_never_less_pressing():
    for (impact, urgency), severity in DEFAULT.items():
        assert severity <= DEFAULT[min(impact + 1, 3), urgency]
        assert severity <= DEFAULT[impact, min(urgency + 1, 3)]


def test_impact_and_urgency_give_the_priority_and_with_it_the_dues(product, people):
    judged, plain = report(product, people, impact=1, urgency=1), report(product, people, severity=1)
    assert (judged.severity, judged.resolution_due) == (1, plain.resolution_due)
    assert report(product, people, impact=1).severity == 3, "one of both says nothing yet"


def test_another_priority_needs_a_reason_and_keeps_it(product, people):
    with pytest.raises(ValidationError, match="Critical"):
        report(product, people, impact=1, urgency=1, severity=3)
    issue = report(product, people, impact=1, urgency=1, severity=3, priority_reason="Only the test system")
    assert (issue.severity, issue.priority_reason) == (3, "Only the test system")
    issue.severity = 1
    issue.revise(["severity"], by=people.dora, version=issue.version)
    issue.refresh_from_db()
    assert issue.priority_reason == "", "what the matrix says needs no reason"


def test_judging_anew_counts_from_the_creation(product, people):
    issue = report(product, people, impact=3, urgency=3)
    issue.impact, issue.urgency = 1, 1
    issue.revise(["impact", "urgency"], by=people.dora, version=issue.version)
    issue.refresh_from_db()
    assert issue.severity == 1
    assert issue.resolution_due == MONDAY + datetime.timedelta(hours=8)


def test_a_new_matrix_moves_open_issues_that_were_judged_by_it(product, people):
    judged = report(product, people, impact=1, urgency=1)
    by_hand = report(product, people, impact=1, urgency=1, severity=2, priority_reason="Known")
    unjudged, solved = report(product, people, severity=1), report(product, people, impact=1, urgency=1)
    solved.resolve(by=people.sue, resolution="x", at=MONDAY)
    assert PriorityRule.agree(product, {**DEFAULT, (1, 1): 4}, by=people.dora) == 1
    for issue, severity in ((judged, 4), (by_hand, 2), (unjudged, 1), (solved, 1)):
        issue.refresh_from_db()
        assert issue.severity == severity
    assert judged.resolution_due == MONDAY + datetime.timedelta(minutes=4800)
    assert judged.escalations.waiting().get(step__clock="resolution", step__trigger="breached").due_at == (
        judged.resolution_due
    )
    product.refresh_from_db()
    assert matrix_of(product)[1, 1] == 4


def test_the_database_knows_the_scales(product, people):
    for values in ({"impact": 4}, {"urgency": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Issue.objects.create(product=product, title="x", **values)


def test_the_matrix_has_a_page(product, people, as_user):
    cells = {f"cell_{impact}_{urgency}": str(severity) for (impact, urgency), severity in DEFAULT.items()}
    browser = as_user(people.dora)
    assert browser.post(f"{URL}priorities/", {**cells, "cell_1_1": "9"}).status_code == 422
    assert browser.post(f"{URL}priorities/", {**cells, "cell_1_1": "2"}).status_code == 302
    assert product.priority_rules.get(impact=1, urgency=1).severity == 2
    assert as_user(people.sue).post(f"{URL}priorities/", cells).status_code == 403
    assert as_user(people.cleo).get(f"{URL}priorities/").status_code == 403


def test_the_form_asks_for_the_reason(product, people, as_user):
    browser = as_user(people.sue)
    form = {"title": "It is broken", "type": "bug", "severity": "3", "impact": "1", "urgency": "1"}
    response = browser.post(f"{URL}issues/new/", form)
    assert response.status_code == 422
    assert "Critical" in response.content.decode()
    assert browser.post(f"{URL}issues/new/", {**form, "priority_reason": "Only a test"}).status_code == 302
    assert browser.post(f"{URL}issues/new/", {**form, "severity": ""}).status_code == 302
    assert set(Issue.objects.values_list("severity", "priority_reason")) == {(3, "Only a test"), (1, "")}
    page = browser.get(f"{URL}issues/{Issue.objects.get(severity=3).number}/").content.decode()
    assert "Only a test" in page


def test_a_client_neither_judges_nor_sees_how(product, people, as_user, northwind):
    form = {"title": "It is broken", "type": "bug", "severity": "", "impact": "1", "urgency": "1"}
    browser = as_user(people.cleo)
    assert browser.post(f"{URL}issues/new/", form).status_code == 302
    issue = Issue.objects.get()
    assert (issue.impact, issue.severity) == (None, 3)
    Issue.objects.filter(pk=issue.pk).update(impact=1, urgency=1, priority_reason="Canary reason")
    assert "Canary reason" not in browser.get(f"{URL}issues/{issue.number}/").content.decode()
