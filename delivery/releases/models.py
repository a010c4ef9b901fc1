"""Releases of a product and what they fixed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned


class Release(Versioned):
    """A version that reached the customers (or will), with what it fixed (``fixes``)."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="releases")
    name = models.CharField(_("version"), max_length=50)
    released_on = models.DateField(_("released on"), null=True, blank=True)
    notes = models.TextField(_("release notes"), blank=True)

    class Meta:
        ordering = ["-released_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["product", "name"], name="release_name_unique")]
        triggers = audited("product")

    def __str__(self):
        return self.name
