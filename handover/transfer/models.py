"""The step from project to operations: a record with two owners, and every row that ties the halves together."""

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned


class HandoverQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state__in=Handover.OPEN_STATES)

    def with_progress(self):
        """Annotate ``lines``, ``lines_done``, ``items`` and ``items_decided``."""

        def count(model, **which):
            rows = model.objects.filter(handover=OuterRef("pk"), **which).order_by().values("handover")
            return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)

        return self.annotate(
            lines=count(ChecklistItem),
            lines_done=count(ChecklistItem, done_at__isnull=False),
            items=count(OpenItem),
            items_decided=Coalesce(
                Subquery(
                    OpenItem.objects.filter(handover=OuterRef("pk"))
                    .exclude(decision="")
                    .order_by()
                    .values("handover")
                    .annotate(n=Count("pk"))
                    .values("n")
                ),
                0,
            ),
        )


class Handover(Numbered, Versioned):
    """Giver and receiver, what is handed over, and where it stands. Responsibility moves at ``accepted_at``."""

    PREFIX, SUBJECT = "HO", "project"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        ACCEPTED = "accepted", _("Accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN_STATES = ("draft", "submitted", "returned")
    EDITABLE_STATES = ("draft", "returned")

    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="handovers")
    # An existing product to hand over into; empty: acceptance creates it from the two fields below.
    product = models.ForeignKey(
        "delivery.Product",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="handovers",
        verbose_name=_("product"),
    )
    product_code = models.CharField(_("product code"), max_length=24, blank=True)
    product_name = models.CharField(_("product name"), max_length=200, blank=True)
    scope = models.TextField(_("what is handed over"), blank=True)
    target_date = models.DateField(_("target date"), null=True, blank=True)
    go_live = models.DateField(_("live since"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="handovers_given",
        verbose_name=_("project manager"),
    )
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="handovers_received",
        verbose_name=_("delivery manager"),
    )
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.TextField(_("reason for returning it"), blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="handover_number_unique"),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state__in=("draft", "submitted", "returned")),
                name="handover_one_open_per_project",
            ),
            models.CheckConstraint(
                condition=Q(receiver=None) | ~Q(receiver=models.F("giver")),
                name="handover_receiver_is_not_giver",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_at__isnull=False, product__isnull=False, receiver__isnull=False)
                | (~Q(state="accepted") & Q(accepted_at=None)),
                name="handover_accepted_with_time_product_and_receiver",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | (Q(returned_at__isnull=False) & ~Q(return_reason="")),
                name="handover_returned_with_reason",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.ref} {self.project}"

    @property
    def is_editable(self):
        return self.state in self.EDITABLE_STATES


class ChecklistItem(models.Model):
    """A line of the handover checklist, with evidence and who confirmed it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="checklist")
    position = models.PositiveSmallIntegerField(default=0)
    category = models.CharField(_("category"), max_length=60, blank=True)
    text = models.CharField(_("criterion"), max_length=300)
    required = models.BooleanField(_("required"), default=True)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_by=None, done_at=None)
                | (Q(done_by__isnull=False, done_at__isnull=False) & ~Q(evidence="")),
                name="handover_checklist_done_with_evidence",
            )
        ]
        triggers = audited("project")

    def __str__(self):
        return self.text


class OpenItem(models.Model):
    """An open risk, issue or unmet requirement, and what is decided about it; after acceptance, what it became."""

    class Decision(models.TextChoices):
        CLOSE = "close", _("Close")
        CARRY = "carry", _("Carry over")
        KNOWN_GAP = "known_gap", _("Accept as known gap")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="open_items")
    risk = models.ForeignKey("projects.Risk", models.CASCADE, null=True, blank=True, related_name="handover_items")
    issue = models.ForeignKey("projects.Issue", models.CASCADE, null=True, blank=True, related_name="handover_items")
    requirement = models.ForeignKey(
        "projects.Requirement", models.CASCADE, null=True, blank=True, related_name="handover_items"
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    became_risk = models.OneToOneField(
        "delivery.Risk", models.PROTECT, null=True, blank=True, related_name="handover_item"
    )
    became_issue = models.OneToOneField(
        "delivery.Issue", models.PROTECT, null=True, blank=True, related_name="handover_item"
    )
    became_gap = models.OneToOneField(
        "delivery.KnownGap", models.PROTECT, null=True, blank=True, related_name="handover_item"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(risk__isnull=False, issue=None, requirement=None)
                | Q(risk=None, issue__isnull=False, requirement=None)
                | Q(risk=None, issue=None, requirement__isnull=False),
                name="open_item_is_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="open_item_decided_by_and_at_together",
            ),
            models.UniqueConstraint(fields=["handover", "risk"], name="open_item_risk_once"),
            models.UniqueConstraint(fields=["handover", "issue"], name="open_item_issue_once"),
            models.UniqueConstraint(fields=["handover", "requirement"], name="open_item_requirement_once"),
        ]
        triggers = audited("project")

    def __str__(self):
        return str(self.source)

    @property
    def source(self):
        return self.risk or self.issue or self.requirement

    @property
    def became(self):
        return self.became_risk or self.became_issue or self.became_gap


class RequirementLink(models.Model):
    """This requirement of the project is that requirement of the product; walkable both ways."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="requirement_links")
    source = models.OneToOneField("projects.Requirement", models.CASCADE, related_name="product_link")
    target = models.OneToOneField("delivery.Requirement", models.CASCADE, related_name="project_link")

    class Meta:
        triggers = audited("project")

    def __str__(self):
        return f"{self.source_id} → {self.target_id}"


class Signature(models.Model):
    """Person, time and hash of what was signed. A change of the content voids it visibly."""

    class Side(models.TextChoices):
        GIVER = "giver", _("Project manager")
        RECEIVER = "receiver", _("Delivery manager")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="signatures")
    side = models.CharField(max_length=8, choices=Side.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)
    content_hash = models.CharField(max_length=64)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "side"], condition=Q(voided_at=None), name="signature_one_valid_per_side"
            )
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.user} ({self.side})"
