"""Installations of their own for tests that start and kill real processes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pmdm.local.places import ROOT, Home

PATIENCE = 60  # seconds for what takes one or two; only what never happens fails
OURS = ("DATABASE_URL", "REDIS_URL", "PMDM_ENV", "PMDM_DEMO", "PORT", "DJANGO_SETTINGS_MODULE")


def eventually(condition: Callable[[], object], *, within: float = PATIENCE) -> bool:
    """Whether the condition comes true in that many seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


class Installation:
    """A PMDM_HOME, the environment to run commands in it, and the processes that belong to it."""

    def __init__(self, root: Path):
        self.home = Home(root)
        self.env = {key: value for key, value in os.environ.items() if key not in OURS}
        self.env |= {"PMDM_HOME": str(root), "PMDM_ENV": "local"}

    def start(self, *command: str, **env: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.env | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def processes(self) -> list[psutil.Process]:
        """All that carry this folder in their environment or arguments: engines, guards, servers, workers."""
        return [process for process in psutil.process_iter() if self.owns(process)]

    def owns(self, process: psutil.Process) -> bool:
        root = str(self.home.root)
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                return False
            return process.environ().get("PMDM_HOME") == root or any(root in word for word in process.cmdline())
        except psutil.Error:
            return False

    def is_empty(self) -> bool:
        return not self.processes()

    def clear(self) -> None:
        for process in self.processes():
            process.send_signal(signal.SIGKILL)
        if self.home.sockets != self.home.run:
            shutil.rmtree(self.home.sockets, ignore_errors=True)  # It lies outside the test's folder.


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An empty installation; whatever still runs in it afterwards is killed."""
    one = Installation(tmp_path / "home")
    yield one
    one.clear()
