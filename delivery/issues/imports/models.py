"""Imports of issues, each with what it made, so that it can be taken back as long as nobody worked on it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from pmdm.activity.triggers import audited

MADE_WITH_IT = ("complaint", "team_stays")  # rows that an issue has from its first moment


class IssueImport(models.Model):
    """One file that became issues of a product."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="issue_imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("imported"), default=timezone.now)
    name = models.CharField(_("file"), max_length=200, blank=True)
    tool = models.CharField(_("tool"), max_length=20, blank=True)
    rows = models.PositiveIntegerField(_("rows"))
    known = models.PositiveIntegerField(_("there already"), default=0)
    issues = ArrayField(models.BigIntegerField(), default=list)  # keys of what it made
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    kept = models.PositiveIntegerField(_("kept when it was taken back"), default=0)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("import of issues")
        verbose_name_plural = _("imports of issues")
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="issue_import_undone_by_somebody",
            )
        ]
        triggers = audited("product", without=("issues",))

    def __str__(self):
        return self.name or f"{self.at:%F %T}"

    @property
    def count(self) -> int:
        return len(self.issues)

    def untouched(self):
        """Its issues that nobody has worked on since: as they came, with no word, and nothing that hangs on them."""
        issues = self.product.issues.filter(pk__in=self.issues, version=1)
        issues = issues.filter(Q(complaint=None) | Q(complaint__version=1))
        for relation in issues.model._meta.get_fields(include_hidden=True):
            # Whatever may ever point to an issue counts as work, but for what is made together with it.
            if relation.auto_created and not relation.concrete and relation.name not in MADE_WITH_IT:
                rows = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
                issues = issues.filter(~Exists(rows))
        return issues

    @transaction.atomic
    def take_back(self, *, by, at=None) -> tuple[int, int]:
        """Remove what it made and nobody has worked on since; (removed, kept). Their numbers never come again."""
        undone = type(self).objects.filter(pk=self.pk, undone_at=None)
        if not undone.update(undone_at=at or timezone.now(), undone_by=by):
            raise NotNow(_now("It was taken back already."))
        made = list(self.product.issues.filter(pk__in=self.issues).order_by("pk").select_for_update().values_list("pk"))
        keys = list(self.untouched().values_list("pk", flat=True))
        self.product.issues.filter(pk__in=keys).delete()
        kept = len(made) - len(keys)
        type(self).objects.filter(pk=self.pk).update(kept=F("kept") + kept)
        self.refresh_from_db()
        return len(keys), kept
