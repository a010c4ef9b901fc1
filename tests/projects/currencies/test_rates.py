"""The rate table, and money in another currency: which rate, what is kept, what is refused."""

import datetime
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pmdm.interchange.tabular import TableRefused, read
from pmdm.ui import format as fmt
from projects.budget import orders, verbs
from projects.budget.engine import convert
from projects.budget.ledger import ledger
from projects.budget.models import Order
from projects.currencies.importing import carry_out, prepare
from projects.currencies.models import ExchangeRate
from projects.currencies.rates import exchanged, rate_table, state_rate
from projects.lifecycle.models import Project
from tests.factories import make_cast, make_project

DAY = datetime.date(2026, 3, 2)
ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def project(db):
    return make_project(approved_budget=D(10_000))


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def line(project, people):
    return verbs.plan_line(project, by=people.alice, name="Cloud", category="services", planned=D(5000))


@pytest.fixture
def dollar(people):
    state_rate(by=people.pmo, currency="USD", day=DAY, rate=D("0.9"), source="ECB")
    state_rate(by=people.pmo, currency="USD", day=DAY + 5 * ONE_DAY, rate=D("0.95"), source="ECB")


def book(project, people, line, amount, day=DAY, **fields):
    return verbs.book_expense(
        project, by=people.alice, line=line, amount=D(amount), spent_on=day, description="Servers", **fields
    )


def at_commit(write):
    with transaction.atomic():
        write()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class TestHalfEven(TestCase):
    @settings(max_examples=200, deadline=None)
    @given(st.decimals("-99999999.99", "99999999.99", places=2), st.decimals("0.0000000001", "9999", places=10))
    def test_the_database_rounds_as_the_engine_does(self, amount, rate):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pmdm_half_even(%s * %s)", [amount, rate])
            assert cursor.fetchone()[0] == convert(amount, rate)

    def test_ties(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pmdm_half_even(v) FROM unnest(ARRAY[0.005, 0.015, -0.005, -0.015, 2.345]) v")
            assert [row[0] for row in cursor] == [D("0.00"), D("0.02"), D("0.00"), D("-0.02"), D("2.34")]


# Money in another currency


def test_an_expense_takes_the_rate_of_its_own_day_and_keeps_it(project, people, line, dollar):
    expense = book(project, people, line, 100, DAY + ONE_DAY, currency="USD")
    assert (expense.amount, expense.currency, expense.paid) == (90, "USD", 100)
    assert (expense.exchange_rate, expense.rate_day) == (D("0.9"), DAY)
    assert book(project, people, line, 100, DAY + 9 * ONE_DAY, currency="USD").amount == 95
    # A rate that is corrected later changes nothing that is booked …
    state_rate(by=people.pmo, currency="USD", day=DAY, rate=D("0.5"), source="ECB, corrected")
    verbs.change_expense(expense, by=people.alice, description="More servers")
    expense.refresh_from_db()
    assert (expense.amount, expense.exchange_rate) == (90, D("0.9"))
    # … until the money of the row itself changes.
    verbs.change_expense(expense, by=people.alice, spent_on=DAY + 6 * ONE_DAY)
    expense.refresh_from_db()
    assert (expense.amount, expense.rate_day) == (95, DAY + 5 * ONE_DAY)
    verbs.change_expense(expense, by=people.alice, amount=D(70), currency="EUR")
    expense.refresh_from_db()
    assert (expense.amount, expense.currency, expense.original_amount, expense.exchange_rate) == (70, "", None, None)
    assert ledger(project).total.expenses == 165


def test_without_a_rate_nothing_is_booked_and_the_error_says_which_is_missing(project, people, line, dollar):
    with pytest.raises(ValidationError, match="No rate of USD to EUR is stated for 1"):
        book(project, people, line, 100, DAY - ONE_DAY, currency="USD")
    with pytest.raises(ValidationError, match="No rate of JPY to EUR"):
        book(project, people, line, 100, currency="JPY")
    assert not project.expenses.exists()


def test_between_two_foreign_currencies_it_goes_over_the_base(people, dollar):
    project = make_project(currency="GBP")
    with pytest.raises(ValidationError, match="No rate of GBP to EUR"):
        exchanged(project, D(100), "USD", DAY)
    state_rate(by=people.pmo, currency="GBP", day=DAY - ONE_DAY, rate=D("1.2"), source="ECB")
    money = exchanged(project, D(100), "USD", DAY)
    assert (money["amount"], money["exchange_rate"], money["rate_day"]) == (75, D("0.75"), DAY - ONE_DAY)
    assert exchanged(project, D(100), "EUR", DAY)["amount"] == D("83.33")


@pytest.mark.parametrize(
    "fields", [{"amount": 91}, {"exchange_rate": None}, {"original_amount": D(5)}, {"currency": ""}]
)
def test_the_database_holds_amount_original_and_rate_together(project, people, line, dollar, fields):
    expense = book(project, people, line, 100, currency="USD")
    with pytest.raises(IntegrityError), transaction.atomic():
        type(expense).objects.filter(pk=expense.pk).update(**fields)


def test_an_orders_rest_is_counted_in_its_currency(project, people, line, dollar):
    order = orders.place_order(
        project,
        by=people.alice,
        line=line,
        supplier="S",
        description="d",
        amount=D(1000),
        currency="USD",
        ordered_on=DAY,
    )
    assert (order.amount, order.paid) == (900, 1000)
    # The dollar rose: the invoice of 400 costs more than 400 of the order did, and 600 dollars stay open.
    book(project, people, line, 400, DAY + 6 * ONE_DAY, currency="USD", order=order)
    found = Order.objects.with_invoiced().get()
    assert (found.invoiced, found.invoiced_paid, found.open_amount, found.standing) == (380, 400, 540, "Part invoiced")
    assert ledger(project).total.committed == 540
    book(project, people, line, 600, DAY + 6 * ONE_DAY, currency="USD", order=order)
    found = Order.objects.with_invoiced().get()
    assert (found.open_amount, found.standing) == (0, "Invoiced")
    with pytest.raises(ValidationError, match="in USD: give its invoice"):
        book(project, people, line, 1, order=order)
    with pytest.raises(ValidationError, match="stays in its currency"):
        orders.change_order(order, by=people.alice, currency="")
    with pytest.raises(IntegrityError, match="currency"):
        at_commit(lambda: Order.objects.update(currency="", original_amount=None, exchange_rate=None, rate_day=None))


def test_a_projects_currency_stays_once_money_is_kept(project, people, line):
    with pytest.raises(IntegrityError, match="kept in this currency"), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(currency="USD")
    empty = make_project()
    Project.objects.filter(pk=empty.pk).update(currency="USD")


def test_the_charter_says_why_the_currency_stays(client, project, people, line):
    client.force_login(people.alice)
    url = reverse("projects:edit", args=[project.code])
    values = {"name": project.name, "currency": "USD", "version": project.version}
    answer = client.post(url, values)
    assert answer.status_code == 422
    assert "kept in EUR already" in answer.content.decode()


def test_the_form_offers_currencies_with_rates_and_shows_what_became_of_it(client, project, people, line, dollar):
    client.force_login(people.alice)
    url = reverse("projects:expense-new", args=[project.code])
    assert "USD" in client.get(url).content.decode()
    values = {"line": line.pk, "spent_on": "2026-03-03", "amount": "100", "currency": "USD", "description": "Servers"}
    assert client.post(url, values).status_code == 302
    page = client.get(reverse("projects:expense-list", args=[project.code])).content.decode()
    assert "€90.00" in page
    assert "$100.00" in page
    assert "rate of 2026-03-02" in page
    answer = client.post(url, values | {"spent_on": "2026-03-01"})
    assert answer.status_code == 422
    assert "No rate of USD to EUR" in answer.content.decode()
    # Opened again it holds what was typed.
    number = project.expenses.get().number
    edit = reverse("projects:expense-detail", args=[project.code, number])
    assert 'value="100.00"' in client.get(edit).content.decode()
    assert client.post(edit, values | {"version": project.expenses.get().version}).status_code == 302
    assert project.expenses.get().amount == 90


# The table


def test_the_base_currency_has_no_rate(people, project):
    with pytest.raises(ValidationError, match="base currency"):
        state_rate(by=people.pmo, currency="EUR", day=DAY, rate=D(2), source="x")


def test_one_query_reads_the_rates_of_a_day(people, dollar, django_assert_num_queries):
    with django_assert_num_queries(1):
        table = rate_table(DAY + 4 * ONE_DAY)
    assert table.quote("USD", DAY + 4 * ONE_DAY).rate == D("0.9")


def test_only_who_keeps_the_rates_sees_them(client, people, project):
    url = reverse("projects:rate-list")
    for person, status in ((people.pmo, 200), (people.admin, 200), (people.alice, 403), (people.charlie, 403)):
        client.force_login(person)
        assert client.get(url).status_code == status


def test_stating_showing_replacing_removing(client, people, project):
    client.force_login(people.pmo)
    url = reverse("projects:rate-list")
    values = {"currency": "usd", "day": "2026-03-02", "rate": "0.9234", "source": "ECB"}
    assert client.post(url, values).status_code == 302
    assert client.post(url, values | {"rate": "0.93"}).status_code == 302
    rate = ExchangeRate.objects.get()
    assert (rate.currency, rate.rate, rate.stated_by) == ("USD", D("0.93"), people.pmo)
    page = client.get(url).content.decode()
    assert "0.93 EUR" in page
    assert "older than a week" in page
    for wrong, said in (
        ({"currency": "EUR"}, "base currency"),
        ({"currency": "US"}, "three letters"),
        ({"rate": "0"}, "above zero"),
        ({"rate": "1,2"}, "number"),
        ({"day": "2999-01-01"}, "has not come yet"),
        ({"source": ""}, "required"),
    ):
        answer = client.post(url, values | wrong)
        assert (answer.status_code, said in answer.content.decode()) == (422, True), wrong
    assert client.post(reverse("projects:rate-removal", args=[rate.pk])).status_code == 302
    assert not ExchangeRate.objects.exists()


def test_a_currency_in_use_without_a_rate_is_named(client, people, project):
    make_project(currency="SEK")
    client.force_login(people.pmo)
    assert "1 project is in SEK, which has no rate" in client.get(reverse("projects:rate-list")).content.decode()


FILE = """currency,day,rate,source
USD,2026-03-02,0.9,ECB
USD,2026-03-04,0.91,ECB
GBP,2026-03-02,1.2,
"""


def test_an_import_brings_all_or_nothing_after_a_look(client, people, project, dollar):
    client.force_login(people.pmo)
    url = reverse("projects:rate-import")
    file = SimpleUploadedFile("rates.csv", FILE.replace("0.9,", "0.89,").encode())
    answer = client.post(url, {"file": file, "source": "Bank"})
    assert answer.status_code == 302
    check = client.get(answer.url)
    page = check.content.decode()
    assert check.context["report"].added == 2
    assert check.context["report"].changes == [("USD", DAY, D("0.9"), D("0.89"))]
    assert "What would be replaced" in page
    assert ExchangeRate.objects.count() == 2
    assert client.post(answer.url).status_code == 302
    assert ExchangeRate.objects.count() == 4
    assert ExchangeRate.objects.get(currency="GBP").source == "Bank"
    assert ExchangeRate.objects.get(currency="USD", day=DAY).rate == D("0.89")
    assert client.post(answer.url).status_code == 302  # gone: a second click imports nothing


def test_an_import_names_every_problem_by_line(client, people, project):
    table = read(
        b"currency;day;rate;source\nEUR;2026-03-02;1;ECB\nUSD;03/04/26;0.9;ECB\nUSD;2026-03-02;0,9;ECB\n"
        b"USD;2026-03-02;0.9;ECB\nUSD;2026-03-02;0.91;ECB\nXX;2999-01-01;-1;\n"
    )
    with pytest.raises(TableRefused) as caught:
        prepare(table)
    found = [(problem.line, problem.column) for problem in caught.value.problems]
    assert found == [
        (2, "currency"), (3, "day"), (4, "rate"), (6, "day"), (7, "currency"), (7, "day"), (7, "rate"), (7, "source"),
    ]  # fmt: skip


def test_the_same_file_again_changes_nothing(people, project):
    carry_out(prepare(read(FILE.encode()), source="Bank"), by=people.pmo)
    before = list(ExchangeRate.objects.values())
    report = carry_out(prepare(read(FILE.encode()), source="Bank"), by=people.admin)
    assert (report.added, report.changed, report.same) == (0, 0, 3)
    assert list(ExchangeRate.objects.values()) == before


def test_money_is_shown_with_its_sign():
    assert fmt.money(D(100), "USD", 2) == "$100.00"
