from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpisConfig(AppConfig):
    name = "pmdm.kpis"
    label = "kpis"
    verbose_name = _("Key performance indicators")

    def ready(self):
        from pmdm.kpis import register  # noqa: F401
