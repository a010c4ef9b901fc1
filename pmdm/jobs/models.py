"""The outbox, progress of long work, heartbeats and periodic runs (design: docs/operations.md)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission


class OutboxQuerySet(models.QuerySet):
    def due(self, now):
        return self.filter(
            Q(leased_until=None) | Q(leased_until__lt=now), done_at=None, failed_at=None, due_at__lte=now
        )

    def failed(self):
        return self.exclude(failed_at=None)


class Outbox(models.Model):
    """One effect outside the change that asked for it: written with the change, done by a worker later."""

    MAX_ATTEMPTS = 3

    kind = models.CharField(max_length=60)
    # The same key twice is the same effect: the second enqueue changes nothing.
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at=None, failed_at=None), name="outbox_due"),
            models.Index(fields=["-failed_at"], condition=Q(failed_at__isnull=False), name="outbox_failed"),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"

    @property
    def last_line(self) -> str:
        """The line of the error that names it."""
        return next((line for line in reversed(self.error.splitlines()) if line.strip()), "")


class WorkQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; administrators see all, since they are asked when it fails."""
        return self if Permission.SITE_JOBS in user.site_permissions else self.filter(asked_by=user)


class Work(models.Model):
    """Work that takes over two seconds, seen by the person who asked for it: state, percent, result."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    percent = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    result_url = models.CharField(max_length=300, blank=True)
    # The way back to where it was asked for: [[label, address], ...].
    crumbs = models.JSONField(default=list)
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(percent__range=(0, 100)), name="work_percent_0_100")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("jobs:work", args=[self.pk])

    @property
    def is_over(self):
        return self.state in (self.State.DONE, self.State.FAILED)


class Heartbeat(models.Model):
    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.name} {self.at:%F %T}"


class PeriodicRun(models.Model):
    """One run of a periodic job for one period; unique, so that two beats run it once."""

    job = models.CharField(max_length=60)
    period = models.CharField(max_length=20)  # '2026-11-23' or '2026-11-23T14'
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "period"], name="periodic_run_once")]

    def __str__(self):
        return f"{self.job} {self.period}"
