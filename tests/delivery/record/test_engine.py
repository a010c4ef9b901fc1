"""What breaks if: hand-worked cases and what must hold for any network of components."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.products.landscape.engine import Effect, circle, effects, layers

HARD, SOFT = True, False
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine decides nothing


def test_a_failure_goes_up_all_that_need_it_by_the_shortest_way():
    links = [("web", "service", HARD), ("service", "db", HARD), ("job", "db", HARD), ("web", "db", HARD)]
    assert effects(links, "db") == {
        "service": Effect(True, ("db", "service")),
        "job": Effect(True, ("db", "job")),
        "web": Effect(True, ("db", "web")),
    }
    assert effects(links, "web") == {}


def test_a_soft_link_only_degrades_unless_a_hard_way_leads_there():
    links = [("web", "search", SOFT), ("app", "web", HARD)]
    assert effects(links, "search") == {
        "web": Effect(False, ("search", "web")),
        "app": Effect(False, ("search", "web", "app")),
    }
    assert effects([*links, ("web", "index", HARD), ("index", "search", HARD)], "search")["app"] == Effect(
        True, ("search", "index", "web", "app")
    )


def test_a_circle_is_told_in_the_order_of_who_needs_whom():
    links = [("web", "service", HARD), ("service", "db", SOFT)]
    assert circle(links, "db", "web") == ("db", "web", "service", "db")
    assert circle(links, "web", "db") == ()
    assert circle(links, "web", "web") == ("web", "web")


def test_layers_put_all_that_need_something_above_it():
    links = [("web", "service", HARD), ("service", "db", HARD), ("web", "db", HARD)]
    assert layers(["db", "web", "service", "alone"], links) == [["web", "alone"], ["service"], ["db"]]
    assert layers([], links) == []
    with pytest.raises(ValueError):
        layers("ab", [("a", "b", HARD), ("b", "a", HARD)])


keys = st.integers(0, 9)
any_links = st.lists(st.tuples(keys, keys, st.booleans()), max_size=30)
# Every link leads to a greater key, so there is no circle.
no_circle = any_links.map(lambda links: [(min(a, b), max(a, b), hard) for a, b, hard in links if a != b])


@calm
@given(any_links, keys)
def test_exactly_those_that_lead_to_it_are_hit(links, failed):
    found = effects(links, failed)
    # The slow way: again and again until nothing is added.
    for only_hard in (False, True):
        reached = {failed}
        while more := {a for a, b, hard in links if b in reached and (hard or not only_hard)} - reached:
            reached |= more
        hit = {key for key, effect in found.items() if effect.breaks or not only_hard}
        assert hit == reached - {failed}


@calm
@given(any_links, keys)
def test_every_path_is_a_chain_of_links_of_its_kind(links, failed):
    for key, effect in effects(links, failed).items():
        assert effect.path[0] == failed
        assert effect.path[-1] == key
        assert len(set(effect.path)) == len(effect.path)
        for needs, who in pairwise(effect.path):
            kinds = {hard for a, b, hard in links if (a, b) == (who, needs)}
            assert kinds
            assert True in kinds or not effect.breaks


@calm
@given(no_circle, keys, keys)
def test_a_link_is_refused_exactly_when_it_closes_a_circle(links, who, needs):
    found = circle(links, who, needs)
    if not found:
        layers(range(10), [*links, (who, needs, True)])  # raises where there is one
        return
    pairs = {(a, b) for a, b, _hard in links} | {(who, needs)}
    assert found[0] == found[-1] == who
    assert found[1] == needs
    assert all(pair in pairs for pair in pairwise(found))


@calm
@given(no_circle)
def test_each_stands_below_all_that_need_it(links):
    found = layers(range(10), links)
    depth = {key: down for down, layer in enumerate(found) for key in layer}
    assert sorted(depth) == list(range(10))
    assert all(depth[who] < depth[needs] for who, needs, _hard in links)
    assert all(layer for layer in found)


def test_a_chain_of_thousands_needs_no_recursion():
    links = [(n, n + 1, True) for n in range(5000)]
    assert len(effects(links, 5000)) == 5000
    assert len(layers(range(5001), links)) == 5001
