"""Accruals: cost once, wherever it is read."""

import datetime
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pmdm.kpis.models import Value
from pmdm.kpis.recompute import recompute
from pmdm.ui import format as fmt
from projects.budget import accruals, orders, verbs
from projects.budget.curve import curve
from projects.budget.engine import Receipt, accrued
from projects.budget.ledger import by_work, ledger, open_orders
from projects.budget.models import Accrual, Order
from projects.budget.owed import accruals_left
from projects.currencies.rates import state_rate
from projects.earned_value.reading import read_one
from projects.kpis import rows
from tests.factories import make_cast, make_project

TODAY = timezone.localdate()
ONE_DAY = datetime.timedelta(days=1)
DAY = TODAY - 20 * ONE_DAY


@pytest.fixture
def project(db):
    return make_project(approved_budget=D(10_000))


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def line(project, people):
    return verbs.plan_line(project, by=people.alice, name="Cables", category="material", planned=D(600))


@pytest.fixture
def order(project, people, line):
    return orders.place_order(
        project, by=people.alice, line=line, supplier="Rack", description="Racks", amount=D(400), ordered_on=DAY
    )


def invoice(project, people, line, amount, day=TODAY, **fields):
    return verbs.book_expense(
        project, by=people.alice, line=line, amount=D(amount), description="Invoice", spent_on=day, **fields
    )


def receive(order, people, amount, day=DAY):
    return accruals.record_receipt(order, by=people.alice, amount=D(amount), accrued_on=day)


def by_hand(project, people, line, amount, until=TODAY + 10 * ONE_DAY):
    return accruals.accrue(
        project, by=people.alice, line=line, amount=D(amount), accrued_on=DAY, reverses_on=until, description="Work"
    )


def kpi(project, code="on_budget_forecast"):
    recompute("project", [project.pk])
    return Value.objects.get(subject_type="project", subject_id=project.pk, kpi=code).inputs


def found_entries(project) -> int:
    """What the KPI counts and the rows behind it list."""
    return kpi(project, "on_budget")["entries"]


def everywhere(project) -> tuple:
    """(actual, still to come) as every reader has it; they agree."""
    money = ledger(project).total
    found = kpi(project)
    assert (D(str(found["actual"])), D(str(found["to_come"]))) == (money.actual, money.remaining)
    assert D(str(found["at_completion"])) == money.forecast
    assert read_one(project).total.ac == money.actual
    months = curve(project, TODAY).months
    assert months[-1].forecast_so_far == money.forecast
    work = by_work(project, ledger(project))
    assert sum((row.amounts.actual for row in work.nodes if row.level == 1), work.loose_amounts.actual) == money.actual
    assert sum((order.open for order in open_orders()), D(0)) == money.committed
    assert str(rows.costs(project, {}).total) == str(found_entries(project))
    lines = rows.budget_lines(project, {}).rows
    assert len(lines) == project.budget_lines.count()
    if len(lines) == 1:
        assert [cell.text for cell in lines[0][2:]] == [
            fmt.money(amount, "EUR") for amount in (money.actual, money.remaining, money.forecast)
        ]
    return money.actual, money.remaining


def test_what_came_is_cost_until_its_invoice_takes_its_place(project, people, line, order):
    assert everywhere(project) == (0, 600)
    receive(order, people, 150)
    money = ledger(project).total
    assert (money.accrued, money.committed, money.invoiced) == (150, 250, 0)
    assert everywhere(project) == (150, 450)
    invoice(project, people, line, 100, order=order)
    assert everywhere(project) == (150, 450)
    invoice(project, people, line, 80, order=order)
    assert everywhere(project) == (180, 420)
    assert ledger(project).total.accrued == 0
    assert Order.objects.with_invoiced().get().open_amount == 220


def test_an_accrual_by_hand_ends_with_its_invoice_or_with_its_day(project, people, line):
    first = by_hand(project, people, line, 100)
    by_hand(project, people, line, 40, until=TODAY)  # reversed today: counts no more
    assert everywhere(project) == (100, 500)
    invoice(project, people, line, 70, accrual=first)
    assert everywhere(project) == (100, 500)
    invoice(project, people, line, 50, accrual=first)
    assert everywhere(project) == (120, 480)


def test_cash_is_not_cost(project, people, line, order):
    receive(order, people, 150)
    invoice(project, people, line, 30)
    found = curve(project, TODAY)
    this_month = next(row for row in found.months if row.month == TODAY.replace(day=1))
    assert this_month.actual_so_far == 30
    assert sum(row.accrued for row in found.months) == 150
    assert sum(row.to_come for row in found.months) == ledger(project).total.forecast - 30


def test_a_past_day_has_what_was_accrued_then(project, people, line, order):
    receive(order, people, 150, DAY + ONE_DAY)
    invoice(project, people, line, 150, day=DAY + 5 * ONE_DAY, order=order)
    left = {n: sum(accruals_left([project.pk], DAY + n * ONE_DAY).values()) for n in (0, 1, 4, 5)}
    assert left == {0: 0, 1: 150, 4: 150, 5: 0}


def test_reversing_needs_a_reason_and_happens_once(project, people, line, order):
    row = receive(order, people, 150)
    with pytest.raises(ValidationError, match="Say why"):
        accruals.reverse(row, by=people.alice, on=TODAY, reason=" ")
    with pytest.raises(ValidationError, match="reversed later"):
        accruals.reverse(row, by=people.alice, on=DAY, reason="x")
    accruals.reverse(row, by=people.alice, on=TODAY, reason="Sent back")
    assert everywhere(project) == (0, 600)
    assert ledger(project).total.committed == 400
    with pytest.raises(ValidationError, match="reversed already"):
        accruals.reverse(row, by=people.alice, on=TODAY, reason="Again")


def test_an_order_with_something_not_invoiced_stays_open(project, people, line, order):
    row = receive(order, people, 150)
    with pytest.raises(ValidationError, match="AC-1 waits for its invoice"):
        orders.close_order(order, by=people.alice, reason="x")
    with pytest.raises(ValidationError, match="Close it"):
        orders.cancel_order(order, by=people.alice, reason="x")
    accruals.reverse(row, by=people.alice, on=TODAY, reason="Sent back")
    orders.close_order(order, by=people.alice, reason="x")
    with pytest.raises(ValidationError, match="is over"):
        receive(order, people, 1)


def test_rules_of_the_database(project, people, line, order):
    other = verbs.plan_line(project, by=people.alice, name="Other", category="other", planned=D(1))
    values = {
        "project": project,
        "line": line,
        "amount": 1,
        "accrued_on": DAY,
        "description": "x",
        "booked_by": people.alice,
    }
    for wrong in ({"reverses_on": None}, {"reverses_on": DAY}, {"amount": 0, "order": order}):
        with pytest.raises(IntegrityError), _savepoint():
            Accrual.objects.create(**values | wrong)
    with pytest.raises(IntegrityError, match="stands on its line"), _savepoint():
        Accrual.objects.create(**values | {"order": order, "line": other})
    hand = by_hand(project, people, line, 10)
    with pytest.raises(ValidationError, match="not both"):
        invoice(project, people, line, 1, order=order, accrual=hand)
    with pytest.raises(ValidationError, match="stands on"):
        invoice(project, people, other, 1, accrual=hand)
    with pytest.raises(ValidationError, match="book the order's invoice"):
        invoice(project, people, line, 1, accrual=receive(order, people, 1))


def _savepoint():
    from django.db import connection, transaction

    class Held(transaction.Atomic):
        def __exit__(self, kind, value, trace):
            if kind is None:
                try:
                    with connection.cursor() as cursor:
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                except IntegrityError as error:
                    super().__exit__(type(error), error, error.__traceback__)
                    raise
            return super().__exit__(kind, value, trace)

    return Held(None, True, False)


class TestNothingCountsTwice(TestCase):
    """Whatever order receipts, invoices, reversals and days come in: the readers agree with the plain rule."""

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def test_random_stories(self, data):
        project = make_project(approved_budget=D(100_000))
        people = make_cast(project)
        state_rate(by=people.pmo, currency="USD", day=DAY - 99 * ONE_DAY, rate=D("0.9"), source="ECB")
        state_rate(by=people.pmo, currency="USD", day=DAY + 5 * ONE_DAY, rate=D("1.1377"), source="ECB")
        money = st.decimals("0.01", "500", places=2)
        offset = st.integers(0, 19)
        expected_cost = expected_open = D(0)
        for number in range(data.draw(st.integers(1, 3))):
            line = verbs.plan_line(project, by=people.alice, name=f"L{number}", category="other", planned=D(50))
            currency = data.draw(st.sampled_from(["", "USD"]))
            order = orders.place_order(
                project, by=people.alice, line=line, supplier="S", description="d", amount=data.draw(money),
                currency=currency, ordered_on=DAY,
            )  # fmt: skip
            receipts, invoiced, paid = [], D(0), D(0)
            for amount, day in data.draw(st.lists(st.tuples(money, offset), max_size=4)):
                row = accruals.record_receipt(order, by=people.alice, amount=amount, accrued_on=DAY + day * ONE_DAY)
                if data.draw(st.booleans()) and data.draw(st.booleans()):
                    accruals.reverse(row, by=people.alice, on=row.accrued_on + ONE_DAY, reason="x")
                receipts.append(row)
            for amount, day in data.draw(st.lists(st.tuples(money, offset), max_size=4)):
                expense = verbs.book_expense(
                    project, by=people.alice, line=line, order=order, amount=amount, currency=currency,
                    spent_on=DAY + day * ONE_DAY, description="i",
                )  # fmt: skip
                invoiced, paid = invoiced + expense.amount, paid + amount
            receipts.sort(key=lambda row: (row.accrued_on, row.pk))
            plain = [
                Receipt(row.accrued_on, row.amount, row.paid, row.exchange_rate or D(1), row.reverses_on)
                for row in receipts
            ]
            left = sum(accrued(plain, paid, TODAY), D(0))
            received = sum((row.paid for row in plain if row.counts(TODAY)), D(0))
            expected_cost += invoiced + left
            order = Order.objects.with_invoiced().get(pk=order.pk)
            expected_open += order.open_amount
            if not currency:
                assert invoiced + left + order.open_amount == max(order.amount, received, invoiced)
        assert everywhere(project)[0] == expected_cost
        assert ledger(project).total.committed == expected_open


# Pages


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


def test_the_manager_records_sees_and_reverses(client, project, people, line, order):
    client.force_login(people.alice)
    answer = client.post(url(project, "receipt-new", order.number), {"accrued_on": DAY.isoformat(), "amount": "150"})
    assert answer.status_code == 302
    row = project.accruals.get()
    assert (row.order, row.line, row.description) == (order, line, "Racks")
    page = client.get(url(project, "order", order.number)).content.decode()
    assert "€150.00 not invoiced yet" in page
    assert "€150.00 received and not invoiced yet" in client.get(url(project, "accrual-list")).content.decode()
    values = {"line": line.pk, "description": "Work", "amount": "60", "accrued_on": DAY.isoformat()}
    refused = client.post(url(project, "accrual-new"), values)
    assert refused.status_code == 422
    refused = client.post(url(project, "accrual-new"), values | {"reverses_on": DAY.isoformat()})
    assert refused.status_code == 422
    assert "after the day it is accrued on" in refused.content.decode()
    assert "Constraint" not in refused.content.decode()
    later = (TODAY + ONE_DAY).isoformat()
    assert client.post(url(project, "accrual-new"), values | {"reverses_on": later}).status_code == 302
    hand = project.accruals.get(order=None)
    form = client.get(url(project, "expense-new") + f"?accrual={hand.number}").context["form"]
    assert form["accrual"].value() == hand.pk or form.initial["accrual"] == hand
    booked = {"accrual": hand.pk, "spent_on": TODAY.isoformat(), "amount": "60", "description": "Invoice", "line": ""}
    assert client.post(url(project, "expense-new"), booked).status_code == 302
    assert project.expenses.get().accrual == hand
    answer = client.post(url(project, "accrual-reversal", row.number), {"on": TODAY.isoformat(), "reason": "Sent back"})
    assert answer.status_code == 302
    assert "Sent back" in client.get(url(project, "accrual-list")).content.decode()


def test_a_stakeholder_reads_and_changes_nothing_a_member_sees_nothing(client, project, people, line, order):
    row = receive(order, people, 150)
    client.force_login(people.stella)
    assert client.get(url(project, "accrual-list")).status_code == 200
    assert client.get(url(project, "receipt-new", order.number)).status_code == 403
    assert client.post(url(project, "accrual-reversal", row.number), {"on": TODAY, "reason": "x"}).status_code == 403
    client.force_login(people.bob)
    assert client.get(url(project, "accrual-list")).status_code == 403


def test_lists_ask_a_constant_number_of_queries(client, project, people, line, order, django_assert_max_num_queries):
    client.force_login(people.alice)
    for count in (2, 30):
        for _n in range(count):
            receive(order, people, 1)
        with django_assert_max_num_queries(22):
            client.get(url(project, "accrual-list"))
