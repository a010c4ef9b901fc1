from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class HandoverConfig(AppConfig):
    name = "handover"
    verbose_name = _("Handover")

    def ready(self):
        from handover import activity, waiting  # noqa: F401 - how its rows read
        from handover.criteria import library, sweep  # noqa: F401 - a job of the beat
        from handover.portal.exports import register as register_exports
        from handover.register import register
        from handover.reminders import verbs  # noqa: F401 - a job of the beat

        register()
        register_exports()
        waiting.register()
        # The shipped criteria are there from the first start on; later starts add what is new.
        post_migrate.connect(lambda **_kwargs: library.fill(), sender=self, weak=False, dispatch_uid="handover.library")
