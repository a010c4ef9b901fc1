"""One archive with everything worth keeping: database, uploaded files, and sums that prove it came back whole.

The archive is a plain tar: `manifest.json`, `database.dump` (pg_dump's custom format) and `files/…`. Dump and
table sums come from the same snapshot, so people may go on working while it is made.
"""

import datetime
import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from . import external
from .binaries import Postgres, postgreses
from .places import SetUpError

FORMAT = 1


def back_up(*, database_url: str, files: Path, archive: Path) -> dict[str, Any]:
    """Write the archive; returns its manifest. An archive is either whole or not there."""
    place = external.connection(database_url)
    archive.parent.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_name(archive.name + ".part")
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".backup-") as folder:
        dump = Path(folder) / "database.dump"
        with snapshot(place) as (connection, name):
            manifest = {
                "format": FORMAT,
                "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "postgres": connection.info.server_version // 10000,
                "tables": table_sums(connection),
            }
            run_tool("pg_dump", place, ["--format=custom", f"--snapshot={name}", f"--file={dump}"])
        members = {"database.dump": dump} | dict(files_below(files))
        manifest["sums"] = {name: file_sum(path) for name, path in members.items()}
        with tarfile.open(unfinished, "w") as tar:
            add_text(tar, "manifest.json", json.dumps(manifest, indent=1))
            for name, path in members.items():
                tar.add(path, arcname=name, recursive=False)
    unfinished.chmod(0o600)
    unfinished.replace(archive)
    return manifest


def restore(*, database_url: str, files: Path, archive: Path) -> dict[str, Any]:
    """Put the archive's database and files in the place of the present ones; returns the manifest.

    Everything is unpacked and compared with its sums beside the present state, which is replaced only at the end.
    SetUpError where the archive is damaged or somebody still works in the database.
    """
    place = external.connection(database_url)
    files.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=files.parent, prefix=".restore-") as folder:
        manifest = unpack(archive, Path(folder))
        with new_database(place) as restored:
            dump = str(Path(folder) / "database.dump")
            run_tool("pg_restore", restored, ["--exit-on-error", "--no-owner", "--dbname", restored["dbname"], dump])
            with psycopg.connect(**restored) as connection:
                compare(manifest["tables"], table_sums(connection))
            swap_databases(place, restored["dbname"])
        unpacked = Path(folder) / "files"
        unpacked.mkdir(exist_ok=True)
        if files.exists():
            files.rename(Path(folder) / "replaced")
        unpacked.rename(files)
    return manifest


@contextmanager
def snapshot(place: dict[str, Any]) -> Iterator[tuple[psycopg.Connection, str]]:
    """A connection that sees one instant of the database, and the name others see it by."""
    with psycopg.connect(**place, options="-c statement_timeout=0 -c timezone=UTC") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield connection, row[0] if row else ""


def table_sums(connection: psycopg.Connection) -> dict[str, str]:
    """For each table its rows and the sum of their digests: the same whatever order the rows lie in."""
    connection.execute("SET timezone = 'UTC'")
    tables = connection.execute(
        "SELECT format('%I.%I', schemaname, tablename), schemaname, tablename FROM pg_tables "
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    ).fetchall()
    digest = "coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint::numeric), 0)"
    sums = {}
    for name, schema, table in tables:
        query = sql.SQL("SELECT count(*) || ' rows, ' || " + digest + " FROM ONLY {} t").format(
            sql.Identifier(schema, table)
        )
        row = connection.execute(query).fetchone()
        sums[name] = row[0] if row else ""
    return sums


def compare(wanted: dict[str, str], found: dict[str, str]) -> None:
    for table in sorted(wanted.keys() | found.keys()):
        if wanted.get(table) != found.get(table):
            raise SetUpError(
                f"Table {table} came back as {found.get(table, 'nothing')} instead of {wanted.get(table, 'nothing')}; "
                "nothing was replaced."
            )


def run_tool(name: str, place: dict[str, Any], options: list[str]) -> None:
    """Run one of PostgreSQL's programs against a database; SetUpError with its own words if it fails."""
    tool = tools(place).program(name)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    env = os.environ | {variable: place[key] for key, variable in names.items() if key in place}
    done = subprocess.run([tool, *options], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetUpError(f"{name} failed: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1]}")


def tools(place: dict[str, Any]) -> Postgres:
    """Programs as old as the server or a little newer: pg_dump reads no server newer than itself."""
    with maintenance(place) as connection:
        server = connection.info.server_version // 10000
    found = [one for one in postgreses() if (one.folder / "pg_dump").exists() and one.major >= server]
    if not found:
        raise SetUpError(f"No pg_dump {server} or newer found. Install it, or the packages of requirements.lock.")
    return min(found, key=lambda one: one.major)


@contextmanager
def new_database(place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An empty database beside the present one; dropped again unless it has taken its place."""
    name = f"{place['dbname']}_restoring"
    with maintenance(place) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield place | {"dbname": name}
    finally:
        with maintenance(place) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def swap_databases(place: dict[str, Any], restored: str) -> None:
    """The restored database takes the present one's name; SetUpError while somebody is connected to that."""
    present, old = sql.Identifier(place["dbname"]), sql.Identifier(f"{place['dbname']}_replaced")
    with maintenance(place) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(old))
        try:
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(present, old))
        except psycopg.errors.ObjectInUse:
            raise SetUpError(
                "Somebody still works in the database. Stop web server and workers, then restore."
            ) from None
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(restored), present))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(old))


@contextmanager
def maintenance(place: dict[str, Any]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**place | {"dbname": "postgres"}, autocommit=True) as connection:
        yield connection


def unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Unpack into a folder and compare every member with its sum; SetUpError where one differs."""
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        if manifest["format"] != FORMAT:
            raise SetUpError(f"{archive} has format {manifest['format']}; this version reads format {FORMAT}.")
        found = {"database.dump": folder / "database.dump"} | dict(files_below(folder / "files"))
        sums = {name: file_sum(path) for name, path in found.items()}
    except FileNotFoundError as error:
        raise SetUpError(
            f"{error.filename or archive} is missing: give the path of an archive that backup made."
        ) from error
    except (tarfile.TarError, json.JSONDecodeError, KeyError, OSError) as error:
        raise SetUpError(f"{archive} is no whole archive of ours ({error}); nothing was replaced.") from error
    wrong = sorted(
        name for name in sums.keys() | manifest["sums"].keys() if sums.get(name) != manifest["sums"].get(name)
    )
    if wrong:
        raise SetUpError(f"{archive} is damaged: {wrong[0]} is not what was saved; nothing was replaced.")
    return manifest


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"files/{path.relative_to(folder)}", path


def file_sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(text.encode())
    tar.addfile(member, io.BytesIO(text.encode()))
