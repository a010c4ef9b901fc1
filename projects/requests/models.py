"""An initiation request: an idea written down step by step, judged by the PMO, and, if approved, a project."""

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.access import may_on_site
from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned
from projects.requests.verbs import Judged


class RequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; all that were ever submitted to those who review. A client's people ask for nothing here."""
        if not user.is_authenticated or not user.is_active or user.organisation_id:
            return self.none()
        own = Q(asked_by=user)
        return self.filter(own | ~Q(state="draft") if may_on_site(user, Permission.PROJECT_REVIEW) else own)

    def to_review(self, user):
        """Those that wait for this reviewer's word."""
        return self.filter(reviewer=user, state="submitted")


class InitiationRequest(Judged, Versioned):
    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("In review")
        RETURNED = "returned", _("Returned")
        APPROVED = "approved", _("Approved")

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="initiation_requests")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewer"),
    )
    project = models.OneToOneField("projects.Project", models.PROTECT, null=True, blank=True, related_name="request")

    name = models.CharField(_("name"), max_length=200)
    reason = models.TextField(_("why now"), blank=True, help_text=_("What happens if nothing is done?"))
    goal = models.TextField(_("goal"), blank=True, help_text=_("What will be different when this is done?"))
    client = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("client")
    )
    department = models.ForeignKey(
        "accounts.Department", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    results = models.TextField(_("what is delivered"), blank=True)
    excluded = models.TextField(_("what is left out"), blank=True)
    objective = models.CharField(
        _("objective"), max_length=300, blank=True, help_text=_("What will be better, for whom.")
    )
    measure = models.CharField(_("measure"), max_length=200, blank=True, help_text=_("How it is measured."))
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    baseline_value = models.DecimalField(_("value before"), max_digits=14, decimal_places=2, null=True, blank=True)
    target_value = models.DecimalField(_("target"), max_digits=14, decimal_places=2, null=True, blank=True)
    target_start = models.DateField(_("target start"), null=True, blank=True)
    target_finish = models.DateField(_("target finish"), null=True, blank=True)
    budget = models.DecimalField(
        _("estimated cost"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed project manager"),
    )
    sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sponsor"),
        help_text=_("Who pays for it and decides at the gates."),
    )
    risks = models.TextField(
        _("known risks"), blank=True, help_text=_("One on each line; each becomes a risk of the project.")
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="approved", project__isnull=False) | (~Q(state="approved") & Q(project=None)),
                name="request_approved_means_project",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(reviewer__isnull=False), name="request_submitted_has_reviewer"
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None) | ~Q(reviewer=F("asked_by")), name="request_reviewer_is_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(target_start=None) | Q(target_finish=None) | Q(target_finish__gte=F("target_start")),
                name="request_finish_after_start",
            ),
            models.CheckConstraint(condition=Q(budget=None) | Q(budget__gte=0), name="request_budget_not_negative"),
        ]
        triggers = audited("")

    def __str__(self):
        return self.name

    @property
    def ref(self) -> str:
        return f"IR-{self.pk}"

    def get_absolute_url(self):
        return reverse("projects:request", args=[self.pk])


class Submission(models.Model):
    """The text of a request as it was submitted, set as a PDF; and what was said to it. The paper never changes."""

    class Decision(models.TextChoices):
        RETURNED = "returned", _("Returned")
        APPROVED = "approved", _("Approved")

    request = models.ForeignKey(InitiationRequest, models.CASCADE, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    paper = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="submission_number_unique"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="submission_decision_whole",
            ),
            models.CheckConstraint(
                condition=~Q(decision="returned") | ~Q(reason=""), name="submission_return_has_reason"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="paper_stays",
                fields=["request", "number", "submitted_at", "submitted_by", "paper", "sha256"],
            ),
            pgtrigger.Protect(name="submission_stays", operation=pgtrigger.Delete),
            *audited("", without=["paper"]),
        ]

    def __str__(self):
        return f"IR-{self.request_id} / {self.number}"
