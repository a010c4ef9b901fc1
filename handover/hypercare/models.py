"""Early-life support after a handover: its thresholds, how it ended or began again, what early issues were about."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.hypercare.meters import Thresholds
from handover.transfer.models import Handover
from pmdm.activity.triggers import append_only, audited
from pmdm.registers.models import Versioned

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class Hypercare(Versioned):
    """The hypercare of one handover. It is agreed with the record and runs from the acceptance on."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.OneToOneField(Handover, models.CASCADE, related_name="hypercare")
    product = models.ForeignKey("delivery.Product", models.CASCADE, null=True, related_name="hypercares")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    days = models.PositiveSmallIntegerField(
        _("period in days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    tightening = models.PositiveSmallIntegerField(
        _("service levels in percent of the usual"),
        default=50,
        validators=[MinValueValidator(10), MaxValueValidator(100)],
        help_text=_("50: response and resolution targets are half as long while it runs."),
    )
    critical_free_days = models.PositiveSmallIntegerField(
        _("days without an open critical issue"), null=True, blank=True, default=10
    )
    issues_per_day = models.DecimalField(
        _("at most so many new issues a day"), max_digits=6, decimal_places=2, null=True, blank=True, default=2,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    window_days = models.PositiveSmallIntegerField(
        _("counted over the last days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    satisfaction = models.DecimalField(
        _("satisfaction at least"), max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT,
        help_text=_("Percent of satisfied answers since the start."),
    )  # fmt: skip
    availability = models.DecimalField(
        _("availability at least"), max_digits=6, decimal_places=3, null=True, blank=True, default="99.500",
        validators=PERCENT, help_text=_("Percent of all time since the start."),
    )  # fmt: skip
    relapse_days = models.PositiveSmallIntegerField(
        _("begins again within days"),
        default=14,
        validators=[MaxValueValidator(180)],
        help_text=_("A threshold that breaks so soon after the exit opens hypercare again."),
    )
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    until = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    # {severity: [response, resolution]} in minutes: as it was, and as it is while this runs.
    usual_levels = models.JSONField(default=dict, blank=True, editable=False)
    tight_levels = models.JSONField(default=dict, blank=True, editable=False)

    THRESHOLDS = ("days", "tightening", "critical_free_days", "issues_per_day", "window_days", "satisfaction",
                  "availability", "relapse_days")  # fmt: skip

    class Meta:
        verbose_name_plural = "hypercares"
        constraints = [
            models.UniqueConstraint(fields=["product"], condition=Q(state="running"), name="hypercare_one_runs"),
            models.CheckConstraint(
                condition=Q(state="planned", started_at=None, ended_at=None, product=None)
                | Q(
                    state="running", started_at__isnull=False, until__isnull=False, ended_at=None, product__isnull=False
                )
                | Q(state="ended", started_at__isnull=False, ended_at__isnull=False, product__isnull=False),
                name="hypercare_times_with_state",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return str(_("Hypercare of %(handover)s") % {"handover": self.handover.ref})

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(
            critical_free_days=self.critical_free_days,
            issues_per_day=None if self.issues_per_day is None else float(self.issues_per_day),
            window_days=self.window_days,
            satisfaction=None if self.satisfaction is None else float(self.satisfaction),
            availability=None if self.availability is None else float(self.availability),
        )


class HypercareEvent(models.Model):
    """It started, was extended or changed, ended, or began again: why, by whom, with the meters as they were."""

    class Kind(models.TextChoices):
        STARTED = "started", _("Started")
        EXTENDED = "extended", _("Extended")
        CHANGED = "changed", _("Thresholds changed")
        ENDED = "ended", _("Ended")
        RELAPSED = "relapsed", _("Began again")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    hypercare = models.ForeignKey(Hypercare, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    # Nobody: what was measured opened it again.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    until = models.DateTimeField(null=True)
    meters = models.JSONField(default=list)

    class Meta:
        ordering = ["-at", "-pk"]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.get_kind_display()} {self.at:%F}"


class IssueClass(models.Model):
    """What an issue of the first weeks was: it separates the project's debt from new demand."""

    class Kind(models.TextChoices):
        DEFECT = "defect", _("Release defect")
        GAP = "gap", _("Known gap")
        TRAINING = "training", _("Training")
        PRE_EXISTING = "pre_existing", _("Was there before")
        REQUEST = "request", _("New request")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    hypercare = models.ForeignKey(Hypercare, models.CASCADE, related_name="classes")
    issue = models.OneToOneField("delivery.Issue", models.CASCADE, related_name="early_class")
    kind = models.CharField(_("class"), max_length=12, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "issue classes"
        triggers = audited("product")

    def __str__(self):
        return f"{self.issue}: {self.get_kind_display()}"
