from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "pmdm.ui"
    label = "ui"

    def ready(self):
        from pmdm.ui import nav

        nav.register(_("My work"), "my-work", "list-checks", 15, visible=lambda user: not user.organisation_id)
