"""How the product runs in production: inbound alerts, incidents and uptime checks."""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from delivery.performance.alerts import TIMELESS, signing
from pmdm.activity.triggers import audited
from pmdm.jobs.outbox import enqueue
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Versioned
from pmdm.sealing import seal, unseal


def hash_of(data: str | bytes) -> str:
    """SHA-256 in hex: how tokens and bodies are kept and compared."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


class AlertSeverity(models.TextChoices):
    """How bad a tool says that it is (delivery.performance.alerts.signals.SEVERITIES)."""

    CRITICAL = "critical", _("Critical")
    HIGH = "high", _("High")
    WARNING = "warning", _("Warning")
    INFO = "info", _("Information")


class AlertSource(models.Model):
    """A monitoring tool that may post alerts, by a token of which only the hash is kept.

    One with a scheme must also prove each body. Its key is derived from the site's secret and ``salt``; where the tool
    makes the key, it is kept sealed with that secret. The database alone signs nothing.
    """

    SEALED_FOR = "delivery.alert-source.key"

    class Kind(models.TextChoices):
        ALERTMANAGER = "alertmanager", _("Prometheus Alertmanager")
        GRAFANA = "grafana", _("Grafana")
        UPTIME_KUMA = "uptime_kuma", _("Uptime Kuma")
        PINGDOM = "pingdom", _("Pingdom")
        PAGERDUTY = "pagerduty", _("PagerDuty")
        NEW_RELIC = "new_relic", _("New Relic")
        SENTRY = "sentry", _("Sentry")
        GENERIC = "generic", _("Anything that posts JSON")

    class Scheme(models.TextChoices):
        """How its messages are signed (delivery.performance.alerts.signing)."""

        PMDM = "pmdm", _("With a time, as scripts of our own do")
        HUB = "hub", _("As GitHub does (X-Hub-Signature-256)")
        GRAFANA = "grafana", _("As Grafana does")
        PAGERDUTY = "pagerduty", _("As PagerDuty does")
        SENTRY = "sentry", _("As Sentry does")

    # What fits one tool only.
    SCHEME_OF = {Scheme.GRAFANA: Kind.GRAFANA, Scheme.PAGERDUTY: Kind.PAGERDUTY, Scheme.SENTRY: Kind.SENTRY}

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="alert_sources")
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("tool"), max_length=20, choices=Kind.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    scheme = models.CharField(_("how messages are signed"), max_length=10, choices=Scheme.choices, blank=True)
    salt = models.CharField(max_length=64, blank=True)
    sealed_key = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    rotated_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Bodies that came without a valid signature; the latest are kept (AlertDelivery.keep_unsigned).
    unsigned = models.PositiveIntegerField(default=0)
    unsigned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        triggers = audited("product", without=("salt", "sealed_key", "token_hash", "unsigned", "unsigned_at"))

    def __str__(self):
        return self.name

    @classmethod
    def connect(cls, product, *, by, name, kind, scheme="", key="", at=None) -> tuple["AlertSource", str]:
        """A new source and its token of 256 bits. The token is returned this once and kept nowhere."""
        token = secrets.token_urlsafe(32)
        source = cls.objects.create(
            product=product,
            name=name,
            kind=kind,
            token_hash=hash_of(token),
            scheme=scheme,
            salt=secrets.token_hex(16),
            sealed_key=seal(cls.SEALED_FOR, key) if key else "",
            created_by=by,
            created_at=at or timezone.now(),
        )
        return source, token

    def rotate(self, *, by, at=None) -> str:
        """A new token and key; the old ones stop working now. The token is returned this once and kept nowhere."""
        token = secrets.token_urlsafe(32)
        changed = type(self).objects.filter(pk=self.pk, revoked_at=None)
        if not changed.update(token_hash=hash_of(token), salt=secrets.token_hex(16), rotated_at=at or timezone.now()):
            raise ValidationError(_("It is revoked: connect the tool anew."))
        self.refresh_from_db()
        return token

    @property
    def signing_key(self) -> str:
        """What a sender of signed bodies signs with, in hex."""
        return salted_hmac("delivery.alert-source", self.salt, algorithm="sha256").hexdigest()

    @property
    def rules(self) -> signing.Scheme | None:
        return signing.SCHEMES.get(self.scheme)

    @property
    def makes_key(self) -> bool:
        """Whether the tool makes its key, and we have to be told."""
        return bool(self.rules and self.rules.theirs)

    @property
    def key(self) -> str:
        """What its messages are signed with; '' while nobody has told us."""
        return unseal(self.SEALED_FOR, self.sealed_key) if self.makes_key else self.signing_key

    def set_key(self, key: str, *, by) -> None:
        """The key that the tool shows; the one before stops working."""
        if not self.makes_key:
            raise ValidationError(_("Its key is made here."))
        changed = type(self).objects.filter(pk=self.pk, revoked_at=None)
        if not changed.update(sealed_key=seal(self.SEALED_FOR, key)):
            raise ValidationError(_("It is revoked: connect the tool anew."))
        self.refresh_from_db()

    def objection(self, body: bytes, headers, now=None) -> str:
        """Why a body is not from who may post here, or ''."""
        if not self.scheme:
            return ""
        return signing.objection(self.scheme, body, headers, self.key, (now or timezone.now()).timestamp())

    def note_unsigned(self) -> None:
        """Count a body without a valid signature."""
        type(self).objects.filter(pk=self.pk).update(unsigned=F("unsigned") + 1, unsigned_at=timezone.now())

    def revoke(self, *, by, at=None) -> None:
        """From now on its address answers 410. Revoking twice changes nothing."""
        type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=at or timezone.now())
        self.refresh_from_db(fields=["revoked_at"])


class AlertDelivery(models.Model):
    """One posted body, kept raw before anything is done with it. The same delivery again is counted, not kept twice.

    The same delivery is the same body. Where bodies carry no time, the same words may be news again: there it is the
    same body as the latest one of its source, within RETRIES.
    """

    RETRIES = datetime.timedelta(minutes=10)
    # How long bodies are kept for inspection.
    KEPT = datetime.timedelta(days=90)

    class State(models.TextChoices):
        STORED = "stored", _("Stored")
        DONE = "done", _("Processed")
        REFUSED = "refused", _("Refused")
        UNSIGNED = "unsigned", _("Not signed")

    # So many bodies without a valid signature are kept of each source: anybody may send them.
    UNSIGNED_KEPT = 20

    source = models.ForeignKey(AlertSource, models.CASCADE, related_name="deliveries")
    body = models.TextField()
    body_hash = models.CharField(max_length=64)
    # What tells deliveries of one body apart, where that is possible.
    nonce = models.CharField(max_length=40, blank=True)
    # Who sent it, in its own words: content type, program, network address.
    sender = models.JSONField(default=dict)
    received_at = models.DateTimeField(default=timezone.now)
    times = models.PositiveIntegerField(default=1)
    replays = models.PositiveSmallIntegerField(default=0)
    processed_at = models.DateTimeField(null=True, blank=True)
    # What it said, once processed, so that late news find earlier ones, and people what came of it:
    # [{"fingerprint": ..., "up": bool, "at": iso, "title": ..., "did": ..., "incident": pk}].
    signals = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.STORED)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-received_at"]
        verbose_name_plural = "alert deliveries"
        constraints = [models.UniqueConstraint(fields=["source", "body_hash", "nonce"], name="alert_delivery_once")]
        indexes = [models.Index(fields=["source", "-received_at"], name="alert_delivery_latest")]

    def __str__(self):
        return f"{self.source} {self.received_at:%F %T}"

    @classmethod
    @transaction.atomic
    def keep(cls, source: AlertSource, body: bytes, *, sender=None, at=None) -> tuple["AlertDelivery", bool]:
        """Store a body before looking into it; (delivery, False) when the same delivery came before.

        What is no UTF-8 is kept with replacement signs: it will be refused anyway, the hash is of the raw bytes.
        """
        at = at or timezone.now()
        text, digest, nonce = cls._text(body), hash_of(body), ""
        if source.kind in TIMELESS:
            # One after the other: what is a repetition depends on what came last.
            AlertSource.objects.select_for_update(no_key=True).get(pk=source.pk)
            last = (
                source.deliveries.exclude(state=cls.State.UNSIGNED)
                .order_by("-pk")
                .only("body_hash", "nonce", "received_at")
                .first()
            )
            if last and last.body_hash == digest and at - last.received_at < cls.RETRIES:
                nonce = last.nonce
            else:
                nonce = f"after {last.pk}" if last else ""
        delivery, created = cls.objects.get_or_create(
            source=source,
            body_hash=digest,
            nonce=nonce,
            defaults={"body": text, "sender": sender or {}, "received_at": at},
        )
        if not created:
            cls.objects.filter(pk=delivery.pk).update(times=F("times") + 1)
        return delivery, created

    @classmethod
    @transaction.atomic
    def keep_unsigned(cls, source: AlertSource, body: bytes, reason: str, *, sender=None, at=None) -> None:
        """A body that proves nothing is kept for inspection and never read, apart from the same body signed."""
        at = at or timezone.now()
        said = {"body": cls._text(body), "sender": sender or {}, "received_at": at, "processed_at": at, "error": reason}
        delivery, created = cls.objects.get_or_create(
            source=source, body_hash=hash_of(body), nonce="unsigned", defaults={**said, "state": cls.State.UNSIGNED}
        )
        if not created:
            cls.objects.filter(pk=delivery.pk).update(**said, times=F("times") + 1)
        kept = source.deliveries.filter(state=cls.State.UNSIGNED).order_by("-received_at", "-pk").values("pk")
        old = list(kept[cls.UNSIGNED_KEPT :].values_list("pk", flat=True))
        cls.objects.filter(pk__in=old).delete()

    @staticmethod
    def _text(body: bytes) -> str:
        return body.decode("utf-8", errors="replace").replace("\0", "\ufffd")

    def refuse(self, reason: str) -> None:
        """It cannot be read: kept, with the reason, for whoever set up the tool."""
        type(self).objects.filter(pk=self.pk).update(
            state=self.State.REFUSED, error=reason, processed_at=timezone.now()
        )

    def ask_for_processing(self) -> None:
        """A worker will open or close incidents from it."""
        enqueue("alert.process", f"alert.process:{self.pk}", {"delivery": self.pk})

    @transaction.atomic
    def replay(self, *, by) -> None:
        """Read it once more, as if it had just been stored: after its tool was set right, or our reader was.

        What it opened or closed already stays one incident.
        """
        if self.state == self.State.UNSIGNED:
            raise ValidationError(_("Nobody knows who sent it: it is never read."))
        waits = type(self).objects.exclude(state=self.State.STORED).filter(pk=self.pk)
        if not waits.update(state=self.State.STORED, error="", replays=F("replays") + 1):
            raise ValidationError(_("It waits to be processed already."))
        self.refresh_from_db()
        enqueue("alert.process", f"alert.process:{self.pk}:{self.replays}", {"delivery": self.pk})

    @classmethod
    def forget(cls, now) -> int:
        """Delete bodies that nobody needs any more; how many."""
        return cls.objects.filter(received_at__lt=now - cls.KEPT).delete()[0]


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
    # As its tool graded it, and where it stands there.
    severity = models.CharField(_("severity"), max_length=10, choices=AlertSeverity.choices, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
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
