"""A running project of the demo has change requests of every state, and its figures follow the approved ones."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from handover.demo.build import build
from pmdm.activity.models import Change
from pmdm.jobs.models import Outbox
from projects.changes.impact import out_of_date
from projects.changes.models import ChangeRequest
from projects.models import Project


@pytest.mark.django_db
def test_changes_of_every_state():
    now = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0) - datetime.timedelta(days=1)
    build(now=now, only={"OPY"})
    project = Project.objects.get()
    changes = {row.title: row for row in project.change_requests.all()}
    states = [row.state for row in changes.values()]
    assert {"draft", "submitted", "assessment", "rejected", "deferred", "withdrawn"} <= set(states)
    done = [row for row in changes.values() if row.state in ("approved", "implemented")]
    assert len(done) == 2

    language = next(row for row in done if row.schedule_after)
    assert language.impact.shift > 0
    assert language.schedule_after.tasks.filter(name="Second language").exists()
    assert project.tasks.get(name="Second language").percent == 100
    added = language.requirements.get().requirement
    assert added.baseline_items.filter(baseline__is_active=True).exists()
    assert project.approved_budget == Decimal(318_000) + language.impact.delta
    assert project.budget_baselines.get(is_active=True).approved == project.approved_budget

    waiting = next(row for row in changes.values() if row.state == "assessment")
    assert out_of_date(waiting) == []
    assert waiting.impact.problems == []
    assert waiting.impact.delta != 0

    # Nothing of the past is left to be sent, and nothing lies in the future.
    assert not Outbox.objects.filter(done_at=None).exists()
    assert not Change.objects.filter(at__gt=now).exclude(table="handover_librarycriterion").exists()
    assert ChangeRequest.objects.filter(decided_at__gt=now).count() == 0
