"""What clients are told on their home, and who of us looked at it with their eyes."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited


class AnnouncementQuerySet(models.QuerySet):
    def current(self, now=None):
        """Those that stand now."""
        now = now or timezone.now()
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now, withdrawn_at=None)

    def told_to(self, client):
        """For a person of a client: those to all clients, and to its own organisation; never another's, never ours."""
        mine = Q(organisation=client.organisation_id) if client.organisation_id else Q(pk=None)
        return self.exclude(audience=Announcement.Audience.STAFF).filter(Q(organisation=None) | mine)

    def told_to_us(self):
        """For our own people: those to them, and to everybody."""
        return self.exclude(audience=Announcement.Audience.CLIENTS)


class Announcement(models.Model):
    """A word about a product, from one moment to another: to its clients (all, or one), to our own people, to both."""

    class Audience(models.TextChoices):
        CLIENTS = "clients", _("Clients of the product")
        STAFF = "staff", _("Our own people only")
        EVERYBODY = "everybody", _("Everybody on the product")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="announcements")
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("text"), max_length=2000)
    audience = models.CharField(_("for"), max_length=9, choices=Audience.choices, default=Audience.CLIENTS)
    organisation = models.ForeignKey(
        "accounts.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("which client"),
    )
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("to"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="announcement_ends_after_start"
            ),
            # To everybody would be to every client.
            models.CheckConstraint(
                condition=Q(organisation=None) | Q(audience="clients"), name="announcement_to_one_client_or_many"
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return self.title

    def withdraw(self, *, by, at=None) -> None:
        """It is told no longer. Withdrawing twice changes nothing."""
        type(self).objects.filter(pk=self.pk, withdrawn_at=None).update(withdrawn_at=at or timezone.now())
        self.refresh_from_db(fields=["withdrawn_at"])

    @property
    def whom(self) -> str:
        """To whom, in words; for our own people, since it names a client."""
        if self.audience != self.Audience.CLIENTS:
            return str(self.get_audience_display())
        return self.organisation.name if self.organisation else str(_("All clients"))

    @property
    def state(self) -> str:
        """'withdrawn', 'coming', 'over' or 'now'."""
        now = timezone.now()
        if self.withdrawn_at:
            return "withdrawn"
        if self.starts_at > now:
            return "coming"
        return "over" if self.ends_at and self.ends_at <= now else "now"


class ClientView(models.Model):
    """One of us began to look at the portal as a person of a client. Append-only."""

    LASTS = datetime.timedelta(minutes=30)

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~Q(person=F("by")), name="client_view_of_somebody_else")]
        indexes = [models.Index(fields=["by", "person", "-at"], name="client_view_latest")]
        triggers = audited("")

    def __str__(self):
        return f"{self.by} as {self.person}"
