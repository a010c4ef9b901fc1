"""Addresses of the engines, and whose engines they are."""

import pytest
import redis
from environ import Env

from pmdm.local import engines, external, places
from pmdm.local.places import SetUpError


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A process outside any test, with nothing in its environment."""
    for variable in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PMDM_ENV", "local")
    monkeypatch.setenv("PMDM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_asking_for_addresses_starts_and_makes_nothing(fresh):
    engines.urls()
    assert not fresh.exists()


def test_addresses_lead_into_the_private_folder(fresh):
    database, cache = engines.urls()
    sockets = str(places.home().sockets)
    assert Env.db_url_config(database) == {
        "NAME": "pmdm",
        "USER": "pmdm",
        "PASSWORD": "",
        "HOST": sockets,
        "PORT": "",
        "ENGINE": "django.db.backends.postgresql",
    }
    assert redis.Redis.from_url(cache).connection_pool.connection_kwargs["path"] == f"{sockets}/valkey.sock"


def test_a_folder_with_odd_letters_survives_the_address(fresh, monkeypatch):
    monkeypatch.setenv("PMDM_HOME", "/tmp/a b+c%d")
    database, cache = engines.urls()
    assert external.connection(database)["host"] == "/tmp/a b+c%d/test/run".replace("/test", "")
    assert redis.Redis.from_url(cache).connection_pool.connection_kwargs["path"] == "/tmp/a b+c%d/run/valkey.sock"


def test_the_environment_has_its_way_and_nothing_is_started(fresh, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://ann@db.example/pmdm")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example:6379/3")
    assert engines.urls() == ("postgres://ann@db.example/pmdm", "redis://cache.example:6379/3")
    with engines.ensure_running() as ours:
        assert ours.holds == []
    assert not fresh.exists()


def test_an_address_of_the_environment_that_does_not_answer_is_told_without_its_password(fresh, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:s3cret@127.0.0.1:9/pmdm")
    with pytest.raises(SetUpError, match=r"DATABASE_URL names 127.0.0.1:9/pmdm, which does not answer") as told:
        external.check()
    assert "s3cret" not in str(told.value)
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@127.0.0.1:9/0")
    with pytest.raises(SetUpError, match=r"REDIS_URL names 127.0.0.1:9/0, which does not answer") as told:
        external.check()
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(
    ("redis_url", "broker"),
    [
        ("unix:///run/x/valkey.sock?db=0", "redis+socket:///run/x/valkey.sock?virtual_host=0"),
        ("unix:///run/x/valkey.sock?db=3", "redis+socket:///run/x/valkey.sock?virtual_host=3"),
        ("unix:///run/x/valkey.sock", "redis+socket:///run/x/valkey.sock?virtual_host=0"),
        ("redis://cache:6379/1", "redis://cache:6379/1"),
        ("rediss://:key@cache:6379/1", "rediss://:key@cache:6379/1"),
    ],
)
def test_the_broker_has_the_same_address_in_its_own_words(redis_url, broker):
    assert engines.broker_url(redis_url) == broker
