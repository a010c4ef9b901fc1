"""Rates and conversion: the rate of a day, rounding, nothing lost."""

import datetime
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from projects.budget.engine import Quote, RateTable, convert

DAY = datetime.date(2026, 3, 2)
ONE_DAY = datetime.timedelta(days=1)
MONEY = st.decimals("0.01", "999999999999.99", places=2)
RATE = st.decimals("0.0000000001", "99999999", places=10)
HALF_CENT = D("0.005")


def test_a_half_goes_to_the_even_cent():
    assert [convert(D(text), D("0.5")) for text in ("0.01", "0.03", "0.05", "0.07")] == [
        D("0.00"), D("0.02"), D("0.02"), D("0.04"),
    ]  # fmt: skip


@given(MONEY, RATE)
def test_a_conversion_is_off_by_half_a_cent_at_most_whatever_the_size(amount, rate):
    with_all_digits = (amount * 100).as_integer_ratio()[0] * (rate * 10**10).as_integer_ratio()[0]
    cents = int(convert(amount, rate) * 100)
    assert abs(cents * 10**10 - with_all_digits) <= 10**10 // 2


@given(st.lists(MONEY, max_size=20), RATE)
def test_converted_parts_miss_the_converted_whole_by_half_a_cent_each_at_most(parts, rate):
    whole = convert(sum(parts, D(0)), rate)
    assert abs(sum((convert(part, rate) for part in parts), D(0)) - whole) <= HALF_CENT * (len(parts) + 1)


@given(MONEY, MONEY, RATE)
def test_a_part_and_the_rest_are_exactly_the_whole(whole, part, rate):
    """How an order's rest is computed: its amount less what is covered, never converted a second time."""
    amount, covered = convert(whole, rate), convert(min(part, whole), rate)
    rest = amount - covered
    assert rest >= 0
    assert covered + rest == amount


def test_the_last_rate_on_or_before_the_day_counts_and_names_its_day():
    table = RateTable.of(
        "EUR", [("USD", DAY, D("0.90")), ("USD", DAY + 3 * ONE_DAY, D("0.95")), ("GBP", DAY, D("1.2"))]
    )
    assert table.quote("USD", DAY - ONE_DAY) is None
    assert table.quote("USD", DAY + 2 * ONE_DAY) == Quote(D("0.90"), DAY)
    assert table.quote("USD", DAY + 9 * ONE_DAY) == Quote(D("0.95"), DAY + 3 * ONE_DAY)
    assert table.quote("EUR", DAY) == Quote(D(1))
    assert table.quote("JPY", DAY) is None
    # Of two rates the older day is told.
    assert table.between("USD", "GBP", DAY + 5 * ONE_DAY) == Quote(D("0.7916666667"), DAY)
    assert table.between("EUR", "USD", DAY) == Quote(D("1.1111111111"), DAY)
    assert table.between("JPY", "EUR", DAY) is None
    assert table.between("JPY", "JPY", DAY) == Quote(D(1))


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 30), RATE), unique_by=lambda row: row[:2]),
    st.integers(0, 31),
)
def test_the_table_agrees_with_a_plain_search(rows, offset):
    day = DAY + offset * ONE_DAY
    table = RateTable.of("EUR", [(code, DAY + n * ONE_DAY, rate) for code, n, rate in rows])
    for code in "AB":
        known = [(DAY + n * ONE_DAY, rate) for found, n, rate in rows if found == code and n <= offset]
        expected = Quote(max(known)[1], max(known)[0]) if known else None
        assert table.quote(code, day) == expected
