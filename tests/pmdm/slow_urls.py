"""Views that meet a slow or absent database; only for tests/pmdm/test_unavailable.py."""

from django.db import connection
from django.http import HttpResponse
from django.urls import include, path

from pmdm.accounts.access import public_view

handler500 = "pmdm.views.server_error"


@public_view
def sleeps(request):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(5)")
    return HttpResponse("woke up")


@public_view
def breaks(request):
    raise ValueError("secret detail")


urlpatterns = [path("sleeps/", sleeps), path("breaks/", breaks), path("", include("pmdm.urls"))]
