"""A slow, full or absent database is a 503 with a page; probes tell it without leaking."""

import datetime

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone
from psycopg_pool import PoolTimeout
from redis.exceptions import ConnectionError as RedisAway

from pmdm.jobs.models import Heartbeat, Outbox
from tests import factories


@pytest.fixture
def site():
    return Client(raise_request_exception=False)


@pytest.fixture
def no_database(monkeypatch):
    """Nothing is to be had from the pool, as when PostgreSQL is down."""
    connection.close()

    def refuse(self, *args, **kwargs):
        raise OperationalError("couldn't get a connection: host=secret.internal") from PoolTimeout()

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", refuse)
    yield
    monkeypatch.undo()


def assert_busy(response):
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert "busy" in text
    assert "Traceback" not in text
    assert "secret" not in text


@pytest.mark.django_db
@pytest.mark.urls("tests.pmdm.slow_urls")
class TestPages:
    def test_a_slow_query_is_a_503(self, site):
        assert_busy(site.get("/sleeps/"))

    def test_an_error_of_ours_is_a_500_without_its_stack(self, site):
        response = site.get("/breaks/")
        assert response.status_code == 500
        assert b"secret detail" not in response.content
        assert b"Traceback" not in response.content


@pytest.mark.django_db(transaction=True)
class TestWithoutDatabase:
    def test_a_page_is_a_503(self, site, no_database):
        assert_busy(site.get("/accounts/login/"))

    def test_a_page_of_somebody_signed_in_is_a_503(self, site, monkeypatch):
        site.force_login(factories.make_user())
        connection.close()

        def refuse(self, *args, **kwargs):
            raise OperationalError("host=secret.internal")

        with monkeypatch.context() as patch:
            patch.setattr(BaseDatabaseWrapper, "connect", refuse)
            for path in ("/", "/projects/", "/accounts/profile/"):
                assert_busy(site.get(path))
            assert_busy(site.post("/accounts/profile/", {"name": "X"}))

    def test_the_process_still_answers(self, site, no_database):
        assert site.get("/healthz").status_code == 200

    def test_it_is_not_ready_and_says_so_in_short(self, site, no_database):
        response = site.get("/readyz")
        assert response.status_code == 503
        answer = response.json()
        assert answer["database"] == "failed: OperationalError"
        assert answer["beat"] == "unknown: no database"
        assert "secret" not in response.content.decode()


@pytest.mark.django_db
class TestReady:
    @pytest.fixture(autouse=True)
    def beat(self):
        return Heartbeat.objects.create(name="beat", at=timezone.now())

    def test_all_is_well(self, client):
        response = client.get("/readyz")
        checks = ("database", "redis", "migrations", "beat", "outbox")
        assert response.json() == {"ready": True} | dict.fromkeys(checks, "ok")

    def test_a_silent_beat(self, client):
        Heartbeat.objects.update(at=timezone.now() - datetime.timedelta(seconds=90))
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["beat"] == "failed: silent for 90 s"

    def test_no_beat_yet(self, client):
        Heartbeat.objects.all().delete()
        assert client.get("/readyz").json()["beat"] == "failed: no heartbeat yet"

    def test_an_outbox_that_stands_still(self, client):
        row = Outbox.objects.create(kind="x", key="x", due_at=timezone.now() - datetime.timedelta(minutes=10))
        assert client.get("/readyz").json()["outbox"] == "failed: oldest waits for 600 s"
        Outbox.objects.filter(pk=row.pk).update(failed_at=timezone.now())
        assert client.get("/readyz").status_code == 200, "failed jobs are the administrator's, not the probe's"

    def test_redis_is_away(self, client, monkeypatch):
        def away():
            raise RedisAway("Error connecting to secret.internal:6379")

        monkeypatch.setattr(cache, "ping", away, raising=False)
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["redis"] == "failed: ConnectionError"
        assert b"secret" not in response.content

    def test_missing_migrations(self, client, monkeypatch):
        from pmdm import views

        monkeypatch.setattr(views, "_migrations_seen_complete", -1e9)
        monkeypatch.setattr(views.MigrationExecutor, "migration_plan", lambda self, targets: [1, 2])
        assert client.get("/readyz").json()["migrations"] == "failed: 2 not applied"


def test_without_redis_pages_still_come(client, db, monkeypatch, settings):
    settings.RATE_LIMITS_ON = True
    from pmdm.jobs.cache import RedisCache

    def away(*args, **kwargs):
        raise RedisAway("away")

    for name in ("get", "set", "add", "incr", "delete"):
        monkeypatch.setattr(RedisCache, name, away)
    assert client.get("/accounts/login/").status_code == 200
    response = client.post("/accounts/login/", {"login": "a@b.example", "password": "x"})
    assert response.status_code == 200
