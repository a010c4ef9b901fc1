"""Mails that are due on a day: rows of their own, so that each goes out once whatever is asleep."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

USER = settings.AUTH_USER_MODEL


class Reminder(models.Model):
    """One mail about one due date: before it, on it, or after it to the sponsor. Fired once."""

    class About(models.TextChoices):
        TARGET = "target", _("Target date of the handover")
        CONDITION = "condition", _("Condition")
        WAIVER = "waiver", _("Waiver")

    class Moment(models.TextChoices):
        BEFORE = "before", _("Before")
        DUE = "due", _("On the day")
        LATE = "late", _("Escalation")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey("handover.Handover", models.CASCADE, related_name="reminders")
    about = models.CharField(max_length=9, choices=About.choices)
    condition = models.ForeignKey("handover.Condition", models.CASCADE, null=True, blank=True, related_name="reminders")
    criterion = models.ForeignKey("handover.Criterion", models.CASCADE, null=True, blank=True, related_name="reminders")
    moment = models.CharField(max_length=6, choices=Moment.choices)
    due_at = models.DateTimeField()
    # Done with: sent, or nothing was left to remind of.
    fired_at = models.DateTimeField(null=True, blank=True)
    sent_to = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "about", "condition", "criterion", "moment", "due_at"],
                nulls_distinct=False,
                name="handover_reminder_once",
            ),
            models.CheckConstraint(
                condition=Q(about="target", condition=None, criterion=None)
                | Q(about="condition", condition__isnull=False, criterion=None)
                | Q(about="waiver", condition=None, criterion__isnull=False),
                name="handover_reminder_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(fired_at=None), name="handover_reminder_due")]

    def __str__(self):
        return f"{self.about} {self.moment} {self.due_at:%F}"
