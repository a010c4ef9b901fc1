"""PMDM: one piece of work through its whole life."""

from pmdm.celery import app as celery_app

__all__ = ["celery_app"]
