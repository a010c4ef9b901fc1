from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "pmdm.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self):
        from pmdm.accounts.roles import Permission
        from pmdm.jobs import work  # noqa: F401 - registers the handler of long work
        from pmdm.jobs.models import Outbox
        from pmdm.ui import nav

        nav.register(
            _("Failed jobs"),
            "jobs:failed",
            "server",
            85,
            visible=lambda user: Permission.SITE_JOBS in user.site_permissions,
            badge=lambda user: Outbox.objects.failed().count(),
        )
