"""One-click sign-in as each role: in demo mode, from this machine, and nowhere else."""

import ipaddress
from functools import wraps

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from pmdm.accounts.access import public_view
from pmdm.accounts.models import User


def is_open_to(request) -> bool:
    """True in demo mode for a browser on this machine, reached without a proxy."""
    if not settings.DEMO or request.headers.get("X-Forwarded-For"):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def accounts() -> list[User]:
    """The demo's accounts, one or more for each role, in the order the demo made them."""
    return list(User.objects.filter(is_demo=True, is_active=True).select_related("organisation").order_by("pk"))


def only_in_demo(view):
    @wraps(view)
    def guarded(request):
        if not is_open_to(request):
            raise Http404
        return view(request)

    return guarded


@require_safe
@public_view
@only_in_demo
def demo(request):
    return render(request, "accounts/demo.html", {"demo_accounts": accounts()})


@require_http_methods(["POST"])
@public_view
@only_in_demo
def sign_in(request):
    person = request.POST.get("person", "")
    user = get_object_or_404(User, is_demo=True, is_active=True, pk=person if person.isdecimal() else None)
    logout(request)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("home")
