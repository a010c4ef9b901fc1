"""Operational risks: carried over at handover or found later, with a control and its test."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import move
from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.matrix import level_of
from pmdm.registers.models import Risk as AbstractRisk
from pmdm.registers.models import RiskQuerySet

YEAR = datetime.timedelta(days=365)


class Risk(AbstractRisk):
    """A threat to the product's stability or sustainability."""

    SUBJECT = "product"

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="risks")
    control = models.TextField(_("control"), blank=True)
    control_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("control owner"),
    )
    control_tested_on = models.DateField(_("control last tested"), null=True, blank=True)
    control_test_due = models.DateField(_("next test of the control"), null=True, blank=True)

    objects = RiskQuerySet.as_manager()

    class Meta(AbstractRisk.Meta):
        ordering = ["number"]
        constraints = [
            *AbstractRisk.Meta.constraints,
            models.UniqueConstraint(fields=["product", "number"], name="product_risk_number_unique"),
        ]
        triggers = [*audited("product"), *marks_dirty("product")]

    @classmethod
    @transaction.atomic
    def raise_risk(cls, product, *, by, title, at=None, **fields) -> "Risk":
        """A new risk; the first scores are its inherent ones, before any control."""
        fields.setdefault("inherent_probability", fields.get("probability"))
        fields.setdefault("inherent_impact", fields.get("impact"))
        return cls.objects.create(product=product, title=title, raised_at=at or timezone.now(), **fields)

    def close(self, *, by, reason, occurred=False, at=None) -> None:
        """Nothing to fear any more, or it happened: it leaves the open register with a reason."""
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it is closed.")})
        state = self.State.OCCURRED if occurred else self.State.CLOSED
        move(self, self.OPEN_STATES, state=state, closed_at=at or timezone.now(), close_reason=reason)

    def reopen(self, *, by) -> None:
        """The threat is back."""
        move(self, ("closed", "occurred"), state=self.State.OPEN, closed_at=None, close_reason="")

    @property
    def inherent_score(self) -> int | None:
        """What it was before any control; ``score`` is what is left of it, the residual one."""
        if self.inherent_probability and self.inherent_impact:
            return self.inherent_probability * self.inherent_impact
        return None

    @property
    def inherent_level(self):
        return level_of(self.inherent_probability, self.inherent_impact)

    def control_test_due_after(self, on: datetime.date) -> datetime.date:
        """The next test, as long after this one as it was between the last one and its due day; else in a year."""
        tested, due = self.control_tested_on, self.control_test_due
        return on + (due - tested if tested and due and due > tested else YEAR)

    @property
    def control_is_overdue(self) -> bool:
        """Its test was due, or, where no day was set, nobody tested it for a year."""
        if not self.control or not self.is_open:
            return False
        tested, due = self.control_tested_on, self.control_test_due
        if due:
            return due < timezone.localdate() and (tested is None or tested < due)
        return tested is None or (timezone.localdate() - tested).days > 365
