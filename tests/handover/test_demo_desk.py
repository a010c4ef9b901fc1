"""The desk of the demo: what an import brought, what came back with its reports, what came too late."""

import datetime

import pytest
from django.utils import timezone

from delivery.models import Issue
from handover.demo.build import build
from handover.demo.comes_back import REPORTS, TITLE
from pmdm.jobs.models import Outbox


@pytest.mark.django_db
def test_a_product_with_what_came_back():
    evening = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0)
    build(now=evening - datetime.timedelta(days=1), only={"FLD"})

    brought = Issue.objects.filter(source=Issue.Source.IMPORT)
    assert brought.get(title="Route ignores the ferry").details == {
        "environment": "Android 13, app 2.4", "happens": "always",
    }  # fmt: skip
    assert brought.filter(type="request", details__has_key="wanted_by").count() == 2

    parent = Issue.objects.get(title=TITLE)
    assert (parent.reopened, parent.is_open) == (1, False)
    children = parent.children.order_by("number")
    assert [(child.title, child.reopened, child.is_open) for child in children] == [
        (title, again, False) for title, again in zip(REPORTS, (1, 1, 0), strict=True)
    ]
    assert not children.filter(resolved_at__gt=parent.resolved_at).exists()

    later = Issue.objects.exclude(follows=None).get()
    assert later.created_at - later.follows.resolved_at > datetime.timedelta(days=later.product.reopen_days)
    assert later.reported_by == later.follows.reported_by
    assert not Outbox.objects.filter(done_at=None).exists()
