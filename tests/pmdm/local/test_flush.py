"""Emptying the database after a test that commits, while a request of that test is still under way."""

import threading
import time

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from delivery.models import Issue, Product
from handover.criteria.models import LibraryCriterion
from pmdm.accounts.models import Department, Organisation
from pmdm.activity.models import Change
from pmdm.local.testing import Shelf
from tests.factories import make_product, make_user


@pytest.mark.django_db(transaction=True)
def test_a_request_that_holds_a_table_and_wants_another_goes_first():
    """Whichever tables the flush has by then: the request holds one and asks for all others."""
    Organisation.objects.create(name="Left over")
    holds, flushed, committed = threading.Event(), threading.Event(), threading.Event()

    def request():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                Department.objects.create(name="Half way")
                holds.set()
                waiting = 0
                while not waiting and not flushed.is_set():
                    time.sleep(0.01)
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    [waiting] = cursor.fetchone()
                for table in connection.introspection.table_names(cursor):
                    cursor.execute(f"LOCK TABLE {connection.ops.quote_name(table)} IN ACCESS SHARE MODE")
            committed.set()
        finally:
            connection.close()

    thread = threading.Thread(target=request)
    thread.start()
    assert holds.wait(60)
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    flushed.set()
    thread.join(60)
    assert committed.is_set(), "the request was not the one that gave way"
    assert not Organisation.objects.exists()
    assert not Department.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_follows_from_the_models_stays_and_all_else_is_as_after_migrating():
    def rows():
        with connection.cursor() as cursor:
            found = {}
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
                found[table] = cursor.fetchone()[0]
            return found

    # Whatever earlier tests left is gone, what migrating leaves is there.
    call_command("flush", interactive=False, verbosity=0)
    before = rows()
    assert before["django_content_type"] > 100
    assert before["auth_permission"] > 400
    assert before["handover_librarycriterion"] > 10
    Organisation.objects.create(name="Left over")
    call_command("flush", interactive=False, verbosity=0)
    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_rows_come_back_from_the_shelf_as_they_were_and_the_audit_is_told_nothing_new():
    product = make_product(code="KEPT")
    Issue.report(product, by=make_user("Sue"), title="It fails")
    tables = Organisation, Product, Issue, Change, LibraryCriterion

    def rows():
        return {table: list(table.objects.order_by("pk").values()) for table in tables}

    shelf, before = Shelf(connection), rows()
    shelf.put()
    call_command("flush", interactive=False, verbosity=0)
    assert not Issue.objects.exists()
    for _time in range(2):
        shelf.take()
        assert rows() == before
    # New rows get numbers of their own.
    assert make_product(code="NEW").pk > product.pk
