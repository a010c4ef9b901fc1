"""Contracts around a product, with suppliers and clients, its warranty among them."""

import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned

CURRENCY = RegexValidator(r"^[A-Z]{3}\Z", _("A currency has three capital letters, such as EUR or USD."))
ALERT_DAYS = (90, 30, 7)


def alert_days() -> list[int]:
    return list(ALERT_DAYS)


class AgreementQuerySet(models.QuerySet):
    def running(self, day=None):
        """Not over on this day; those that begin later count as running."""
        day = day or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), terminated_on=None)


class Agreement(Versioned):
    """What was agreed with a supplier or a client, from when to when, and the last day to give notice."""

    class Kind(models.TextChoices):
        WARRANTY = "warranty", _("Warranty")
        SUPPORT = "support", _("Support and maintenance")
        LICENCE = "licence", _("Licence")
        HOSTING = "hosting", _("Hosting")
        SERVICE = "service", _("Service")
        OTHER = "other", _("Other")

    class Side(models.TextChoices):
        SUPPLIER = "supplier", _("Supplier: we receive")
        CLIENT = "client", _("Client: we owe")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="agreements")
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.SUPPORT)
    side = models.CharField(_("with"), max_length=10, choices=Side.choices, default=Side.SUPPLIER)
    party = models.CharField(_("other party"), max_length=200)
    reference = models.CharField(_("their number"), max_length=100, blank=True)
    contact = models.CharField(_("contact"), max_length=300, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    notice_on = models.DateField(_("last day for notice"), null=True, blank=True)
    value = models.DecimalField(
        _("value"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[CURRENCY])
    alert_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(730)]),
        verbose_name=_("alerts, days before"),
        default=alert_days,
        blank=True,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who answers for it"),
    )
    note = models.TextField(_("note"), blank=True)
    terminated_on = models.DateField(_("ended early on"), null=True, blank=True)
    end_reason = models.TextField(_("why it was ended"), blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["ends_on", "title", "pk"]
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="agreement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(notice_on=None)
                | (Q(notice_on__gte=F("starts_on")) & (Q(ends_on=None) | Q(notice_on__lte=F("ends_on")))),
                name="agreement_notice_while_it_runs",
            ),
            models.CheckConstraint(
                condition=Q(value=None, currency="") | (Q(value__isnull=False, value__gte=0) & ~Q(currency="")),
                name="agreement_value_has_currency",
            ),
            models.CheckConstraint(
                condition=Q(terminated_on=None, end_reason="") | (Q(terminated_on__isnull=False) & ~Q(end_reason="")),
                name="agreement_ended_with_reason",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.party}: {self.title}"

    @property
    def deadline(self) -> datetime.date | None:
        """By when somebody must decide: the last day for notice, else the end; None where it runs on."""
        return self.notice_on or self.ends_on

    def standing(self, today: datetime.date | None = None) -> str:
        """'ahead', 'running', 'due' (an alert's time has come), 'late' (the deadline passed) or 'over'."""
        today = today or timezone.localdate()
        if self.terminated_on is not None or (self.ends_on and self.ends_on < today):
            return "over"
        if self.starts_on > today:
            return "ahead"
        if self.deadline is None:
            return "running"
        days = (self.deadline - today).days
        if days < 0:
            return "late"
        return "due" if days <= max(self.alert_days, default=0) else "running"

    def end(self, *, by, reason: str, on: datetime.date | None = None) -> None:
        """It was ended before its time, with the reason; NotNow where somebody ended it already."""
        on = on or timezone.localdate()
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it is ended.")})
        if on < self.starts_on:
            raise ValidationError({"on": _("It cannot end before it began: on %s or later.") % self.starts_on})
        ended = (
            type(self)
            .objects.filter(pk=self.pk, terminated_on=None)
            .update(terminated_on=on, end_reason=reason, version=F("version") + 1)
        )
        self.refresh_from_db()
        if not ended:
            raise NotNow(_("%s was ended already.") % self)
