"""The way out of service: what must be done, shown and signed before a product is retired."""

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from delivery.products.models import Product
from pmdm.activity.triggers import audited
from pmdm.registers.models import Worded

USER = settings.AUTH_USER_MODEL


class Decommission(Worded):
    """One decommissioning of a product: runs until it is retired, or is called off with a reason."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CALLED_OFF = "called_off", _("Called off")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="decommissions")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)
    reason = models.TextField(_("why it is taken out of service"))
    planned_on = models.DateField(_("planned last day"))
    started_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(_("why it was called off"), blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("decommissioning")
        verbose_name_plural = _("decommissionings")
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=~Q(state="called_off"), name="decommission_one_a_product"
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None) | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="decommission_ended_at_with_state",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return str(_("Decommissioning of %s") % self.product)

    @classmethod
    @transaction.atomic
    def begin(cls, product, *, by, reason: str, planned_on, owners=None, at=None) -> "Decommission":
        """Start it, with its steps. NotNow when one is running already. The end of life follows the plan."""
        at = at or timezone.now()
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it is taken out of service.")})
        locked = Product.objects.select_for_update().get(pk=product.pk)
        if locked.stage == Product.Stage.RETIRED or cls.objects.filter(product=product, state="running").exists():
            raise NotNow(_("It is being taken out of service already."))
        if locked.live_on and planned_on < locked.live_on:
            raise ValidationError({"planned_on": _("It went live on %s: choose a later day.") % locked.live_on})
        found = cls.objects.create(product=product, reason=reason, planned_on=planned_on, started_by=by, started_at=at)
        owners = owners or {}
        DecommissionStep.objects.bulk_create(
            DecommissionStep(product=product, decommission=found, kind=kind, owner=owners.get(kind, by))
            for kind in DecommissionStep.Kind.values
        )
        Product.objects.filter(pk=product.pk).update(retire_on=planned_on, version=F("version") + 1)
        product.refresh_from_db()
        return found

    @transaction.atomic
    def call_off(self, *, by, reason: str, at=None) -> None:
        """The product goes on; the steps that were done stay on record."""
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it is called off.")})
        changed = (
            type(self)
            .objects.filter(pk=self.pk, state="running")
            .update(state="called_off", ended_at=at or timezone.now(), end_reason=reason)
        )
        self.refresh_from_db()
        if not changed:
            raise NotNow(_("This cannot be done now: it is “%s”.") % self.get_state_display())

    @transaction.atomic
    def retire(self, *, by, at=None) -> None:
        """The product is retired: only when every step is done."""
        self.product.change_stage(Product.Stage.RETIRED, by=by, reason=self.reason, at=at)
        self.refresh_from_db()


class DecommissionStep(Worded):
    """One thing that must be done before the end, with who did it and what shows it."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("Notice to customers")
        DATA = "data", _("Data kept, moved or deleted")
        CONTRACTS = "contracts", _("Contracts ended")
        ACCESS = "access", _("Access removed")
        SIGN_OFF = "sign_off", _("Sign-off")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    decommission = models.ForeignKey(Decommission, models.CASCADE, related_name="steps")
    kind = models.CharField(_("step"), max_length=10, choices=Kind.choices)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("who does it"))
    evidence = models.TextField(_("what shows that it is done"), blank=True)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    done_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("done by")
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("step of decommissioning")
        verbose_name_plural = _("steps of decommissioning")
        constraints = [
            models.UniqueConstraint(fields=["decommission", "kind"], name="decommission_step_once"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(evidence="")),
                name="decommission_step_done_with_evidence",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return str(self.get_kind_display())

    @transaction.atomic
    def give_to(self, person, *, by) -> None:
        """Somebody else does it, while it is not done."""
        if not type(self).objects.filter(pk=self.pk, done_at=None).update(owner=person):
            raise NotNow(_("This step is done."))
        self.owner = person

    @transaction.atomic
    def complete(self, *, by, evidence: str, file=None, at=None) -> None:
        """It is done, and this shows it. The sign-off comes last, by somebody who did not do all the rest."""
        if not evidence.strip():
            raise ValidationError({"evidence": _("Say what shows that it is done.")})
        process = Decommission.objects.select_for_update().get(pk=self.decommission_id)
        if process.state != Decommission.State.RUNNING:
            raise NotNow(_("This cannot be done now: it is “%s”.") % process.get_state_display())
        if self.kind == self.Kind.SIGN_OFF:
            others = list(process.steps.exclude(pk=self.pk))
            if missing := [step for step in others if step.done_at is None]:
                raise ValidationError(
                    _("The sign-off comes last. Still open: %s.")
                    % ", ".join(str(step.get_kind_display()) for step in missing)
                )
            if {step.done_by_id for step in others} == {by.pk}:
                raise ValidationError(_("Nobody signs off what they did alone: somebody else must."))
        if self.kind == self.Kind.CONTRACTS:
            self._contracts_end(process)
        done = (
            type(self)
            .objects.filter(pk=self.pk, done_at=None)
            .update(evidence=evidence, file=file, done_by=by, done_at=at or timezone.now())
        )
        self.refresh_from_db()
        if not done:
            raise NotNow(_("%(name)s has done this step already.") % {"name": self.done_by})

    def _contracts_end(self, process: Decommission) -> None:
        running = self.product.agreements.filter(terminated_on=None)
        running = running.filter(Q(ends_on=None) | Q(ends_on__gt=process.planned_on))
        if left := list(running[:5]):
            raise ValidationError(
                _("These contracts run on after the last day: %s. End them, or give them an earlier end.")
                % "; ".join(str(row) for row in left)
            )


def objection(product, to: str) -> str:
    """Why a product cannot be retired yet."""
    if to != Product.Stage.RETIRED:
        return ""
    process = Decommission.objects.select_for_update().filter(product=product, state="running").first()
    if process is None:
        return str(_("Take it out of service first: notice, data, contracts, access and sign-off, each with evidence."))
    left = process.steps.filter(done_at=None)
    if names := ", ".join(str(step.get_kind_display()) for step in left):
        return str(_("Still open before it can be retired: %s.") % names)
    return ""


# Whoever writes: the stage moves to retired only after a decommissioning of which every step is done.
pgtrigger.register(
    pgtrigger.Trigger(
        name="retired_when_decommissioned",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.stage = 'retired' AND OLD.stage <> 'retired'"),
        func="""
            IF NOT EXISTS (
                SELECT 1 FROM delivery_decommission d WHERE d.product_id = NEW.id AND d.state <> 'called_off'
                AND NOT EXISTS (
                    SELECT 1 FROM delivery_decommissionstep s WHERE s.decommission_id = d.id AND s.done_at IS NULL))
            THEN
                RAISE EXCEPTION 'A product is retired once every step of its decommissioning is done.'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )
)(Product)
