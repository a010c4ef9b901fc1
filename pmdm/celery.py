"""The Celery application: settings with the prefix CELERY_, tasks found in every app's stories."""

import os
from typing import Any

from celery import Celery, Task

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmdm.settings")


class TrailedTask(Task):
    """What one run of a task changes is told as one entry of the activity, as what one request changes is.

    A task that is called within a request belongs to that request.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        import pghistory  # wants models, and settings are loaded with this module

        if self.request.called_directly or self.request.is_eager:
            return super().__call__(*args, **kwargs)
        with pghistory.context(request=self.request.id):
            return self.run(*args, **kwargs)


app = Celery("pmdm", task_cls=TrailedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["pmdm.jobs", "pmdm.kpis", "pmdm.interchange", "projects", "delivery", "handover"])
