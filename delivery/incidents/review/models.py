"""The post-incident review: filled from the incident, its actions tracked until they are done."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from delivery.incidents.models import IncidentEntry, MajorIncident
from delivery.moves import NotNow, move
from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned


class IncidentReview(Versioned):
    """What happened and why, without blame. Times and timeline are those of the incident, never typed again."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        DONE = "done", _("Agreed")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="incident_reviews")
    incident = models.OneToOneField(MajorIncident, models.CASCADE, related_name="review")
    state = models.CharField(_("state"), max_length=5, choices=State.choices, default=State.DRAFT)
    summary = models.TextField(_("what happened"), blank=True)
    causes = models.TextField(
        _("causes"), blank=True, help_text=_("What made it possible, one a line; systems, not people.")
    )
    went_well = models.TextField(_("what went well"), blank=True)
    requirements = models.ManyToManyField(
        "delivery.Requirement", blank=True, related_name="+", verbose_name=_("affected requirements")
    )
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("post-incident review")
        verbose_name_plural = _("post-incident reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", agreed_at=None, agreed_by=None)
                | Q(state="done", agreed_at__isnull=False, agreed_by__isnull=False),
                name="incident_review_agreed_by_somebody",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return _now("Review of %s") % self.incident

    @classmethod
    @transaction.atomic
    def open(cls, incident, *, by, at=None) -> "IncidentReview":
        """Begin it, filled from what is known; the one that is there where somebody was first."""
        incident = MajorIncident.objects.select_for_update(of=("self",), no_key=True).get(pk=incident.pk)
        if found := cls.objects.filter(incident=incident).first():
            return found
        if incident.state not in (MajorIncident.State.RESOLVED, MajorIncident.State.STOOD_DOWN):
            raise NotNow(_now("A review begins when it is resolved or stood down."))
        issue = incident.issue
        told = incident.entries.filter(kind__in=(
            IncidentEntry.Kind.DECLARED, IncidentEntry.Kind.MITIGATED, IncidentEntry.Kind.RESOLVED,
        ))  # fmt: skip
        review = cls.objects.create(
            product_id=incident.product_id, incident=incident, opened_by=by, opened_at=at or timezone.now(),
            summary="\n".join(told.values_list("text", flat=True)), causes=issue.root_cause,
        )  # fmt: skip
        review.requirements.set(broken_requirements(incident))
        return review

    @transaction.atomic
    def revise(self, fields, *, by, version, requirements=None) -> None:
        """Write what was edited while it is a draft; StaleVersion if somebody saved since."""
        self._draft()
        self.save_changes(fields, version=version)
        if requirements is not None:
            self.requirements.set(requirements)

    @transaction.atomic
    def agree(self, *, by, at=None) -> None:
        """It is how it was: causes are named; the actions go on."""
        now = type(self).objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        if not (now.summary.strip() and now.causes.strip()):
            raise ValidationError(_now("Say what happened and what made it possible first."))
        move(self, ("draft",), state=self.State.DONE, agreed_at=at or timezone.now(), agreed_by=by)

    def reopen(self, *, by, at=None) -> None:
        """More became known: a draft again. Who had agreed stays in the activity."""
        move(self, ("done",), state=self.State.DRAFT, agreed_at=None, agreed_by=None)

    def _draft(self) -> None:
        now = type(self).objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        if now.state != self.State.DRAFT:
            raise NotNow(_now("The review is agreed: open it again to change it."))


def broken_requirements(incident):
    """The requirement that its issue breaks, and those that checks since the detection found failing."""
    product = incident.product
    until = incident.stood_down_at or timezone.now()
    named = Q(pk=incident.issue.requirement_id)
    found = Q(checks__issue=incident.issue) | Q(
        checks__at__range=(incident.detected_at, until), checks__result__in=("degraded", "failed")
    )
    return product.requirements.filter(named | found).distinct()


class ReviewActionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(done_at=None, dropped_at=None)

    def late(self, today):
        return self.open().filter(due__lt=today)


class ReviewAction(Versioned):
    """Something that is done so that it does not happen again: by somebody, until a day, tracked to done."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="review_actions")
    review = models.ForeignKey(IncidentReview, models.CASCADE, related_name="actions")
    text = models.CharField(_("what is done"), max_length=500)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"))
    due = models.DateField(_("due"))
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.TextField(_("what came of it"), blank=True)

    objects = ReviewActionQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]
        verbose_name = _("action of a review")
        verbose_name_plural = _("actions of reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(dropped_at=None), name="review_action_done_or_dropped"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, dropped_at=None, closed_by=None)
                | (
                    (Q(done_at__isnull=False) | Q(dropped_at__isnull=False))
                    & Q(closed_by__isnull=False)
                    & ~Q(outcome="")
                ),
                name="review_action_closed_with_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(done_at=None, dropped_at=None), name="review_action_open"),
            models.Index(fields=["owner"], condition=Q(done_at=None, dropped_at=None), name="review_action_of"),
        ]
        triggers = audited("product")

    def __str__(self):
        return self.text[:80]

    @property
    def is_open(self):
        return self.done_at is None and self.dropped_at is None

    def is_late(self, today=None) -> bool:
        return self.is_open and self.due < (today or timezone.localdate())

    @classmethod
    def agree(cls, review, *, by, text, owner, due, at=None) -> "ReviewAction":
        """One more action; also after the review is agreed."""
        return cls.objects.create(
            product_id=review.product_id,
            review=review,
            text=text,
            owner=owner,
            due=due,
            created_at=at or timezone.now(),
        )

    def move_to(self, *, owner, due, by, version) -> None:
        """Another owner or day, while it is open; StaleVersion if somebody saved since."""
        if not self.is_open:
            raise NotNow(_now("It is closed already."))
        self.owner, self.due = owner, due
        self.save_changes(["owner", "due"], version=version)

    def finish(self, *, by, outcome, dropped=False, at=None) -> None:
        """Done, or dropped, with what came of it. The second of two is told."""
        if not outcome.strip():
            raise ValidationError({"outcome": _now("Say what came of it.")})
        column = "dropped_at" if dropped else "done_at"
        closed = type(self).objects.open().filter(pk=self.pk)
        values = {column: at or timezone.now(), "closed_by": by, "outcome": outcome, "version": F("version") + 1}
        if not closed.update(**values):
            raise NotNow(_now("It is closed already."))
        self.refresh_from_db()
