"""CPI, SPI, SPI(t) and TCPI as KPIs: equal to the page, the command and the ledger, judged, frozen, kept behind."""

import datetime
import json
from decimal import Decimal as D
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pmdm.kpis import figures, registry
from pmdm.kpis.models import Dirty, Snapshot, Threshold, Value
from pmdm.kpis.recompute import (
    backfill,
    recompute,
    recompute_computed,
    recompute_dirty,
    recompute_dirty_computed,
    snapshot,
)
from projects.budget import accruals, orders, verbs
from projects.budget.ledger import ledger
from projects.earned_value import rules
from projects.earned_value.reading import read_one
from projects.kpis.earned import KPIS
from projects.models import Closure, Project, Task
from tests.factories import make_project
from tests.projects.earned_value.conftest import frozen, people, plan, project, told_at  # noqa: F401 - fixtures

CODES = [kpi.code for kpi in KPIS]
DAY = datetime.date(2026, 1, 12)
NOW = datetime.datetime(2026, 1, 12, 12, tzinfo=datetime.UTC)


@pytest.fixture
def running(project, people, frozen):  # noqa: F811 - fixtures
    """A is done, B half; 4,500 booked, an order of 1,000 of which 300 came and 100 is invoiced."""
    line = verbs.plan_line(project, by=people.alice, name="x", category="services", planned=D(9000), task=frozen["A"])
    verbs.book_expense(project, by=people.alice, line=line, amount=D(4500), description="x", spent_on=DAY)
    order = orders.place_order(
        project, by=people.alice, line=line, supplier="S", description="x", amount=D(1000), ordered_on=DAY
    )
    accruals.record_receipt(order, by=people.alice, amount=D(300), accrued_on=DAY)
    verbs.book_expense(project, by=people.alice, line=line, amount=D(100), description="x", spent_on=DAY, order=order)
    Task.objects.filter(project=project, name="A").update(percent=100)
    Task.objects.filter(project=project, name="B").update(percent=50)
    Project.objects.filter(pk=project.pk).update(status_date=NOW + datetime.timedelta(days=3))
    project.refresh_from_db()
    return project


def value(project, code):  # noqa: F811
    return Value.objects.get(subject_type="project", subject_id=project.pk, kpi=code)


def test_kpi_page_command_and_ledger_say_the_same(client, people, running):  # noqa: F811
    recompute("project", [running.pk])
    reading = read_one(running)
    total = reading.total
    assert total.ac == ledger(running).total.actual == 4800  # what came and is not invoiced is in it once
    assert value(running, "cpi").value == total.cpi.value == D(7000) / D(4800)
    assert value(running, "spi").value == total.spi.value
    assert value(running, "tcpi").value == total.tcpi_bac.value == D(3500) / D(5700)
    assert float(value(running, "spi_t").value) == reading.schedule.spi
    out = StringIO()
    call_command("evm", running.code, "--json", stdout=out)
    told = json.loads(out.getvalue())["results"]
    for code, name in (("cpi", "CPI"), ("spi", "SPI"), ("spi_t", "SPI_t"), ("tcpi", "TCPI_bac")):
        assert float(value(running, code).value) == pytest.approx(told[name], rel=1e-14), code
    client.force_login(people.alice)
    page = client.get(reverse("projects:earned-value", args=[running.code]))
    shown = {tile.sub: str(tile.value) for tile in page.context["tiles"] + page.context["more_tiles"]}
    of = {figure.kpi.code: figure for figure in figures.for_subject("project", running.pk, user=people.alice)}
    assert (shown["CPI"], shown["SPI"], shown["SPI(t)"], shown["TCPI"]) == tuple(of[code].value for code in CODES)
    assert of["cpi"].inputs["accrued"] == 200
    assert of["cpi"].sentence == "€7k earned for €4.8k"
    lights = {tile.sub: str(tile.status) for tile in page.context["tiles"]}
    assert (lights["CPI"], lights["SPI"]) == (of["cpi"].status, of["spi"].status)
    opened = client.get(reverse("projects:figure", args=[running.code, "cpi"]))
    assert opened.status_code == 200
    assert "Tasks of the baseline" in opened.content.decode()


def test_who_may_not_see_cost_sees_none_of_them(client, people, running):  # noqa: F811
    recompute("project", [running.pk])
    seen = {figure.kpi.code for figure in figures.for_subject("project", running.pk, user=people.bob)}
    assert seen
    assert not seen & set(CODES)
    client.force_login(people.bob)
    assert client.get(reverse("projects:figure", args=[running.code, "cpi"])).status_code == 403


def test_without_a_baseline_each_says_why(db):
    bare = make_project(approved_budget=D(100))
    recompute("project", [bare.pk])
    for code in CODES:
        row = value(bare, code)
        assert (row.value, row.status, row.reason) == (None, "na", "no_ev_baseline")
        kpi = registry.get("project", code)
        assert kpi.reasons[row.reason]


def test_every_reason_has_words(people, running):  # noqa: F811
    """Started, not started, finished, over budget: whatever comes out is a value or a known reason."""
    stories = [{}, {"A": 0, "B": 0}, {"A": 100, "B": 100, "C": 100}]
    for percents in stories:
        for name, percent in percents.items():
            Task.objects.filter(project=running, name=name).update(percent=percent)
        for status in (DAY - datetime.timedelta(days=20), DAY, DAY + datetime.timedelta(days=30)):
            moment = datetime.datetime.combine(status, datetime.time(18), datetime.UTC)
            Project.objects.filter(pk=running.pk).update(status_date=moment)
            recompute("project", [running.pk])
            for code in CODES:
                row = value(running, code)
                assert row.value is not None or registry.get("project", code).reasons[row.reason]


def test_thresholds_of_the_site_and_of_the_project(client, people, running):  # noqa: F811
    Threshold.objects.create(kpi="cpi", watch=D(2), act=D("1.5"))
    recompute("project", [running.pk])
    assert value(running, "cpi").status == "act"
    client.force_login(people.alice)
    url = reverse("projects:earned-value", args=[running.code])
    assert {t.sub: str(t.status) for t in client.get(url).context["tiles"]}["CPI"] == "act"
    rules.set_default(running, by=people.alice, rule="percent", watch=D("1.6"), act=D("1.2"))
    recompute("project", [running.pk])
    assert value(running, "cpi").status == "watch"
    assert {t.sub: str(t.status) for t in client.get(url).context["tiles"]}["CPI"] == "watch"


def test_a_change_is_computed_behind_the_others_and_once(people, running):  # noqa: F811
    recompute_dirty()
    recompute_dirty_computed()
    Dirty.objects.all().delete()
    for percent in (60, 70, 80):
        Task.objects.filter(project=running, name="B").update(percent=percent)
        recompute_dirty()
    assert Dirty.objects.filter(subject_type="project:slow", subject_id=running.pk).count() == 3
    assert recompute_dirty_computed() == 1
    assert not Dirty.objects.exists()
    assert value(running, "cpi").value == D(8800) / D(4800)
    assert recompute_dirty_computed() == 0


def test_as_many_queries_for_thirty_projects_as_for_three(db):
    counted = []
    for more in (3, 27):
        ids = [make_project(approved_budget=D(10)).pk for _n in range(more)]
        with CaptureQueriesContext(connection) as captured:
            recompute_computed("project", ids)
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_the_snapshot_and_the_past_have_them(people, running):  # noqa: F811
    snapshot(DAY, as_of=timezone.now())
    assert Snapshot.objects.get(subject_id=running.pk, kpi="cpi", day=DAY).value == D(7000) / D(4800)
    before = datetime.date(2026, 1, 6)
    Project.objects.filter(pk=running.pk).update(created_at=NOW - datetime.timedelta(days=10))
    backfill(before, ids={"project": [running.pk]})
    past = Snapshot.objects.get(subject_id=running.pk, kpi="cpi", day=before)
    assert past.value is None or past.value == read_one(running, before).total.cpi.value


def test_a_closed_project_keeps_what_it_was_closed_with(people, running):  # noqa: F811
    kept = figures.result("project", running.pk)
    assert set(CODES) <= set(kept)
    Project.objects.filter(pk=running.pk).update(state="closed")
    Closure.objects.create(project=running, closed_by=people.alice, result=kept, closed_at=timezone.now())
    Task.objects.filter(project=running, name="B").update(percent=100)
    recompute("project", [running.pk])
    assert float(value(running, "cpi").value) == pytest.approx(7000 / 4800)
    Closure.objects.filter(project=running).update(result={})
    recompute("project", [running.pk])
    assert value(running, "cpi").reason == "not_recorded"
