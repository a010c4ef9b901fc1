"""Registers of a product as of a past day, with histories made by hand."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from delivery.models import Issue, Risk
from delivery.past.registers import REGISTERS
from pmdm.activity.timetravel import _rows_of
from pmdm.kpis import recompute
from pmdm.kpis.models import Snapshot
from tests.projects.past.test_travel import on

DAY = datetime.date
FIRST, LATER = DAY(2026, 3, 2), DAY(2026, 4, 6)


def shown(client, product, register, day):
    answer = client.get(reverse("delivery:past", args=[product.code, register]), {"as_of": day.isoformat()})
    assert answer.status_code == 200
    return [[value for _column, value in row] for row in answer.context["table"].rows]


@pytest.fixture
def told(product, people, northwind):
    """An issue and a risk that began in March and changed in April, and a risk of April."""
    with on(FIRST):
        people.issue = Issue.objects.create(
            product=product, title="It is slow", type="bug", severity=2, reported_by=people.sue, organisation=northwind
        )
        people.risk = Risk.objects.create(product=product, title="The disk fills", probability=4, impact=4)
    with on(LATER):
        Issue.objects.filter(pk=people.issue.pk).update(title="The search is slow", severity=1, assignee=people.sue)
        Risk.objects.filter(pk=people.risk.pk).update(probability=1)
        Risk.objects.create(product=product, title="A late one")
    return people


def test_issues_are_what_they_were(client, product, told):
    client.force_login(told.sue)
    assert shown(client, product, "issues", FIRST - datetime.timedelta(days=1)) == []
    [then] = shown(client, product, "issues", FIRST)
    [later] = shown(client, product, "issues", LATER)
    assert (then[1], then[5]) == ("It is slow", "")
    assert (later[1], later[5]) == ("The search is slow", "Sue Support")
    assert then[3] != later[3]


def test_risks_are_scored_as_they_were(client, product, told):
    client.force_login(told.dora)
    assert [row[5] for row in shown(client, product, "risks", FIRST)] == [16]
    assert [(row[1], row[5]) for row in shown(client, product, "risks", LATER)] == [
        ("The disk fills", 4), ("A late one", None),
    ]  # fmt: skip


@pytest.mark.parametrize("register", list(REGISTERS))
def test_every_register_reads_the_trail(client, product, told, register):
    """A table without a trail would be shown as it is now, in silence."""
    table = REGISTERS[register].rows(product).model._meta.db_table
    assert _rows_of(table, "product", False) is not None
    client.force_login(told.dora)
    shown(client, product, register, LATER)
    address = reverse("delivery:past-export", args=[product.code, register])
    assert client.get(address, {"as_of": LATER.isoformat()}).status_code == 200
    assert client.get(address, {"as_of": "2999-01-01"}).status_code == 422


def test_it_is_for_our_own_people_and_by_the_permission_of_the_register(client, product, told):
    for person, status in ((told.cleo, 403), (told.olga, 403), (told.charlie, 404), (told.sue, 200)):
        client.force_login(person)
        assert client.get(reverse("delivery:past", args=[product.code, "issues"])).status_code == status
    assert client.get(reverse("delivery:past", args=[product.code, "nothing"])).status_code == 404


def test_lists_lead_there_for_whom_it_opens(client, product, told):
    address = reverse("delivery:past", args=[product.code, "issues"])
    for person, there in ((told.sue, True), (told.cleo, False)):
        client.force_login(person)
        page = client.get(reverse("delivery:issue-list", args=[product.code])).content.decode()
        assert (address in page) == there


def test_it_can_only_be_read_and_names_the_rest_of_that_day(client, product, told):
    client.force_login(told.dora)
    page = client.get(reverse("delivery:past", args=[product.code, "risks"]), {"as_of": "2026-04-01"})
    assert reverse("delivery:figures", args=[product.code]) + "?as_of=2026-04-01" in page.content.decode()
    assert reverse("delivery:past", args=[product.code, "issues"]) + "?as_of=2026-04-01" in page.content.decode()
    assert 'method="post"' not in page.content.decode().split("<main", 1)[1]


def test_figures_of_a_past_day_are_those_of_its_snapshot(client, product, told):
    kept = timezone.localdate() - datetime.timedelta(days=30)
    recompute.backfill(kept)
    client.force_login(told.dora)
    address = reverse("delivery:figures", args=[product.code])
    page = client.get(address, {"as_of": (kept + datetime.timedelta(days=9)).isoformat()})
    found = {one.kpi.code: one.number for one in page.context["figures"]}
    rows = Snapshot.objects.filter(subject_type="product", subject_id=product.pk)
    assert rows.exists()
    assert {code: found[code] for code in rows.values_list("kpi", flat=True)} == dict(rows.values_list("kpi", "value"))
    assert client.get(address, {"as_of": (kept - datetime.timedelta(days=1)).isoformat()}).context["figures"] == []


def test_queries_and_pages_do_not_grow(client, product, told):
    counts = []
    client.force_login(told.sue)
    for more in (2, 80):
        with on(LATER):
            for number in range(more):
                Issue.objects.create(
                    product=product, title=f"Issue {number}", type="bug", severity=3, reported_by=told.sue
                )
        with CaptureQueriesContext(connection) as queries:
            rows = shown(client, product, "issues", LATER)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(rows) == 50
