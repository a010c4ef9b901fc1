"""Cells as values."""

import datetime
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from pmdm.interchange.values import instant, whole


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


@pytest.mark.parametrize(("text", "expected"), [("3", 3), ("3.0", 3), (" 7 ", 7), ("", None), ("-1", -1)])
def test_whole_numbers(text, expected):
    assert whole(text) == expected


@pytest.mark.parametrize("text", ["x", "3.5", "nan", "inf", "1e400"])
def test_what_is_no_whole_number(text):
    with pytest.raises(ValueError):
        whole(text)
