"""Sprints: a goal and some days, and which tasks were taken in when."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned


class Sprint(Numbered, Versioned):
    PREFIX, SUBJECT = "SP", "project"

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        STARTED = "started", _("Under way")
        CLOSED = "closed", _("Closed")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="sprints")
    name = models.CharField(_("name"), max_length=100)
    goal = models.TextField(_("goal"), help_text=_("What can people do when it is over?"))
    start = models.DateField(_("first day"))
    finish = models.DateField(_("last day"))
    # What the team says it can do; empty: the hours of its people.
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)  # working minutes
    started_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="sprint_number_unique"),
            models.CheckConstraint(condition=Q(finish__gte=F("start")), name="sprint_finish_after_start"),
            ExclusionConstraint(
                name="sprint_no_overlap",
                expressions=[
                    ("project", RangeOperators.EQUAL),
                    (
                        Func(
                            F("start"), F("finish"), Value("[]"),
                            function="daterange", output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(started_at__isnull=False, closed_at=None),
                name="sprint_one_under_way",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None, started_by=None) | Q(started_at__isnull=False, started_by__isnull=False),
                name="sprint_started_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, started_at__isnull=False),
                name="sprint_closed_at_and_by_together",
            ),
        ]  # fmt: skip
        triggers = audited("project")

    def __str__(self):
        return self.name

    @property
    def state(self) -> str:
        if self.closed_at:
            return self.State.CLOSED
        return self.State.STARTED if self.started_at else self.State.PLANNED

    @property
    def state_label(self) -> str:
        return str(self.State(self.state).label)


class SprintTask(models.Model):
    """A task's time in a sprint. A row that ended stays: the scope line of the chart is drawn from it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="sprint_tasks")
    sprint = models.ForeignKey(Sprint, models.CASCADE, related_name="entries")
    task = models.ForeignKey("projects.Task", models.CASCADE, related_name="sprint_entries")
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(removed_at=None), name="sprint_task_in_one_sprint"
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(removed_at__gte=F("added_at")), name="sprint_task_removed_after_added"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["sprint", "removed_at"], name="sprint_task_now")]
        triggers = audited("project")

    def __str__(self):
        return f"{self.task} in {self.sprint}"
