"""Who is told, and when, that a promise is about to be broken or is broken; each telling is a row with its moment."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited


class EscalationStepQuerySet(models.QuerySet):
    def current(self):
        return self.filter(ended_at=None)


class EscalationStep(models.Model):
    """One step of a product's escalation: which clock, from which moment on, who is told.

    A step is never changed, only ended, so that what it did stays explained. It holds for moments after ``since``:
    a new step does not tell about what was late before it was agreed.
    """

    class Clock(models.TextChoices):
        RESPONSE = "response", _("First response")
        RESOLUTION = "resolution", _("Resolution")

    class Trigger(models.TextChoices):
        AT_RISK = "at_risk", _("At risk (75 % of the target)")
        BREACHED = "breached", _("Breached")
        AFTER = "after", _("After the breach")

    class Tells(models.TextChoices):
        ASSIGNEE = "assignee", _("Assignee, or the support team while there is none")
        SUPPORT = "support", _("Support team")
        DELIVERY_MANAGER = "delivery_manager", _("Delivery manager")
        STAKEHOLDER = "stakeholder", _("Stakeholders, the sponsor among them")

    # What a new product starts with; minutes are of service time after the breach.
    DEFAULTS = (
        ("response", "at_risk", 0, ("assignee",)),
        ("response", "breached", 0, ("assignee", "delivery_manager")),
        ("resolution", "at_risk", 0, ("assignee",)),
        ("resolution", "breached", 0, ("assignee", "delivery_manager")),
        ("resolution", "after", 480, ("delivery_manager", "stakeholder")),
    )

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="escalation_steps")
    clock = models.CharField(_("clock"), max_length=10, choices=Clock.choices, default=Clock.RESOLUTION)
    trigger = models.CharField(_("when"), max_length=10, choices=Trigger.choices, default=Trigger.BREACHED)
    minutes = models.PositiveIntegerField(_("minutes after the breach"), default=0)
    tells = ArrayField(models.CharField(max_length=20, choices=Tells.choices), verbose_name="tells")
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = EscalationStepQuerySet.as_manager()

    class Meta:
        ordering = ["clock", "trigger", "minutes", "pk"]
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation steps")
        constraints = [
            models.CheckConstraint(
                condition=Q(trigger="after", minutes__gt=0) | (~Q(trigger="after") & Q(minutes=0)),
                name="escalation_step_minutes_after_breach",
            ),
            models.CheckConstraint(condition=Q(tells__len__gt=0), name="escalation_step_tells_somebody"),
            models.UniqueConstraint(
                fields=["product", "clock", "trigger", "minutes"],
                condition=Q(ended_at=None),
                name="escalation_step_unique",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.get_clock_display()}: {self.get_trigger_display()}"

    @property
    def order(self) -> tuple[int, int]:
        """Later steps of one clock are greater."""
        return (list(self.Trigger.values).index(self.trigger), self.minutes)

    @property
    def whom(self) -> list[str]:
        return [str(self.Tells(word).label) for word in self.tells]

    # --- Verbs ---

    @classmethod
    def set_defaults(cls, product, *, at=None) -> None:
        """Give a new product its steps."""
        since = at or timezone.now()
        cls.objects.bulk_create(
            cls(product=product, clock=clock, trigger=trigger, minutes=minutes, tells=list(tells), since=since)
            for clock, trigger, minutes, tells in cls.DEFAULTS
        )

    @classmethod
    @transaction.atomic
    def agree(cls, product, *, by, clock, trigger, tells: Iterable[str], minutes: int = 0, at=None) -> "EscalationStep":
        """One more step; open issues are told about from now on. A step for the same moment: ValidationError."""
        from delivery.issues.models import Issue

        at = at or timezone.now()
        minutes = minutes if trigger == cls.Trigger.AFTER else 0
        step = cls(product=product, clock=clock, trigger=trigger, minutes=minutes, tells=sorted(set(tells)), since=at)
        if cls.objects.current().filter(product=product, clock=clock, trigger=trigger, minutes=minutes).exists():
            raise ValidationError({"trigger": _("There is a step for this moment already: remove it first.")})
        step.save()
        Issue.reckon_open(product, at=at)
        return step

    @transaction.atomic
    def end(self, *, by, at=None) -> None:
        """It tells nobody any more; what it has told stays. Ending twice changes nothing."""
        from delivery.issues.models import Issue

        at = at or timezone.now()
        if type(self).objects.filter(pk=self.pk, ended_at=None).update(ended_at=at):
            Issue.reckon_open(self.product, at=at)


class EscalationQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(fired_at=None, cancelled_at=None)

    def due(self, now):
        """Waiting ones whose moment has passed while their issue is still open and, for a response, unanswered."""
        return self.waiting().filter(
            Q(step__clock=EscalationStep.Clock.RESOLUTION) | Q(issue__responded_at=None),
            due_at__lt=now,
            issue__resolved_at=None,
        )


class Escalation(models.Model):
    """One telling about one issue by one step: waits for ``due_at``, then is fired once or cancelled.

    Derived by ``planning.plan`` from the issue's clock whenever that changes; the beat finds what is due. It is its
    own record, so the audit trail does not repeat it.
    """

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="escalations")
    issue = models.ForeignKey("delivery.Issue", models.CASCADE, related_name="escalations")
    step = models.ForeignKey(EscalationStep, models.CASCADE, related_name="escalations")
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    told = ArrayField(models.BigIntegerField(), default=list, blank=True)  # keys of people

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            # The same moment is told once, whatever happens to the clock in between.
            models.UniqueConstraint(fields=["issue", "step", "due_at"], name="escalation_once_a_moment"),
            models.UniqueConstraint(
                fields=["issue", "step"], condition=Q(fired_at=None), name="escalation_one_waiting_a_step"
            ),
            models.CheckConstraint(
                condition=Q(fired_at=None) | Q(cancelled_at=None), name="escalation_fired_or_cancelled"
            ),
            models.CheckConstraint(
                condition=Q(fired_at=None) | Q(fired_at__gte=F("due_at")), name="escalation_fired_when_due"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(fired_at=None, cancelled_at=None), name="escalation_waiting"),
        ]

    def __str__(self):
        return f"{self.issue_id}: {self.step}"
