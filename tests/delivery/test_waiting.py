"""What of delivered products waits for whom."""

import datetime

from django.utils import timezone

from delivery import waiting
from delivery.issues.models import Issue
from tests.factories import retire

DAY = datetime.date(2026, 3, 2)


def titles(rows):
    return [row.title for row in rows]


def test_an_open_issue_waits_for_whom_it_was_given_to(product, people):
    issue = Issue.report(product, by=people.dora, title="Slow", type="bug", severity=2)
    assert waiting.issues(people.sue) == []
    issue.take(by=people.sue)
    (row,) = waiting.issues(people.sue)
    assert (row.title, row.due) == ("Slow", timezone.localdate(issue.resolution_due))
    assert waiting.issues(people.dora) == []
    issue.resolve(by=people.sue, resolution="Faster")
    assert waiting.issues(people.sue) == []


def test_reviews_of_risks_and_tests_of_controls_wait_for_their_owners(product, people):
    product.risks.create(title="No day", probability=2, impact=2, owner=people.dora)
    risk = product.risks.create(
        title="Flood", probability=2, impact=2, owner=people.dora, review_on=DAY,
        control="A pump", control_owner=people.sue, control_test_due=DAY,
    )  # fmt: skip
    assert titles(waiting.risks(people.dora)) == ["Flood"]
    assert titles(waiting.controls(people.sue)) == ["Flood"]
    assert waiting.risks(people.sue) == waiting.controls(people.dora) == []
    risk.close(by=people.dora, reason="Dry")
    assert waiting.risks(people.dora) == waiting.controls(people.sue) == []


def test_nothing_of_a_retired_product(product, people):
    product.risks.create(title="Flood", probability=2, impact=2, owner=people.dora, review_on=DAY)
    retire(product, by=people.dora)
    assert waiting.risks(people.dora) == []
