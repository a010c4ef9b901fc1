"""What the shell shows of budget and time."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import PROJECT_PERMISSIONS
from pmdm.accounts.roles import Permission as P
from pmdm.ui import nav
from projects.budget import mail  # noqa: F401 - its handlers of the outbox


def sees_cost(user) -> bool:
    """Whoever may see the cost of a project at all."""
    if P.COST_VIEW in user.site_permissions:
        return True
    roles = [role for role, held in PROJECT_PERMISSIONS.items() if P.COST_VIEW in held]
    return user.is_active and user.project_memberships.filter(role__in=roles).exists()


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
