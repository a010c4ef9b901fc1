"""Mail of a product: its mailbox, what came in (kept as it came), what went out."""

import datetime
import hashlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from pmdm.activity.triggers import audited
from pmdm.jobs.outbox import enqueue

PROCESS, SEND = "mail.process", "mail.send"


class Mailbox(models.Model):
    """The address that a product is written to, and what becomes of strangers' mail."""

    class Unknown(models.TextChoices):
        QUARANTINE = "quarantine", _("Keep it until somebody looks at it")
        ANSWER = "answer", _("Answer that we do not know the sender, and keep it")

    product = models.OneToOneField("delivery.Product", models.CASCADE, related_name="mailbox")
    address = models.EmailField(
        _("address"),
        unique=True,
        validators=[RegexValidator(r"^[^+]+$", _("An address without a plus: what follows it is ours to use."))],
    )
    name = models.CharField(_("name of the sender"), max_length=100)
    unknown = models.CharField(
        _("mail of unknown senders"), max_length=12, choices=Unknown.choices, default=Unknown.QUARANTINE
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(address=models.functions.Lower("address")), name="mailbox_lower_case"),
        ]
        triggers = audited("product")

    def __str__(self):
        return self.address


class InboundMail(models.Model):
    """One mail as it came, and what became of it. The same mail again changes nothing."""

    class State(models.TextChoices):
        STORED = "stored", _("Waiting to be read")
        FILED = "filed", _("Filed")
        QUARANTINED = "quarantined", _("Quarantined")
        AUTOMATIC = "automatic", _("Sent by a machine")
        DROPPED = "dropped", _("Dropped")

    # Where a mail goes no further.
    OVER = ("filed", "automatic", "dropped")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="inbound_mails")
    # What makes it the same mail: its Message-ID, else its bytes.
    digest = models.CharField(max_length=64)
    raw = models.BinaryField()
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.STORED)
    reason = models.CharField(_("reason"), max_length=250, blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    sender = models.EmailField(_("from"), blank=True)
    sender_name = models.CharField(max_length=150, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(blank=True)
    issue = models.ForeignKey("delivery.Issue", models.SET_NULL, null=True, blank=True, related_name="mails")
    # The note that it became; none where it opened the issue.
    note = models.OneToOneField("delivery.IssueNote", models.SET_NULL, null=True, blank=True, related_name="mail")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(fields=["product", "digest"], name="inbound_mail_once"),
            models.CheckConstraint(
                condition=~Q(state="quarantined") | Q(issue=None) | Q(note=None), name="inbound_mail_waits_or_is_filed"
            ),
        ]
        indexes = [
            models.Index(fields=["product", "state", "-received_at"], name="inbound_mail_log"),
            models.Index(fields=["sender", "-received_at"], name="inbound_mail_sender"),
            models.Index(fields=["message_id"], name="inbound_mail_message_id"),
        ]
        triggers = audited("product", without=("raw", "text"))

    def __str__(self):
        return self.subject or self.sender or f"{self.received_at:%F %T}"

    @property
    def who(self) -> str:
        """Name and address as a person reads them."""
        return f"{self.sender_name} <{self.sender}>" if self.sender_name else self.sender

    @classmethod
    @transaction.atomic
    def keep(cls, mailbox: Mailbox, raw: bytes, *, message_id: str = "", at=None) -> tuple["InboundMail", bool]:
        """Store a mail before looking into it; (mail, False) when it came before."""
        digest = hashlib.sha256(message_id.encode() if message_id else raw).hexdigest()
        mail, created = cls.objects.get_or_create(
            product=mailbox.product,
            digest=digest,
            defaults={"raw": raw, "message_id": message_id, "received_at": at or timezone.now()},
        )
        if created:
            enqueue(PROCESS, f"{PROCESS}:{mail.pk}", {"mail": mail.pk})
        return mail, created

    def settle(self, state: str, reason: str = "", **fields) -> None:
        """Say what became of it."""
        values = {"state": state, "reason": reason[:250], **fields}
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))

    @transaction.atomic
    def decide(self, *, by, state: str, at=None, **fields) -> None:
        """A person's word on a quarantined mail; NotNow when somebody else's came first."""
        waits = type(self).objects.filter(pk=self.pk, state=self.State.QUARANTINED)
        if not waits.update(state=state, decided_by=by, decided_at=at or timezone.now(), **fields):
            raise NotNow(_("Somebody has decided about this mail already."))
        self.refresh_from_db()


class MailAttachment(models.Model):
    """A file of a mail: kept by the rules for uploads, or refused with the reason; the raw mail has it in any case."""

    mail = models.ForeignKey(InboundMail, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    refused = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(file=None) ^ Q(refused=""), name="mail_attachment_kept_or_refused"),
        ]

    def __str__(self):
        return self.name


class OutboundMail(models.Model):
    """One answer to a reporter. Its Message-ID never changes: sent twice, it is the same mail."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="outbound_mails")
    issue = models.ForeignKey("delivery.Issue", models.CASCADE, null=True, blank=True, related_name="answers")
    note = models.ForeignKey("delivery.IssueNote", models.CASCADE, null=True, blank=True, related_name="answers")
    message_id = models.CharField(max_length=255, unique=True)
    to = models.EmailField(_("to"))
    subject = models.CharField(max_length=250)
    text = models.TextField()
    in_reply_to = models.CharField(max_length=255, blank=True)
    references = models.JSONField(default=list)
    is_automatic = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["to", "-asked_at"], name="outbound_mail_to")]
        triggers = audited("product", without=("text",))

    def __str__(self):
        return f"{self.to}: {self.subject}"

    @classmethod
    def ask(cls, *, at=None, **fields) -> "OutboundMail":
        """Ask for a mail in the current transaction; the same Message-ID again changes nothing."""
        mail, created = cls.objects.get_or_create(
            message_id=fields.pop("message_id"), defaults={"asked_at": at or timezone.now(), **fields}
        )
        if created:
            enqueue(SEND, f"{SEND}:{mail.pk}", {"mail": mail.pk})
        return mail


# How much one address may send before the rest waits for a person.
PER_SENDER, WITHIN = 30, datetime.timedelta(hours=1)


def is_too_much(sender: str, at) -> bool:
    """Whether this address has sent more than a person does."""
    return InboundMail.objects.filter(sender=sender, received_at__gt=at - WITHIN).count() > PER_SENDER


def check_free(address: str, mailbox: Mailbox | None = None) -> None:
    """ValidationError where an address belongs to a person or to another mailbox: mail would go in circles."""
    from pmdm.accounts.models import User

    if User.objects.filter(email__iexact=address).exists():
        raise ValidationError(_("A person has this address."))
    if Mailbox.objects.filter(address=address).exclude(pk=mailbox and mailbox.pk).exists():
        raise ValidationError(_("Another product has this address."))
