"""Secret addresses under which a calendar program reads one person's or one project's dates."""

import hashlib
import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited


class CalendarFeed(models.Model):
    """One address: it shows what its person may see, at each fetch anew; a project's plan, or all tasks of theirs.

    The address holds 256 random bits and is shown once; kept is its hash.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds")
    # Empty: everything of the person's own.
    project = models.ForeignKey("projects.Project", models.CASCADE, null=True, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            # One working address for one purpose: a new one replaces the one before.
            models.UniqueConstraint(
                fields=["user", "project"],
                condition=Q(revoked_at=None),
                nulls_distinct=False,
                name="calendar_feed_one_in_use",
            )
        ]
        triggers = audited("project", without=("token_hash", "last_used_at", "uses"))

    def __str__(self):
        return str(self.project or _("Everything of mine"))

    @classmethod
    @transaction.atomic
    def make(cls, *, by, project=None) -> tuple["CalendarFeed", str]:
        """A new address for this person, and its token; one there was for the same stops working."""
        # Two clicks at once stand in line here.
        get_user_model().objects.select_for_update(of=("self",)).get(pk=by.pk)
        cls.objects.filter(user=by, project=project, revoked_at=None).update(revoked_at=timezone.now())
        token = secrets.token_urlsafe(32)
        return cls.objects.create(user=by, project=project, token_hash=hash_of(token)), token

    def revoke(self, *, by) -> bool:
        """The address stops working. Twice changes nothing."""
        return bool(type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now()))

    def used(self, at=None) -> None:
        """Count a fetch."""
        type(self).objects.filter(pk=self.pk).update(last_used_at=at or timezone.now(), uses=F("uses") + 1)


def hash_of(token: str) -> str:
    """What is stored and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()
