"""Money in several currencies: one stated rate for a day, what an amount is worth by it, rounded once, half to even.

A rate says how much of the base currency one unit of a currency is worth. The rate of a day is the last one stated on
or before it; the answer names the day it is of. Where none was stated there is none: nothing is interpolated.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

CENT = Decimal("0.01")
ONE = Decimal(1)
# Places a rate between two currencies is kept with.
RATE_PLACES = 10
_RATE = Decimal(1).scaleb(-RATE_PLACES)
# Exact products: 14 digits of an amount times 20 of a rate are more than the 28 of the usual context.
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Quote:
    """What one unit is worth, and the day this was stated for (of two rates the older). Day None: of all days."""

    rate: Decimal
    day: date | None = None


def convert(amount: Decimal, rate: Decimal) -> Decimal:
    """``amount`` at ``rate``, to the cent; a half goes to the even cent."""
    return _EXACT.quantize(_EXACT.multiply(amount, rate), CENT)


@dataclass(frozen=True)
class RateTable:
    """Stated rates of any number of currencies to one base."""

    base: str
    days: dict[str, list[date]] = field(default_factory=dict)
    rates: dict[str, list[Decimal]] = field(default_factory=dict)

    @classmethod
    def of(cls, base: str, rows: Iterable[tuple[str, date, Decimal]]) -> "RateTable":
        """From (currency, day, rate) in any order, one rate for a currency and day."""
        days, rates = defaultdict(list), defaultdict(list)
        for currency, day, rate in sorted(rows):
            days[currency].append(day)
            rates[currency].append(rate)
        return cls(base, dict(days), dict(rates))

    def quote(self, currency: str, day: date) -> Quote | None:
        """What one unit is worth in the base on that day; None: no rate was stated on or before it."""
        if currency == self.base:
            return Quote(ONE)
        at = bisect_right(self.days.get(currency, []), day)
        return Quote(self.rates[currency][at - 1], self.days[currency][at - 1]) if at else None

    def between(self, source: str, target: str, day: date) -> Quote | None:
        """What one unit of ``source`` is worth in ``target``; None where one of the two has no rate."""
        if source == target:
            return Quote(ONE)
        one, other = self.quote(source, day), self.quote(target, day)
        if one is None or other is None:
            return None
        days = [quote.day for quote in (one, other) if quote.day is not None]
        rate = _EXACT.quantize(_EXACT.divide(one.rate, other.rate), _RATE)
        return Quote(rate, min(days, default=None)) if rate else None
