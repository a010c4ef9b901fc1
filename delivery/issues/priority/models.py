"""Priority from impact × urgency: a matrix for each product, which starts with the usual one (ITIL 4).

The result is kept in ``Issue.severity``, the one grade that service levels, figures, alerts and imports know.
"""

from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited


class Impact(models.IntegerChoices):
    """Who is concerned: 1 is the most."""

    ALL = 1, _("Everybody, or a whole client")
    GROUP = 2, _("A team or one process")
    PERSON = 3, _("One person")


class Urgency(models.IntegerChoices):
    """How long it can wait: 1 is the least."""

    NOW = 1, _("Work stands still")
    SOON = 2, _("Work is hindered")
    LATER = 3, _("It can wait")


Matrix = dict[tuple[int, int], int]  # (impact, urgency) -> 1 (critical) to 4 (low)

# Their sum less one, from 1 to 4: the usual 3×3 of ITIL, whose fifth grade is our fourth.
DEFAULT: Matrix = {(impact, urgency): min(impact + urgency - 1, 4) for impact in (1, 2, 3) for urgency in (1, 2, 3)}


class PriorityRule(models.Model):
    """One cell of a product's matrix that differs from the usual one, or did once."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="priority_rules")
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Impact.choices)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Urgency.choices)
    severity = models.PositiveSmallIntegerField(_("priority"))

    class Meta:
        ordering = ["impact", "urgency"]
        verbose_name = _("priority rule")
        verbose_name_plural = _("priority rules")
        constraints = [
            models.UniqueConstraint(fields=["product", "impact", "urgency"], name="priority_rule_unique"),
            models.CheckConstraint(
                condition=Q(impact__range=(1, 3), urgency__range=(1, 3), severity__range=(1, 4)),
                name="priority_rule_in_range",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.get_impact_display()} × {self.get_urgency_display()}: {self.severity}"

    @classmethod
    @transaction.atomic
    def agree(cls, product, matrix: Matrix, *, by, at=None) -> int:
        """Set the matrix; open issues judged by it get their priority and dues anew. How many changed."""
        from delivery.issues.models import Issue

        cls.objects.bulk_create(
            (
                cls(product=product, impact=impact, urgency=urgency, severity=severity)
                for (impact, urgency), severity in matrix.items()
            ),
            update_conflicts=True,
            unique_fields=["product", "impact", "urgency"],
            update_fields=["severity"],
        )
        cells = [
            When(impact=impact, urgency=urgency, then=Value(severity)) for (impact, urgency), severity in matrix.items()
        ]
        by_matrix = Case(*cells, default=F("severity"), output_field=models.PositiveSmallIntegerField())
        judged = product.issues.open().exclude(impact=None).exclude(urgency=None).filter(priority_reason="")
        changed = list(
            judged.annotate(wanted=by_matrix)
            .exclude(wanted=F("severity"))
            .order_by("pk")
            .select_for_update(of=("self",))
            .values_list("pk", flat=True)
        )
        Issue.objects.filter(pk__in=changed).update(severity=by_matrix, version=F("version") + 1)
        Issue.reckon_open(product, at=at, only=changed)
        return len(changed)


def matrix_of(product) -> Matrix:
    """The product's matrix: the usual one with its own cells."""
    return DEFAULT | {(rule.impact, rule.urgency): rule.severity for rule in product.priority_rules.all()}
