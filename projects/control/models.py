"""What control of a schedule keeps: the plan as it stood at the end of each week, estimates, simulations."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited


class PlanWeek(models.Model):
    """The plan as it stood at the end of one week: overwritten through the week, then history."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="plan_weeks")
    week = models.DateField()  # its Monday
    taken_at = models.DateTimeField()
    status_date = models.DateTimeField(null=True)
    start = models.DateTimeField(null=True)
    finish = models.DateTimeField(null=True)
    # Against the baseline that was active then: minutes and cost earned, by each task's percent complete.
    baseline = models.ForeignKey("projects.Baseline", models.SET_NULL, null=True, related_name="+")
    earned_minutes = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    earned_cost = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    # Uids of tasks with work of their own.
    critical = ArrayField(models.PositiveIntegerField(), default=list)
    negative = ArrayField(models.PositiveIntegerField(), default=list)
    tasks = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["week"]
        constraints = [
            models.UniqueConstraint(fields=["project", "week"], name="plan_week_unique"),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="plan_week_is_a_monday"),
        ]

    def __str__(self):
        return f"{self.project_id} {self.week}"


class MilestoneWeek(models.Model):
    """When a milestone was expected (or reached) as the plan stood that week."""

    week = models.ForeignKey(PlanWeek, models.CASCADE, related_name="milestones")
    uid = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    finish = models.DateTimeField()
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["week", "uid"], name="milestone_week_unique")]

    def __str__(self):
        return f"{self.name} {self.finish:%F}"


class Shape(models.TextChoices):
    TRIANGULAR = "triangular", _("Triangular")
    PERT = "pert", _("Beta-PERT")


class SimulationSettings(models.Model):
    """How sure the plan's durations are where a task has no estimate of its own: −10 % to +30 % unless said."""

    LOW, HIGH = -10, 30

    project = models.OneToOneField("projects.Project", models.CASCADE, related_name="simulation_settings")
    low = models.SmallIntegerField(
        _("shortest"), default=LOW, validators=[MinValueValidator(-99), MaxValueValidator(0)]
    )  # percent of the planned duration
    high = models.SmallIntegerField(
        _("longest"), default=HIGH, validators=[MinValueValidator(0), MaxValueValidator(900)]
    )
    shape = models.CharField(_("shape"), max_length=10, choices=Shape.choices, default=Shape.TRIANGULAR)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(low__range=(-99, 0)), name="simulation_low_range"),
            models.CheckConstraint(condition=Q(high__range=(0, 900)), name="simulation_high_range"),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.low} % to +{self.high} %"


class TaskEstimate(models.Model):
    """Three points for one task's duration, working minutes. ``likely`` empty: the planned duration."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="estimates")
    task = models.OneToOneField("projects.Task", models.CASCADE, related_name="estimate")
    optimistic = models.PositiveIntegerField(_("optimistic"))
    likely = models.PositiveIntegerField(_("most likely"), null=True, blank=True)
    pessimistic = models.PositiveIntegerField(_("pessimistic"))
    shape = models.CharField(_("shape"), max_length=10, choices=Shape.choices, default=Shape.TRIANGULAR)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(optimistic__lte=F("pessimistic"))
                & (Q(likely=None) | (Q(optimistic__lte=F("likely")) & Q(likely__lte=F("pessimistic")))),
                name="estimate_in_order",
            )
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.task_id}: {self.optimistic} – {self.pessimistic}"


class Simulation(models.Model):
    """A Monte Carlo simulation of the plan as it was: written once, when it is done, and never changed."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="simulations")
    number = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    runs = models.PositiveIntegerField()
    as_of = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(default=timezone.now)
    # Hash of all that the plan and its estimates gave to it: another one now means it is out of date.
    plan_hash = models.CharField(max_length=64)
    low, high = models.SmallIntegerField(), models.SmallIntegerField()
    shape = models.CharField(max_length=10, choices=Shape.choices)
    estimated = models.PositiveIntegerField(default=0)  # tasks with an estimate of their own
    sampled = models.PositiveIntegerField(default=0)
    deterministic = models.DateTimeField()
    probability = models.FloatField()  # share of runs done by then, 0 to 1
    mean = models.DateTimeField()
    deviation_days = models.FloatField()  # standard deviation of the finish, working days
    p50, p80, p90 = models.DateTimeField(), models.DateTimeField(), models.DateTimeField()
    # [[first day, last day, runs], ...] of the finish; [[percent, instant], ...] of the S-curve.
    histogram = models.JSONField()
    curve = models.JSONField()
    # How much of the distance from the plan's finish to P50 comes from paths that run side by side.
    merge_bias_days = models.FloatField(null=True)
    engine = models.CharField(max_length=20, default="1")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="simulation_number_unique"),
            models.CheckConstraint(condition=Q(probability__range=(0, 1)), name="simulation_probability_0_1"),
            models.CheckConstraint(
                condition=Q(p50__lte=F("p80")) & Q(p80__lte=F("p90")), name="simulation_percentiles_in_order"
            ),
        ]
        triggers = [*audited("project"), pgtrigger.Protect(name="written_once", operation=pgtrigger.Update)]

    def __str__(self):
        return _("Simulation %(number)s") % {"number": self.number}


class SimulationTask(models.Model):
    """What a simulation says of one task."""

    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="tasks")
    uid = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    criticality = models.FloatField()  # share of runs in which it was critical, 0 to 1
    cruciality = models.FloatField(null=True)  # correlation of its duration with the finish
    ssi = models.FloatField(null=True)  # schedule sensitivity index
    is_sampled = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["simulation", "uid"], name="simulation_task_unique"),
            models.CheckConstraint(condition=Q(criticality__range=(0, 1)), name="simulation_criticality_0_1"),
        ]
        triggers = [pgtrigger.Protect(name="written_once", operation=pgtrigger.Update)]

    def __str__(self):
        return f"{self.name}: {self.criticality:.0%}"
