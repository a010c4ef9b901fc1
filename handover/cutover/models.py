"""The cutover: a plan by the minute, and live runs of it whose log can't be edited."""

import datetime

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handover.cutover import engine
from handover.frozen import frozen_once_submitted
from handover.transfer.models import Handover
from pmdm.activity.triggers import append_only, audited
from pmdm.registers.models import Numbered, Versioned


class CutoverStep(Versioned):
    """One step of the plan. Steps of the rollback have no time of their own: they follow the decision."""

    class Kind(models.TextChoices):
        TASK = engine.TASK, _("Step")
        DECISION = engine.DECISION, _("Go / no-go point")
        ROLLBACK = engine.ROLLBACK, _("Step of the rollback")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="cutover_steps")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.TASK)
    title = models.CharField(_("step"), max_length=200)
    instructions = models.TextField(_("what exactly is done"), blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"))
    planned_start = models.DateTimeField(_("planned start"), null=True, blank=True)
    minutes = models.PositiveIntegerField(
        _("duration"), default=15, validators=[MinValueValidator(0), MaxValueValidator(60 * 24 * 14)]
    )
    rollback_trigger = models.CharField(
        _("roll back if"),
        max_length=300,
        blank=True,
        help_text=_("What must not happen here: “more than 1% of records differ”."),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="rollback", planned_start=None)
                | (~Q(kind="rollback") & Q(planned_start__isnull=False)),
                name="cutover_step_has_its_time",
            )
        ]
        # The rollback comes last; what starts together stays in the order in which it was written.
        ordering = [models.F("planned_start").asc(nulls_last=True), "pk"]
        triggers = [*audited("project"), *frozen_once_submitted()]

    def __str__(self):
        return self.title

    @property
    def planned_finish(self) -> datetime.datetime | None:
        return self.planned_start + datetime.timedelta(minutes=self.minutes) if self.planned_start else None


class CutoverRun(Numbered):
    """The plan being done, for real or as a rehearsal. What happened is in its log."""

    PREFIX, SUBJECT = "RUN", "project"

    class Kind(models.TextChoices):
        LIVE = "live", _("Live")
        REHEARSAL = "rehearsal", _("Rehearsal")

    class Outcome(models.TextChoices):
        COMPLETED = "completed", _("Completed")
        ROLLED_BACK = "rolled_back", _("Rolled back")
        ABORTED = "aborted", _("Broken off")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="cutover_runs")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices, default=Kind.LIVE)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=11, choices=Outcome.choices, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="cutover_run_number_unique"),
            models.UniqueConstraint(fields=["handover"], condition=Q(ended_at=None), name="cutover_one_run_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="cutover_run_ended_with_outcome",
            ),
        ]
        triggers = [
            *audited("project"),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="ended_stays_ended",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.ended_at IS NOT NULL"),
            ),
        ]

    def __str__(self):
        return f"{self.ref} ({self.get_kind_display()})"


class CutoverEntry(models.Model):
    """A line of the log: what, when, by whom, with which words. Written once, held by the database."""

    class Event(models.TextChoices):
        START = engine.START, _("started")
        DONE = engine.DONE, _("done")
        PROBLEM = engine.PROBLEM, _("problem")
        SKIP = engine.SKIP, _("skipped")
        GO = engine.GO, _("go")
        NO_GO = engine.NO_GO, _("no-go")
        ROLLBACK = engine.ROLL_BACK, _("rollback decided")
        END = engine.END, _("run ended")
        NOTE = engine.NOTE, _("note")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    run = models.ForeignKey(CutoverRun, models.CASCADE, related_name="entries")
    step = models.ForeignKey(CutoverStep, models.PROTECT, null=True, blank=True, related_name="entries")
    event = models.CharField(max_length=8, choices=Event.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "cutover entries"
        indexes = [models.Index(fields=["run", "id"], name="cutover_log")]
        triggers = [*audited("project"), *append_only()]

    def __str__(self):
        return f"{self.at:%F %T} {self.get_event_display()}"
