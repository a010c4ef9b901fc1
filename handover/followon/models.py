"""A request for a new project that came out of a product: the tie between the two halves, backwards."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from pmdm.activity.triggers import append_only, audited


class FollowOn(models.Model):
    """Somebody asked for a project because of how a product stands. Written once."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    request = models.OneToOneField("projects.InitiationRequest", models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.product} → {self.request}"
