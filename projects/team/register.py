"""What the shell shows of the team."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.ui import nav


def register() -> None:
    nav.register_tab(
        "project",
        "team",
        _("Team"),
        "projects:team",
        order=50,
        visible=lambda project, user: project.allows(user, P.TEAM_VIEW),
    )
