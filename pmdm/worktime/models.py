"""Working calendars, the hours of people and when they are absent: schedules and service levels use the same."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited


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


class WorkingHours(models.Model):
    """How much a person works from a day on: a calendar's hours, all of them or a share; the later row takes over.

    Who has no row works by the standard week; who has rows works nothing before the first.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="working_hours")
    valid_from = models.DateField(_("from"))
    calendar = models.ForeignKey(
        Calendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("calendar"),
        help_text=_("Empty: Monday to Friday, eight hours."),
    )
    percent = models.PositiveSmallIntegerField(
        _("share of the hours"), default=100, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    class Meta:
        ordering = ["user", "valid_from"]
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        constraints = [
            models.UniqueConstraint(fields=["user", "valid_from"], name="working_hours_one_from_a_day"),
            models.CheckConstraint(condition=models.Q(percent__range=(0, 100)), name="working_hours_percent_0_100"),
        ]
        triggers = audited("")

    def __str__(self):
        return f"{self.user}: {self.percent} % from {self.valid_from}"


class HalfDays(models.Func):
    """``int4range`` of the half days from a first to a last date; a morning or an afternoon is one of them."""

    arity = 3
    output_field = IntegerRangeField()

    def as_sql(self, compiler, connection, **context):
        compiled = [compiler.compile(expression) for expression in self.get_source_expressions()]
        (first, a), (last, b), (part, c) = compiled
        sql = (
            f"int4range(2 * ({first} - DATE '2000-01-01') + CASE WHEN {part} = 'afternoon' THEN 1 ELSE 0 END,"
            f" 2 * ({last} - DATE '2000-01-01') + CASE WHEN {part} = 'morning' THEN 0 ELSE 1 END, '[]')"
        )
        return sql, [*a, *c, *b, *c]


class Absence(models.Model):
    """Days, or half of one day, on which a person does not work. The kind is for the person and who manages people."""

    class Kind(models.TextChoices):
        VACATION = "vacation", _("Vacation")
        SICK = "sick", _("Sick")
        TRAINING = "training", _("Training")
        PARENTAL = "parental", _("Parental leave")
        OTHER = "other", _("Other")

    class Part(models.TextChoices):
        DAY = "day", _("Whole days")
        MORNING = "morning", _("Morning only")
        AFTERNOON = "afternoon", _("Afternoon only")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="absences")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.VACATION)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    part = models.CharField(_("part of the day"), max_length=10, choices=Part.choices, default=Part.DAY)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="absence_last_after_first"),
            models.CheckConstraint(
                condition=models.Q(part="day") | models.Q(last=models.F("first")), name="absence_half_of_one_day"
            ),
            ExclusionConstraint(
                name="absence_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    (HalfDays("first", "last", "part"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["user", "last"], name="absence_of_person")]
        triggers = audited("")

    def __str__(self):
        return f"{self.user}: {self.first} – {self.last}"
