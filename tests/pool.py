"""One heap of work for all workers of a run: whole files, but walks through the browser one by one.

A worker that is free takes the next. What takes longest lies on top, the many small files at the bottom: so all are
busy to the end. Walks that look at a demo which takes long to build stay together.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

from pmdm.local.places import ROOT
from pmdm.local.run_tests import files_marked

BROWSER = "tests/browser/"
FIRST = [f"{BROWSER}test_every_page.py"]
TOGETHER = [*FIRST, f"{BROWSER}test_control.py"]
# Files of few but long tests, which their number would put at the end.
LONG = [
    "tests/test_access.py",
    "tests/handover/test_interleavings.py",
    "tests/handover/test_demo.py",
    "tests/handover/test_demo_team.py",
    "tests/test_closed_project.py",
    "tests/projects/schedule/api/test_together.py",
    "tests/projects/schedule/api/test_bad_cells.py",
]
# Walks, the longest first.
LONG_WALKS = ["test_from_charter", "test_a_handover_with_one_return", "test_from_template", "test_from_planning"]


class Heap(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """What is done by one worker: a file, or a single walk."""
    file = nodeid.split("::")[0]
    return nodeid if file.startswith(BROWSER) and file not in TOGETHER else file


def in_order(nodeids: list[str]) -> list[int]:
    """The places of these tests, in the order in which they are to be taken. Those of one scope keep theirs."""
    sizes: dict[str, int] = {}
    for nodeid in nodeids:
        file = nodeid.split("::")[0]
        sizes[file] = sizes.get(file, 0) + 1

    def key(place: int) -> tuple:
        file, _, name = nodeids[place].partition("::")
        if file in FIRST:
            return 0, FIRST.index(file)
        if file.startswith(BROWSER):
            return 1, next((at for at, walk in enumerate(LONG_WALKS) if name.startswith(walk)), len(LONG_WALKS)), file
        if file in LONG:
            return 2, LONG.index(file)
        return 3, -sizes[file], file

    return sorted(range(len(nodeids)), key=key)


def assert_drills_are_found(items: list[pytest.Item]) -> None:
    """`make test` looks for drills in the files whose text names their marker: no other may hold one."""
    found = {ROOT / file for file in files_marked("fault")}
    lost = {item.nodeid for item in items if item.get_closest_marker("fault") and item.path not in found}
    if lost:
        raise pytest.UsageError(f"Mark drills in their own file, or `make test` leaves them out: {sorted(lost)}")
