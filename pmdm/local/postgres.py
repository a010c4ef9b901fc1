"""PostgreSQL on this machine: its data folder, its start, its database."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .binaries import Postgres, find_postgres
from .places import Home, SetUpError
from .service import Service, telling

USER = DATABASE = "pmdm"
UNROOT = Path(__file__).with_name("unroot.py")

SETTINGS = {
    "listen_addresses": "",  # The socket in a private folder is the only way in.
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "wal_level": "minimal",  # One machine, no replica; a commit is as safe as ever.
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "2000",
}
# Data that a test makes and throws away survives the server's death, not the machine's.
FAST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "checkpoint_timeout": "30min",
    "max_connections": "200",
}


def url(home: Home) -> str:
    """Address in the form django-environ reads for a socket: postgres://user@//folder/database."""
    return f"postgres://{USER}@/{quote(str(home.sockets))}/{DATABASE}"


def service(home: Home, *, fast: bool = False) -> Service:
    """The server over this home's data; finds its programs and, the first time, makes the data."""
    found = find_postgres(major=data_major(home))
    settings = SETTINGS | (FAST_SETTINGS if fast else {}) | {"unix_socket_directories": str(home.sockets)}
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    return Service(
        name="postgres",
        home=home,
        command=[found.program("postgres"), "-D", str(home.postgres_data), *options],
        answers=lambda: answers(home),
        stop_signal=signal.SIGINT,  # "Fast": open transactions are rolled back, then a clean stop.
        grace=20,
        patience=60,  # A recovery after a crash takes its time.
        before=lambda: prepare_data(home, found, fast=fast),
        runner=runner(home.postgres_data),
    )


def data_major(home: Home) -> int | None:
    """Major version that made the data; None where there is none yet."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return int((home.postgres_data / "PG_VERSION").read_text().strip())
    return None


def runner(data: Path) -> list[str]:
    """What runs PostgreSQL's programs for those they refuse: root, and a user without a name (in a container)."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        nameless = True
    else:
        nameless = False
    return [sys.executable, "-I", "-S", str(UNROOT), str(data)] if nameless or os.geteuid() == 0 else []


def prepare_data(home: Home, found: Postgres, *, fast: bool) -> None:
    if data_major(home) is None:
        make_data(home, found, fast=fast)
    wait_for_predecessor(home)


def make_data(home: Home, found: Postgres, *, fast: bool) -> None:
    """Run initdb beside the place and move the result in, so that a half-made folder is never used."""
    unfinished = home.root / "pg.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    # By bytes, not by a language: the wheel has no ICU, and what is sorted is a normalised key.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if found.major >= 17 else []
    made = subprocess.run(
        [
            *[*runner(unfinished), found.program("initdb"), "-D", str(unfinished), "-U", USER, "-A", "trust"],
            *["-E", "UTF8", "--locale=C", *locale, *(["--no-sync"] if fast else [])],
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        why = telling(made.stderr.splitlines())
        raise SetUpError(f"PostgreSQL could not make its data in {home.postgres_data}: {why}")
    unfinished.rename(home.postgres_data)


def wait_for_predecessor(home: Home) -> None:
    """No guard is there, so a server that still runs has lost its own and is ending; see it off.

    A process id left behind by a crash may meanwhile be another program's: PostgreSQL would refuse to start.
    """
    lock = home.postgres_data / "postmaster.pid"
    for _ in range(100):
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        if not is_postgres(pid, home.postgres_data):
            lock.unlink(missing_ok=True)
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        time.sleep(0.1)
    raise SetUpError(f"A PostgreSQL that nobody guards (process {pid}) holds {home.postgres_data}: stop it first.")


def is_postgres(pid: int, data: Path) -> bool:
    import psutil

    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return bool(command) and "postgres" in command[0] and str(data) in command


def answers(home: Home) -> bool:
    """Whether it takes connections; makes the database the first time."""
    import psycopg

    place: dict[str, Any] = {"host": str(home.sockets), "user": USER, "connect_timeout": 5}
    try:
        psycopg.connect(**place, dbname=DATABASE).close()
    except psycopg.OperationalError as error:
        if f'database "{DATABASE}" does not exist' not in str(error):
            return False
        make_database(place)
    return True


def make_database(place: dict[str, Any]) -> None:
    import psycopg

    with (
        suppress(psycopg.errors.DuplicateDatabase),
        psycopg.connect(**place, dbname="postgres", autocommit=True) as connection,
    ):
        connection.execute(f"CREATE DATABASE {DATABASE}")
