"""Doorways for Celery: each calls a verb that a person could call too."""

from celery import shared_task


@shared_task(expires=50)
def fetch_mail():
    """Look into the mailboxes of the settings."""
    from delivery.mail.receiving import fetch_all

    fetch_all()


@shared_task(expires=25)
def escalate():
    """Tell who must know of targets that are at risk or broken."""
    from delivery.issues.escalation.sweep import sweep

    sweep()


@shared_task(expires=25)
def late_updates():
    """Tell who leads a major incident that clients wait for an update."""
    from delivery.incidents.sweep import sweep

    sweep()


@shared_task(expires=50)
def unheard_complaints():
    """Tell of complaints that nobody acknowledged in time."""
    from delivery.complaints.sweep import sweep

    sweep()
