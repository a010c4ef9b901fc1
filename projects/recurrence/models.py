"""Work that comes back: a rule, and one row for each time it came."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned

AT_MOST = 60


class Recurrence(Versioned):
    """When a task comes back. Its tasks stand in the plan, ahead of time, below a summary of its name."""

    class Every(models.TextChoices):
        DAY = "day", _("Day")
        WEEK = "week", _("Week")
        MONTH = "month", _("Month")
        YEAR = "year", _("Year")

    class Holidays(models.TextChoices):
        SHIFT = "shift", _("move to the next working day")
        SKIP = "skip", _("leave it out")
        KEEP = "keep", _("keep the day")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="recurrences")
    summary = models.ForeignKey("projects.Task", models.SET_NULL, null=True, related_name="recurrences")
    name = models.CharField(_("name"), max_length=250)
    duration = models.PositiveIntegerField(_("duration"), default=480)  # working minutes
    every = models.CharField(_("every"), max_length=5, choices=Every.choices, default=Every.WEEK)
    interval = models.PositiveSmallIntegerField(
        _("interval"), default=1, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    # 0 is Monday. Of a week: which days. Of a month or year with `nth`: of which weekday the nth.
    weekdays = models.JSONField(_("weekdays"), default=list, blank=True)
    # 1 first .. 4 fourth, -1 last weekday of the month; empty: the day of the month below.
    nth = models.SmallIntegerField(_("which"), null=True, blank=True)
    # 1..31; a month without it is left out. -1: the last.
    month_day = models.SmallIntegerField(_("day of the month"), null=True, blank=True)
    month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True)  # of a year
    start = models.DateField(_("from"))
    until = models.DateField(_("until"), null=True, blank=True)
    count = models.PositiveSmallIntegerField(_("times"), null=True, blank=True)
    holidays = models.CharField(_("on a day off"), max_length=5, choices=Holidays.choices, default=Holidays.SHIFT)
    # So many of them stand in the plan ahead of today.
    ahead = models.PositiveSmallIntegerField(
        _("made ahead"), default=4, validators=[MinValueValidator(1), MaxValueValidator(AT_MOST)]
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(interval__range=(1, 99)), name="recurrence_interval_1_99"),
            models.CheckConstraint(condition=Q(ahead__range=(1, AT_MOST)), name="recurrence_ahead_1_60"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("start")), name="recurrence_until_after_start"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(count=None), name="recurrence_until_or_count"),
            models.CheckConstraint(condition=Q(count=None) | Q(count__gte=1), name="recurrence_count_positive"),
            models.CheckConstraint(condition=Q(nth=None) | Q(nth__in=(1, 2, 3, 4, -1)), name="recurrence_nth_known"),
            models.CheckConstraint(
                condition=Q(month_day=None) | Q(month_day__in=(-1, *range(1, 32))), name="recurrence_month_day_known"
            ),
            models.CheckConstraint(condition=Q(month=None) | Q(month__range=(1, 12)), name="recurrence_month_1_12"),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.name


class Occurrence(models.Model):
    """That a rule's day was dealt with: its task was made, or it fell on a day off and was left out."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="occurrences")
    recurrence = models.ForeignKey(Recurrence, models.CASCADE, related_name="occurrences")
    day = models.DateField()  # as the rule says
    planned = models.DateField(null=True)  # as holidays moved it; empty: left out
    # Empty: left out, or somebody deleted the task; it is not made again.
    task = models.OneToOneField("projects.Task", models.SET_NULL, null=True, related_name="occurrence")

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["recurrence", "day"], name="occurrence_once"),
            # Two days moved onto the same working day are one.
            models.UniqueConstraint(fields=["recurrence", "planned"], name="occurrence_one_a_day"),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.recurrence} {self.day}"
