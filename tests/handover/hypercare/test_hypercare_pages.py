"""The page of hypercare, by role."""

import datetime

from django.urls import reverse
from django.utils import timezone

from delivery.models import Issue
from handover.models import Hypercare, IssueClass


def url(row, name="hypercare", *args):
    return reverse(f"handover:{name}", args=[row.product.code, *args])


def test_it_is_agreed_in_the_record(client, record):
    client.force_login(record.giver)
    page = reverse("handover:hypercare-agreement", args=[record.project.code, record.number])
    data = {"days": 20, "tightening": 60, "relapse_days": 7, "window_days": 7, "critical_free_days": 5}
    assert client.post(page, data).status_code == 302
    row = Hypercare.objects.get()
    assert (row.days, row.issues_per_day) == (20, None)
    assert client.post(page, {**data, "days": 0, "version": row.version}).status_code == 422
    assert client.post(page, {**data, "days": 25, "version": row.version}).status_code == 302
    assert client.post(page, {**data, "days": 30, "version": row.version}).status_code == 409


def test_the_meters_and_the_exit(client, running, record):
    client.force_login(record.receiver)
    # Accepted long ago by the clock of this machine, or in its future: the page must say one or the other.
    Hypercare.objects.filter(pk=running.pk).update(
        started_at=timezone.now() - datetime.timedelta(days=30), until=timezone.now() - datetime.timedelta(days=1)
    )
    page = client.get(url(running)).content.decode()
    assert "Eligible: every meter is met" in page
    assert client.post(url(running, "hypercare-exit"), {"exit-reason": ""}).status_code == 422
    assert client.post(url(running, "hypercare-exit"), {"exit-reason": "Calm"}).status_code == 302
    assert client.post(url(running, "hypercare-exit"), {"exit-reason": "Calm"}).status_code == 409
    assert "Ended" in client.get(url(running)).content.decode()


def test_an_exit_too_early_says_why(client, running, record):
    Hypercare.objects.filter(pk=running.pk).update(
        started_at=timezone.now() - datetime.timedelta(days=1), until=timezone.now() + datetime.timedelta(days=9)
    )
    client.force_login(record.receiver)
    assert "until eligible" in client.get(url(running)).content.decode()
    answer = client.post(url(running, "hypercare-exit"), {"exit-reason": "Calm"})
    assert answer.status_code == 422
    assert "Not eligible yet" in answer.content.decode()
    day = (timezone.localdate() + datetime.timedelta(days=30)).isoformat()
    client.post(url(running, "hypercare-extension"), {"extend-until": day, "extend-reason": "More time"})
    assert "More time" in client.get(url(running)).content.decode()


def test_support_classes_issues_and_nothing_else(client, running, record):
    Hypercare.objects.filter(pk=running.pk).update(started_at=timezone.now() - datetime.timedelta(days=1))
    issue = Issue.report(running.product, by=record.receiver, title="Typo")
    agent = record.project.people.bob
    running.product.memberships.create(user=agent, role="support")
    client.force_login(agent)
    client.post(url(running, "hypercare-issue", issue.number), {"kind": "training"})
    assert IssueClass.objects.get().kind == "training"
    assert client.post(url(running, "hypercare-issue", issue.number), {"kind": "x"}).status_code == 422
    assert client.post(url(running, "hypercare-exit"), {"exit-reason": "Calm"}).status_code == 403
    assert client.get(url(running, "hypercare-thresholds")).status_code == 403


def test_a_client_sees_nothing_of_it(client, running, record):
    client.force_login(record.project.people.cleo)
    assert client.get(url(running)).status_code == 403
