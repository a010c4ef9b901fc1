"""The money of many projects: sums of converted leaves, who sees which, a constant number of queries."""

import csv
import datetime
import io
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pmdm.accounts.models import Department
from pmdm.accounts.roles import Role
from projects.budget import accruals, orders, reserves, verbs
from projects.budget.ledger import ledger
from projects.budget.portfolio import Money, portfolio
from projects.currencies.rates import state_rate
from projects.models import Project, TimeEntry
from tests.factories import join, make_organisation, make_project, make_user

TODAY = timezone.localdate()
ONE_DAY = datetime.timedelta(days=1)
MONEY = st.decimals(0, "99999999.99", places=2)
FIELDS = ("approved", "contingency", "reserve", "expenses", "time", "accrued", "committed", "to_come")
MONIES = st.builds(
    lambda amounts: Money(**dict(zip(FIELDS, amounts, strict=True))).with_budgeted(), st.tuples(*[MONEY] * 8)
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(MONIES, max_size=8), st.decimals("0.0001", "999", places=6))
def test_a_roll_up_is_the_sum_of_its_leaves_and_adds_up_in_itself(rows, rate):
    converted = [row.at(rate) for row in rows]
    total = sum(converted, Money())
    assert total.actual == sum((row.expenses + row.time + row.accrued for row in converted), D(0))
    assert total.forecast == total.actual + total.to_come == sum((row.forecast for row in converted), D(0))
    assert total.variance == sum((row.variance for row in converted), D(0)) == total.approved - total.forecast
    for before, after in zip(rows, converted, strict=True):
        for name in FIELDS:
            assert abs(getattr(after, name) - getattr(before, name) * rate) <= D("0.005")
    # In whatever order and in whatever groups.
    middle = len(converted) // 2
    assert sum(converted[middle:], Money()) + sum(converted[:middle], Money()) == total


@pytest.fixture
def alice(db):
    return make_user("Alice Manager")


@pytest.fixture
def sam(db):
    return make_user("Sam Sponsor")


def filled(alice, sam, **fields):
    """Planned 600, spent 100, 40 of time, an order of 300 of which 120 came: actual 260, committed 180."""
    project = make_project(alice, approved_budget=D(1000), **fields)
    join(project, sam, Role.SPONSOR)
    line = verbs.plan_line(project, by=alice, name="Cables", category="material", planned=D(600))
    verbs.book_expense(project, by=alice, line=line, amount=D(100), description="x", spent_on=TODAY)
    order = orders.place_order(
        project, by=alice, line=line, supplier="S", description="x", amount=D(300), ordered_on=TODAY
    )
    accruals.record_receipt(order, by=alice, amount=D(120), accrued_on=TODAY)
    TimeEntry.objects.create(project=project, user=alice, minutes=60, cost=D(40))
    TimeEntry.objects.create(project=project, user=alice, minutes=30, cost=None)
    contingency = reserves.set_allowance(project, "contingency", by=sam, amount=D(90))
    reserves.set_allowance(project, "reserve", by=sam, amount=D(50))
    draw = reserves.request_draw(project, by=alice, allowance=contingency, line=line, amount=D(20), reason="x")
    reserves.approve_draw(draw, by=sam)
    return project


def test_one_project_is_what_its_ledger_says(alice, sam):
    project = filled(alice, sam)
    found = portfolio(Project.objects.all(), TODAY)
    (row,) = found.rows
    money = ledger(project)
    assert (row.own.actual, row.own.to_come, row.own.forecast) == (
        money.total.actual, money.total.remaining, money.total.forecast,
    )  # fmt: skip
    assert row.own.committed == money.total.committed == 180
    assert (row.own.accrued, row.own.contingency, row.own.reserve, row.unpriced) == (120, 70, 50, 30)
    assert row.own.variance == -money.overrun
    assert row.base == row.own == found.total


def test_each_is_converted_at_the_rates_of_the_day_and_the_page_says_which(client, alice, sam):
    filled(alice, sam)
    filled(alice, sam, currency="USD")
    filled(alice, sam, currency="SEK", name="In crowns")
    state_rate(by=alice, currency="USD", day=TODAY - 9 * ONE_DAY, rate=D("0.9"), source="ECB")
    state_rate(by=alice, currency="USD", day=TODAY, rate=D("0.8"), source="ECB")
    found = portfolio(Project.objects.all(), TODAY - ONE_DAY)
    assert found.total.actual == D("260") + D("234")
    assert [row.project.currency for row in found.left_out] == ["SEK"]
    client.force_login(alice)
    url = reverse("projects:portfolio-money")
    page = client.get(url, {"day": (TODAY - ONE_DAY).isoformat()}).content.decode()
    assert f"last stated on {date_format(TODAY - 9 * ONE_DAY, 'j M Y')}" in page
    assert "In crowns is in no sum: no rate of SEK" in page
    assert "€494" in page
    assert "€468" in client.get(url).content.decode()
    answer = client.get(url, {"day": (TODAY + ONE_DAY).isoformat()})
    assert (answer.status_code, "has not come yet" in answer.content.decode()) == (422, True)


def test_only_projects_whose_cost_one_may_see_are_in_any_figure(client, alice, sam):
    seen, hidden = filled(alice, sam, name="Seen"), filled(make_user("Other"), make_user("Else"), name="Hidden")
    bob = make_user("Bob")
    join(seen, bob, Role.MEMBER)  # sees the project, never its cost
    url = reverse("projects:portfolio-money")
    for person, has in ((alice, True), (sam, True), (bob, False), (make_user("Charlie"), False)):
        client.force_login(person)
        page = client.get(url)
        assert ("€260" in page.content.decode()) is has
        assert [row.project for row in page.context["found"].rows] == ([seen] if has else [])
        text = client.get(reverse("projects:portfolio-money-export")).content.decode()
        assert ("Seen" in text) is has
        assert "Hidden" not in text + page.content.decode()
    client.force_login(make_user("Pia", site_role=Role.PMO))
    assert {row.project for row in client.get(url).context["found"].rows} == {seen, hidden}


def test_groups_add_up_to_the_whole_and_open_to_their_projects(client, alice, sam):
    client_a, research = make_organisation("Atlas"), Department.objects.create(name="Research")
    one = filled(alice, sam, programme="Renewal", client=client_a, department=research)
    filled(alice, sam, programme="Renewal")
    filled(alice, sam)
    found = portfolio(Project.objects.all(), TODAY)
    for by, labels in (
        ("programme", ["Renewal", "No programme"]),
        ("department", ["Research", "No department"]),
        ("client", ["Atlas", "No client"]),
    ):
        groups = found.by(by)
        assert [group.label for group in groups] == labels
        assert sum((group.total for group in groups), Money()) == found.total
    client.force_login(alice)
    url = reverse("projects:portfolio-money")
    page = client.get(url, {"by": "client", "group": str(client_a.pk)})
    assert [row.project for row in page.context["rows"]] == [one]
    assert reverse("projects:budget", args=[one.code]) in page.content.decode()
    assert page.context["total"].actual == 260
    none = client.get(url, {"by": "client", "group": ""})
    assert len(none.context["rows"]) == 2
    # An unknown group is the whole.
    assert client.get(url, {"by": "client", "group": "999"}).context["group"] is None


def test_a_project_without_an_approved_budget_is_in_the_cost_not_in_the_variance(client, alice, sam):
    filled(alice, sam)
    project = make_project(alice)
    line = verbs.plan_line(project, by=alice, name="x", category="other", planned=D(10))
    verbs.book_expense(project, by=alice, line=line, amount=D(7), description="x", spent_on=TODAY)
    total = portfolio(Project.objects.all(), TODAY).total
    assert (total.actual, total.forecast, total.variance) == (267, 670, D(1000) - 660)
    client.force_login(alice)
    assert "1 project has no approved budget" in client.get(reverse("projects:portfolio-money")).content.decode()


def test_the_export_holds_both_currencies_and_the_sum(client, alice, sam):
    filled(alice, sam, currency="USD", programme="Renewal")
    state_rate(by=alice, currency="USD", day=TODAY, rate=D("0.9"), source="ECB")
    client.force_login(alice)
    answer = client.get(reverse("projects:portfolio-money-export"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (rows[0]["Programme"], rows[0]["Forecast"], rows[0]["Forecast EUR"]) == ("Renewal", "660.00", "594.00")
    assert rows[0]["Rate of"] == TODAY.isoformat()
    assert (rows[-1]["Programme"], rows[-1]["Actual EUR"]) == ("Total", "234.00")
    assert client.get(reverse("projects:portfolio-money-export"), {"day": "soon"}).status_code == 422


def test_as_many_queries_for_three_as_for_thirty(client, alice, sam):
    client.force_login(alice)
    counted = []
    for more in (3, 27):
        for _n in range(more):
            project = make_project(alice, approved_budget=D(10), currency="EUR")
            verbs.plan_line(project, by=alice, name="x", category="other", planned=D(10))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("projects:portfolio-money"), {"by": "client"})
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_a_programme_keeps_one_spelling(client, alice, sam):
    make_project(alice, programme="Digital Renewal")
    project = make_project(alice)
    client.force_login(alice)
    values = {"name": project.name, "currency": "EUR", "version": project.version, "programme": "  digital   renewal "}
    assert client.post(reverse("projects:edit", args=[project.code]), values).status_code == 302
    project.refresh_from_db()
    assert project.programme == "Digital Renewal"
