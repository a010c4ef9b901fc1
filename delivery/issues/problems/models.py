"""Problems: the cause behind incidents, from the first suspicion over a known error to its end (ITIL)."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow, move
from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned
from pmdm.ui.addresses import address


class ProblemQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state__in=Problem.OPEN_STATES)


class Problem(Numbered, Versioned):
    """Why issues happen. A known error is a problem whose cause and workaround are known, but not its end."""

    PREFIX, SUBJECT = "PRB", "product"

    class State(models.TextChoices):
        NEW = "new", _("New")
        INVESTIGATING = "investigating", _("Under investigation")
        KNOWN_ERROR = "known_error", _("Known error")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    OPEN_STATES = ("new", "investigating", "known_error")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="problems")
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("what is seen, since when"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    root_cause = models.TextField(_("root cause"), blank=True)
    workaround = models.TextField(_("workaround"), blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    fixed_in = models.ForeignKey(
        "delivery.Release",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name=_("fixed in"),
    )
    state = models.CharField(_("state"), max_length=15, choices=State.choices, default=State.NEW)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("raised by")
    )
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="problem_number_unique"),
            models.CheckConstraint(
                condition=Q(state__in=("resolved", "closed"), resolved_at__isnull=False)
                | (~Q(state__in=("resolved", "closed")) & Q(resolved_at=None)),
                name="problem_resolved_at_with_state",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None)),
                name="problem_closed_at_with_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="known_error") | (~Q(root_cause="") & ~Q(workaround="")),
                name="problem_known_error_says_cause_and_workaround",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.ref} {self.title}"

    def get_absolute_url(self):
        return address("delivery:problem-detail", self.product.code, self.number)

    @property
    def is_open(self):
        return self.state in self.OPEN_STATES

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def raise_problem(cls, product, *, by, title, issues=(), at=None, **fields) -> "Problem":
        """A new problem, with the issues that it is behind."""
        problem = cls.objects.create(
            product=product, title=title, raised_by=by, raised_at=at or timezone.now(), **fields
        )
        for issue in issues:
            problem.link(issue, by=by)
        return problem

    def link(self, issue, *, by) -> None:
        """The issue comes from this problem, and from no other."""
        if issue.product_id != self.product_id:
            raise ValidationError({"issue": _("Only issues of the same product.")})
        if not self.is_open:
            raise NotNow(_("%(problem)s is “%(state)s”: reopen it first.") % self._words())
        type(issue).objects.filter(pk=issue.pk).update(problem=self, version=models.F("version") + 1)
        issue.problem = self

    def unlink(self, issue, *, by) -> None:
        """The issue has another cause. Unlinking twice changes nothing."""
        type(issue).objects.filter(pk=issue.pk, problem=self).update(problem=None, version=models.F("version") + 1)

    def investigate(self, *, by, owner=None, at=None) -> None:
        """Somebody looks for the cause."""
        move(self, ("new",), state=self.State.INVESTIGATING, owner=owner or by)

    @transaction.atomic
    def publish(self, *, by, title, root_cause, workaround, at=None):
        """The cause is known, and a way around it: reporters read that before they file the same."""
        missing = {
            name: _("A known error says both its cause and the way around it.")
            for name, text in (("root_cause", root_cause), ("workaround", workaround))
            if not text.strip()
        }
        if missing:
            raise ValidationError(missing)
        move(self, ("new", "investigating"), state=self.State.KNOWN_ERROR, root_cause=root_cause, workaround=workaround)
        return self.known_errors.model.accept(
            self.product, by=by, title=title, workaround=workaround, problem=self, at=at
        )

    @transaction.atomic
    def resolve(self, *, by, resolution, root_cause="", fixed_in=None, with_issues=False, at=None) -> int:
        """The cause is removed. ``with_issues``: its open issues are resolved by it too; how many were."""
        at = max(at or timezone.now(), self.raised_at)
        root_cause = root_cause.strip() or self.root_cause
        if not resolution.strip():
            raise ValidationError({"resolution": _("Say how it was resolved.")})
        if not root_cause:
            raise ValidationError({"root_cause": _("A problem ends with its cause: say what it was.")})
        move(
            self, self.OPEN_STATES, state=self.State.RESOLVED, resolved_at=at, resolution=resolution,
            root_cause=root_cause, fixed_in=fixed_in,
        )  # fmt: skip
        self.known_errors.filter(closed_at=None).update(closed_at=at)
        if not with_issues:
            return 0
        from delivery.issues.queue.bulk import resolve_together

        return resolve_together(self.issues.open(), by=by, at=at, resolution=resolution, fixed_in=fixed_in)

    @transaction.atomic
    def close(self, *, by, with_issues=False, at=None) -> int:
        """Nothing more will be done. ``with_issues``: what of it is resolved is closed too; how many were."""
        at = max(at or timezone.now(), self.raised_at)
        move(self, ("resolved",), state=self.State.CLOSED, closed_at=at)
        if not with_issues:
            return 0
        from delivery.issues.queue.bulk import close_together

        return close_together(self.issues.filter(state="resolved"), by=by, at=at)

    @transaction.atomic
    def reopen(self, *, by, reason, at=None) -> None:
        """It was not the cause, or it is back: under investigation again."""
        if not reason.strip():
            raise ValidationError({"text": _("Say what is still wrong.")})
        move(self, ("resolved", "closed"), state=self.State.INVESTIGATING, resolved_at=None, closed_at=None)
        self.notes.create(product_id=self.product_id, by=by, text=reason, at=at or timezone.now())

    def _words(self) -> dict:
        return {"problem": self.ref, "state": self.get_state_display()}


class ProblemNote(models.Model):
    """What was found out on the way; for ourselves."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="notes")
    text = models.TextField(_("note"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        triggers = audited("product")

    def __str__(self):
        return self.text[:60]
