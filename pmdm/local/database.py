"""Brings the database up to date: migrations by one process at a time, demo data the first time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from pmdm.accounts.demo import accounts

from .supervisor import say

MIGRATION_LOCK = 0x504D444D  # "PMDM": any number that nobody else takes.


def bring_up_to_date(*, demo: bool) -> None:
    """Apply what migrations are missing; load the demo into a database that has no person yet."""
    with alone():
        if missing := missing_migrations():
            say(f"Bringing the database up to date ({missing} migrations) …")
            call_command("migrate", verbosity=0, interactive=False)
        if demo and "demo" in get_commands() and not get_user_model().objects.exists():
            say("Loading the demo, once …")
            call_command("demo")


def missing_migrations() -> int:
    """How many of the code's migrations the database has not seen."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def demo_accounts() -> list[str]:
    """One line for each kind of person the demo has, in its own order."""
    kinds: dict[str, str] = {}
    for person in accounts():
        kind = person.job_title or person.get_site_role_display()
        kinds.setdefault(kind, f"{kind}: {person.name} <{person.email}>")
    return list(kinds.values())


def let_go() -> None:
    """Close every connection: a supervisor that only watches needs none."""
    for each in connections.all():
        each.close()
        if isinstance(each, DatabaseWrapper):
            each.close_pool()


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of those who change the schema; work here may take longer than a page."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
            cursor.execute("RESET statement_timeout")
            cursor.execute("RESET lock_timeout")
