"""What the product promises: the accepted requirements, and whether they still hold after go-live."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.products.naming import names_another
from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Numbered


class RequirementQuerySet(models.QuerySet):
    def accepted(self):
        """Promised and accepted: these can be broken."""
        return self.filter(is_accepted=True)

    def visible_to(self, user, product):
        """A client reads none that names another one: what a handover brought may name the client of its project."""
        if product.allows(user, Permission.INTERNAL_VIEW):
            return self
        return self.filter(~names_another(user.organisation_id, "title", "text"))

    def broken(self):
        return self.accepted().filter(conformance__in=Requirement.BROKEN)

    def searching(self, words):
        """Every word in the title or text, or as the requirement's own number."""
        found = self
        for word in words:
            match = Q(title__icontains=word) | Q(text__icontains=word)
            digits = word.upper().removeprefix("REQ-")
            if digits.isdecimal() and len(digits) < 10:
                match |= Q(number=int(digits))
            found = found.filter(match)
        return found

    def with_state_of_issues(self):
        """Annotate ``is_breaking`` (an open serious bug names it), ``needs_recheck`` (none any more, not re-checked).

        A resolved bug never makes a requirement met by itself: somebody has to look.
        """
        from delivery.issues.models import Issue

        mine = Issue.objects.filter(requirement=OuterRef("pk"))
        breaking = Exists(mine.breaking())
        repaired = Exists(mine.filter(type=Issue.Type.BUG, resolved_at__gte=OuterRef("checked_at")))
        return self.annotate(
            is_breaking=breaking,
            needs_recheck=Q(conformance__in=Requirement.BROKEN, is_accepted=True) & ~breaking & repaired,
        )

    def with_latest_check(self):
        """Annotate ``last_evidence`` and ``last_by`` of the latest check."""
        latest = ConformanceCheck.objects.filter(requirement=OuterRef("pk")).order_by("-at", "-pk")
        return self.annotate(
            last_evidence=Subquery(latest.values("evidence")[:1]),
            last_by=Subquery(latest.values("by__name")[:1]),
        )


class Requirement(Numbered):
    """A requirement the product must keep meeting. Handover creates it; the text is what was accepted."""

    PREFIX, SUBJECT = "REQ", "product"

    class Conformance(models.TextChoices):
        UNKNOWN = "unknown", _("Not checked yet")
        MET = "met", _("Met")
        DEGRADED = "degraded", _("Degraded")
        FAILED = "failed", _("Failed")

    BROKEN = ("degraded", "failed")
    # How bad each result is: an issue may worsen a requirement, only a person's check betters it.
    WORSE = {"unknown": 0, "met": 0, "degraded": 1, "failed": 2}

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="requirements")
    title = models.CharField(_("title"), max_length=250)
    text = models.TextField(_("requirement"), blank=True)
    priority = models.CharField(_("priority"), max_length=6, default="must")
    # False: carried over as a known gap, not accepted yet; it does not count as a broken promise.
    is_accepted = models.BooleanField(_("accepted"), default=True)
    conformance = models.CharField(
        _("conformance"), max_length=8, choices=Conformance.choices, default=Conformance.UNKNOWN
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["product", "number"], name="product_requirement_number_unique")]
        triggers = [*audited("product"), *marks_dirty("product")]

    def __str__(self):
        return f"{self.ref} {self.title}"

    @property
    def is_broken(self):
        return self.is_accepted and self.conformance in self.BROKEN

    @transaction.atomic
    def check_conformance(self, *, by, result, evidence="", files=(), issue=None, at=None) -> "ConformanceCheck":
        """Record that it was looked at, with evidence in words and files. The requirement carries the latest result."""
        at = at or timezone.now()
        check = self.checks.create(
            product_id=self.product_id, result=result, evidence=evidence, issue=issue, by=by, at=at
        )
        check.files.set(files)
        # Checks that are entered late do not undo a newer one.
        newest = Requirement.objects.filter(Q(checked_at=None) | Q(checked_at__lte=at), pk=self.pk)
        newest.update(conformance=result, checked_at=at)
        self.refresh_from_db(fields=["conformance", "checked_at"])
        return check

    @transaction.atomic
    def broken_by(self, issue, *, by, at=None) -> "ConformanceCheck | None":
        """An open serious bug shows that it fails (critical) or is degraded (high). None when that changes nothing."""
        from delivery.issues.models import Severity

        if not self.is_accepted or issue.severity > Severity.HIGH:
            return None
        result = "failed" if issue.severity == Severity.CRITICAL else "degraded"
        # The row's own state under a lock: two bugs at once must not both think that it was met.
        now = Requirement.objects.select_for_update().get(pk=self.pk)
        if self.WORSE[result] <= self.WORSE[now.conformance]:
            return None
        evidence = _("Broken by %(ref)s") % {"ref": issue.ref}
        return self.check_conformance(by=by, result=result, evidence=evidence, issue=issue, at=at)


class ConformanceCheck(models.Model):
    """One re-check of a requirement after go-live. Append-only; the requirement carries the latest."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="conformance_checks")
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="checks")
    result = models.CharField(
        _("result"), max_length=8, choices=[c for c in Requirement.Conformance.choices if c[0] != "unknown"]
    )
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    files = models.ManyToManyField("files.File", blank=True, related_name="+")
    # Set when an issue showed it, rather than a person's check.
    issue = models.ForeignKey(
        "delivery.Issue", models.SET_NULL, null=True, blank=True, related_name="conformance_checks"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["requirement", "-at"], name="conformance_check_latest")]
        constraints = [models.CheckConstraint(condition=~Q(result="unknown"), name="conformance_check_has_a_result")]
        triggers = [*audited("product"), *marks_dirty("product")]

    def __str__(self):
        return f"{self.requirement_id}: {self.result}"

    @property
    def light(self) -> str:
        return {"met": "ok", "degraded": "watch", "failed": "act"}[self.result]
