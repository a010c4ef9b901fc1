"""The one table of exchange rates, and what a row of money in another currency keeps beside its amount."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited

CURRENCY = RegexValidator(r"^[A-Z]{3}\Z", _("A currency has three capital letters, such as EUR or USD."))


class ExchangeRate(models.Model):
    """On a day one unit of a currency is worth ``rate`` of the base. Money converted once keeps the rate it had."""

    base = models.CharField(max_length=3, validators=[CURRENCY])
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    day = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=10)
    source = models.CharField(_("source"), max_length=200)
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    stated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["currency", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["base", "currency", "day"], name="exchange_rate_of_a_day_unique"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(condition=~Q(currency=F("base")), name="exchange_rate_of_another_currency"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$") & Q(base__regex=r"^[A-Z]{3}$"),
                name="exchange_rate_currency_code",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="exchange_rate_has_a_source"),
        ]
        triggers = audited("")

    def __str__(self):
        return f"{self.currency} {self.day}: {shown(self.rate)} {self.base}"

    @property
    def shown_rate(self) -> str:
        return shown(self.rate)


def shown(rate: Decimal) -> str:
    """A rate without its trailing zeros: '0.9234'."""
    return f"{rate.normalize():f}"


class HalfEven(models.Func):
    """``pmdm_half_even``: rounded to the cent, a half to the even one, as ``engine.convert`` does."""

    function = "pmdm_half_even"
    output_field = models.DecimalField(max_digits=16, decimal_places=2)


class Exchanged(models.Model):
    """Money that may have been in another currency: ``amount`` is in the project's, the rest says what it was.

    ``currency`` '': it was in the project's own, and the others are empty.
    """

    amount: Decimal

    currency = models.CharField(_("currency"), max_length=3, blank=True)
    original_amount = models.DecimalField(
        _("amount in its currency"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=20, decimal_places=10, null=True, blank=True)
    rate_day = models.DateField(_("rate of"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def paid(self) -> Decimal:
        """The amount in the currency it was in."""
        return self.amount if self.original_amount is None else self.original_amount

    @property
    def shown_rate(self) -> str:
        return shown(self.exchange_rate) if self.exchange_rate else ""


def exchanged_exactly(name: str) -> list[models.CheckConstraint]:
    """Original, rate and day are there together, and the amount is what they give."""
    empty = Q(currency="", original_amount=None, exchange_rate=None, rate_day=None)
    # A comparison with NULL is not false: each is asked for by itself.
    whole = Q(original_amount__isnull=False, exchange_rate__isnull=False, rate_day__isnull=False) & Q(
        exchange_rate__gt=0, currency__regex="^[A-Z]{3}$"
    )
    return [
        models.CheckConstraint(condition=empty | whole, name=f"{name}_currency_with_its_rate"),
        models.CheckConstraint(
            condition=Q(original_amount=None) | Q(amount=HalfEven(F("original_amount") * F("exchange_rate"))),
            name=f"{name}_amount_at_its_rate",
        ),
    ]


def paid_amount() -> Coalesce:
    """``Exchanged.paid`` in a query."""
    return Coalesce(F("original_amount"), F("amount"))
