"""What the shell shows of budget and time."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.ui import nav


def register() -> None:
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
