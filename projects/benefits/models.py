"""Objectives measured again after go-live: who answers for each, when it is looked at, what was found."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned
from projects.benefits.moves import BenefitMoves
from projects.benefits.realised import Goal
from projects.lifecycle.models import Objective, Project

USER = settings.AUTH_USER_MODEL


class BenefitQuerySet(models.QuerySet):
    def readable_by(self, user):
        """One's own, and those of projects whose benefits one reads; a client's people read none."""
        if not user.is_authenticated or not user.is_active or user.organisation_id:
            return self.none()
        inside = Project.objects.allowing(user, Permission.BENEFIT_VIEW).values("pk")
        return self.filter(Q(project__in=inside) | Q(owner=user))

    def with_latest(self):
        """Annotate the latest measurement (``value``, ``value_on``, with goal as it was then) and ``next_due``.

        Of two measurements of one day the later recorded counts: it corrects the earlier.
        """
        latest = BenefitMeasurement.objects.filter(benefit=OuterRef("pk")).order_by("-measured_on", "-at", "-pk")
        undone = BenefitReview.objects.undone().filter(benefit=OuterRef("pk")).order_by().values("benefit")
        return self.annotate(
            value=Subquery(latest.values("value")[:1]),
            value_on=Subquery(latest.values("measured_on")[:1]),
            then_before=Subquery(latest.values("before_value")[:1]),
            then_target=Subquery(latest.values("target_value")[:1]),
            next_due=Subquery(undone.annotate(first=Min("due")).values("first")),
        )


class Benefit(BenefitMoves, Versioned):
    """That an objective is measured again after go-live, and by whom."""

    # Annotated by ``with_latest``.
    value = value_on = then_before = then_target = next_due = None
    # What a reader may do, where a view has asked.
    may_record = sees_project = False

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="benefits")
    objective = models.OneToOneField(Objective, models.CASCADE, related_name="benefit", verbose_name=_("objective"))
    owner = models.ForeignKey(
        USER, models.PROTECT, related_name="benefits", verbose_name=_("owner"),
        help_text=_("Answers for it after the project has ended."),
    )  # fmt: skip
    source = models.CharField(
        _("where the value comes from"), max_length=300, blank=True,
        help_text=_("A report, a query, a survey: so that each review measures the same."),
    )  # fmt: skip
    created_at = models.DateTimeField(default=timezone.now)

    objects = BenefitQuerySet.as_manager()

    class Meta:
        ordering = ["project", "objective__number"]
        triggers = audited("project")

    def __str__(self):
        return str(self.objective)

    def get_absolute_url(self):
        return reverse("projects:benefit", args=[self.pk])

    @property
    def goal(self) -> Goal:
        """What is to be reached, as the objective says now; for a value see ``judged``."""
        return goal_of(self.objective)

    @cached_property
    def judged(self) -> Goal:
        """The goal by which the latest value is judged: as it was when that was measured."""
        if self.then_target is None:
            return self.goal
        return Goal(self.then_before, self.then_target, self.objective.higher_is_better)

    @property
    def state(self) -> str:
        return str(self.judged.state(self.value))

    @property
    def share(self) -> float | None:
        """The share realised, of one; None while it is not measured or cannot be given."""
        share = None if self.value is None else self.judged.share(self.value)
        return None if share is None else float(share)

    @property
    def is_overdue(self) -> bool:
        return self.is_overdue_on(timezone.localdate())

    def is_overdue_on(self, day) -> bool:
        return self.next_due is not None and self.next_due < day


def goal_of(objective: Objective) -> Goal:
    return Goal(objective.baseline_value, objective.target_value, objective.higher_is_better)


class BenefitReviewQuerySet(models.QuerySet):
    def undone(self):
        """Those without a measurement."""
        return self.filter(~Exists(BenefitMeasurement.objects.filter(review=OuterRef("pk"))))


class BenefitReview(models.Model):
    """A day on which the benefit is to be measured. Done once a measurement names it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="benefit_reviews")
    benefit = models.ForeignKey(Benefit, models.CASCADE, related_name="reviews", verbose_name=_("benefit"))
    due = models.DateField(_("due"))

    objects = BenefitReviewQuerySet.as_manager()

    class Meta:
        ordering = ["due"]
        constraints = [models.UniqueConstraint(fields=["benefit", "due"], name="benefit_review_day_once")]
        indexes = [models.Index(fields=["due"], name="benefit_review_due")]
        triggers = audited("project")

    def __str__(self):
        return str(self.due)


class BenefitMeasurement(models.Model):
    """What a review found. Never changed: a later one corrects it, and both stay."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="benefit_measurements")
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="measurements", verbose_name=_("benefit"))
    review = models.ForeignKey(BenefitReview, models.PROTECT, null=True, related_name="measurements")
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)
    measured_on = models.DateField(_("measured on"))
    # The goal as it was when this was measured: what is said about it then is never rewritten.
    before_value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    target_value = models.DecimalField(max_digits=14, decimal_places=2)
    comment = models.TextField(_("comment"), blank=True)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["measured_on", "at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(evidence="") | Q(file__isnull=False), name="benefit_measurement_has_evidence"
            ),
        ]
        triggers = [
            *audited("project"),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self):
        return f"{self.benefit}: {self.value}"

    @property
    def goal(self) -> Goal:
        return Goal(self.before_value, self.target_value, self.benefit.objective.higher_is_better)

    @property
    def state(self) -> str:
        return str(self.goal.state(self.value))

    @property
    def share(self) -> float | None:
        share = self.goal.share(self.value)
        return None if share is None else float(share)
