"""What the shell shows of budget and time."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import PROJECT_PERMISSIONS
from pmdm.accounts.roles import Permission as P
from pmdm.ui import nav
from projects.budget import mail  # noqa: F401 - its handlers of the outbox
from projects.team.register import roles_somewhere

_COST_ROLES = frozenset(role for role, held in PROJECT_PERMISSIONS.items() if P.COST_VIEW in held)


def sees_cost(user) -> bool:
    """Whoever may see the cost of a project at all."""
    return P.COST_VIEW in user.site_permissions or not _COST_ROLES.isdisjoint(roles_somewhere(user))


def register() -> None:
    nav.register(_("Money"), "projects:portfolio-money", "wallet", 12, visible=sees_cost)
    nav.register_tab(
        "project",
        "budget",
        _("Budget"),
        "projects:budget",
        order=60,
        visible=lambda project, user: project.allows(user, P.COST_VIEW),
    )
    nav.register_tab(
        "project",
        "time",
        _("Time"),
        "projects:time-list",
        order=65,
        visible=lambda project, user: project.allows(user, P.TEAM_VIEW),
    )
