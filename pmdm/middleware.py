"""A full pool, a slow query or a lock that does not come is a 503 with a page, not a hang or a stack."""

import logging

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

# psycopg_pool.PoolTimeout, QueryCanceled, LockNotAvailable and a database that is away arrive as these.
NOT_IN_TIME = (OperationalError, InterfaceError)


class ServiceUnavailableMiddleware:
    """First of those that touch the database: what sessions and people raise is caught here too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # A view's own error comes through process_exception, a middleware's through here as a finished response:
        # Django turns errors into responses between any two middlewares.
        return self.get_response(request)

    def process_exception(self, request, exception):
        return unavailable(request, exception) if isinstance(exception, NOT_IN_TIME) else None


def unavailable(request, exception):
    """The 503 page; says when to come back and keeps proxies from storing it."""
    logger.error("Database did not answer in time for %s", request.path, exc_info=exception)
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    body = render_to_string("503.html", {"request_id": getattr(request, "id", "")})
    return HttpResponse(body, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
