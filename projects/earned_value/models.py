"""How tasks earn their budget: a default for the project, another rule for single tasks, and what some rules count."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited

WITHIN = [MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal("2"))]


class EarningRule(models.TextChoices):
    """The rules of ``projects.budget.engine.evm``, as the database keeps them."""

    PERCENT = "percent", _("Percent complete")
    ZERO_HUNDRED = "0/100", _("0/100: all when finished")
    FIFTY_FIFTY = "50/50", _("50/50: half when started")
    TWENTY_EIGHTY = "20/80", _("20/80: a fifth when started")
    MILESTONES = "milestones", _("Weighted milestones")
    UNITS = "units", _("Units complete")
    LEVEL_OF_EFFORT = "loe", _("Level of effort: as time goes by")


# What a project may choose for all its tasks: the others count something of the task itself.
DEFAULT_RULES = [
    EarningRule.PERCENT,
    EarningRule.ZERO_HUNDRED,
    EarningRule.FIFTY_FIFTY,
    EarningRule.TWENTY_EIGHTY,
    EarningRule.LEVEL_OF_EFFORT,
]


class EarningSettings(models.Model):
    """The rule of every task without one of its own, and below which index a light changes."""

    project = models.OneToOneField("projects.Project", models.CASCADE, related_name="earning_settings")
    rule = models.CharField(
        _("earning rule"),
        max_length=10,
        choices=[(rule.value, rule.label) for rule in DEFAULT_RULES],
        default=EarningRule.PERCENT,
    )
    # Of CPI, SPI and SPI(t): below watch amber, below act red.
    watch = models.DecimalField(
        _("amber below"), max_digits=4, decimal_places=2, default=Decimal("0.95"), validators=WITHIN
    )
    act = models.DecimalField(
        _("red below"), max_digits=4, decimal_places=2, default=Decimal("0.90"), validators=WITHIN
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__in=[rule.value for rule in DEFAULT_RULES]), name="earning_default_rule_known"
            ),
            models.CheckConstraint(
                condition=Q(act__gt=0) & Q(act__lte=F("watch")) & Q(watch__lte=2), name="earning_thresholds_in_order"
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.project_id}: {self.rule}"


class TaskEarning(models.Model):
    """One task's own rule; ``units`` say how many there are and how many are done."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="task_earnings")
    task = models.OneToOneField("projects.Task", models.CASCADE, related_name="earning")
    rule = models.CharField(_("earning rule"), max_length=10, choices=EarningRule.choices)
    units_total = models.DecimalField(_("units in all"), max_digits=12, decimal_places=2, null=True, blank=True)
    units_done = models.DecimalField(_("units done"), max_digits=12, decimal_places=2, default=Decimal(0), blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rule__in=EarningRule.values), name="task_earning_rule_known"),
            models.CheckConstraint(
                condition=~Q(rule=EarningRule.UNITS) | Q(units_total__isnull=False, units_total__gt=0),
                name="task_earning_units_have_a_total",
            ),
            models.CheckConstraint(
                condition=Q(units_done__gte=0) & (Q(units_total=None) | Q(units_done__lte=F("units_total"))),
                name="task_earning_units_within_total",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.task_id}: {self.rule}"


class EarningStep(models.Model):
    """A weighted milestone within a task: earned on the day it is reached."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="earning_steps")
    task = models.ForeignKey("projects.Task", models.CASCADE, related_name="earning_steps")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("milestone"), max_length=200)
    weight = models.DecimalField(_("weight"), max_digits=8, decimal_places=2)
    reached_on = models.DateField(_("reached on"), null=True, blank=True)

    class Meta:
        ordering = ["task", "position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(weight__gt=0), name="earning_step_weight_above_zero"),
            models.UniqueConstraint(fields=["task", "name"], name="earning_step_name_unique"),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.name
