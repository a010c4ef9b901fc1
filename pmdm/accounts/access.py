"""How a view names its permission, finds its subject and refuses.

Every view of ours carries ``view.permissions``, a (read, write) pair, or stands in the list of views that need none
(tests/test_access.py). A subject (a project, a product) that the reader may not see is 404, never 403.
"""

from functools import cache, wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpResponseNotAllowed

from pmdm.accounts.roles import CREATING_ROLES, Permission, Role
from pmdm.prepared import Prepared, PreparedRowsFor

READ_METHODS = ("GET", "HEAD")
WRITE_METHODS = ("POST",)


class SubjectQuerySet(models.QuerySet):
    """Rows that people hold roles on through ``self.model.memberships``."""

    def visible_to(self, user):
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all:
            return self
        # A subquery, not a join: later counts stay right however this is chained.
        membership = self.model._meta.get_field("memberships").related_model
        subject = self.model._meta.get_field("memberships").field.name
        return self.filter(pk__in=membership.objects.filter(user=user).values(subject))

    def allowing(self, user, permission):
        """Those that the user may see and holds the permission on."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if permission in user.site_permissions:
            return self
        membership = self.model._meta.get_field("memberships").related_model
        subject = self.model._meta.get_field("memberships").field.name
        roles = [role for role, held in self.model.ROLE_PERMISSIONS.items() if permission in held]
        return self.filter(pk__in=membership.objects.filter(user=user, role__in=roles).values(subject))


class Subject(models.Model):
    """A project or product: people hold roles on it; roles hold permissions."""

    ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {}
    FILE_URL = ""  # name of the URL that hands out its files, by code and key
    memberships: Any

    class Meta:
        abstract = True

    def permissions_of(self, user) -> frozenset[Permission]:
        """All permissions of this user here; one query per subject, user and instance."""
        if not user.is_authenticated or not user.is_active:
            return frozenset()
        cache = self.__dict__.setdefault("_permissions", {})
        if user.pk not in cache:
            held = set(user.site_permissions)
            for (role,) in _roles_on(type(self))(self.pk, user.pk):
                held |= self.ROLE_PERMISSIONS.get(role, frozenset())
            cache[user.pk] = frozenset(held)
        return cache[user.pk]

    def allows(self, user, permission: Permission) -> bool:
        return permission in self.permissions_of(user)


@cache
def _roles_on(model) -> Prepared:
    membership = model._meta.get_field("memberships")
    subject = membership.field.name
    return Prepared(
        lambda subject_id, user_id: (
            membership.related_model.objects.filter(**{subject: subject_id}, user=user_id)
            .order_by()
            .values_list("role")
        )
    )


class Granted:
    """What the reader may do here, for templates: ``{% if can.schedule_edit %}``."""

    def __init__(self, held: frozenset[Permission]):
        self._held = held

    def __getitem__(self, name: str) -> bool:
        return Permission[name.upper()] in self._held

    def __contains__(self, permission: Permission) -> bool:
        return permission in self._held


def subject_view(
    model: type[Subject], *, joins: tuple[str, ...] = (), read: Permission, write: Permission | None, locked=None
):
    """Load the subject this user may see, check the permission, stamp the view. No ``write``: nobody may POST.

    ``joins`` are relations to load with it. ``locked(subject)`` says why a subject takes no changes now (a closed
    project), or returns ''.
    """

    def decorator(view):
        @wraps(view)
        def guarded(request, code, **kwargs):
            needed = _needed(request, read, write)
            if needed is None:
                return _not_allowed(write)
            found = _visible(model, joins)(request.user, code)
            if not found:
                raise Http404(f"No {model._meta.verbose_name} {code} that you may see.")
            subject = found[0]
            held = subject.permissions_of(request.user)
            if needed not in held or read not in held:
                raise PermissionDenied
            if request.method not in READ_METHODS and locked and (reason := locked(subject)):
                raise PermissionDenied(reason)
            request.can = Granted(held)
            return view(request, subject, **kwargs)

        guarded.permissions = read, write
        guarded.subject = model._meta.label
        return guarded

    return decorator


@cache
def _visible(model, joins: tuple[str, ...]) -> PreparedRowsFor:
    """Asked before every page of a subject, with the reader and the subject's code."""

    def build(reader, code: str):
        found = model.objects.visible_to(reader).filter(code=code).order_by()
        return (found.select_related(*joins) if joins else found)[:1]

    return PreparedRowsFor(build)


def site_view(*, read: Permission, write: Permission | None = None):
    """A view of the whole site, for those who hold the permission through their site role, or may create."""

    def decorator(view):
        @wraps(view)
        def guarded(request, **kwargs):
            needed = _needed(request, read, write)
            if needed is None:
                return _not_allowed(write)
            if not may_on_site(request.user, needed):
                raise PermissionDenied
            return view(request, **kwargs)

        guarded.permissions = read, write
        guarded.subject = "site"
        return guarded

    return decorator


def _needed(request, read: Permission, write: Permission | None) -> Permission | None:
    """The permission for this method; None where the view does not take it."""
    if request.method in READ_METHODS:
        return read
    return write if request.method in WRITE_METHODS else None


def _not_allowed(write: Permission | None) -> HttpResponseNotAllowed:
    return HttpResponseNotAllowed([*READ_METHODS, *(WRITE_METHODS if write else ())])


def may_on_site(user, permission: Permission) -> bool:
    """True if the user's site role holds it, or, for creating, if they manage one already."""
    if permission in user.site_permissions:
        return True
    role = CREATING_ROLES.get(permission)
    if role is None or not user.is_active:
        return False
    # Related names are filled in by the apps: project_memberships, product_memberships.
    return any(
        getattr(user, name).filter(role=role).exists()
        for name in ("project_memberships", "product_memberships")
        if hasattr(user, name) and name.startswith(permission.value.split(".")[0])
    )


def signed_in_view(view):
    """A view for everybody who is signed in; what it shows is filtered by ``visible_to``."""
    view.permissions = "signed in", "signed in"
    view.subject = "signed in"
    return view


def public_view(view):
    """A view without sign-in (a probe, a survey by link, an alert by token)."""
    from django.contrib.auth.decorators import login_not_required

    view = login_not_required(view)
    view.permissions = "public", "public"
    view.subject = "public"
    return view
