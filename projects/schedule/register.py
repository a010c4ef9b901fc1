"""What the shell shows of the schedule, and the work that workers do for it."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.ui import nav


def register() -> None:
    from projects.schedule import import_views, journal, uploads  # noqa: F401 - they register work and a periodic job

    nav.register_tab(
        "project",
        "schedule",
        _("Schedule"),
        "projects:schedule",
        order=20,
        visible=lambda project, user: project.allows(user, P.SCHEDULE_VIEW),
    )
