"""Test cases that cover requirements, and sessions in which they are run."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned
from projects.scope.testing.moves import CaseMoves, RunMoves, SessionMoves

USER = settings.AUTH_USER_MODEL


class TestCase(CaseMoves, Numbered, Versioned):
    """How one or more requirements are tried: what must be there before, what is done, what must come of it."""

    __test__ = False  # no test of pytest
    PREFIX, SUBJECT = "TC", "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="test_cases")
    title = models.CharField(_("title"), max_length=250)
    preconditions = models.TextField(_("before"), blank=True)
    steps = models.TextField(_("steps"), blank=True)
    expected = models.TextField(_("expected result"), blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="test_case_number_unique")]
        triggers = audited("project")

    def __str__(self):
        return f"{self.ref} {self.title}"


class TestSession(SessionMoves, Numbered):
    """One round of testing: which cases, when, on what."""

    __test__ = False
    PREFIX, SUBJECT = "TS", "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="test_sessions")
    title = models.CharField(_("title"), max_length=250)
    planned_on = models.DateField(_("planned on"), null=True, blank=True)
    environment = models.CharField(_("environment"), max_length=250, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="test_session_number_unique"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="test_session_closed_at_and_by_together",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.ref} {self.title}"


class TestRun(RunMoves, models.Model):
    """One case in one session. A failed run names its issue."""

    __test__ = False

    class Result(models.TextChoices):
        NOT_RUN = "not_run", _("Not run")
        PASS = "pass", _("Pass")
        FAIL = "fail", _("Fail")
        BLOCKED = "blocked", _("Blocked")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="test_runs")
    session = models.ForeignKey(TestSession, models.CASCADE, related_name="runs")
    case = models.ForeignKey(TestCase, models.CASCADE, related_name="runs")
    result = models.CharField(_("result"), max_length=7, choices=Result.choices, default=Result.NOT_RUN)
    note = models.TextField(_("what happened"), blank=True)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    issue = models.ForeignKey("projects.Issue", models.PROTECT, null=True, blank=True, related_name="test_runs")
    by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case__number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "case"], name="test_run_once_a_session"),
            models.CheckConstraint(
                condition=~Q(result="fail") | Q(issue__isnull=False), name="test_run_failed_names_issue"
            ),
            models.CheckConstraint(
                condition=Q(result="not_run", by=None, at=None)
                | (~Q(result="not_run") & Q(by__isnull=False, at__isnull=False)),
                name="test_run_by_and_at_with_result",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.case}: {self.get_result_display()}"
