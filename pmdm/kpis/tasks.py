"""Doorways for Celery to the figures."""

import logging

from celery import shared_task

logger = logging.getLogger(__name__)


def wake() -> None:
    """Wake a worker to recompute dirty subjects; with Redis away the beat does it within seconds."""
    try:
        recompute_dirty.apply_async(retry=False)
    except Exception as error:  # kombu raises many kinds; the change is saved, so none may reach the person
        logger.warning("Could not wake a worker (%s); the beat will recompute.", error)


@shared_task(expires=30)
def recompute_dirty():
    from pmdm.kpis.recompute import recompute_dirty, recompute_dirty_computed

    recompute_dirty()
    recompute_dirty_computed()
