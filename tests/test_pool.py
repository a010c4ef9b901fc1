"""The heap of work of a run: in which order it is given out, and what stays together."""

import random
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import pool
from tests.pool import scope_of

PAGES = "tests/browser/test_every_page.py"


def heap():
    return [
        "tests/a/test_small.py::test_one",
        f"{PAGES}::test_each_page[a]",
        "tests/a/test_large.py::test_one",
        "tests/a/test_large.py::test_two[x::y]",
        "tests/browser/test_board.py::test_by_long_press",
        "tests/handover/test_interleavings.py::test_a_thousand",
        f"{PAGES}::test_each_page[b]",
        "tests/browser/test_main_job.py::test_from_charter_to_delivered_product",
        "tests/a/test_small.py::test_two",
        "tests/a/test_large.py::test_three",
    ]


def test_long_ones_come_first_and_small_files_last():
    nodeids = heap()
    scopes = list(dict.fromkeys(scope_of(nodeids[place]) for place in pool.in_order(nodeids)))
    assert scopes == [
        PAGES,
        "tests/browser/test_main_job.py::test_from_charter_to_delivered_product",
        "tests/browser/test_board.py::test_by_long_press",
        "tests/handover/test_interleavings.py",
        "tests/a/test_large.py",
        "tests/a/test_small.py",
    ]


def test_each_is_given_out_once_and_what_belongs_together_keeps_its_order():
    nodeids = heap()
    random.Random(4711).shuffle(nodeids)
    places = pool.in_order(nodeids)
    assert sorted(places) == list(range(len(nodeids)))
    for scope in set(map(scope_of, nodeids)):
        of_it = [place for place in places if scope_of(nodeids[place]) == scope]
        assert of_it == sorted(of_it)


def test_no_name_has_gone_stale(request):
    root = request.config.rootpath
    assert [name for name in [*pool.TOGETHER, *pool.LONG] if not (root / name).exists()] == []
    walks = "".join(path.read_text() for path in (root / pool.BROWSER).glob("test_*.py"))
    assert [name for name in pool.LONG_WALKS if f"def {name}" not in walks] == []


@pytest.mark.parametrize("marked", [True, False])
def test_a_drill_in_a_file_that_does_not_say_so_ends_the_run(marked):
    item = SimpleNamespace(nodeid="x", path=Path(__file__), get_closest_marker=lambda name: marked and name == "fault")
    if marked:
        with pytest.raises(pytest.UsageError, match="leaves them out"):
            pool.assert_drills_are_found([item])
    else:
        pool.assert_drills_are_found([item])
