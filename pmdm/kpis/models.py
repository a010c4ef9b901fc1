"""Key performance indicators: current values, daily snapshots, thresholds and the queue of dirty subjects."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited


class Status(models.TextChoices):
    OK = "ok", _("On track")
    WATCH = "watch", _("Watch")
    ACT = "act", _("Act")
    NA = "na", _("Not available")


class Figure(models.Model):
    """A KPI of a subject: its value with the inputs it came from, or the reason why there is none."""

    subject_type = models.CharField(max_length=20)  # 'project' or 'product'
    subject_id = models.BigIntegerField()
    kpi = models.CharField(max_length=40)
    # Unrounded and without a largest value: one odd subject must not stop the statement that computes all.
    value = models.DecimalField(null=True)
    unit = models.CharField(max_length=12)
    target = models.DecimalField(null=True)
    status = models.CharField(max_length=5, choices=Status.choices)
    reason = models.CharField(max_length=200, blank=True)
    inputs = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.kpi} of {self.subject_type} {self.subject_id}: {self.value}"


class Value(Figure):
    """The value now. Recomputed when its subject changes; ``as_of`` is when it last came out different."""

    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "kpi"], name="kpi_value_unique"),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | (Q(status="na") & ~Q(reason="")),
                name="kpi_value_or_reason",
            ),
        ]


class Snapshot(Figure):
    """The value as the day's snapshot found it. Append-only."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "kpi", "day"], name="kpi_snapshot_unique"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Dirty(models.Model):
    """A subject whose figures must be computed again. Append-only queue: writers never wait for each other."""

    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "dirty"

    def __str__(self):
        return f"{self.subject_type} {self.subject_id}"


class Computation(models.Model):
    """When all figures of a kind of subject were last computed, whether or not they changed."""

    subject_type = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.subject_type} {self.at:%F %T}"


class Threshold(models.Model):
    """Target, amber and red limit of a KPI, editable by PMO and administrators; the code holds the defaults."""

    kpi = models.CharField(max_length=40, unique=True)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=6, null=True, blank=True)
    watch = models.DecimalField(_("amber limit"), max_digits=18, decimal_places=6)
    act = models.DecimalField(_("red limit"), max_digits=18, decimal_places=6)

    class Meta:
        triggers = audited("")

    def __str__(self):
        return self.kpi
