"""What was promised: requirements with their versions, acceptance criteria, and the frozen scope baseline."""

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Numbered, Versioned
from projects.scope.moves import Checkable, RequirementMoves
from projects.scope.versions import VersionMoves


class RequirementQuerySet(models.QuerySet):
    def accepted(self):
        return self.filter(state=Requirement.State.VERIFIED)

    def approved(self):
        """Approved, whatever happened since."""
        return self.filter(state__in=Requirement.LOCKED_STATES)

    def after_baseline(self):
        """Approved but not in the active scope baseline: creep, once a baseline stands."""
        return self.approved().exclude(baseline_items__baseline__is_active=True)

    def with_criteria(self):
        """Annotate criteria: how many there are, passed and failed."""
        result = AcceptanceCriterion.Result
        return self.annotate(
            lines=Count("criteria"),
            passed=Count("criteria", filter=Q(criteria__result=result.PASS)),
            failed=Count("criteria", filter=Q(criteria__result=result.FAIL)),
        )

    def unmet(self):
        """Approved or on the way, but not verified."""
        return self.filter(state__in=Requirement.UNMET_STATES)


class Requirement(RequirementMoves, Numbered, Versioned):
    PREFIX, SUBJECT = "REQ", "project"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEWED = "reviewed", _("Reviewed")
        APPROVED = "approved", _("Approved")
        BUILT = "built", _("Built")
        VERIFIED = "verified", _("Verified")
        REJECTED = "rejected", _("Rejected")

    UNMET_STATES = ("draft", "reviewed", "approved", "built")
    # After approval the text is locked.
    LOCKED_STATES = ("approved", "built", "verified")

    class Priority(models.TextChoices):
        MUST = "must", _("Must have")
        SHOULD = "should", _("Should have")
        COULD = "could", _("Could have")
        WONT = "wont", _("Won't have this time")

    class Type(models.TextChoices):
        """Classes of requirements as in the BABOK Guide, with constraints apart."""

        BUSINESS = "business", _("Business")
        STAKEHOLDER = "stakeholder", _("Stakeholder")
        FUNCTIONAL = "functional", _("Functional")
        QUALITY = "quality", _("Non-functional")
        TRANSITION = "transition", _("Transition")
        CONSTRAINT = "constraint", _("Constraint")

    # What a version holds: locked once it is approved.
    CONTENT = ("title", "text", "type", "priority", "source")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="requirements")
    title = models.CharField(_("title"), max_length=250)
    text = models.TextField(_("requirement"), blank=True)
    type = models.CharField(_("type"), max_length=11, choices=Type.choices, default=Type.FUNCTIONAL)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices, default=Priority.MUST)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    source = models.CharField(_("source"), max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    # Taken out of the promise after its approval, with the reason; a frozen baseline still counts it.
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    removed_reason = models.TextField(blank=True)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="requirement_number_unique"),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="requirement_approved_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(state="verified", verified_at__isnull=False) | (~Q(state="verified") & Q(verified_at=None)),
                name="requirement_verified_at_with_state",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None, removed_reason="")
                | (Q(removed_at__isnull=False, removed_by__isnull=False, state="rejected") & ~Q(removed_reason="")),
                name="requirement_removed_with_reason",
            ),
        ]
        triggers = [*audited("project"), *marks_dirty("project")]

    def __str__(self):
        return f"{self.ref} {self.title}"

    @property
    def is_locked(self):
        return self.state in self.LOCKED_STATES


class RequirementVersion(VersionMoves, Versioned):
    """One text of a requirement. Version 1 is what was approved first; a change is drafted and approved as the next.

    An approved version never changes again, so what a baseline froze can always be read.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        DISCARDED = "discarded", _("Discarded")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="requirement_versions")
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=250)
    text = models.TextField(_("requirement"), blank=True)
    type = models.CharField(_("type"), max_length=11, choices=Requirement.Type.choices)
    priority = models.CharField(_("priority"), max_length=6, choices=Requirement.Priority.choices)
    source = models.CharField(_("source"), max_length=200, blank=True)
    reason = models.CharField(_("reason for the change"), max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["requirement", "number"], name="requirement_version_number_unique"),
            models.UniqueConstraint(
                fields=["requirement"], condition=Q(state="draft"), name="requirement_version_one_draft"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="requirement_version_from_1"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="requirement_version_says_why"),
            models.CheckConstraint(
                condition=Q(state="approved", approved_at__isnull=False, approved_by__isnull=False)
                | (~Q(state="approved") & Q(approved_at=None, approved_by=None)),
                name="requirement_version_approved_with_state",
            ),
        ]
        triggers = [*audited("project"), *marks_dirty("project")]

    def __str__(self):
        return _("Version %(number)s") % {"number": self.number}


class AcceptanceCriterion(Checkable, models.Model):
    """One line that must pass before the requirement is verified, with evidence, checker and time."""

    class Result(models.TextChoices):
        NOT_RUN = "not_run", _("Not run")
        PASS = "pass", _("Pass")
        FAIL = "fail", _("Fail")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="criteria")
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(_("criterion"), max_length=400)
    result = models.CharField(_("result"), max_length=8, choices=Result.choices, default=Result.NOT_RUN)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "acceptance criteria"
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_by=None, checked_at=None, result="not_run")
                | (Q(checked_by__isnull=False, checked_at__isnull=False) & ~Q(result="not_run")),
                name="criterion_checked_by_at_and_result_together",
            ),
            models.CheckConstraint(
                condition=~Q(result="pass") | ~Q(evidence="") | Q(file__isnull=False),
                name="criterion_pass_has_evidence",
            ),
        ]
        triggers = [*audited("project"), *marks_dirty("project")]

    def __str__(self):
        return self.text


class CriterionCheck(models.Model):
    """One check of a criterion, never changed; the criterion itself carries the latest."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="criterion_checks")
    criterion = models.ForeignKey(AcceptanceCriterion, models.CASCADE, related_name="checks")
    # The text that was in force; empty for checks from before versions were kept.
    version = models.ForeignKey(RequirementVersion, models.CASCADE, null=True, related_name="+")
    result = models.CharField(_("result"), max_length=8, choices=AcceptanceCriterion.Result.choices)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        triggers = audited("project")

    def __str__(self):
        return f"{self.criterion}: {self.get_result_display()}"


class ScopeBaseline(models.Model):
    """The frozen set of approved requirements; 'scope delivered' always divides by it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="scope_baselines")
    number = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)
    frozen_at = models.DateTimeField(default=timezone.now)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="scope_baseline_number_unique"),
            models.UniqueConstraint(fields=["project"], condition=Q(is_active=True), name="scope_baseline_one_active"),
        ]
        triggers = [*audited("project"), *marks_dirty("project")]

    def __str__(self):
        return _("Scope baseline %(number)s") % {"number": self.number}


class ScopeBaselineItem(models.Model):
    baseline = models.ForeignKey(ScopeBaseline, models.CASCADE, related_name="items")
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="baseline_items")
    version = models.ForeignKey(RequirementVersion, models.RESTRICT, related_name="baseline_items")
    title = models.CharField(max_length=250)
    priority = models.CharField(max_length=6)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["baseline", "requirement"], name="scope_baseline_item_unique")]

    def __str__(self):
        return self.title
