"""Service acceptance criteria: the library, its copy in each handover, and the words that are said about them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned

USER = settings.AUTH_USER_MODEL


class Category(models.TextChoices):
    """Utility and warranty as ITIL means them: fit for purpose, fit for use."""

    UTILITY = "utility", _("Utility")
    WARRANTY = "warranty", _("Warranty")
    SECURITY = "security", _("Security")
    SUPPORT = "support", _("Support")
    MONITORING = "monitoring", _("Monitoring")
    DOCUMENTATION = "documentation", _("Documentation")
    TRAINING = "training", _("Training")
    LEGAL = "legal", _("Legal")


ORDER = models.Case(
    *(models.When(category=value, then=place) for place, value in enumerate(Category.values)),
    default=len(Category.values),
    output_field=models.IntegerField(),
)


class LibraryCriterion(Versioned):
    """A criterion that new handovers of some kinds of product start with. A retired one stays for what it told us."""

    class Side(models.TextChoices):
        GIVER = "giver", _("Project manager")
        RECEIVER = "receiver", _("Delivery manager")

    # Names a criterion that was shipped; empty for one of one's own.
    key = models.SlugField(max_length=60, unique=True, null=True, blank=True)
    category = models.CharField(_("category"), max_length=13, choices=Category.choices)
    text = models.CharField(_("criterion"), max_length=300)
    guidance = models.TextField(_("what shows it"), blank=True)
    kinds = ArrayField(models.CharField(max_length=14), verbose_name=_("kinds of product"))
    is_required = models.BooleanField(_("required"), default=True)
    provided_by = models.CharField(_("evidence from"), max_length=8, choices=Side.choices, default=Side.GIVER)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        ordering = ["category", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="library_criterion_is_named"),
            models.CheckConstraint(condition=Q(kinds__len__gt=0), name="library_criterion_has_a_kind"),
        ]
        triggers = audited("")

    def __str__(self):
        return self.text


class CriterionQuerySet(models.QuerySet):
    def settled(self):
        """Met, or waived by somebody who may."""
        return self.filter(state__in=Criterion.SETTLED)

    def in_order(self):
        return self.order_by(ORDER, "position", "pk")


class Criterion(Versioned):
    """A line of one handover: the owner shows it, the verifier, who is somebody else, says whether it is met."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        MET = "met", _("Met")
        NOT_MET = "not_met", _("Not met")
        WAIVED = "waived", _("Waived")

    SETTLED = ("met", "waived")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey("handover.Handover", models.CASCADE, related_name="criteria")
    source = models.ForeignKey(LibraryCriterion, models.SET_NULL, null=True, blank=True, related_name="copies")
    position = models.PositiveSmallIntegerField(default=0)
    category = models.CharField(_("category"), max_length=13, choices=Category.choices)
    text = models.CharField(_("criterion"), max_length=300)
    guidance = models.TextField(_("what shows it"), blank=True)
    is_required = models.BooleanField(_("required"), default=True)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    verifier = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verifier")
    )
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    provided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    provided_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    verdict = models.CharField(_("verifier's word"), max_length=500, blank=True)
    verified_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    waiver_reason = models.TextField(_("reason for the waiver"), blank=True)
    waiver_expires = models.DateField(_("waived until"), null=True, blank=True)
    waiver_asked_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    waiver_approver = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approver of the waiver")
    )
    waived_at = models.DateTimeField(null=True, blank=True)
    # The issue in operations that its expiry opened.
    waiver_issue = models.OneToOneField(
        "delivery.Issue", models.PROTECT, null=True, blank=True, related_name="waived_criterion"
    )

    objects = CriterionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = _("criteria")
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None) | Q(verifier=None) | ~Q(owner=F("verifier")),
                name="handover_criterion_verifier_is_not_owner",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=("met", "not_met")) & Q(verified_by__isnull=False, verified_at__isnull=False))
                | (~Q(state__in=("met", "not_met")) & Q(verified_by=None, verified_at=None)),
                name="handover_criterion_verified_with_state",
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None) | Q(owner=None) | ~Q(verified_by=F("owner")),
                name="handover_criterion_not_verified_by_its_owner",
            ),
            models.CheckConstraint(
                condition=~Q(state="met") | ~Q(evidence="") | Q(file__isnull=False),
                name="handover_criterion_met_with_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(state="waived")
                | (
                    Q(waiver_approver__isnull=False, waiver_expires__isnull=False, waived_at__isnull=False)
                    & ~Q(waiver_reason="")
                ),
                name="handover_criterion_waived_by_whom_until_when",
            ),
            models.CheckConstraint(
                condition=Q(waiver_approver=None) | Q(owner=None) | ~Q(waiver_approver=F("owner")),
                name="handover_criterion_not_waived_by_its_owner",
            ),
        ]
        indexes = [
            models.Index(
                fields=["waiver_expires"],
                condition=Q(state="waived", waiver_issue=None),
                name="handover_waiver_to_expire",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.text

    @property
    def is_settled(self) -> bool:
        return self.state in self.SETTLED

    @property
    def has_evidence(self) -> bool:
        return bool(self.evidence or self.file_id)

    @property
    def waiver_is_asked(self) -> bool:
        """Somebody asked; the approver has not answered."""
        return self.waiver_approver_id is not None and self.waived_at is None

    def waiver_has_expired(self, today) -> bool:
        return self.state == self.State.WAIVED and self.waiver_expires < today

    @property
    def light(self) -> str:
        return {"met": "ok", "waived": "watch", "not_met": "act"}.get(self.state, "na")


class CriterionComment(models.Model):
    """A word on a criterion from planning on. Internal: no client reads it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="comments")
    text = models.TextField(_("comment"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="criterion_comment_says_something")]
        triggers = audited("project")

    def __str__(self):
        return self.text[:60]
