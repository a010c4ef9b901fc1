"""What the shell shows of budget and time."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import PROJECT_PERMISSIONS
from pmdm.accounts.roles import Permission as P
from pmdm.prepared import PreparedFor
from pmdm.ui import nav
from projects.budget import mail  # noqa: F401 - its handlers of the outbox
from projects.team.models import Membership

_COST_ROLES = [role for role, held in PROJECT_PERMISSIONS.items() if P.COST_VIEW in held]
_one_with_cost = PreparedFor(
    lambda reader: Membership.objects.filter(user=reader, role__in=_COST_ROLES).order_by().values_list("pk")[:1]
)


def sees_cost(user) -> bool:
    """Whoever may see the cost of a project at all."""
    return P.COST_VIEW in user.site_permissions or bool(_one_with_cost(user))


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
