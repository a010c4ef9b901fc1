"""Critical paths: every chain that decides the finish, and those that nearly do."""

from itertools import pairwise

from hypothesis import given

from projects.schedule.engine import LinkIn, LinkType, Network, TaskIn, critical_paths, schedule
from tests.projects.schedule.networks import STANDARD, START, anything, one_calendar, tried

DAY = 480


def paths(tasks, links, **options):
    network = Network(tasks, links)
    return critical_paths(network, schedule(network, START, STANDARD), STANDARD, **options)


def test_two_chains_of_the_same_length_are_two_paths():
    tasks = [TaskIn(i, DAY) for i in "abcde"] + [TaskIn("long", 3 * DAY)]
    links = [LinkIn("a", "b"), LinkIn("b", "c"), LinkIn("d", "e")]
    assert paths(tasks, links) == [["a", "b", "c"], ["long"]]


def test_paths_that_meet_are_told_apart():
    tasks = [TaskIn("start", DAY), TaskIn("x", DAY), TaskIn("y", DAY), TaskIn("short", 60), TaskIn("end", DAY)]
    links = [LinkIn("start", each) for each in ("x", "y", "short")] + [LinkIn(each, "end") for each in ("x", "y")]
    assert paths(tasks, links) == [["start", "x", "end"], ["start", "y", "end"]]
    assert paths(tasks, links, limit=1) == [["start", "x", "end"]]


def test_near_critical_chains_are_found_within_a_margin():
    tasks = [TaskIn("a", 3 * DAY), TaskIn("b", 2 * DAY), TaskIn("end", DAY)]
    links = [LinkIn("a", "end"), LinkIn("b", "end")]
    assert paths(tasks, links) == [["a", "end"]]
    assert paths(tasks, links, within=DAY) == [["a", "end"], ["b", "end"]]


def test_a_path_through_a_summary_names_the_task_below_that_decides():
    tasks = [TaskIn("s"), TaskIn(1, DAY, parent="s"), TaskIn(2, 2 * DAY, parent="s"), TaskIn("after", DAY)]
    assert paths(tasks, [LinkIn("s", "after")]) == [[2, "after"]]


def test_links_that_hold_finishes_are_part_of_a_path():
    tasks = [TaskIn("a", 3 * DAY), TaskIn("b", DAY)]
    assert paths(tasks, [LinkIn("a", "b", LinkType.FF)]) == [["a", "b"]]


def test_what_is_done_is_on_no_path():
    done = TaskIn("a", DAY, percent=100, actual_start=START, actual_finish=START.replace(hour=17))
    assert paths([done, TaskIn("b", DAY)], [LinkIn("a", "b")]) == [["b"]]


@tried
@given(anything)
def test_paths_are_made_of_critical_tasks_and_links(network):
    result = schedule(network, START, STANDARD)
    linked = {(link.predecessor, link.successor) for link in network.links}
    for path in critical_paths(network, result, STANDARD):
        assert len(path) == len(set(path))
        assert all(result.tasks[task].critical for task in path)
        assert set(pairwise(path)) <= linked


@tried
@given(one_calendar)
def test_every_critical_task_is_on_a_path(network):
    result = schedule(network, START, STANDARD)
    found = critical_paths(network, result, STANDARD, limit=10_000)
    assert {task for path in found for task in path} == set(result.critical)
