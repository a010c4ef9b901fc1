"""Lists cost the same number of queries with three rows as with sixty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.models import Incident, Issue, KnownGap, Release, Requirement, Risk, Survey

MOST = 30


def grow(world, count):
    by, product = world.people.dora, world.product
    for number in range(count):
        requirement = Requirement.objects.create(product=product, title=f"Requirement {number}")
        Issue.report(
            product, by=by, title=f"Issue {number}", assignee=by, requirement=requirement, type="bug", severity=2
        )
        KnownGap.accept(product, by=by, title=f"Gap {number}")
        Risk.raise_risk(product, by=by, title=f"Risk {number}", owner=by, probability=2, impact=2)
        Incident.begin(product, by=by, title=f"Incident {number}", started_at=timezone.now())
        Release.objects.create(product=product, name=f"2.{number}")
        Survey.open_wave(product, by=by, name=f"Wave {number}")


def queries_of(client, url):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "page",
    [
        "/products/",
        "/products/CLAIMS/",
        "/products/CLAIMS/issues/",
        "/products/CLAIMS/breaches/",
        "/products/breaches/",
        "/products/CLAIMS/requirements/",
        "/products/CLAIMS/known-gaps/",
        "/products/CLAIMS/surveys/",
        "/products/CLAIMS/performance/",
        "/products/CLAIMS/incidents/",
        "/products/CLAIMS/releases/",
        "/products/CLAIMS/risks/",
    ],
)
def test_queries_do_not_grow_with_the_rows(world, client, page):
    client.force_login(world.people.dora)
    grow(world, 2)
    client.get(page)
    few = queries_of(client, page)
    grow2(world, 20)
    many = queries_of(client, page)
    assert many <= few
    assert many <= MOST + 10 * (page == "/products/CLAIMS/")


def grow2(world, count):
    by, product = world.people.dora, world.product
    Requirement.objects.bulk_create(Requirement(product=product, number=100 + n, title="More") for n in range(count))
    Issue.objects.bulk_create(
        Issue(product=product, number=100 + n, title="More", assignee=by, organisation_id=None) for n in range(count)
    )
    KnownGap.objects.bulk_create(KnownGap(product=product, number=100 + n, title="More") for n in range(count))
    Risk.objects.bulk_create(Risk(product=product, number=100 + n, title="More", owner=by) for n in range(count))
    Incident.objects.bulk_create(
        Incident(product=product, title="More", started_at=timezone.now()) for n in range(count)
    )
    Release.objects.bulk_create(Release(product=product, name=f"3.{n}") for n in range(count))
    Survey.objects.bulk_create(Survey(product=product, name=f"W {n}") for n in range(count))
