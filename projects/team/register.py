"""What the shell shows of the team."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.prepared import PreparedFor
from pmdm.ui import nav
from projects.team.models import Membership

_roles = PreparedFor(lambda reader: Membership.objects.filter(user=reader).order_by().values_list("role").distinct())


def _roles_of(user) -> frozenset[str]:
    return frozenset(role for (role,) in _roles(user))


def roles_somewhere(user) -> frozenset[str]:
    """The roles that this person has on some project; for the whole frame one question."""
    return nav.once(user, _roles_of)


def manages(user) -> bool:
    """Who plans people: the PMO, administrators, and whoever manages a project."""
    return user.sees_all or Role.MANAGER in roles_somewhere(user)


def register() -> None:
    nav.register(_("Workload"), "projects:load", "users", 35, visible=manages)
    nav.register_tab(
        "person",
        "profile",
        _("Account and security"),
        lambda person: reverse("accounts:profile"),
        order=10,
        visible=lambda person, user: person == user,
    )
    nav.register_tab(
        "person",
        "account",
        _("Account"),
        lambda person: reverse("accounts:person", args=[person.pk]),
        order=15,
        visible=lambda person, user: P.SITE_PEOPLE in user.site_permissions,
    )
    nav.register_tab(
        "person",
        "work",
        _("Skills, hours, absences"),
        lambda person: reverse("projects:person", args=[person.pk]),
        order=20,
        visible=lambda person, user: person.organisation_id is None,
    )
    nav.register_tab(
        "project",
        "team",
        _("Team"),
        "projects:team",
        order=50,
        visible=lambda project, user: project.allows(user, P.TEAM_VIEW),
    )
