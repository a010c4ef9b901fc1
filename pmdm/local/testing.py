"""Engines for a test run: real ones, fast rather than safe, shared by all its workers, gone with the last."""

import atexit
import fcntl
import os
import shutil

from .engines import Engines, ensure_running
from .places import Home, SetUpError, home
from .service import open_lock


def start() -> Engines:
    """Hold engines under PMDM_HOME/test until this process ends."""
    os.environ.setdefault("PMDM_ENV", "test")
    try:
        engines = ensure_running(fast=True)
    except SetUpError:
        # Made without fsync: a machine that went down may have left it in pieces. It is only test data.
        discard_data(home())
        engines = ensure_running(fast=True)
    atexit.register(engines.close)
    return engines


def discard_data(here: Home) -> None:
    """Remove the test database's data, unless somebody uses it; BlockingIOError then."""
    alone = open_lock(here.run / "postgres.users", fcntl.LOCK_EX | fcntl.LOCK_NB)
    shutil.rmtree(here.postgres_data, ignore_errors=True)
    os.close(alone)
