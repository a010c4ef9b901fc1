"""Packs that were made of a handover: kept as they were, each with the hashes that prove it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from handover.transfer.models import Handover
from pmdm.activity.triggers import append_only, audited


class Pack(models.Model):
    """One pack: a ZIP and the PDF in it. Never changed; the same content is not kept twice in a row."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="packs")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    zip = models.ForeignKey("files.File", models.PROTECT, related_name="+")
    pdf = models.ForeignKey("files.File", models.PROTECT, related_name="+")
    sums_sha256 = models.CharField(max_length=64)
    files = models.JSONField(default=list)  # [name, bytes, SHA-256]

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["handover", "number"], name="pack_number_unique")]
        triggers = [*audited("project"), *append_only()]

    def __str__(self):
        return self.zip.name

    @property
    def sha256(self) -> str:
        """Of the whole ZIP."""
        return self.zip.sha256
