"""A person's week: the hours themselves are ``TimeEntry`` rows; here stands who submitted and who approved them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited

A_MONDAY = Q(week__iso_week_day=1)


class Timesheet(models.Model):
    """The week of one person. It exists as soon as rows are chosen or the week is submitted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="timesheets")
    week = models.DateField(_("week"))  # its Monday
    # Rows the person added by hand: [project, task or null] by primary key; those with hours need no entry here.
    rows = models.JSONField(default=list, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-week"]
        constraints = [
            models.UniqueConstraint(fields=["user", "week"], name="timesheet_one_a_week"),
            models.CheckConstraint(condition=A_MONDAY, name="timesheet_week_is_a_monday"),
        ]
        triggers = audited("")

    def __str__(self):
        return f"{self.user} {self.week}"


class TimesheetPart(models.Model):
    """What of a week belongs to one project: submitted by the person, decided by who manages that project.

    While it is submitted or approved, the database refuses every change of its hours (``locking``).
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Sent back")
        REOPENED = "reopened", _("Unlocked")

    LOCKED = ("submitted", "approved")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="timesheet_parts")
    sheet = models.ForeignKey(Timesheet, models.CASCADE, related_name="parts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    week = models.DateField(_("week"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SUBMITTED)
    submitted_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["-week", "user__name"]
        verbose_name = _("week of a timesheet")
        verbose_name_plural = _("weeks of timesheets")
        constraints = [
            models.UniqueConstraint(fields=["user", "project", "week"], name="timesheet_part_one_a_project"),
            models.CheckConstraint(condition=A_MONDAY, name="timesheet_part_week_is_a_monday"),
            models.CheckConstraint(
                condition=Q(state="submitted", decided_by=None, decided_at=None)
                | (~Q(state="submitted") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="timesheet_part_decided_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("rejected", "reopened")) | ~Q(note=""), name="timesheet_part_back_with_a_note"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")), name="timesheet_part_never_by_oneself"
            ),
        ]
        indexes = [models.Index(fields=["project", "state", "week"], name="timesheet_part_to_decide")]
        triggers = audited("project")

    def __str__(self):
        return f"{self.user} {self.week}: {self.get_state_display()}"

    @property
    def is_locked(self):
        return self.state in self.LOCKED
