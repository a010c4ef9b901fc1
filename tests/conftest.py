"""What every test may use."""

import gc
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from pmdm.local import testing
from pmdm.local.places import ROOT
from tests import pool

testing.start()
# No clock decides a test: a busy machine draws and runs slowly.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# What is imported and collected stays to the end, hundreds of thousands of objects: to look through all of them for
# garbage every few tests took a fifth of the time of all tests.
gc.set_threshold(50_000, 20, 10)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    pool.assert_drills_are_found(items)
    yield  # What is not asked for is left out, what needs a database of its own comes last in its file.
    items[:] = [items[place] for place in pool.in_order([item.nodeid for item in items])]


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # They come in order.
    return pool.Heap(config, log)


def pytest_collection_finish():
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def rows_loaded_alone():
    """zeal lets pass what a page asks of a row that was loaded alone; it learns of those by prepared questions here."""
    from zeal.listeners import n_plus_one_listener
    from zeal.patch import get_instance_key
    from zeal.util import is_single_query

    from pmdm.prepared import Question

    def rows(question, values, _rows=Question.rows):
        found = _rows(question, values)
        if found and is_single_query(question.asked.query):
            n_plus_one_listener.ignore(get_instance_key(found[0]))
        return found

    patch = pytest.MonkeyPatch()
    patch.setattr(Question, "rows", rows)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public files the tests read real input from."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: the public input files are not on this machine")
    return folder


@pytest.fixture(scope="session")
def migrated(django_db_modify_db_settings, django_db_blocker):
    """The database that the test database is copied from; none yet where no test ran since a migration changed."""
    found = testing.MigratedDatabase(connection)
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = found.find()
    yield found
    found.give_up()


@pytest.fixture(scope="session")
def django_db_setup(migrated, django_db_setup, django_db_blocker):
    """As pytest-django does it, from a copy of the migrated database where there is one, else leaving one.

    A thread of a server of the tests may still hold a connection at the end: the database could not be dropped then.
    """
    if migrated.lock is not None:
        with django_db_blocker.unblock():
            connection.close()
            connection.close_pool()
            migrated.keep(connection.settings_dict["NAME"])
    testing.flush_quickly(connection)
    yield
    with django_db_blocker.unblock():
        testing.end_other_sessions(connection)
