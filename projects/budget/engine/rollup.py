"""Planned, actual, still to come, forecast: of a line, a category, a project. Decimal throughout, in one currency."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One budget line with what was spent on it.

    ``remaining`` None: the rest of the plan is still to come. Never less is to come than is committed.
    """

    key: Hashable
    planned: Decimal
    expenses: Decimal = ZERO
    time: Decimal = ZERO
    remaining: Decimal | None = None
    committed: Decimal = ZERO  # ordered, neither received nor invoiced yet
    accrued: Decimal = ZERO  # received and not invoiced yet


@dataclass(frozen=True, slots=True)
class Amounts:
    """Sums of any number of lines; ``forecast`` is the bottom-up estimate at completion (actual + still to come)."""

    planned: Decimal = ZERO
    expenses: Decimal = ZERO
    time: Decimal = ZERO
    remaining: Decimal = ZERO
    committed: Decimal = ZERO  # the part of ``remaining`` that is ordered already
    accrued: Decimal = ZERO  # received and not invoiced: cost, not yet paid

    @property
    def actual(self) -> Decimal:
        """Cost so far, accruals included."""
        return self.expenses + self.time + self.accrued

    @property
    def invoiced(self) -> Decimal:
        """Cost so far without what is only accrued."""
        return self.expenses + self.time

    @property
    def forecast(self) -> Decimal:
        return self.actual + self.remaining

    @property
    def variance(self) -> Decimal:
        """Planned minus forecast; negative: more than planned."""
        return self.planned - self.forecast

    @property
    def spent(self) -> Decimal | None:
        """Actual as a share of planned; None where nothing was planned."""
        return self.actual / self.planned if self.planned else None

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.planned + other.planned,
            self.expenses + other.expenses,
            self.time + other.time,
            self.remaining + other.remaining,
            self.committed + other.committed,
            self.accrued + other.accrued,
        )


def amounts_of(line: Line) -> Amounts:
    """A line that has spent its plan and says nothing else has nothing still to come but what is ordered."""
    rest = line.remaining
    if rest is None:
        rest = max(line.planned - line.expenses - line.time - line.accrued, ZERO)
    return Amounts(line.planned, line.expenses, line.time, max(rest, line.committed), line.committed, line.accrued)


def roll_up(lines: Iterable[Line]) -> tuple[dict[Hashable, Amounts], Amounts]:
    """Amounts by line, and their sum. Sums are added, never averaged."""
    by_line = {line.key: amounts_of(line) for line in lines}
    return by_line, sum(by_line.values(), Amounts())


def time_cost(minutes: int, hourly: Decimal) -> Decimal:
    """What that much time costs, rounded once, half up, to the cent."""
    return (hourly * minutes / 60).quantize(CENT, ROUND_HALF_UP)
