"""Money: budget lines, expenses, booked time and the rates that turn time into cost."""

import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Numbered, Versioned
from projects.budget.exact import line_phased_exactly, months_phased_exactly
from projects.timesheets.locking import locked_once_submitted

NOT_NEGATIVE = [MinValueValidator(0)]


class Category(models.TextChoices):
    LABOUR = "labour", _("Labour")
    SERVICES = "services", _("Services")
    MATERIAL = "material", _("Material")
    LICENCES = "licences", _("Licences")
    TRAVEL = "travel", _("Travel")
    OTHER = "other", _("Other")


class Spread(models.TextChoices):
    """Over which time the money of a line is planned to go."""

    PROJECT = "project", _("Evenly over the project")
    TASK = "task", _("Evenly over the dates of its task")
    PERIOD = "period", _("Evenly over a period of its own")
    MONTHS = "months", _("Month by month, as typed")


class BudgetLine(Numbered, Versioned):
    PREFIX, SUBJECT = "B", "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="budget_lines")
    name = models.CharField(_("name"), max_length=200)
    category = models.CharField(_("category"), max_length=10, choices=Category.choices)
    planned = models.DecimalField(_("planned"), max_digits=14, decimal_places=2, validators=NOT_NEGATIVE)
    # What the manager expects still to be spent here; empty: the rest of the plan.
    remaining = models.DecimalField(
        _("still to come"), max_digits=14, decimal_places=2, null=True, blank=True, validators=NOT_NEGATIVE
    )
    # Where it stands in the work breakdown; a task that leaves the plan leaves the line behind.
    task = models.ForeignKey(
        "projects.Task", models.SET_NULL, null=True, blank=True, related_name="budget_lines", verbose_name=_("task")
    )
    spread = models.CharField(_("spread"), max_length=7, choices=Spread.choices, default=Spread.PROJECT)
    period_start = models.DateField(_("first day"), null=True, blank=True)
    period_finish = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="budget_line_number_unique"),
            models.CheckConstraint(
                condition=Q(planned__gte=0) & (Q(remaining=None) | Q(remaining__gte=0)),
                name="budget_line_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(spread=Spread.PERIOD, period_start__isnull=False, period_finish__gte=F("period_start"))
                | (~Q(spread=Spread.PERIOD) & Q(period_start=None, period_finish=None)),
                name="budget_line_period_with_spread",
            ),
            models.CheckConstraint(condition=Q(spread__in=Spread.values), name="budget_line_spread_known"),
        ]
        triggers = [*audited("project"), *marks_dirty("project"), *line_phased_exactly()]

    def __str__(self):
        return f"{self.ref} {self.name}"


class BudgetMonth(models.Model):
    """What a line that is phased by hand plans for one month. The months sum exactly to the line (trigger)."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="budget_months")
    line = models.ForeignKey(BudgetLine, models.CASCADE, related_name="months")
    month = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2, validators=NOT_NEGATIVE)

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["line", "month"], name="budget_month_unique"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_month_not_negative"),
            models.CheckConstraint(condition=Q(month__day=1), name="budget_month_first_day"),
        ]
        triggers = [*audited("project"), *marks_dirty("project"), *months_phased_exactly()]

    def __str__(self):
        return f"{self.line} {self.month:%Y-%m} {self.amount}"


class Expense(Numbered, Versioned):
    PREFIX, SUBJECT = "X", "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="expenses")
    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="expenses", verbose_name=_("budget line"))
    spent_on = models.DateField(_("date"), default=datetime.date.today)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, validators=NOT_NEGATIVE)
    description = models.CharField(_("description"), max_length=300)
    supplier = models.CharField(_("supplier"), max_length=200, blank=True)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-spent_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="expense_number_unique"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="expense_not_negative"),
        ]
        triggers = [*audited("project"), *marks_dirty("project")]

    def __str__(self):
        return f"{self.ref} {self.description}"


class RateQuerySet(models.QuerySet):
    def for_day(self, user, day: datetime.date, currency: str):
        """The rate that holds for this person on this day in this currency, or None."""
        return (
            self.filter(user=user, currency=currency, valid_from__lte=day)
            .filter(Q(valid_until=None) | Q(valid_until__gt=day))
            .first()
        )


class Rate(models.Model):
    """What an hour of a person costs from a day on until another rate begins; no day has two."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="rates")
    valid_from = models.DateField()
    # The first day on which it holds no more; empty: until further notice.
    valid_until = models.DateField(null=True, blank=True)
    hourly = models.DecimalField(max_digits=10, decimal_places=2, validators=NOT_NEGATIVE)
    currency = models.CharField(max_length=3, default="EUR")

    objects = RateQuerySet.as_manager()

    class Meta:
        ordering = ["user", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="rate_ends_after_start"
            ),
            ExclusionConstraint(
                name="rate_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("currency", RangeOperators.EQUAL),
                    (
                        models.Func("valid_from", "valid_until", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = audited("")

    def __str__(self):
        return f"{self.user}: {self.hourly} {self.currency} from {self.valid_from}"

    @property
    def last_day(self) -> datetime.date | None:
        """The last day on which it holds; None until further notice."""
        return self.valid_until - datetime.timedelta(days=1) if self.valid_until else None

    @classmethod
    def for_day(cls, user, day: datetime.date, currency: str) -> "Rate | None":
        """What an hour of this person costs on this day, in this currency; None: no rate is known."""
        return cls.objects.for_day(user, day, currency)


class TimeEntry(Versioned):
    """Booked time; its cost is fixed with the rate of its day when it is booked."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="time_entries")
    task = models.ForeignKey("projects.Task", models.SET_NULL, null=True, blank=True, related_name="time_entries")
    line = models.ForeignKey(BudgetLine, models.PROTECT, null=True, blank=True, related_name="time_entries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="time_entries")
    day = models.DateField(_("day"), default=datetime.date.today)
    minutes = models.PositiveSmallIntegerField(_("time"), validators=[MinValueValidator(1), MaxValueValidator(24 * 60)])
    note = models.CharField(_("what was done"), max_length=300, blank=True)
    # None: no rate was known for that day; such hours are listed apart, never counted as free.
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    booked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day", "-pk"]
        verbose_name_plural = "time entries"
        constraints = [
            models.CheckConstraint(condition=Q(minutes__range=(1, 1440)), name="time_entry_within_a_day"),
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="time_entry_cost_not_negative"),
        ]
        indexes = [
            models.Index(fields=["project", "day"], name="time_entry_day"),
            models.Index(fields=["user", "day"], name="time_entry_of_person"),
        ]
        triggers = [*audited("project"), *marks_dirty("project"), *locked_once_submitted()]

    def __str__(self):
        return f"{self.user} {self.day} {self.minutes} min"
