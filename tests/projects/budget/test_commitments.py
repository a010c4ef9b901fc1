"""Orders, receipts, contingency and reserve: what must hold, who may, and what the forecast makes of it."""

import datetime
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from pmdm.kpis.tables import Table
from pmdm.registers.models import StaleVersion
from projects.budget import orders, reserves, verbs
from projects.budget.engine import Line, roll_up
from projects.budget.ledger import ledger
from projects.budget.models import Allowance, Draw, Expense, Order
from projects.kpis import rows
from tests.factories import make_cast, make_project

DAY = datetime.date(2026, 3, 2)
MONEY = st.decimals(0, 10**10, places=2)


@pytest.fixture
def project(db):
    return make_project(approved_budget=D(1000))


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def line(project, people):
    return verbs.plan_line(project, by=people.alice, name="Cables", category="material", planned=D(600))


@pytest.fixture
def order(project, people, line):
    return place(project, people, line, 400)


@pytest.fixture
def reserve(project, people):
    return reserves.set_allowance(project, "reserve", by=people.sam, amount=D(100))


def place(project, people, line, amount, **fields):
    values = {"supplier": "Rack Ltd", "description": "Racks", "ordered_on": DAY, **fields}
    return orders.place_order(project, by=people.alice, line=line, amount=D(amount), **values)


def invoice(project, people, line, order, amount, **fields):
    return verbs.book_expense(
        project,
        by=people.alice,
        line=line,
        order=order,
        amount=D(amount),
        description="Invoice",
        spent_on=DAY,
        **fields,
    )


def ask(project, people, allowance, line, amount):
    return reserves.request_draw(
        project, by=people.alice, allowance=allowance, line=line, amount=D(amount), reason="Needed"
    )


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


def at_commit(write):
    with transaction.atomic():
        write()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def of(order):
    return Order.objects.with_invoiced().get(pk=order.pk)


# The arithmetic


@given(MONEY, MONEY, MONEY, st.none() | MONEY, MONEY)
def test_never_less_is_to_come_than_is_ordered(planned, expenses, time, remaining, committed):
    by_line, total = roll_up([Line(1, planned, expenses, time, remaining, committed)])
    assert total.remaining >= total.committed == committed
    said = remaining if remaining is not None else max(planned - expenses - time, D(0))
    assert by_line[1].forecast == expenses + time + max(said, committed)


# Orders


def test_what_is_not_invoiced_is_committed(project, people, line, order):
    assert (of(order).open_amount, of(order).standing) == (400, "Open")
    expense = invoice(project, people, line, order, "150.50")
    assert expense.supplier == "Rack Ltd"
    assert (of(order).open_amount, of(order).standing) == (D("249.50"), "Part invoiced")
    assert ledger(project).total.committed == D("249.50")
    invoice(project, people, line, order, "300")
    assert (of(order).open_amount, of(order).standing, of(order).invoiced) == (0, "Invoiced", D("450.50"))
    assert ledger(project).total.committed == 0


def test_the_forecast_takes_the_orders_and_the_figures_agree(project, people, line, order):
    verbs.change_line(line, by=people.alice, remaining=D(10))
    invoice(project, people, line, order, 100)
    money = ledger(project)
    assert (money.total.remaining, money.total.forecast) == (300, 400)
    assert [row.line for row in money.short] == [line]
    table: Table = rows.budget_lines(project, {})
    assert [str(cell.text) for cell in table.rows[0][3:]] == ["€300", "€400"]
    orders.close_order(order, by=people.alice, reason="The rest is not needed")
    money = ledger(project)
    assert (money.total.committed, money.total.forecast, money.short) == (0, 110, [])


def test_an_order_ends_once_and_with_a_reason(project, people, line, order):
    with pytest.raises(ValidationError, match="Say why"):
        orders.close_order(order, by=people.alice, reason=" ")
    orders.cancel_order(order, by=people.alice, reason="Out of stock")
    with pytest.raises(ValidationError, match="over already"):
        orders.close_order(order, by=people.alice, reason="Again")
    with pytest.raises(ValidationError, match="no longer changes"):
        orders.change_order(order, by=people.alice, amount=D(1))
    with pytest.raises(ValidationError, match="nothing more is booked"):
        invoice(project, people, line, order, 1)
    assert (order.state, order.ended_by, of(order).open_amount) == ("cancelled", people.alice, 0)


def test_an_order_with_invoices_is_closed_not_cancelled_and_stays_on_its_line(project, people, line, order):
    other = verbs.plan_line(project, by=people.alice, name="Other", category="other", planned=D(1))
    with pytest.raises(ValidationError, match="stands on"):
        invoice(project, people, other, order, 1)
    invoice(project, people, line, order, 1)
    with pytest.raises(ValidationError, match="Close it"):
        orders.cancel_order(order, by=people.alice, reason="x")
    with pytest.raises(ValidationError, match="stays on that line"):
        orders.change_order(order, by=people.alice, line=other)
    with pytest.raises(ValidationError, match="has orders"):
        verbs.remove_line(line, by=people.alice)


def test_a_late_save_of_an_order_is_refused(project, people, order):
    orders.change_order(order, by=people.alice, version=1, amount=D(500))
    with pytest.raises(StaleVersion):
        orders.change_order(project.orders.get(), by=people.alice, version=1, amount=D(1))


def test_the_database_holds_orders_by_itself(project, people, line, order):
    other = verbs.plan_line(project, by=people.alice, name="Other", category="other", planned=D(1))
    invoice(project, people, line, order, 1)
    rows_of = Order.objects.filter(pk=order.pk)
    ended = {"ended_at": order.placed_at, "ended_by": people.alice, "end_reason": "x"}
    for write in (
        lambda: Expense.objects.update(line=other),
        lambda: rows_of.update(line=other),
        lambda: rows_of.update(state="cancelled", **ended),
        lambda: rows_of.update(state="closed"),
        lambda: rows_of.update(amount=0),
        lambda: rows_of.update(expected_on=DAY - datetime.timedelta(days=1)),
    ):
        with pytest.raises(IntegrityError):
            at_commit(write)


# Contingency and reserve


def test_contingency_lies_inside_and_the_reserve_outside(project, people, line, reserve):
    contingency = reserves.set_allowance(project, "contingency", by=people.sam, amount=D(50))
    before = reserves.layers(project)
    assert (before.undistributed, before.approved, before.whole) == (350, 1000, 1100)
    reserves.approve_draw(ask(project, people, contingency, line, 20), by=people.sam)
    project.refresh_from_db()
    inside = reserves.layers(project)
    assert (inside.lines, inside.contingency, inside.undistributed, inside.approved) == (620, 30, 350, 1000)
    reserves.approve_draw(ask(project, people, reserve, line, 40), by=people.sam)
    project.refresh_from_db()
    outside = reserves.layers(project)
    assert (outside.lines, outside.approved, outside.reserve, outside.whole) == (660, 1040, 60, 1100)
    assert outside.undistributed == 350


def test_whoever_asks_never_decides(project, people, line, reserve):
    draw = ask(project, people, reserve, line, 40)
    for decide in (reserves.approve_draw, reserves.reject_draw):
        with pytest.raises(ValidationError, match="never decides"):
            decide(draw, by=people.alice, note="x")
    with pytest.raises(ValidationError, match="Only"):
        reserves.withdraw_draw(draw, by=people.sam)
    with pytest.raises(ValidationError, match="why it is rejected"):
        reserves.reject_draw(draw, by=people.sam, note=" ")
    reserves.reject_draw(draw, by=people.sam, note="Not now")
    with pytest.raises(ValidationError, match="decided already"):
        reserves.approve_draw(draw, by=people.sam)
    line.refresh_from_db()
    assert line.planned == 600


def test_no_more_is_drawn_than_is_there(project, people, line, reserve):
    with pytest.raises(ValidationError, match=r"100\.00 is left"):
        ask(project, people, reserve, line, "100.01")
    first, second = ask(project, people, reserve, line, 60), ask(project, people, reserve, line, 60)
    reserves.approve_draw(first, by=people.sam)
    with pytest.raises(ValidationError, match=r"40\.00 is left"):
        reserves.approve_draw(second, by=people.sam)
    with pytest.raises(ValidationError, match=r"60\.00 of it is drawn"):
        reserves.set_allowance(project, "reserve", by=people.sam, amount=D(59))
    second.refresh_from_db()
    assert second.state == "requested"
    with pytest.raises(ValidationError, match="inside the approved budget"):
        reserves.set_allowance(project, "contingency", by=people.sam, amount=D(5000))


def test_the_database_holds_decisions_by_itself(project, people, line, reserve):
    draw = ask(project, people, reserve, line, 60)
    asked = Draw.objects.filter(pk=draw.pk)
    decided = {"decided_at": draw.requested_at, "decided_by": people.sam}
    for write in (
        lambda: asked.update(state="approved", decided_at=draw.requested_at, decided_by=people.alice),
        lambda: asked.update(state="approved", decided_at=draw.requested_at),
        lambda: asked.update(state="approved", amount=101, **decided),
        lambda: asked.update(state="rejected", **decided),
        lambda: asked.update(reason=""),
    ):
        with pytest.raises(IntegrityError):
            at_commit(write)
    reserves.approve_draw(draw, by=people.sam)
    for write in (
        lambda: Allowance.objects.update(amount=59),
        lambda: asked.update(note="Changed later"),
        asked.delete,
    ):
        with pytest.raises(IntegrityError):
            at_commit(write)


# Pages


def test_an_order_its_invoice_and_its_receipt_through_the_browser(client, project, people, line):
    client.force_login(people.alice)
    typed = {"line": line.pk, "supplier": "Kept Ltd", "description": "Racks", "amount": "0", "ordered_on": "2026-03-02"}
    response = client.post(url(project, "order-new"), typed)
    assert (response.status_code, "Kept Ltd" in response.content.decode()) == (422, True)
    early = {**typed, "amount": "400", "expected_on": "2026-03-01"}
    assert client.post(url(project, "order-new"), early).status_code == 422
    assert client.post(url(project, "order-new"), {**typed, "amount": "400"}).status_code == 302
    order = project.orders.get()
    bought = {
        "order": order.pk,
        "line": "",
        "spent_on": "2026-03-02",
        "amount": "100",
        "description": "Invoice 7",
        "receipt": SimpleUploadedFile("invoice.pdf", b"%PDF-1.7 receipt"),
    }
    assert client.post(url(project, "expense-new"), bought).status_code == 302
    expense = Expense.objects.get()
    assert (expense.line, expense.order, expense.receipt.name) == (line, order, "invoice.pdf")
    page = client.get(url(project, "order", order.number)).content.decode()
    for text in ("Part invoiced", "300.00", "invoice.pdf"):
        assert text in page
    receipt = expense.receipt.url_below(project)
    for name, status in (("sam", 200), ("bob", 404), ("cleo", 404), ("charlie", 404)):
        client.force_login(getattr(people, name))
        assert client.get(receipt).status_code in ({200} if status == 200 else {403, 404}), name
    client.force_login(people.alice)
    end = url(project, "order-end", order.number)
    assert client.post(end, {"how": "cancel", "reason": "x"}).status_code == 422
    assert client.post(end, {"how": "close", "reason": ""}).status_code == 422
    assert client.post(end, {"how": "close", "reason": "Done"}).status_code == 302
    assert client.post(end, {"how": "close", "reason": "Done"}).status_code == 409


def test_neither_order_nor_line_is_refused(client, project, people, line):
    client.force_login(people.alice)
    response = client.post(
        url(project, "expense-new"), {"spent_on": "2026-03-02", "amount": "1", "description": "Kept"}
    )
    page = response.content.decode()
    assert (response.status_code, "Choose a line" in page, "Kept" in page) == (422, True, True)


def test_a_draw_through_the_browser(client, project, people, line):
    client.force_login(people.alice)
    assert client.post(url(project, "allowance", "reserve"), {"amount": "100"}).status_code == 403
    client.force_login(people.sam)
    assert client.post(url(project, "allowance", "reserve"), {"amount": "-1"}).status_code == 422
    assert client.post(url(project, "allowance", "reserve"), {"amount": "100"}).status_code == 302
    client.force_login(people.alice)
    typed = {"allowance": project.allowances.get().pk, "line": line.pk, "amount": "101", "reason": "Kept reason"}
    response = client.post(url(project, "draw-new"), typed)
    assert (response.status_code, "Kept reason" in response.content.decode()) == (422, True)
    assert client.post(url(project, "draw-new"), {**typed, "amount": "60"}).status_code == 302
    draw = url(project, "draw", project.draws.get().number)
    assert client.post(draw, {"how": "approve"}).status_code == 403
    client.force_login(people.stella)
    assert client.get(draw).status_code == 200
    assert client.post(draw, {"how": "approve"}).status_code == 403
    client.force_login(people.sam)
    assert client.post(draw, {"how": "reject", "note": ""}).status_code == 422
    assert client.post(draw, {"how": "approve", "note": "Yes"}).status_code == 302
    assert client.post(draw, {"how": "approve", "note": "Yes"}).status_code == 409
    page = client.get(url(project, "reserve-list")).content.decode()
    for text in ("€660.00", "€1,060.00", "€40.00", "€1,100.00"):
        assert text in page


def test_cost_is_shown_to_nobody_else(client, project, people, order):
    for name, status in (("bob", 403), ("dora", 403), ("cleo", 403), ("charlie", 404), ("stella", 200)):
        client.force_login(getattr(people, name))
        for page in (url(project, "order-list"), url(project, "order", order.number), url(project, "reserve-list")):
            assert client.get(page).status_code == status, (name, page)


@pytest.mark.parametrize("page", ["order-list", "reserve-list", "budget"])
def test_queries_stay_the_same_from_3_to_300_rows(client, project, people, line, reserve, page):
    client.force_login(people.alice)

    def grow(count):
        for _n in range(count):
            place(project, people, line, 1)
            ask(project, people, reserve, line, 1)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(project, page)).status_code == 200
        return len(captured)

    grow(3)
    few = queries()
    grow(297)
    assert queries() == few <= 30
