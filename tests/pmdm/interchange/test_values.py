"""Cells as values."""

import datetime
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from pmdm.interchange.values import DAY_FIRST, MONTH_FIRST, instant, orders, whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-01-08T16:38:15.000+0000", datetime.datetime(2021, 1, 8, 16, 38, 15, tzinfo=UTC)),
        ("2015-02-05", datetime.datetime(2015, 2, 5, tzinfo=UTC)),
        ("28/Nov/25 5:03 PM", datetime.datetime(2025, 11, 28, 17, 3, tzinfo=UTC)),
        ("2009-07-22 15:27:25", datetime.datetime(2009, 7, 22, 15, 27, 25, tzinfo=UTC)),
        ("19-JUL-21 01.32.41.000000000 PM", datetime.datetime(2021, 7, 19, 13, 32, 41, tzinfo=UTC)),
        ("", None),
        ("   ", None),
    ],
)
def test_instants(text, expected):
    assert instant(text) == expected


def test_an_instant_without_zone_is_of_the_given_one():
    assert instant("2026-07-01 12:00", ZoneInfo("Europe/Berlin")) == datetime.datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday", "12/2/24 8:16", "2026-13-01", "0001-01-01", "9999-12-31T23:59:59-12:00", "nan"]
)
def test_what_is_no_instant(text):
    with pytest.raises((ValueError, OverflowError)):
        instant(text)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("12/2/24 8:16", MONTH_FIRST, (2024, 12, 2, 8, 16)),
        ("12/2/24 8:16", DAY_FIRST, (2024, 2, 12, 8, 16)),
        ("31.12.2026", DAY_FIRST, (2026, 12, 31)),
        ("31.12.2026, 16:38:15", DAY_FIRST, (2026, 12, 31, 16, 38, 15)),
        ("12/31/2026 12:05 AM", MONTH_FIRST, (2026, 12, 31, 0, 5)),
        ("12/31/26 4:38 p.m.", MONTH_FIRST, (2026, 12, 31, 16, 38)),
        ("29-2-2024", DAY_FIRST, (2024, 2, 29)),
        ("1/1/69", DAY_FIRST, (1969, 1, 1)),
        ("2026-01-02", MONTH_FIRST, (2026, 1, 2)),
        ("28/Nov/25 5:03 PM", MONTH_FIRST, (2025, 11, 28, 17, 3)),
    ],
)
def test_dates_of_mere_numbers_in_the_order_that_is_said(text, order, expected):
    assert instant(text, order=order) == datetime.datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "order"),
    [("31.12.2026", MONTH_FIRST), ("12/31/2026", DAY_FIRST), ("29.2.2026", DAY_FIRST), ("1/2/2026 13:00 PM", DAY_FIRST),
     ("1/2.2026", DAY_FIRST), ("1/2/2026 25:00", DAY_FIRST), ("0/1/2026", MONTH_FIRST)],
)  # fmt: skip
def test_what_is_no_day_in_that_order(text, order):
    with pytest.raises(ValueError):
        instant(text, order=order)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1/2/2026", "13/2/2026"], {DAY_FIRST}),
        (["1/2/2026", "2/13/2026"], {MONTH_FIRST}),
        (["1/2/2026", ""], {DAY_FIRST, MONTH_FIRST}),
        (["13/2/2026", "2/13/2026"], set()),
        (["2026-01-02", "x"], set()),
    ],
)
def test_the_orders_that_dates_allow(texts, expected):
    assert orders(texts) == expected


@pytest.mark.parametrize(("text", "expected"), [("3", 3), ("3.0", 3), (" 7 ", 7), ("", None), ("-1", -1)])
def test_whole_numbers(text, expected):
    assert whole(text) == expected


@pytest.mark.parametrize("text", ["x", "3.5", "nan", "inf", "1e400"])
def test_what_is_no_whole_number(text):
    with pytest.raises(ValueError):
        whole(text)
