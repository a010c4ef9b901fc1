"""Working calendars: schedules and service levels use the same."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Calendar(models.Model):
    """Working hours per weekday and exceptions; ``engine`` turns it into arithmetic.

    ``week``: {"0": [["08:00", "12:00"], ["13:00", "17:00"]], ...}, Monday is "0"; a missing day is free.
    ``exceptions``: [{"from": "2026-12-24", "to": "2026-12-26", "name": "...", "hours": []}].
    ``country`` adds the public holidays of that ISO 3166 code.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    week = models.JSONField(_("working hours"), default=dict)
    exceptions = models.JSONField(_("exceptions"), default=list, blank=True)
    country = models.CharField(_("country of public holidays"), max_length=2, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
