"""The score of a lesson: by hand, and what must hold for any."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.lessons.likeness import BEST_WORDS, THRESHOLD, Found, judge, most_alike, rarity

found = st.builds(
    Found,
    lesson=st.integers(1, 10**6),
    impact=st.sampled_from([1, 2, 3]),
    words=st.dictionaries(st.text("abc", min_size=3, max_size=5), st.integers(1, 50), max_size=12).map(
        lambda words: list(words.items())
    ),
    tags=st.lists(st.sampled_from(["supplier", "testing", "data"]), unique=True),
    same_client=st.booleans(),
    same_department=st.booleans(),
)


def test_by_hand():
    one = judge(Found(1, 2, [("permit", 1), ("portal", 4)], ["supplier"], same_department=True), lessons=9)
    assert one.score == pytest.approx(math.log(10) + math.log(10 / 4) + 3 + 2)
    assert one.words == ("permit", "portal")


def test_high_impact_weighs_more():
    scores = [judge(Found(1, impact, tags=["data"]), lessons=5).score for impact in (1, 2, 3)]
    assert scores == pytest.approx([3.75, 3.0, 2.4])


def test_the_same_department_alone_is_no_reason():
    assert most_alike([Found(1, 2, same_department=True)], 10, 5) == []
    assert [one.lesson for one in most_alike([Found(1, 2, [("permit", 1)], same_department=True)], 10, 5)] == [1]


def test_of_equals_the_later_comes_first():
    assert [one.lesson for one in most_alike([Found(n, 2, tags=["data"]) for n in (3, 9, 5)], 3, 2)] == [9, 5]


@given(st.integers(1, 500), st.integers(0, 500))
def test_rarity_falls_as_more_lessons_have_the_word(lessons, more):
    n = min(lessons, 1 + more)
    assert rarity(n, lessons) >= 0
    assert rarity(1, lessons) >= rarity(n, lessons)


@given(st.lists(found, max_size=20), st.integers(1, 20))
def test_the_best_above_the_threshold_in_order(many, limit):
    alike = most_alike(many, 50, limit)
    assert len(alike) <= limit
    assert all(one.score >= THRESHOLD for one in alike)
    assert [one.score for one in alike] == sorted((one.score for one in alike), reverse=True)
    assert all(len(one.words) <= BEST_WORDS for one in alike)


@given(found)
def test_one_more_thing_in_common_never_makes_it_less_alike(one):
    more = Found(one.lesson, one.impact, one.words, [*one.tags, "new"], True, one.same_department)
    assert judge(more, 50).score > judge(one, 50).score
