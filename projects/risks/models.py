"""Project risks and issues; a risk that happens becomes an issue without retyping."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Numbered, RiskQuerySet, Versioned
from pmdm.registers.models import Risk as AbstractRisk
from projects.risks.moves import IssueMoves, RiskMoves


class Risk(RiskMoves, AbstractRisk):
    SUBJECT = "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="risks")

    objects = RiskQuerySet.as_manager()

    class Meta(AbstractRisk.Meta):
        ordering = ["number"]
        constraints = [
            *AbstractRisk.Meta.constraints,
            models.UniqueConstraint(fields=["project", "number"], name="project_risk_number_unique"),
        ]
        triggers = [*audited("project"), *marks_dirty("project")]


class IssueQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state__in=Issue.OPEN_STATES)


class Issue(IssueMoves, Numbered, Versioned):
    """Something that has happened and needs an answer, apart from the tasks."""

    PREFIX, SUBJECT = "ISS", "project"

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        IN_PROGRESS = "in_progress", _("In progress")
        CLOSED = "closed", _("Closed")

    OPEN_STATES = ("open", "in_progress")

    class Severity(models.IntegerChoices):
        CRITICAL = 1, _("Critical")
        HIGH = 2, _("High")
        MEDIUM = 3, _("Medium")
        LOW = 4, _("Low")

    class Area(models.TextChoices):
        SCOPE = "scope", _("Scope")
        COST = "cost", _("Cost")
        SCHEDULE = "schedule", _("Schedule")
        QUALITY = "quality", _("Quality")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="issues")
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"), blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity.choices, default=Severity.MEDIUM)
    area = models.CharField(_("impact on"), max_length=10, choices=Area.choices, default=Area.SCHEDULE)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    due = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    from_risk = models.OneToOneField(Risk, models.SET_NULL, null=True, blank=True, related_name="issue")

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="project_issue_number_unique"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None)),
                name="project_issue_closed_at_with_state",
            ),
        ]
        triggers = [*audited("project"), *marks_dirty("project")]

    def __str__(self):
        return f"{self.ref} {self.title}"

    @property
    def is_open(self):
        return self.state in self.OPEN_STATES
