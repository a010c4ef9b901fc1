"""Money: budget lines, expenses, booked time and the rates that turn time into cost."""

import datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import PROJECT_ROLES, ROLE_NAMES
from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Numbered, Versioned
from projects.budget.engine.accrual import still_open
from projects.budget.exact import (
    accrual_fits_its_order,
    allowance_covers_draws,
    draw_stays_as_decided,
    draws_within_allowance,
    expense_fits_its_order,
    line_phased_exactly,
    months_phased_exactly,
    order_fits_its_expenses,
)
from projects.currencies.models import Exchanged, exchanged_exactly, paid_amount
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


class OrderQuerySet(models.QuerySet):
    def with_invoiced(self):
        """Annotate what was booked against the order (``invoiced``), the same in the order's currency
        (``invoiced_paid``), and what was received of it in that currency (``received_paid``)."""
        return self.annotate(
            invoiced=_of_order(Expense.objects, F("amount")),
            invoiced_paid=_of_order(Expense.objects, paid_amount()),
            received_paid=_of_order(Accrual.objects.counting(timezone.localdate()), paid_amount()),
        )


def _of_order(rows, amount):
    total = rows.filter(order=models.OuterRef("pk")).order_by().values("order").annotate(sum=models.Sum(amount))
    return Coalesce(models.Subquery(total.values("sum")), models.Value(0), output_field=models.DecimalField())


class Order(Exchanged, Numbered, Versioned):
    """What was ordered from a supplier: as long as it is open, what is neither received nor invoiced is committed."""

    PREFIX, SUBJECT = "PO", "project"

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    invoiced: Decimal  # what ``with_invoiced`` annotates
    invoiced_paid: Decimal
    received_paid: Decimal

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="orders")
    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="orders", verbose_name=_("budget line"))
    supplier = models.CharField(_("supplier"), max_length=200)
    description = models.CharField(_("what is ordered"), max_length=300)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    ordered_on = models.DateField(_("ordered on"), default=datetime.date.today)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(_("reason"), max_length=300, blank=True)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-ordered_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="order_number_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_amount_positive"),
            models.CheckConstraint(
                condition=Q(expected_on=None) | Q(expected_on__gte=F("ordered_on")), name="order_expected_after_ordered"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None, ended_by=None, end_reason="")
                | (
                    Q(state__in=["closed", "cancelled"], ended_at__isnull=False, ended_by__isnull=False)
                    & ~Q(end_reason="")
                ),
                name="order_end_with_state",
            ),
            *exchanged_exactly("order"),
        ]
        triggers = [*audited("project"), *marks_dirty("project"), *order_fits_its_expenses()]

    def __str__(self):
        return f"{self.ref} {self.supplier}"

    @property
    def open_amount(self) -> Decimal:
        """Committed: neither received nor invoiced yet; needs ``with_invoiced``. One that is over commits nothing."""
        if self.state != self.State.OPEN:
            return Decimal(0)
        return still_open(self.amount, self.exchange_rate, max(self.invoiced_paid, self.received_paid))

    @property
    def standing(self) -> str:
        """Its state in a word; what was invoiced tells the open ones apart. Needs ``with_invoiced``."""
        if self.state != self.State.OPEN or not self.invoiced:
            return self.get_state_display()
        return gettext("Invoiced") if self.invoiced_paid >= self.paid else gettext("Part invoiced")


class Expense(Exchanged, Numbered, Versioned):
    PREFIX, SUBJECT = "X", "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="expenses")
    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="expenses", verbose_name=_("budget line"))
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="expenses", verbose_name=_("order")
    )
    # The accrual without an order that it takes the place of.
    accrual = models.ForeignKey(
        "projects.Accrual", models.PROTECT, null=True, blank=True, related_name="expenses", verbose_name=_("accrual")
    )
    receipt = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
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
            models.CheckConstraint(condition=Q(order=None) | Q(accrual=None), name="expense_of_order_or_accrual"),
            *exchanged_exactly("expense"),
        ]
        triggers = [*audited("project"), *marks_dirty("project"), *expense_fits_its_order()]

    def __str__(self):
        return f"{self.ref} {self.description}"


class AccrualQuerySet(models.QuerySet):
    def counting(self, day: datetime.date):
        """Those received by the day and not reversed by then, whether invoiced or not."""
        return self.filter(accrued_on__lte=day).filter(Q(reverses_on=None) | Q(reverses_on__gt=day))


class Accrual(Exchanged, Numbered, Versioned):
    """Work or goods received and not invoiced yet: cost of its day, until the invoice takes its place.

    Of an order, whose invoices settle it, the oldest first; or by hand, with the day it is reversed at the latest.
    """

    PREFIX, SUBJECT = "AC", "project"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="accruals")
    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="accruals", verbose_name=_("budget line"))
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="accruals", verbose_name=_("order")
    )
    accrued_on = models.DateField(_("received on"), default=datetime.date.today)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    description = models.CharField(_("what was received"), max_length=300)
    # From this day on it counts no more, invoiced or not.
    reverses_on = models.DateField(_("reversed on"), null=True, blank=True)
    reverse_reason = models.CharField(_("reason"), max_length=300, blank=True)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(default=timezone.now)

    left: Decimal  # what still counts of it; ``accruals.with_left`` sets it

    objects = AccrualQuerySet.as_manager()

    class Meta:
        ordering = ["-accrued_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="accrual_number_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="accrual_amount_positive"),
            models.CheckConstraint(
                condition=Q(reverses_on=None) | Q(reverses_on__gt=F("accrued_on")), name="accrual_reversed_later"
            ),
            # Nothing accrued stays for ever: an order's invoices settle it, or its day comes.
            models.CheckConstraint(
                condition=Q(order__isnull=False) | Q(reverses_on__isnull=False), name="accrual_ends_somehow"
            ),
            *exchanged_exactly("accrual"),
        ]
        triggers = [*audited("project"), *marks_dirty("project"), *accrual_fits_its_order()]

    def __str__(self):
        return f"{self.ref} {self.description}"

    @property
    def is_reversed(self) -> bool:
        return self.reverses_on is not None and self.reverses_on <= timezone.localdate()


class Allowance(Versioned):
    """Money kept back for what nobody can plan: contingency inside the approved budget, reserve outside it."""

    class Kind(models.TextChoices):
        CONTINGENCY = "contingency", _("Contingency")
        RESERVE = "reserve", _("Management reserve")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="allowances")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    # All that was ever set apart; what is left of it is this less the draws that were approved.
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, validators=NOT_NEGATIVE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "kind"], name="allowance_of_a_kind_unique"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="allowance_not_negative"),
            models.CheckConstraint(condition=Q(kind__in=["contingency", "reserve"]), name="allowance_kind_known"),
        ]
        triggers = [*audited("project"), *allowance_covers_draws()]

    def __str__(self):
        return self.get_kind_display()


class Draw(Numbered):
    """Money asked from an allowance for a line, and what was decided. Whoever asks never decides."""

    PREFIX, SUBJECT = "DR", "project"

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="draws")
    allowance = models.ForeignKey(Allowance, models.PROTECT, related_name="draws", verbose_name=_("from"))
    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="draws", verbose_name=_("for the line"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    reason = models.TextField(_("reason"), max_length=2000)
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_at", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="draw_number_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="draw_amount_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="draw_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by=None, decided_at=None)
                | (
                    Q(state__in=["approved", "rejected"])
                    & ~Q(decided_by=F("requested_by"))
                    & Q(decided_at__isnull=False)
                )
                | Q(state="withdrawn", decided_by=F("requested_by"), decided_at__isnull=False),
                name="draw_decided_by_another",
            ),
            # A comparison with NULL is not false: the one above alone would take a decision by nobody.
            models.CheckConstraint(
                condition=Q(state="requested") | Q(decided_by__isnull=False), name="draw_decided_by_somebody"
            ),
            models.CheckConstraint(condition=~Q(state="rejected") | ~Q(note=""), name="draw_rejected_with_reason"),
        ]
        triggers = [*audited("project"), *draw_stays_as_decided(), *draws_within_allowance()]

    def __str__(self):
        return self.ref


class RateQuerySet(models.QuerySet):
    def for_day(self, user, day: datetime.date, currency: str):
        """The rate that holds for this person on this day in this currency, or None."""
        return (
            self.filter(user=user, currency=currency, valid_from__lte=day)
            .filter(Q(valid_until=None) | Q(valid_until__gt=day))
            .first()
        )


def no_day_has_two(name: str, *of: str) -> list[models.BaseConstraint]:
    """Of rates with the same ``of``, at most one holds on any day; ``name`` begins the names of the constraints."""
    days = models.Func("valid_from", "valid_until", function="daterange", output_field=DateRangeField())
    return [
        models.CheckConstraint(
            condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name=f"{name}_ends_after_start"
        ),
        ExclusionConstraint(
            name=f"{name}_no_overlap",
            expressions=[*((field, RangeOperators.EQUAL) for field in of), (days, RangeOperators.OVERLAPS)],
        ),
    ]


class UntilAnother(models.Model):
    """What holds from a day on until another begins."""

    # The first day on which it holds no more; empty: until further notice.
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def last_day(self) -> datetime.date | None:
        """The last day on which it holds; None until further notice."""
        return self.valid_until - datetime.timedelta(days=1) if self.valid_until else None


class Rate(UntilAnother):
    """What an hour of a person costs from a day on until another rate begins; no day has two."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="rates")
    valid_from = models.DateField()
    hourly = models.DecimalField(max_digits=10, decimal_places=2, validators=NOT_NEGATIVE)
    currency = models.CharField(max_length=3, default="EUR")

    objects = RateQuerySet.as_manager()

    class Meta:
        ordering = ["user", "-valid_from"]
        constraints = no_day_has_two("rate", "user", "currency")
        triggers = audited("")

    def __str__(self):
        return f"{self.user}: {self.hourly} {self.currency} from {self.valid_from}"

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


class RoleRate(UntilAnother):
    """What an hour of a role costs on a project, for people without a rate of their own; no day has two."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="role_rates")
    role = models.CharField(
        _("role"), max_length=20, choices=[(role.value, ROLE_NAMES[role]) for role in PROJECT_ROLES]
    )
    valid_from = models.DateField(_("valid from"))
    hourly = models.DecimalField(_("rate per hour"), max_digits=10, decimal_places=2, validators=NOT_NEGATIVE)

    class Meta:
        ordering = ["role", "-valid_from"]
        constraints = no_day_has_two("role_rate", "project", "role")
        triggers = audited("project")

    def __str__(self):
        return f"{self.get_role_display()}: {self.hourly} from {self.valid_from}"
