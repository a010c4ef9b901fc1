"""Sign-off by named people: who has to sign, and what was signed by whom, when and over which content.

A signature is never changed and never removed. Whether it holds is computed: it must be of the latest submission and
its hash that of the content as it stands. An edit after signing therefore voids it by itself, and everybody sees it.
"""

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handover.frozen import before_acceptance, frozen_once_submitted
from handover.transfer.models import Handover
from pmdm.activity.triggers import append_only, audited


class Signer(models.Model):
    """A person whose signature the handover needs. One step signs in parallel, later steps after earlier ones."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="signers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    capacity = models.CharField(
        _("signs as"), max_length=100, help_text=_("Such as: security officer, owner of the budget.")
    )
    step = models.PositiveSmallIntegerField(
        _("step"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("People of one step sign in any order; step 2 signs after all of step 1."),
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("delegate"),
        help_text=_("Signs for you on days on which you are absent."),
    )
    away_from = models.DateField(_("absent from"), null=True, blank=True)
    away_until = models.DateField(_("absent until"), null=True, blank=True)

    class Meta:
        ordering = ["step", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "user"], name="signer_once_per_handover"),
            models.CheckConstraint(condition=Q(step__gte=1), name="signer_step_from_one"),
            models.CheckConstraint(
                condition=Q(delegate=None) | ~Q(delegate=F("user")), name="signer_delegates_to_another"
            ),
            models.CheckConstraint(
                condition=Q(away_from=None, away_until=None) | Q(away_until__gte=F("away_from")),
                name="signer_away_from_until",
            ),
        ]
        # Whom one sends while absent is no part of what is signed.
        triggers = [*audited("project"), *frozen_once_submitted(but=("delegate_id", "away_from", "away_until"))]

    def __str__(self):
        return f"{self.user} ({self.capacity})"


class SignOff(models.Model):
    """One signature: person, time and the SHA-256 of what was signed. Append-only."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="sign_offs")
    signer = models.ForeignKey(Signer, models.PROTECT, related_name="sign_offs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)
    # The submission it belongs to: a returned record is signed anew.
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["signer", "submitted_at", "content_hash"], name="sign_off_once_per_content")
        ]
        triggers = [*audited("project"), *append_only()]

    def __str__(self):
        return f"{self.user} {self.signed_at:%F %T}"

    @property
    def by_delegate(self) -> bool:
        return self.user_id != self.signer.user_id


# What the giver signed is what everybody else must have signed; that it is what stands there, the verb has compared.
_UNSIGNED = """EXISTS (
    SELECT 1 FROM handover_signer s WHERE s.handover_id = NEW.id AND NOT EXISTS (
        SELECT 1 FROM handover_signoff f WHERE f.signer_id = s.id AND f.submitted_at = NEW.submitted_at
        AND f.content_hash IN (
            SELECT g.content_hash FROM handover_signature g
            WHERE g.handover_id = NEW.id AND g.side = 'giver' AND g.voided_at IS NULL)))"""
pgtrigger.register(before_acceptance("everybody_signed", missing=_UNSIGNED, message="A signature is missing or void."))(
    Handover
)
