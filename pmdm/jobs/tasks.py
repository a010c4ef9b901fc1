"""Doorways for Celery: each calls a verb that a person could call too."""

from celery import shared_task
from django.utils import timezone

from pmdm.jobs import outbox, periodic
from pmdm.jobs.models import Heartbeat


@shared_task
def drain_outbox():
    outbox.drain()


@shared_task(expires=10)
def sweep():
    """Find what a lost wake-up left lying: due rows and rows whose lease ran out with their worker."""
    outbox.drain()


@shared_task(expires=20)
def beat_heartbeat():
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})


@shared_task(expires=50)
def run_periodic():
    periodic.start_due()
