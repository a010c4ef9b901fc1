"""Lines, expenses, time and rates: verbs, pages, and who may see money."""

import datetime
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pmdm.registers.models import StaleVersion
from projects.budget import verbs
from projects.budget.ledger import ledger
from projects.budget.models import Expense, Rate, TimeEntry
from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)


@pytest.fixture
def project(db):
    return make_project(approved_budget=D(1000))


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def line(project, people):
    return verbs.plan_line(project, by=people.alice, name="Team", category="labour", planned=D(600))


def url(project, name="budget", *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


def spend(project, people, line, amount):
    return verbs.book_expense(project, by=people.alice, line=line, amount=D(amount), description="x", spent_on=DAY)


def rate(people, who, hourly, day, currency="EUR"):
    return verbs.set_rate(who, by=people.alice, hourly=D(hourly), currency=currency, valid_from=day)


# Rates


def test_the_rate_of_the_day_counts(people):
    rate(people, people.bob, 80, datetime.date(2026, 1, 1))
    rate(people, people.bob, 100, datetime.date(2026, 3, 2))
    rate(people, people.bob, 999, datetime.date(2026, 1, 1), "USD")
    assert Rate.for_day(people.bob, datetime.date(2026, 3, 1), "EUR").hourly == 80
    assert Rate.for_day(people.bob, datetime.date(2026, 3, 2), "EUR").hourly == 100
    assert Rate.for_day(people.bob, datetime.date(2025, 12, 31), "EUR") is None
    assert Rate.for_day(people.alice, DAY, "EUR") is None


def test_cost_is_fixed_when_booked(project, people, line):
    rate(people, people.bob, 80, datetime.date(2026, 1, 1))
    entry = verbs.book_time(project, by=people.bob, day=DAY, minutes=90)
    rate(people, people.bob, 200, datetime.date(2026, 1, 1))
    entry.refresh_from_db()
    assert (entry.cost, entry.line) == (D("120.00"), line)


def test_time_without_a_rate_is_listed_apart_until_there_is_one(project, people, line):
    entry = verbs.book_time(project, by=people.bob, day=DAY, minutes=120)
    money = ledger(project)
    assert (entry.cost, money.total.actual, money.unpriced_minutes) == (None, D(0), 120)
    rate(people, people.bob, 50, DAY)
    money = ledger(project)
    assert (money.total.actual, money.unpriced_minutes) == (D("100.00"), 0)


def test_a_later_rate_does_not_price_the_days_before_it(project, people, line):
    rate(people, people.bob, 90, DAY + datetime.timedelta(days=1))
    entry = verbs.book_time(project, by=people.bob, day=DAY, minutes=60)
    rate(people, people.bob, 70, DAY + datetime.timedelta(days=9))
    entry.refresh_from_db()
    assert entry.cost is None


def test_changing_the_day_takes_the_rate_of_that_day(project, people, line):
    rate(people, people.bob, 60, datetime.date(2026, 1, 1))
    rate(people, people.bob, 120, DAY)
    entry = verbs.book_time(project, by=people.bob, day=DAY, minutes=60)
    verbs.change_time(entry, by=people.bob, day=datetime.date(2026, 2, 1))
    entry.refresh_from_db()
    assert entry.cost == 60


def test_a_day_has_24_hours_across_projects(project, people, line):
    other = make_project(by=people.alice)
    verbs.book_time(other, by=people.bob, day=DAY, minutes=1000)
    with pytest.raises(ValidationError, match="7h 20m more"):
        verbs.book_time(project, by=people.bob, day=DAY, minutes=441)
    verbs.book_time(project, by=people.bob, day=DAY, minutes=440)


# The ledger


def test_sums_by_line_category_and_project(project, people, line):
    rate(people, people.bob, 60, DAY)
    hosting = verbs.plan_line(
        project, by=people.alice, name="Hosting", category="licences", planned=D(300), remaining=D(50)
    )
    spend(project, people, hosting, "320.00")
    verbs.book_time(project, by=people.bob, day=DAY, minutes=60)
    money = ledger(project)
    labour, licences = money.categories
    assert (labour.key, labour.amounts.actual, labour.amounts.forecast) == ("labour", D(60), D(600))
    assert (licences.amounts.actual, licences.amounts.forecast, licences.amounts.variance) == (D(320), D(370), D(-70))
    assert (money.total.planned, money.total.actual, money.total.forecast) == (D(900), D(380), D(970))
    assert (money.unplanned, money.overrun) == (D(100), D(-30))


def test_expenses_and_hours_do_not_multiply_each_other(project, people, line):
    rate(people, people.bob, 60, DAY)
    for _ in range(3):
        spend(project, people, line, "10")
    for minutes in (60, 120):
        verbs.book_time(project, by=people.bob, day=DAY, minutes=minutes)
    assert ledger(project).total.actual == D(30) + D(180)


def test_time_on_no_line_counts_too(project, people):
    rate(people, people.bob, 60, DAY)
    verbs.book_time(project, by=people.bob, day=DAY, minutes=60)
    assert ledger(project).total.actual == 60


def test_a_line_with_bookings_stays(project, people, line):
    spend(project, people, line, "10")
    with pytest.raises(ValidationError, match="1 expenses"):
        verbs.remove_line(line, by=people.alice)


def test_a_late_save_is_refused(project, people, line):
    verbs.change_line(line, by=people.alice, version=1, planned=D(700))
    stale = project.budget_lines.get()
    with pytest.raises(StaleVersion):
        verbs.change_line(stale, by=people.sam, version=1, planned=D(800))


def test_another_projects_line_is_refused(project, people, line):
    other = make_project(by=people.alice)
    with pytest.raises(ValueError, match="another project"):
        spend(other, people, line, "1")


# Pages


def test_the_budget_page(client, project, people, line):
    spend(project, people, line, "650.00")
    verbs.book_time(project, by=people.bob, day=DAY, minutes=60)
    verbs.plan_line(project, by=people.alice, name="Rest", category="other", planned=D(500))
    client.force_login(people.alice)
    page = client.get(url(project)).content.decode()
    for text in ("€600", "€650", "108%", "€100 more than the approved budget of €1,000", "1h of booked time"):
        assert text in page


def test_only_those_who_may_see_cost_do(client, project, people, line):
    spend(project, people, line, "123.45")
    for name in ("bob", "dora", "cleo"):
        client.force_login(getattr(people, name))
        for page in (url(project), url(project, "expense-list"), url(project, "budget-line", line.number)):
            assert client.get(page).status_code == 403, (name, page)
    for name in ("sam", "stella", "pmo"):
        client.force_login(getattr(people, name))
        assert client.get(url(project)).status_code == 200
        assert client.post(url(project, "budget-line-new"), {}).status_code == 403
    client.force_login(people.charlie)
    assert client.get(url(project)).status_code == 404


def test_members_book_time_and_see_no_cost(client, project, people, line):
    rate(people, people.bob, "77.77", DAY)
    client.force_login(people.bob)
    response = client.post(url(project, "time-list"), {"day": "2026-03-02", "minutes": "1h 30m", "note": "Spike"})
    assert response.status_code == 302
    page = client.get(response.url).content.decode()
    assert "1h 30m" in page
    assert "Spike" in page
    assert "116.6" not in page
    assert "Cost" not in page
    client.force_login(people.sam)
    assert "116.66" in client.get(url(project, "time-list")).content.decode()


def test_a_client_sees_no_hours(client, project, people):
    client.force_login(people.cleo)
    assert client.get(url(project, "time-list")).status_code == 403


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"minutes": "a while"}, "not a length of time"),
        ({"minutes": "25h"}, "24 hours"),
        ({"minutes": ""}, "required"),
        ({"day": "2999-01-01"}, "has not come yet"),
        ({"day": "1900-01-01"}, "twenty years"),
        ({"task": "999999"}, "valid choice"),
    ],
)
def test_wrong_bookings_are_refused_with_what_was_typed(client, project, people, line, typed, words):
    client.force_login(people.bob)
    values = {"day": "2026-03-02", "minutes": "1h", "note": "Kept text", **typed}
    response = client.post(url(project, "time-list"), values)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "Kept text" in page
    assert TimeEntry.objects.count() == 0


def test_own_entries_can_be_changed_and_removed_others_not(client, project, people, line):
    entry = verbs.book_time(project, by=people.bob, day=DAY, minutes=60)
    client.force_login(people.alice)
    assert client.get(url(project, "time-entry", entry.pk)).status_code == 404
    client.force_login(people.bob)
    values = {"day": "2026-03-03", "minutes": "2h", "note": "", "version": 1}
    assert client.post(url(project, "time-entry", entry.pk), values).status_code == 302
    assert client.post(url(project, "time-entry", entry.pk), {**values, "minutes": "3h"}).status_code == 409
    entry.refresh_from_db()
    assert entry.minutes == 120
    assert client.post(url(project, "time-entry-removal", entry.pk)).status_code == 302
    assert TimeEntry.objects.count() == 0


def test_lines_and_expenses_through_the_browser(client, project, people):
    client.force_login(people.alice)
    new = {"name": "Team", "category": "labour", "planned": "600", "remaining": ""}
    assert client.post(url(project, "budget-line-new"), {**new, "planned": "-1"}).status_code == 422
    assert client.post(url(project, "budget-line-new"), new).status_code == 302
    line = project.budget_lines.get()
    assert (
        client.post(url(project, "budget-line", line.number), {**new, "planned": "700", "version": 1}).status_code
        == 302
    )
    response = client.post(url(project, "budget-line", line.number), {**new, "planned": "800", "version": 1})
    assert response.status_code == 409
    assert "700" in response.content.decode()
    bought = {"line": line.pk, "spent_on": "2026-03-02", "amount": "12.50", "description": "Cable", "supplier": "Shop"}
    assert client.post(url(project, "expense-new"), {**bought, "amount": "-3"}).status_code == 422
    assert client.post(url(project, "expense-new"), bought).status_code == 302
    expense = Expense.objects.get()
    assert expense.ref == "X-1"
    assert "Cable" in client.get(url(project, "expense-list") + "?q=shop").content.decode()
    assert "Nothing matches" in client.get(url(project, "expense-list") + "?q=zzz").content.decode()
    assert client.post(url(project, "budget-line-removal", line.number)).status_code == 422
    assert client.post(url(project, "expense-removal", expense.number)).status_code == 302
    assert client.post(url(project, "budget-line-removal", line.number)).status_code == 302
    assert Expense.objects.count() == project.budget_lines.count() == 0


def test_another_projects_line_is_no_choice(client, project, people):
    other = make_project(by=people.alice)
    foreign = verbs.plan_line(other, by=people.alice, name="F", category="other", planned=D(1))
    client.force_login(people.alice)
    bought = {"line": foreign.pk, "spent_on": "2026-03-02", "amount": "1", "description": "x"}
    assert client.post(url(project, "expense-new"), bought).status_code == 422


@pytest.mark.parametrize("name", ["budget", "expense-list", "time-list"])
def test_queries_stay_the_same_from_3_to_300_rows(client, project, people, line, name):
    client.force_login(people.alice)

    def rows(count):
        lines = [
            verbs.plan_line(project, by=people.alice, name=f"L{n}", category="other", planned=D(1)) for n in range(3)
        ]
        first = (project.expenses.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        Expense.objects.bulk_create(
            Expense(
                project=project, number=first + n, line=lines[n % 3], amount=1, description="x", booked_by=people.alice
            )
            for n in range(count)
        )
        TimeEntry.objects.bulk_create(
            TimeEntry(project=project, user=people.alice, day=timezone.localdate(), minutes=1, line=lines[n % 3])
            for n in range(count)
        )

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(project, name)).status_code == 200
        return len(captured)

    rows(3)
    few = queries()
    rows(297)
    assert queries() == few <= 30
