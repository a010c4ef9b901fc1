"""Uploads that nobody imported go after a day."""

from django.utils import timezone

from pmdm.interchange.models import Upload
from pmdm.jobs.periodic import periodic


@periodic("forget-uploads", every="hour")
def forget_uploads(now=None) -> None:
    """Delete what is older than Upload.KEPT."""
    Upload.objects.filter(uploaded_at__lte=(now or timezone.now()) - Upload.KEPT).delete()
