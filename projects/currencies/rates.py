"""Reading the rate table, stating rates, and turning an amount of another currency into a project's."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.ui import format as fmt
from projects.budget.engine.currency import RateTable, convert
from projects.currencies.models import ExchangeRate
from projects.lifecycle.models import Project


def base_currency() -> str:
    return settings.BASE_CURRENCY


def rate_table(day: datetime.date | None = None, currencies: Iterable[str] | None = None) -> RateTable:
    """Stated rates: all of them, or those that count on one day; one query."""
    base = base_currency()
    rows = ExchangeRate.objects.filter(base=base)
    if currencies is not None:
        rows = rows.filter(currency__in=set(currencies) - {base})
    if day is not None:
        rows = rows.filter(day__lte=day).order_by("currency", "-day").distinct("currency")
    return RateTable.of(base, rows.values_list("currency", "day", "rate"))


def known_currencies(project=None) -> list[str]:
    """What an amount may be in: the project's currency first, the base and all that have a rate."""
    stated = ExchangeRate.objects.filter(base=base_currency()).order_by().values_list("currency", flat=True).distinct()
    known = sorted({base_currency(), *stated})
    return known if project is None else [project.currency, *(code for code in known if code != project.currency)]


def exchanged(project, amount: Decimal, currency: str, day: datetime.date) -> dict[str, Any]:
    """The fields of ``Exchanged`` for an amount of that day; ValidationError where no rate was stated by then."""
    if currency in ("", project.currency):
        return {"amount": amount, "currency": "", "original_amount": None, "exchange_rate": None, "rate_day": None}
    quote = rate_table(day, {currency, project.currency}).between(currency, project.currency, day)
    if quote is None:
        raise ValidationError({"currency": no_rate(currency, project.currency, day)})
    return {
        "amount": convert(amount, quote.rate),
        "currency": currency,
        "original_amount": amount,
        "exchange_rate": quote.rate,
        "rate_day": quote.day,
    }


def no_rate(source: str, target: str, day: datetime.date) -> str:
    """Why an amount can't be converted, and what would help."""
    base = base_currency()
    missing = [
        code
        for code in dict.fromkeys((source, target))
        if code != base and not ExchangeRate.objects.filter(base=base, currency=code, day__lte=day).exists()
    ]
    return _(
        "No rate of %(currency)s to %(base)s is stated for %(day)s or a day before. The project office states rates"
        " under “Exchange rates”."
    ) % {"currency": _(" and ").join(missing or [source]), "base": base, "day": fmt.day(day)}


@transaction.atomic
def state_rate(*, by, currency: str, day: datetime.date, rate: Decimal, source: str, at=None) -> ExchangeRate:
    """State the rate of a day, or put another in its place. What was converted before keeps the rate it had."""
    check_currency(currency)
    row, _new = ExchangeRate.objects.update_or_create(
        base=base_currency(),
        currency=currency,
        day=day,
        defaults={"rate": rate, "source": source.strip(), "stated_by": by, "stated_at": at or timezone.now()},
    )
    return row


@transaction.atomic
def remove_rate(rate: ExchangeRate, *, by) -> None:
    """The row goes; amounts that were converted by it keep it."""
    rate.delete()


def check_currency(currency: str) -> None:
    if currency == base_currency():
        raise ValidationError(
            {"currency": _("%(base)s is the base currency: one %(base)s is one %(base)s.") % {"base": currency}}
        )


@dataclass(frozen=True)
class Missing:
    """A currency in use that has no rate by a day."""

    currency: str
    projects: int


def missing_rates(day: datetime.date) -> list[Missing]:
    """Currencies of projects without a rate on or before the day; two queries."""
    table = rate_table(day)
    used: dict[str, int] = {}
    for currency in Project.objects.order_by().values_list("currency", flat=True):
        used[currency] = used.get(currency, 0) + 1
    return [Missing(code, number) for code, number in sorted(used.items()) if table.quote(code, day) is None]
