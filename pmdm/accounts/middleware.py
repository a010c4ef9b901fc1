"""Sign-in by default, rate limits in one place, private pages that no cache keeps."""

import time
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.cache import cache
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.functional import LazyObject
from redis.exceptions import RedisError


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Deny by default. An expired session answers a fragment with HX-Redirect, never with a sign-in page in a cell."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is None and getattr(view_func, "login_required", True):
            # It was asked for just now. Behind two lazy objects, each look at it costs more than the look itself, and
            # a page looks hundreds of times.
            request.user = _unwrapped(request.user)
        return answer

    def handle_no_permission(self, request, view_func):
        response = super().handle_no_permission(request, view_func)
        if getattr(request, "htmx", False):
            where = urlsplit(request.htmx.current_url or "/").path
            return HttpResponse(status=204, headers={"HX-Redirect": f"{response.url.split('?')[0]}?next={where}"})
        return response


def _unwrapped(user):
    while isinstance(user, LazyObject):
        user.pk  # noqa: B018 - brings it
        user = user._wrapped
    return user


class PrivatePagesMiddleware:
    """Pages of signed-in people are not stored by caches; fragments and pages are told apart."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # Only a person that was asked for: a page that needed none must not wait for the database now.
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["HX-Request"])
        return response


# (path prefix, methods, requests, per seconds); the first that fits counts.
LIMITS = [
    ("/accounts/login/", {"POST"}, 20, 300),
    ("/accounts/password/", {"POST"}, 10, 600),
    ("/accounts/", {"POST"}, 60, 300),
    ("/s/", {"GET", "POST"}, 60, 60),  # surveys by link
    ("/calendars/", {"GET", "HEAD"}, 120, 60),  # calendar programs by a secret address
    ("/alerts/", {"POST"}, 6000, 60),  # monitoring tools: 50 a second for a minute and then some
    ("/", {"POST"}, 600, 60),
]


def client_address(request):
    """The address of the client, believing X-Forwarded-For for as many hops as proxies are ours."""
    hops = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if hops and len(forwarded) >= hops:
        return forwarded[-hops]
    return request.META.get("REMOTE_ADDR", "")


class RateLimitMiddleware:
    """Counts per account (where signed in) or network, in Redis; without Redis it lets through: work goes on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.RATE_LIMITS_ON and (limit := self._limit_for(request)) and self._is_over(request, *limit):
            window = limit[2]
            body = render_to_string("429.html", {"seconds": window})
            return HttpResponse(body, status=429, headers={"Retry-After": str(window)})
        return self.get_response(request)

    def _limit_for(self, request):
        for prefix, methods, count, window in LIMITS:
            if request.path.startswith(prefix) and request.method in methods:
                return prefix, count, window
        return None

    def _is_over(self, request, prefix, count, window):
        who = f"u{request.user.pk}" if request.user.is_authenticated else client_address(request)
        key = f"rate:{prefix}:{who}:{int(time.time() // window)}"
        try:
            cache.add(key, 0, timeout=window + 5)
            return cache.incr(key) > count
        except (RedisError, ValueError):
            return False
