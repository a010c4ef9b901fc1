"""Alerts about days to come: rows with their moment, found by a sweep, fired once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.registers.models import Worded


class DueAlert(Worded):
    """So many days before a day on which something ends: derived from its dates, told once for each date.

    It is its own record, so the audit trail does not repeat it.
    """

    class About(models.TextChoices):
        END_OF_LIFE = "end_of_life", _("End of life")
        CONTRACT = "contract", _("Contract")
        ARTICLE = "article", _("Article to review")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="due_alerts")
    about = models.CharField(max_length=11, choices=About.choices)
    agreement = models.ForeignKey(
        "delivery.Agreement", models.CASCADE, null=True, blank=True, related_name="due_alerts"
    )
    article = models.ForeignKey("delivery.Article", models.CASCADE, null=True, blank=True, related_name="due_alerts")
    day = models.DateField()  # the day itself
    days_before = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    # Done with: told, or a later one told of the same day.
    fired_at = models.DateTimeField(null=True, blank=True)
    told = ArrayField(models.BigIntegerField(), default=list, blank=True)  # keys of people

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "about", "agreement", "article", "day", "days_before"],
                nulls_distinct=False,
                name="due_alert_once",
            ),
            models.CheckConstraint(
                condition=Q(about="contract", agreement__isnull=False, article=None)
                | Q(about="article", agreement=None, article__isnull=False)
                | Q(about="end_of_life", agreement=None, article=None),
                name="due_alert_about_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(fired_at=None), name="due_alert_waiting")]

    def __str__(self):
        return f"{self.get_about_display()} {self.day:%F} −{self.days_before}"

    @property
    def thing(self) -> str:
        """What it is about, in words."""
        return str(self.agreement or self.article or self.product)
