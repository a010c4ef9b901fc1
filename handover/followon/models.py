"""What was asked of projects because of a product or a complaint about it: the two halves tied backwards."""

from django.conf import settings
from django.db import models
from django.db.models import Q
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


class NeedAsked(models.Model):
    """A complaint that turned out to be a new need was asked for: as a project, or as a change to one. Written once."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    complaint = models.OneToOneField("delivery.Complaint", models.CASCADE, related_name="+")
    request = models.OneToOneField(
        "projects.InitiationRequest", models.CASCADE, null=True, blank=True, related_name="+"
    )
    change = models.OneToOneField("projects.ChangeRequest", models.CASCADE, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(request=None, change__isnull=False) | Q(request__isnull=False, change=None),
                name="need_asked_as_one_thing",
            ),
        ]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.complaint} → {self.asked}"

    @property
    def asked(self):
        """The request or the change."""
        return self.request or self.change
