"""The step from project to operations: a record with two owners, and every row that ties the halves together."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.items.models import Contract, OpenItem
from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned

__all__ = [
    "Condition",
    "Contract",
    "Handover",
    "OpenItem",
    "Remark",
    "RequirementLink",
    "Round",
    "ScopeLine",
    "Signature",
]

USER = settings.AUTH_USER_MODEL


class HandoverQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state__in=Handover.OPEN_STATES)

    def accepted(self):
        return self.filter(state__in=Handover.ACCEPTED_STATES)

    def with_progress(self):
        """Annotate ``lines`` and ``lines_done`` (criteria), ``items`` and ``items_decided``."""
        from handover.criteria.models import Criterion

        def count(rows):
            rows = rows.filter(handover=OuterRef("pk")).order_by().values("handover")
            return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)

        return self.annotate(
            lines=count(Criterion.objects.all()),
            lines_done=count(Criterion.objects.settled()),
            items=count(OpenItem.objects.all()),
            items_decided=count(OpenItem.objects.exclude(decision="")),
        )


class Handover(Numbered, Versioned):
    """Giver and receiver, what is handed over, and where it stands. Responsibility moves at ``accepted_at``."""

    PREFIX, SUBJECT = "HO", "project"

    # The moment at which a step is taken, while it is: what blocks it is judged by that day. None: now.
    as_of: Any = None
    # Rows of the stories around the record, by the names they give.
    topics: Any
    learners: Any
    materials: Any
    signers: Any
    sign_offs: Any
    cutover_steps: Any
    cutover_runs: Any

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        IN_REVIEW = "in_review", _("In review")
        RETURNED = "returned", _("Returned")
        ACCEPTED = "accepted", _("Accepted")
        CONDITIONS = "conditions", _("Accepted with conditions")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN_STATES = ("draft", "submitted", "in_review", "returned")
    EDITABLE_STATES = ("draft", "returned")
    REVIEW_STATES = ("submitted", "in_review")
    ACCEPTED_STATES = ("accepted", "conditions")

    class Kind(models.TextChoices):
        """What kind of product it is: chooses the template of criteria."""

        SOFTWARE = "software", _("Software")
        INFRASTRUCTURE = "infrastructure", _("Infrastructure")
        SERVICE = "service", _("Service")
        EQUIPMENT = "equipment", _("Equipment")

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
    kind_of_product = models.CharField(_("kind of product"), max_length=14, choices=Kind.choices, default=Kind.SOFTWARE)
    # False: a release that is handed over while the project runs.
    is_final = models.BooleanField(_("ends the project's responsibility"), default=True)
    title = models.CharField(_("title"), max_length=120, blank=True)
    scope = models.TextField(_("what is handed over"), blank=True)
    target_date = models.DateField(_("target date"), null=True, blank=True)
    go_live = models.DateField(_("live since"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    giver = models.ForeignKey(USER, models.PROTECT, related_name="handovers_given", verbose_name=_("project manager"))
    receiver = models.ForeignKey(
        USER,
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
    client_asked_at = models.DateTimeField(null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="handover_number_unique"),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state__in=("draft", "submitted", "in_review", "returned")),
                name="handover_one_open_per_project",
            ),
            models.CheckConstraint(
                condition=Q(receiver=None) | ~Q(receiver=models.F("giver")),
                name="handover_receiver_is_not_giver",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=("accepted", "conditions"),
                    accepted_at__isnull=False,
                    product__isnull=False,
                    receiver__isnull=False,
                )
                | (~Q(state__in=("accepted", "conditions")) & Q(accepted_at=None)),
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
    def is_open(self):
        return self.state in self.OPEN_STATES

    @property
    def is_editable(self):
        return self.state in self.EDITABLE_STATES

    @property
    def is_in_review(self):
        return self.state in self.REVIEW_STATES

    @property
    def is_accepted(self):
        return self.state in self.ACCEPTED_STATES

    @property
    def tone(self) -> str:
        """Class of its tag."""
        if self.is_accepted:
            return "is-ok"
        return "is-act" if self.state == self.State.RETURNED else "accent" if self.is_in_review else ""


class Round(models.Model):
    """One submission: what was signed, word for word, and how it was answered. A new round leaves it readable."""

    class Outcome(models.TextChoices):
        RETURNED = "returned", _("Returned")
        ACCEPTED = "accepted", _("Accepted")
        CONDITIONS = "conditions", _("Accepted with conditions")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    review_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "number"], name="handover_round_number_unique"),
            models.UniqueConstraint(fields=["handover"], condition=Q(outcome=""), name="handover_round_one_open"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None, decided_by=None)
                | (~Q(outcome="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="handover_round_decided_with_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="returned") | ~Q(reason=""), name="handover_round_returned_with_reason"
            ),
        ]
        triggers = audited("project", without=("content",))

    def __str__(self):
        return _("Round %(number)s") % {"number": self.number}


class Remark(models.Model):
    """What the receiver wants put right on one line. Sent with the return; answered by the giver, kept for good."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="remarks")
    round = models.ForeignKey(Round, models.CASCADE, related_name="remarks")
    criterion = models.ForeignKey("handover.Criterion", models.SET_NULL, null=True, blank=True, related_name="remarks")
    item = models.ForeignKey(OpenItem, models.SET_NULL, null=True, blank=True, related_name="remarks")
    # How the line read; it stays when the line goes.
    line = models.CharField(_("line"), max_length=320)
    text = models.TextField(_("what is missing"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="handover_remark_says_what"),
            models.CheckConstraint(condition=Q(criterion=None) | Q(item=None), name="handover_remark_on_one_line"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False, sent_at__isnull=False) & ~Q(answer="")),
                name="handover_remark_answered_after_it_was_sent",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.line}: {self.text}"[:120]


class Condition(models.Model):
    """What was promised at acceptance: a task of the handover with an owner and a day, no row of the plan, which is
    locked with its project. The owner meets it, the receiver confirms."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="conditions")
    text = models.CharField(_("condition"), max_length=300)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("owner"))
    due = models.DateField(_("due"))
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    met_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="handover_condition_is_named"),
            models.CheckConstraint(
                condition=Q(met_at=None, met_by=None)
                | (Q(met_at__isnull=False, met_by__isnull=False) & ~Q(evidence="")),
                name="handover_condition_met_with_evidence",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, met_at__isnull=False),
                name="handover_condition_confirmed_after_met",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.text


class ScopeLine(models.Model):
    """A requirement that this handover carries, and the client's word on it."""

    class Result(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="scope_lines")
    requirement = models.ForeignKey("projects.Requirement", models.CASCADE, related_name="handover_lines")
    result = models.CharField(_("client's decision"), max_length=8, choices=Result.choices, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # What the client signed elsewhere, when the project manager records it for them.
    protocol = models.CharField(_("signed protocol"), max_length=500, blank=True)

    class Meta:
        ordering = ["requirement__number"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "requirement"], name="handover_scope_line_once"),
            models.CheckConstraint(
                condition=Q(result="", decided_by=None, decided_at=None)
                | (~Q(result="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="handover_scope_line_decided_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(result="rejected") | ~Q(comment=""), name="handover_scope_line_rejection_says_why"
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return str(self.requirement)


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
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
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
