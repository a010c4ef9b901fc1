"""Accruals: whatever is received, invoiced and reversed, nothing counts twice and nothing gets lost."""

import datetime
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from projects.budget.engine import Receipt, accrued, convert, still_open

DAY = datetime.date(2026, 3, 2)
ONE_DAY = datetime.timedelta(days=1)
MONEY = st.decimals("0.01", "99999.99", places=2)
RATE = st.decimals("0.01", "100", places=4)


def receipt(amount, day=0, reverses=None, rate="1"):
    on = None if reverses is None else DAY + reverses * ONE_DAY
    return Receipt(DAY + day * ONE_DAY, convert(D(amount), D(rate)), D(amount), D(rate), on)


def test_invoices_settle_the_oldest_receipt_first_at_its_own_rate():
    receipts = [receipt(100, rate="0.9"), receipt(50, 1, rate="1.1")]
    day = DAY + 5 * ONE_DAY
    assert accrued(receipts, D(0), day) == [D(90), D(55)]
    assert accrued(receipts, D(30), day) == [D(63), D(55)]
    assert accrued(receipts, D(120), day) == [D(0), D(33)]
    assert accrued(receipts, D(999), day) == [D(0), D(0)]
    assert accrued(receipts, D(0), DAY) == [D(90), D(0)]  # the other has not come


def test_a_reversed_one_counts_up_to_the_day_before():
    one = receipt(100, reverses=3)
    assert [accrued([one], D(0), DAY + n * ONE_DAY)[0] for n in (0, 2, 3, 4)] == [100, 100, 0, 0]


@given(st.lists(MONEY, max_size=6), st.lists(MONEY, max_size=6), MONEY)
def test_cost_and_commitment_are_the_most_of_ordered_received_and_invoiced(received, invoices, ordered):
    """The one rule: each cent of an order is invoiced, accrued or open, and never two of these."""
    receipts = [receipt(amount) for amount in received]
    invoiced, came = sum(invoices, D(0)), sum(received, D(0))
    left = sum(accrued(receipts, invoiced, DAY), D(0))
    rest = still_open(ordered, None, max(invoiced, came))
    assert invoiced + left == max(invoiced, came)
    assert invoiced + left + rest == max(ordered, invoiced, came)


@given(st.lists(st.tuples(MONEY, RATE), min_size=1, max_size=6), MONEY)
def test_with_other_rates_no_receipt_is_worth_more_than_it_came_at(rows, invoiced):
    receipts = [Receipt(DAY, convert(amount, rate), amount, rate) for amount, rate in rows]
    left = accrued(receipts, invoiced, DAY)
    assert all(0 <= one <= receipt.amount for one, receipt in zip(left, receipts, strict=True))
    # All but one of them are there whole or not at all: only the receipt an invoice ends in is split.
    assert sum(0 < one < receipt.amount for one, receipt in zip(left, receipts, strict=True)) <= 1
    assert sum(accrued(receipts, D(0), DAY), D(0)) == sum((receipt.amount for receipt in receipts), D(0))
