"""Durations and predecessors as typed and as shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.schedule.engine import LagUnit, LinkIn, LinkType
from projects.schedule.notation import (
    Duration,
    NotationError,
    TimeUnits,
    format_duration,
    format_predecessors,
    parse_duration,
    parse_predecessors,
)


@pytest.mark.parametrize(
    ("text", "minutes", "elapsed", "unit"),
    [
        ("3d", 1440, False, "d"),
        ("3", 1440, False, "d"),
        ("5 days", 2400, False, "d"),
        ("1 day", 480, False, "d"),
        ("2w", 4800, False, "w"),
        ("2 wks", 4800, False, "w"),
        ("4h", 240, False, "h"),
        ("4 hrs", 240, False, "h"),
        ("30m", 30, False, "m"),
        ("30 mins", 30, False, "m"),
        ("1mo", 9600, False, "mo"),
        ("2 mons", 19200, False, "mo"),
        ("3ed", 4320, True, "d"),
        ("2ew", 20160, True, "w"),
        ("1emo", 43200, True, "mo"),
        ("90 emin", 90, True, "m"),
        ("1.5d", 720, False, "d"),
        ("1,5 days", 720, False, "d"),
        (" 0d ", 0, False, "d"),
        ("0.0125h", 0.75, False, "h"),
    ],
)
def test_durations_are_read(text, minutes, elapsed, unit):
    assert parse_duration(text) == Duration(minutes, elapsed, unit)


def test_a_question_mark_says_estimated():
    assert parse_duration("3d?").estimated


def test_a_project_may_have_other_days():
    units = TimeUnits(minutes_per_day=450, minutes_per_week=2250, days_per_month=21)
    assert parse_duration("2d", units).minutes == 900
    assert parse_duration("1w", units).minutes == 2250
    assert parse_duration("1mo", units).minutes == 9450


@pytest.mark.parametrize(
    "text", ["", "d", "-3d", "3x", "3d4h", "3 d d", "1e5d", "=3d", "٣d" * 40, "9" * 400 + "d", "500y"]
)
def test_what_is_no_duration_is_refused_with_what_would_be(text):
    with pytest.raises(NotationError) as caught:
        parse_duration(text)
    assert caught.value.accepted.startswith("a duration")


@pytest.mark.parametrize(
    ("minutes", "unit", "elapsed", "text"),
    [
        (1440, "d", False, "3d"),
        (720, "d", False, "1.5d"),
        (4320, "d", True, "3ed"),
        (240, "h", False, "4h"),
        (1, "d", False, "1m"),
        (100, "d", False, "100m"),
        (60, "w", False, "1h"),
        (0, "d", False, "0d"),
        (9600, "mo", False, "1mo"),
    ],
)
def test_durations_are_shown(minutes, unit, elapsed, text):
    assert format_duration(minutes, unit, elapsed=elapsed) == text


@given(st.integers(0, 500_000), st.sampled_from(["m", "h", "d", "w", "mo"]), st.booleans())
def test_what_is_shown_reads_back(minutes, unit, elapsed):
    duration = parse_duration(format_duration(minutes, unit, elapsed=elapsed))
    assert (duration.minutes, duration.elapsed) == (minutes, elapsed)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", []),
        ("3", [(3, "FS", 0, "working")]),
        ("3,5", [(3, "FS", 0, "working"), (5, "FS", 0, "working")]),
        ("3;5FS+2d", [(3, "FS", 0, "working"), (5, "FS", 960, "working")]),
        ("5fs + 2 days", [(5, "FS", 960, "working")]),
        ("7SS-50%", [(7, "SS", -50, "percent")]),
        ("7SS+25e%", [(7, "SS", 25, "elapsed percent")]),
        ("4FF+1ew", [(4, "FF", 10080, "elapsed")]),
        ("4SF-2h", [(4, "SF", -120, "working")]),
        ("4+2d", [(4, "FS", 960, "working")]),
        ("1FS+1,5d; 2", [(1, "FS", 720, "working"), (2, "FS", 0, "working")]),
        ("3FS+0d,", [(3, "FS", 0, "working")]),
    ],
)
def test_predecessors_are_read(text, links):
    found = parse_predecessors(text, successor=9)
    assert [(link.predecessor, link.type, link.lag, link.lag_unit) for link in found] == links
    assert all(link.successor == 9 for link in found)


@pytest.mark.parametrize(
    ("text", "part", "column"),
    [
        ("3,x", "x", 3),
        ("3FX", "3FX", 1),
        ("3; 5FS+2y", "5FS+2y", 4),
        ("3FS2d", "3FS2d", 1),
        ("-3", "-3", 1),
        ("3 5", "3 5", 1),
        ("=1+1", "=1+1", 1),
        ("3FS+" + "9" * 300 + "d", "3FS+" + "9" * 300 + "d", 1),
        ("9" * 13, "9" * 13, 1),
    ],
)
def test_what_is_no_predecessor_is_refused_where_it_stands(text, part, column):
    with pytest.raises(NotationError) as caught:
        parse_predecessors(text)
    assert (caught.value.value, caught.value.column) == (part, column)


def test_predecessors_are_shown_as_they_are_typed():
    links = [
        LinkIn(3, 9),
        LinkIn(5, 9, LinkType.FS, 960),
        LinkIn(7, 9, LinkType.SS, -50, LagUnit.PERCENT),
        LinkIn(4, 9, LinkType.FF, 10080, LagUnit.ELAPSED),
        LinkIn(2, 9, LinkType.SS),
    ]
    assert format_predecessors(links) == "3,5FS+2d,7SS-50%,4FF+7ed,2SS"
    assert format_predecessors(links[:2], numbers={3: 1, 5: 2}) == "1,2FS+2d"


links = st.builds(
    LinkIn,
    st.integers(1, 99_999),
    st.just(9),
    st.sampled_from(list(LinkType)),
    st.integers(-20_000, 20_000),
    st.sampled_from(list(LagUnit)),
)


@given(st.lists(links, max_size=5))
def test_predecessors_read_back(links):
    for link in links:
        if not link.lag:
            link.lag_unit = LagUnit.WORKING
    assert parse_predecessors(format_predecessors(links), successor=9) == links
