"""The cash curve: every month's figure comes from somewhere, and the last ones are the ledger's."""

import datetime
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.budget import orders, verbs
from projects.budget.curve import curve
from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db
JAN, FEB, MAR, APR = (datetime.date(2026, month, 1) for month in (1, 2, 3, 4))
TODAY = datetime.date(2026, 2, 15)


@pytest.fixture
def project(db):
    return make_project(approved_budget=D(1000), target_start=JAN, target_finish=datetime.date(2026, 3, 31))


@pytest.fixture
def people(project):
    return make_cast(project)


def plan(project, people, planned, **fields):
    values = {"name": "Line", "category": "services", **fields}
    return verbs.plan_line(project, by=people.alice, planned=D(planned), **values)


def spend(project, people, line, amount, day):
    return verbs.book_expense(project, by=people.alice, line=line, amount=D(amount), description="x", spent_on=day)


def order(project, people, line, amount, expected):
    return orders.place_order(
        project, by=people.alice, line=line, supplier="S", description="x", amount=D(amount), ordered_on=JAN,
        expected_on=expected,
    )  # fmt: skip


def test_each_month_has_what_falls_into_it(project, people):
    line = plan(project, people, 300, spread="months", months={JAN: D(100), MAR: D(200)})
    spend(project, people, line, "40.01", JAN)
    spend(project, people, line, 10, TODAY)
    order(project, people, line, 50, APR)
    order(project, people, line, 20, JAN)  # late: expected this month
    verbs.change_line(line, by=people.alice, remaining=D(115))
    rows = {row.month: row for row in curve(project, TODAY).months}
    assert list(rows) == [JAN, FEB, MAR, APR]
    assert [row.planned for row in rows.values()] == [100, 0, 200, 0]
    assert [row.actual for row in rows.values()] == [D("40.01"), 10, 0, 0]
    assert [row.ordered for row in rows.values()] == [0, 20, 0, 50]
    # 45 days from 15 February to 31 March for the 45 that no order explains.
    assert [row.to_come for row in rows.values()] == [0, 20 + 14, 31, 50]
    assert [row.actual_so_far for row in rows.values()] == [D("40.01"), D("50.01"), None, None]
    assert [row.forecast_so_far for row in rows.values()] == [None, D("84.01"), D("115.01"), D("165.01")]


@pytest.mark.parametrize("today", [datetime.date(2025, 6, 1), TODAY, datetime.date(2027, 1, 1)])
def test_the_ends_of_the_curve_are_the_ledgers(project, people, today):
    for number in range(1, 6):
        line = plan(project, people, D("333.33") * number)
        spend(project, people, line, D("17.77") * number, JAN + datetime.timedelta(days=13 * number))
        order(project, people, line, D("99.99"), APR + datetime.timedelta(days=40 * number))
    found = curve(project, today)
    total = found.money.total
    assert found.months[-1].planned_so_far == sum(row.planned for row in found.months) == total.planned
    assert found.months[-1].forecast_so_far == total.forecast
    assert sum(row.actual for row in found.months) == total.actual
    assert sum(row.to_come for row in found.months) == total.remaining
    assert found.ordered == total.committed


def test_the_page_shows_chart_and_numbers_to_those_who_see_cost(client, project, people):
    url = reverse("projects:budget-curve", args=[project.code])
    client.force_login(people.sam)
    assert "No budget yet" in client.get(url).content.decode()
    spend(project, people, plan(project, people, 300), "12.34", JAN)
    page = client.get(url).content.decode()
    for text in ("Cash curve", "Spend-down", "€12.34", "Jan 2026"):
        assert text in page
    for name, status in (("bob", 403), ("dora", 403), ("cleo", 403), ("charlie", 404), ("stella", 200)):
        client.force_login(getattr(people, name))
        assert client.get(url).status_code == status, name


def test_queries_stay_the_same_from_3_to_100_lines(client, project, people):
    client.force_login(people.alice)

    def grow(count):
        for _n in range(count):
            line = plan(project, people, 3)
            spend(project, people, line, 1, JAN)
            order(project, people, line, 1, APR)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("projects:budget-curve", args=[project.code])).status_code == 200
        return len(captured)

    grow(3)
    few = queries()
    grow(97)
    assert queries() == few <= 30
