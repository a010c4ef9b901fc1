from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "pmdm.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self):
        from pmdm.accounts import invitations  # noqa: F401 - registers its outbox handler
        from pmdm.accounts.roles import Permission
        from pmdm.ui import nav

        nav.register(
            _("People"),
            "accounts:people",
            "users",
            80,
            visible=lambda user: Permission.SITE_PEOPLE in user.site_permissions,
        )
