from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InterchangeConfig(AppConfig):
    name = "pmdm.interchange"
    label = "interchange"
    verbose_name = _("Interchange")

    def ready(self):
        from pmdm.interchange import periodic  # noqa: F401 - its job
