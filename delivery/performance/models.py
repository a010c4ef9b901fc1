"""How the product runs in production: inbound alerts, incidents and uptime checks."""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.jobs.outbox import enqueue
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Versioned


def hash_of(data: str | bytes) -> str:
    """SHA-256 in hex: how tokens and bodies are kept and compared."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


class AlertSource(models.Model):
    """A monitoring tool that may post alerts, by a token of which only the hash is kept."""

    class Kind(models.TextChoices):
        ALERTMANAGER = "alertmanager", _("Prometheus Alertmanager")
        UPTIME_KUMA = "uptime_kuma", _("Uptime Kuma")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="alert_sources")
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("tool"), max_length=20, choices=Kind.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        triggers = audited("product")

    def __str__(self):
        return self.name

    @classmethod
    def connect(cls, product, *, by, name, kind, at=None) -> tuple["AlertSource", str]:
        """A new source and its token of 256 bits. The token is returned this once and kept nowhere."""
        token = secrets.token_urlsafe(32)
        source = cls.objects.create(
            product=product,
            name=name,
            kind=kind,
            token_hash=hash_of(token),
            created_by=by,
            created_at=at or timezone.now(),
        )
        return source, token

    def revoke(self, *, by, at=None) -> None:
        """From now on its address answers 410. Revoking twice changes nothing."""
        type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=at or timezone.now())
        self.refresh_from_db(fields=["revoked_at"])


class AlertDelivery(models.Model):
    """One posted body, kept raw before anything is done with it. The same body again is counted, not kept twice."""

    class State(models.TextChoices):
        STORED = "stored", _("Stored")
        DONE = "done", _("Processed")
        REFUSED = "refused", _("Refused")

    source = models.ForeignKey(AlertSource, models.CASCADE, related_name="deliveries")
    body = models.TextField()
    body_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now)
    times = models.PositiveIntegerField(default=1)
    # What it said, once processed: [{"fingerprint": ..., "up": bool, "at": iso}], so that late news find earlier ones.
    signals = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.STORED)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-received_at"]
        verbose_name_plural = "alert deliveries"
        constraints = [models.UniqueConstraint(fields=["source", "body_hash"], name="alert_delivery_once")]
        indexes = [models.Index(fields=["source", "-received_at"], name="alert_delivery_latest")]

    def __str__(self):
        return f"{self.source} {self.received_at:%F %T}"

    @classmethod
    @transaction.atomic
    def keep(cls, source: AlertSource, body: bytes, *, at=None) -> tuple["AlertDelivery", bool]:
        """Store a body before looking into it; (delivery, False) when the same body came before.

        What is no UTF-8 is kept with replacement signs: it will be refused anyway, the hash is of the raw bytes.
        """
        text = body.decode("utf-8", errors="replace").replace("\0", "\ufffd")
        delivery, created = cls.objects.get_or_create(
            source=source, body_hash=hash_of(body), defaults={"body": text, "received_at": at or timezone.now()}
        )
        if not created:
            cls.objects.filter(pk=delivery.pk).update(times=F("times") + 1)
        return delivery, created

    def refuse(self, reason: str) -> None:
        """It cannot be read: kept, with the reason, for whoever set up the tool."""
        type(self).objects.filter(pk=self.pk).update(state=self.State.REFUSED, error=reason)

    def ask_for_processing(self) -> None:
        """A worker will open or close incidents from it."""
        enqueue("alert.process", f"alert.process:{self.pk}", {"delivery": self.pk})


class IncidentQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at=None)

    def outages(self):
        return self.filter(is_outage=True)

    def touching(self, start, end):
        """Those with any moment between start and end."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=start), started_at__lt=end)


class Incident(Versioned):
    """A time in which the product did not work as it should. Downtime counts from start to end."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="incidents")
    source = models.ForeignKey(AlertSource, models.SET_NULL, null=True, blank=True, related_name="incidents")
    fingerprint = models.CharField(max_length=64, blank=True)
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(blank=True)
    is_outage = models.BooleanField(_("counts as downtime"), default=True)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    last_seen_at = models.DateTimeField(default=timezone.now)
    cause = models.TextField(_("what it was"), blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="incident_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["product", "fingerprint"],
                condition=Q(ended_at=None) & ~Q(fingerprint=""),
                name="incident_one_open_per_fingerprint",
            ),
        ]
        indexes = [models.Index(fields=["product", "-started_at"], name="incident_latest")]
        triggers = [*audited("product"), *marks_dirty("product")]

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        return self.ended_at is None

    def length(self, now=None) -> datetime.timedelta:
        """From start to end, an open one up to now."""
        return (self.ended_at or now or timezone.now()) - self.started_at

    @classmethod
    def begin(cls, product, *, by, title, started_at=None, **fields) -> "Incident":
        """Open an incident by hand."""
        started_at = started_at or timezone.now()
        return cls.objects.create(
            product=product, title=title, started_at=started_at, last_seen_at=started_at, **fields
        )

    def end(self, *, by, at=None, cause="") -> bool:
        """It works again. False when it was over already: the earlier end stays."""
        at = at or timezone.now()
        if at < self.started_at:
            raise ValidationError({"ended_at": _("It cannot end before it began.")})
        changes = {"ended_at": at, "version": F("version") + 1} | ({"cause": cause} if cause else {})
        ended = type(self).objects.filter(pk=self.pk, ended_at=None).update(**changes)
        self.refresh_from_db()
        return bool(ended)


class Check(models.Model):
    """One uptime check of one service, as a monitor reported or a file brought it."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="checks")
    service = models.CharField(_("service"), max_length=100)
    at = models.DateTimeField()
    is_up = models.BooleanField()
    status_code = models.PositiveSmallIntegerField(null=True)
    response_ms = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["product", "service", "at"], name="check_once")]
        indexes = [models.Index(fields=["product", "at"], name="check_at")]
        triggers = marks_dirty("product")

    def __str__(self):
        return f"{self.service} {self.at:%F %T} {'up' if self.is_up else 'down'}"
