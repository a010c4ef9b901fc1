"""Accruals: what was received and not invoiced, counted once. Decimal throughout.

Receipts of an order are settled by its invoices, the oldest first, in the order's currency; what is left of a receipt
is worth what it was at its own rate. So invoices and accruals together are what is received or invoiced, whichever is
more, and an order's open rest is what neither explains.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .currency import ONE, convert

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was received: ``paid`` in the currency it was ordered in, ``amount`` in the project's at ``rate``."""

    day: date
    amount: Decimal
    paid: Decimal
    rate: Decimal = ONE
    reverses_on: date | None = None

    def counts(self, day: date) -> bool:
        """Received by then and not reversed by then."""
        return self.day <= day and (self.reverses_on is None or day < self.reverses_on)


def accrued(receipts: Sequence[Receipt], invoiced: Decimal, day: date) -> list[Decimal]:
    """What is left of each receipt at the end of a day, in the project's currency.

    ``receipts`` of one order in the order they came; ``invoiced`` by that day, in the order's currency.
    """
    found = []
    for receipt in receipts:
        if not receipt.counts(day):
            found.append(ZERO)
            continue
        settled = min(max(invoiced, ZERO), receipt.paid)
        invoiced -= settled
        left = receipt.paid - settled
        found.append(receipt.amount if not settled else convert(left, receipt.rate))
    return found


def still_open(amount: Decimal, rate: Decimal | None, covered: Decimal) -> Decimal:
    """What an order still commits: its amount less what is invoiced or received of it, never below zero.

    ``amount`` in the project's currency, ``covered`` in the order's, ``rate`` the order's (None: the same currency).
    """
    return max(amount - (covered if rate is None else convert(covered, rate)), ZERO)


def invoiced_by(invoices: Iterable[tuple[date, Decimal]], day: date) -> Decimal:
    """What was invoiced by a day."""
    return sum((amount for spent_on, amount in invoices if spent_on <= day), ZERO)
