"""Engines for a test run: real ones, fast rather than safe, shared by all its workers, gone with the last."""

import atexit
import fcntl
import hashlib
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db import transaction
from django.db.models.signals import post_migrate

from .engines import Engines, ensure_running
from .places import ROOT, Home, SetUpError, home
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


LARGE = 16 * 1024 * 1024  # bytes in all tables: from here on emptying the files takes less time than emptying the rows
FOLLOWING_FROM_MODELS = {"django_content_type", "auth_permission"}
TURNS = 50  # of the flush, to have all tables at once


def flush_quickly(connection: Any) -> None:
    """Let the flush after a test that commits cost a tenth: it took most of the time of such a test.

    Truncating hundreds of tables that hold a few rows or none makes thousands of files anew. And what is installed
    after each migration is still there after a flush: nobody has changed the schema. The names of models and of
    Django's own permissions, which follow from it, stay: no code of ours writes there.
    """
    settings.PGTRIGGER_INSTALL_ON_MIGRATE = False
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    # Of the class: a walk through the browser has a connection of its own, and what follows it in the same worker too.
    operations = type(connection.ops)
    truncate = operations.sql_flush

    def sql_flush(
        self: Any, style: Any, tables: list[str], *, reset_sequences: bool = False, **options: Any
    ) -> list[str]:
        tables = [table for table in tables if table not in FOLLOWING_FROM_MODELS]
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(pg_relation_size(quote_ident(name)::regclass)) FROM unnest(%s::text[]) name", [tables]
            )
            [size] = cursor.fetchone()
        if size is None:
            return []
        names = [self.quote_name(table) for table in tables]
        held = [
            # As truncating does: it waits for whatever is still being written, so that nothing of it is left. A request
            # that is still under way may hold one table and want another: then it goes first, and this tries again.
            "SET LOCAL deadlock_timeout = '100ms'",
            f"""DO $$ BEGIN
                FOR turn IN 1..{TURNS} LOOP
                    BEGIN
                        LOCK TABLE {", ".join(names)} IN ACCESS EXCLUSIVE MODE;
                        RETURN;
                    EXCEPTION WHEN deadlock_detected THEN
                        IF turn = {TURNS} THEN RAISE; END IF;
                        PERFORM pg_sleep(0.2);
                    END;
                END LOOP;
            END $$""",
        ]
        if reset_sequences or size > LARGE:
            return held + truncate(self, style, tables, reset_sequences=reset_sequences, **options)
        return [
            *held,
            # Neither keys nor the audit have a say in it.
            "SET LOCAL session_replication_role = replica",
            "DO $$ BEGIN " + " ".join(f"DELETE FROM {name};" for name in names) + " END $$",
        ]

    operations.sql_flush = sql_flush


def end_other_sessions(connection: Any) -> None:
    """Take this database away from whoever else is still connected, such as a thread of a server that was stopped."""
    # The session at hand may be one that was ended so, from a connection of a walk.
    connection.close()
    connection.close_pool()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()
    connection.close_pool()


class Shelf:
    """Rows that took long to make, kept beside the tables they are in, to be there again after a flush."""

    SCHEMA = "shelf"

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.columns: dict[str, str] = {}
        self.numbered: dict[str, str | None] = {}  # by table, the column that is numbered by itself

    def put(self) -> None:
        """Copy what is in the tables now."""
        quote = self.connection.ops.quote_name
        with transaction.atomic(), self.connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {self.SCHEMA} CASCADE")
            cursor.execute(f"CREATE SCHEMA {self.SCHEMA}")
            for table in sorted(set(self.connection.introspection.table_names(cursor)) - FOLLOWING_FROM_MODELS):
                cursor.execute(f"SELECT EXISTS (SELECT FROM {quote(table)})")
                if cursor.fetchone()[0]:
                    cursor.execute(
                        "SELECT string_agg(quote_ident(column_name), ', '),"
                        " max(column_name) FILTER (WHERE is_identity = 'YES') FROM information_schema.columns"
                        " WHERE table_schema = current_schema AND table_name = %s AND is_generated = 'NEVER'",
                        [table],
                    )
                    self.columns[table], self.numbered[table] = cursor.fetchone()
                    cursor.execute(f"CREATE TABLE {self.SCHEMA}.{quote(table)} AS TABLE {quote(table)}")

    def take(self) -> None:
        """Have them in the tables again, in place of what a flush leaves there."""
        quote = self.connection.ops.quote_name
        with transaction.atomic(), self.connection.cursor() as cursor:
            # They were checked, and told to the audit, when they were made.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, columns in self.columns.items():
                cursor.execute(f"DELETE FROM {quote(table)}")
                cursor.execute(
                    f"INSERT INTO {quote(table)} ({columns}) SELECT {columns} FROM {self.SCHEMA}.{quote(table)}"
                )
                if column := self.numbered[table]:
                    cursor.execute(
                        f"SELECT setval(pg_get_serial_sequence(%s, %s), max({quote(column)})) FROM {quote(table)}",
                        [quote(table), column],
                    )


class MigratedDatabase:
    """The empty database after all migrations, kept as a template: a copy takes a tenth of the time of migrating.

    Named after what the migrations say, so that a changed one is never met by an old copy. The first process that
    finds none migrates; those beside it wait for its copy.
    """

    PREFIX = "pmdm_migrated_"

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.name = self.PREFIX + digest_of_migrations()
        self.lock: int | None = None

    def find(self) -> str | None:
        """Its name. None: the caller is to migrate a database of its own, then to `keep` it or to `give_up`."""
        self.lock = open_lock(home().run / "migrated.lock", fcntl.LOCK_EX)
        if self.name in self.kept():
            self.give_up()
            return self.name
        return None

    def keep(self, database: str) -> None:
        """Copy this migrated database, to which nobody may be connected, in place of all older copies."""
        with self.connection._nodb_cursor() as cursor:
            for old in self.kept():
                cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{database}"')
        self.give_up()

    def give_up(self) -> None:
        """Let the next one have its turn."""
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def kept(self) -> list[str]:
        with self.connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.PREFIX])
            return [name for (name,) in cursor.fetchall()]


def digest_of_migrations() -> str:
    """Sixteen hex digits of all that decides what the migrations make: they, what they import, the packages."""
    migrations = sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("*/*/migrations/*.py"))
    imported = {
        ROOT / Path(*module.split(".")).with_suffix(".py")
        for path in migrations
        for module in re.findall(
            r"^(?:from|import) ((?:pmdm|projects|delivery|handover)\.[\w.]+)", path.read_text(), re.M
        )
    }
    digest = hashlib.sha256(sys.version.encode())
    for path in [ROOT / "requirements.lock", *migrations, *sorted(imported)]:
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
