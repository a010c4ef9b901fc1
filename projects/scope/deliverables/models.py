"""What is handed to the client: deliverables, and deliveries that bundle them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Numbered, Versioned
from projects.scope.deliverables.moves import DeliverableMoves, DeliveryMoves

USER = settings.AUTH_USER_MODEL


class Acceptance(models.Model):
    """Planned, submitted, then accepted or rejected with a reason; each with who and when."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        SUBMITTED = "submitted", _("Submitted")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    # From these it may be submitted (again).
    OPEN_STATES = ("planned", "rejected")

    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PLANNED)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="planned", submitted_at=None, submitted_by=None)
                | (~Q(state="planned") & Q(submitted_at__isnull=False, submitted_by__isnull=False)),
                name="%(class)s_submitted_with_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("planned", "submitted"), decided_at=None, decided_by=None)
                | Q(
                    state__in=("accepted", "rejected"),
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    decided_at__gte=F("submitted_at"),
                ),
                name="%(class)s_decided_with_state",
            ),
            models.CheckConstraint(condition=~Q(state="rejected") | ~Q(reason=""), name="%(class)s_rejection_says_why"),
        ]


class Delivery(DeliveryMoves, Numbered, Acceptance):
    """Deliverables that are submitted and decided together."""

    PREFIX, SUBJECT = "DEL", "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="deliveries")
    title = models.CharField(_("title"), max_length=250)
    note = models.TextField(_("note to whoever accepts"), blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Acceptance.Meta):
        ordering = ["-number"]
        verbose_name_plural = "deliveries"
        constraints = [
            *Acceptance.Meta.constraints,
            models.UniqueConstraint(fields=["project", "number"], name="delivery_number_unique"),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.ref} {self.title}"


class Deliverable(DeliverableMoves, Numbered, Versioned, Acceptance):
    """One thing that is handed over and accepted: a document, a system, a trained team."""

    PREFIX, SUBJECT = "D", "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="deliverables")
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"), blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    due = models.DateField(_("due"), null=True, blank=True)
    task = models.ForeignKey(
        "projects.Task", models.SET_NULL, null=True, blank=True, related_name="deliverables", verbose_name=_("task")
    )
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, blank=True, related_name="deliverables")
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Acceptance.Meta):
        ordering = ["number"]
        constraints = [
            *Acceptance.Meta.constraints,
            models.UniqueConstraint(fields=["project", "number"], name="deliverable_number_unique"),
        ]
        triggers = [*audited("project"), *marks_dirty("project")]

    def __str__(self):
        return f"{self.ref} {self.title}"
