"""The site's own few pages: where to go after sign-in, probes, answers to errors."""

import datetime
import sys
import time

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from pmdm.accounts.access import public_view, signed_in_view
from pmdm.jobs.models import Heartbeat, Outbox
from pmdm.middleware import NOT_IN_TIME, unavailable

BEAT_SILENT_AFTER = datetime.timedelta(seconds=60)
OUTBOX_STUCK_AFTER = datetime.timedelta(minutes=5)
MIGRATIONS_LOOKED_AT_EVERY = 60.0  # seconds; reading them all takes longer than the other checks together


@signed_in_view
def home(request):
    """Where to go after sign-in: a client's people have a home of their own."""
    return redirect(settings.CLIENT_HOME_URL_NAME if request.user.organisation_id else settings.HOME_URL_NAME)


@require_safe
@public_view
@transaction.non_atomic_requests
def healthz(request):
    """The process answers. Nothing else is asked, so that a slow database restarts no web process."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@public_view
@transaction.non_atomic_requests
def readyz(request):
    """Database, Redis, migrations, beat's heartbeat and the oldest waiting outbox row; 503 if one is not well."""
    answers = {"database": _answer(_check_database), "redis": _answer(_check_redis)}
    for name, check in (("migrations", _check_migrations), ("beat", _check_beat), ("outbox", _check_outbox)):
        # Each would wait for its turn at a pool that gives none.
        answers[name] = _answer(check) if answers["database"] == "ok" else "unknown: no database"
    ready = all(answer == "ok" for answer in answers.values())
    response = JsonResponse({"ready": ready, **answers}, status=200 if ready else 503)
    response["Cache-Control"] = "no-store"
    return response


def _answer(check) -> str:
    try:
        return check()
    except (Error, RedisError, OSError) as error:
        # The kind of failure only: addresses and queries are for the log.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return f"failed: {type(error).__name__}"


def _check_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _check_redis():
    return "ok" if cache.ping() else "failed: does not keep what is written"


_migrations_seen_complete = -MIGRATIONS_LOOKED_AT_EVERY


def _check_migrations():
    global _migrations_seen_complete
    if time.monotonic() - _migrations_seen_complete < MIGRATIONS_LOOKED_AT_EVERY:
        return "ok"
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return f"failed: {len(missing)} not applied"
    _migrations_seen_complete = time.monotonic()
    return "ok"


def _check_beat():
    beat = Heartbeat.objects.filter(name="beat").first()
    if beat is None:
        return "failed: no heartbeat yet"
    silent = timezone.now() - beat.at
    return "ok" if silent < BEAT_SILENT_AFTER else f"failed: silent for {int(silent.total_seconds())} s"


def _check_outbox():
    now = timezone.now()
    oldest = Outbox.objects.filter(done_at=None, failed_at=None, due_at__lte=now).order_by("due_at").first()
    if oldest is None:
        return "ok"
    age = now - oldest.due_at
    return "ok" if age < OUTBOX_STUCK_AFTER else f"failed: oldest waits for {int(age.total_seconds())} s"


def csrf_failure(request, reason=""):
    return render(request, "403_csrf.html", status=403)


def server_error(request):
    """Whatever went wrong outside a view; a page without database, session or stack, with an id to quote."""
    error = sys.exception()
    if isinstance(error, NOT_IN_TIME):
        return unavailable(request, error)
    body = render_to_string("500.html", {"request_id": getattr(request, "id", "")})
    return HttpResponse(body, status=500, headers={"Cache-Control": "no-store"})
