"""The record on one page: who sees it, and what it costs."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.models import Agreement, OnCallTurn, Release

PAGES = ("record/", "record/components/", "record/contracts/", "record/on-call/", "record/decommissioning/")


@pytest.mark.parametrize("page", PAGES)
def test_only_our_own_people_see_it(product, people, as_user, page):
    for name, expected in (("dora", 200), ("sue", 200), ("stella", 200), ("pmo", 200), ("cleo", 403), ("charlie", 404)):
        assert as_user(getattr(people, name)).get(f"/products/CLAIMS/{page}").status_code == expected, name


def fill(product, by, count, first):
    today, now = timezone.localdate(), timezone.now()
    release = Release.objects.create(product=product, name=f"v{first}", state="released", released_on=today)
    before = None
    for number in range(first, first + count):
        product.environments.create(name=f"Place {number}").deploy(release, by=by)
        Agreement.objects.create(product=product, title=f"C{number}", party="x", starts_on=today, owner=by)
        part = product.components.create(name=f"Part {number}", owner=by)
        if before:
            part.depend_on(before, by=by)
        before = part
    start = now + datetime.timedelta(days=7 * first)
    OnCallTurn.rotate(product, [by], by=by, start=start, days=7, count=count)


@pytest.mark.parametrize("page", PAGES)
def test_queries_do_not_grow_with_what_is_on_record(product, people, client, page):
    client.force_login(people.dora)
    fill(product, people.dora, 3, 0)
    client.get(f"/products/CLAIMS/{page}")
    counts = []
    for more in (0, 20):
        fill(product, people.dora, more, 3) if more else None
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/products/CLAIMS/{page}").status_code == 200
        counts.append(len(captured))
    assert counts[1] <= counts[0] <= 30
