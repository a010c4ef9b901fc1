"""The Celery application: settings with the prefix CELERY_, tasks found in every app's stories."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmdm.settings")

app = Celery("pmdm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["pmdm.jobs", "pmdm.kpis", "pmdm.interchange", "projects", "delivery", "handover"])
