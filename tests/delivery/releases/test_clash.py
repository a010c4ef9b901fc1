"""Which releases are in each other's way: against the slow way, pair by pair."""

import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.releases.clash import Clash, Planned, clashes, overlap

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine decides nothing
NOON = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)


def at(hour):
    return NOON + datetime.timedelta(hours=hour)


def planned(key, start, end, places=(), parts=(), hit=()):
    return Planned(key, at(start), at(end), frozenset(places), frozenset(parts), frozenset(hit))


def test_the_same_place_at_the_same_time():
    rows = [planned("b", 1, 3, places="xy"), planned("a", 0, 2, places="x"), planned("c", 3, 4, places="x")]
    assert clashes(rows) == [Clash("a", "b", frozenset("x"), frozenset(), frozenset())]


def test_one_takes_down_what_the_other_changes():
    rows = [planned("sign-in", 0, 2, parts=["sign-in"], hit=["web"]), planned("web", 1, 2, parts=["web"])]
    assert clashes(rows) == [Clash("sign-in", "web", frozenset(), frozenset(), frozenset(["web"]))]


sets = st.frozensets(st.integers(0, 3), max_size=2)
releases = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5), sets, sets, sets), max_size=12).map(
    lambda rows: [planned(n, start, start + length, *three) for n, (start, length, *three) in enumerate(rows)]
)


@calm
@given(releases)
def test_exactly_the_pairs_that_overlap_and_share(rows):
    expected = set()
    for number, one in enumerate(rows):
        for other in rows[number + 1 :]:
            shares = one.places & other.places or one.parts & (other.parts | other.hit) or one.hit & other.parts
            if shares and overlap(one.start, one.end, other.start, other.end):
                expected.add(frozenset((one.key, other.key)))
    found = clashes(rows)
    assert {frozenset((clash.one, clash.other)) for clash in found} == expected
    assert len(found) == len(expected)
