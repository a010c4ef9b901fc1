"""Runs every test and says how many ran: all side by side but the killings, which go one after the other.

The killings mostly wait for what they killed: they go on in the background while the others use the processors. All
others are one heap of work (tests/pool.py), collected once, so that no processor waits for the end of a kind of tests.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .browser import get_browser
from .places import ROOT

JUNIT = "junit.xml"
NOTHING_COLLECTED = 5  # pytest's exit code for it; fine for one phase, not for all.


@dataclass(frozen=True)
class Phase:
    name: str
    marker: str
    options: list[str]


BACKGROUND = Phase("fault", "fault", [])
EVERYTHING = Phase("unit, database and browser", "not fault", ["-n", "2", "--dist", "loadscope"])
WITHOUT_BROWSER = Phase("unit and database", "not fault and not browser", EVERYTHING.options)


@dataclass
class Tally:
    counts: Counter[str] = field(default_factory=Counter)
    skips: Counter[str] = field(default_factory=Counter)
    failed: bool = False

    def take(self, code: int, folder: Path) -> None:
        """What a run of pytest ended with."""
        self.failed = self.failed or code not in (0, NOTHING_COLLECTED)
        if (folder / JUNIT).exists():
            self.add(folder / JUNIT)

    def add(self, report: Path) -> None:
        """Count a junit report."""
        for case in ET.parse(report).getroot().iter("testcase"):
            skipped = case.find("skipped")
            outcome = next((one for one in ("error", "failure", "skipped") if case.find(one) is not None), "passed")
            self.counts[outcome] += 1
            if skipped is not None:
                self.skips[skipped.get("message") or "no reason given"] += 1


def main(tests: list[str]) -> int:
    os.environ.setdefault("PMDM_ENV", "test")
    began, tally = time.monotonic(), Tally()
    browser = get_browser()
    if browser:
        os.environ["PMDM_BROWSER"] = browser
    with background(BACKGROUND, tests or files_marked("fault"), tally):
        run(EVERYTHING if browser else WITHOUT_BROWSER, tests, tally)
    report(tally, seconds=time.monotonic() - began, without_browser=not browser)
    return int(tally.failed or not tally.counts)


def files_marked(marker: str) -> list[str]:
    """Where such tests stand, as far as the text says it: so that not all others have to be collected."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(path.relative_to(ROOT)) for path in files if f"mark.{marker}" in path.read_text()]


def run(phase: Phase, tests: list[str], tally: Tally) -> None:
    print(f"\n== {phase.name} tests", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tally.take(subprocess.run(command(phase, tests, Path(folder)), cwd=ROOT, check=False).returncode, Path(folder))


@contextmanager
def background(phase: Phase, tests: list[str], tally: Tally) -> Iterator[None]:
    """Runs beside what is done meanwhile; what it says is shown when both are over."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "said").open("w+b") as said:
        running = subprocess.Popen(command(phase, tests, Path(folder)), cwd=ROOT, stdout=said, stderr=said)
        try:
            yield
        except BaseException:
            running.terminate()
            raise
        finally:
            code = running.wait()
            said.seek(0)
            print(f"\n== {phase.name} tests, meanwhile\n{said.read().decode(errors='replace')}", flush=True)
        tally.take(code, Path(folder))


def command(phase: Phase, tests: list[str], folder: Path) -> list[str]:
    options = ["-q", "-m", phase.marker, f"--junitxml={folder / JUNIT}", *phase.options]
    return [sys.executable, "-m", "pytest", *options, *tests]


def report(tally: Tally, *, seconds: float, without_browser: bool) -> None:
    counts = tally.counts
    failures = counts["failure"] + counts["error"]
    ran = counts["passed"] + failures
    print(f"\n{ran} tests ran in {seconds:.0f} s: {counts['passed']} passed, {failures} failed.")
    for reason, number in tally.skips.items():
        print(f"{number} skipped: {reason}")
    if without_browser:
        line = "!" * 80
        print(f"{line}\nLEFT OUT: all browser tests. No Chromium or Chrome is here and none could be had.\n{line}")
    if tally.failed:
        print("FAILED")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
