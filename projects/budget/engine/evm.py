"""Earned value: what was planned, what is done and what it cost, in one currency, and what follows from them.

Sources: ANSI/PMI 19-006-2019 Standard for Earned Value Management; EIA-748; GAO-20-195G; ISO 21508. Amounts are
Decimal in any one currency; indices are plain ratios, unrounded. What can't be computed is a ``Measure`` without a
value that says why: never zero, never infinity.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO, ONE = Decimal(0), Decimal(1)


class Missing(StrEnum):
    """Why a measure has no value."""

    NO_BUDGET = "no budget"  # BAC = 0: there is nothing to take a share of
    NOTHING_PLANNED = "nothing planned yet"  # PV = 0
    NO_COST = "no cost recorded"  # AC = 0 although work is done, or before any is
    NOTHING_EARNED = "nothing earned yet"  # EV = 0 although money is spent: no pace to go on with
    NOT_STARTED = "not started"  # PV = EV = AC = 0
    FINISHED = "finished"  # EV = BAC: nothing is left to perform
    EXHAUSTED = "budget exhausted"  # work is left, but BAC - AC <= 0
    NO_REESTIMATE = "no new estimate"  # nobody has said what the rest will cost


@dataclass(frozen=True, slots=True)
class Measure:
    """A value, or why there is none."""

    value: Decimal | None
    why: Missing | None = None

    def __bool__(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class EarnedValue:
    """PV, EV, AC and BAC of any part of a project at one status date; ``etc`` is the remaining cost as re-estimated.

    Roll up by adding (``+``), then read the indices: they are never averaged. ValueError for a negative amount or an EV
    above BAC; AC may be negative where credits exceed cost.
    """

    pv: Decimal = ZERO
    ev: Decimal = ZERO
    ac: Decimal = ZERO
    bac: Decimal = ZERO
    etc_stated: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("pv", "ev", "bac"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name.upper()} is {getattr(self, name)}; it can't be negative.")
        if self.ev > self.bac:
            raise ValueError(f"EV is {self.ev}, more than the whole budget of {self.bac}.")
        if self.pv > self.bac:
            raise ValueError(f"PV is {self.pv}, more than the whole budget of {self.bac}.")

    def __add__(self, other: "EarnedValue") -> "EarnedValue":
        stated = None
        if self.etc_stated is not None or other.etc_stated is not None:
            # A part that says nothing costs what its budget leaves.
            stated = self._etc_or_rest() + other._etc_or_rest()
        return EarnedValue(self.pv + other.pv, self.ev + other.ev, self.ac + other.ac, self.bac + other.bac, stated)

    def _etc_or_rest(self) -> Decimal:
        return self.bac - self.ev if self.etc_stated is None else self.etc_stated

    @property
    def not_started(self) -> bool:
        return not (self.pv or self.ev or self.ac)

    @property
    def finished(self) -> bool:
        return self.bac > 0 and self.ev == self.bac

    # Variances: below zero is bad

    @property
    def cv(self) -> Decimal:
        return self.ev - self.ac

    @property
    def sv(self) -> Decimal:
        return self.ev - self.pv

    @property
    def cv_percent(self) -> Measure:
        """CV / EV as a ratio."""
        return _ratio(self.cv, self.ev, self._unearned())

    @property
    def sv_percent(self) -> Measure:
        """SV / PV as a ratio."""
        return _ratio(self.sv, self.pv, self._unplanned())

    # Indices: below one is bad

    @property
    def cpi(self) -> Measure:
        return _ratio(self.ev, self.ac, Missing.NOT_STARTED if self.not_started else Missing.NO_COST)

    @property
    def spi(self) -> Measure:
        return _ratio(self.ev, self.pv, self._unplanned())

    @property
    def planned_share(self) -> Measure:
        return _ratio(self.pv, self.bac, Missing.NO_BUDGET)

    @property
    def complete_share(self) -> Measure:
        return _ratio(self.ev, self.bac, Missing.NO_BUDGET)

    @property
    def spent_share(self) -> Measure:
        return _ratio(self.ac, self.bac, Missing.NO_BUDGET)

    # Estimates at completion: what the whole will cost

    @property
    def eac_atypical(self) -> Measure:
        """AC + (BAC - EV): the rest costs what was planned for it."""
        return Measure(self.ac + self.bac - self.ev)

    @property
    def eac_typical(self) -> Measure:
        """BAC / CPI: the rest costs as much more or less as the work so far did."""
        if settled := self._settled():
            return settled
        if not self.cpi:
            return Measure(None, self.cpi.why)
        return _ratio(self.bac * self.ac, self.ev, Missing.NOTHING_EARNED)

    @property
    def eac_with_schedule(self) -> Measure:
        """AC + (BAC - EV) / (CPI x SPI): being late costs too."""
        if settled := self._settled():
            return settled
        for index in (self.cpi, self.spi):
            if not index:
                return Measure(None, index.why)
        return self._rest_over(self.cpi.value * self.spi.value)  # type: ignore[operator]

    @property
    def eac_weighted(self) -> Measure:
        """AC + (BAC - EV) / (0.8 CPI + 0.2 SPI)."""
        if settled := self._settled():
            return settled
        for index in (self.cpi, self.spi):
            if not index:
                return Measure(None, index.why)
        return self._rest_over(Decimal("0.8") * self.cpi.value + Decimal("0.2") * self.spi.value)  # type: ignore[operator]

    @property
    def eac_bottom_up(self) -> Measure:
        """AC + the remaining cost as re-estimated."""
        if self.finished:
            return Measure(self.ac)
        return Measure(None, Missing.NO_REESTIMATE) if self.etc_stated is None else Measure(self.ac + self.etc_stated)

    def etc(self, eac: Measure) -> Measure:
        """EAC - AC: what is still to be spent."""
        return Measure(None, eac.why) if eac.value is None else Measure(eac.value - self.ac)

    def vac(self, eac: Measure) -> Measure:
        """BAC - EAC; below zero: an overrun."""
        return Measure(None, eac.why) if eac.value is None else Measure(self.bac - eac.value)

    def vac_percent(self, eac: Measure) -> Measure:
        """VAC / BAC as a ratio."""
        vac = self.vac(eac)
        return Measure(None, vac.why) if vac.value is None else _ratio(vac.value, self.bac, Missing.NO_BUDGET)

    # What the rest must perform

    @property
    def tcpi_bac(self) -> Measure:
        """(BAC - EV) / (BAC - AC): the cost efficiency the rest needs to end within the budget."""
        if self.bac <= 0:
            return Measure(None, Missing.NO_BUDGET)
        return self._to_complete(self.bac, Missing.EXHAUSTED)

    def tcpi(self, eac: Measure) -> Measure:
        """(BAC - EV) / (EAC - AC): the efficiency the rest needs to end at that estimate."""
        return Measure(None, eac.why) if eac.value is None else self._to_complete(eac.value, Missing.EXHAUSTED)

    def _to_complete(self, money: Decimal, why: Missing) -> Measure:
        if self.finished:
            return Measure(None, Missing.FINISHED)
        return Measure((self.bac - self.ev) / (money - self.ac)) if money > self.ac else Measure(None, why)

    def _settled(self) -> Measure | None:
        """Estimates that need no index: a finished one costs what it cost, an unstarted one what was planned."""
        if self.finished:
            return Measure(self.ac)
        return Measure(self.bac) if self.not_started else None

    def _rest_over(self, pace: Decimal) -> Measure:
        return Measure(self.ac + (self.bac - self.ev) / pace) if pace > 0 else Measure(None, Missing.NOTHING_EARNED)

    def _unplanned(self) -> Missing:
        return Missing.NOT_STARTED if self.not_started else Missing.NOTHING_PLANNED

    def _unearned(self) -> Missing:
        return Missing.NOT_STARTED if self.not_started else Missing.NOTHING_EARNED


def total(parts: Iterable[EarnedValue]) -> EarnedValue:
    """The sum of all parts; of none, nothing."""
    return sum(parts, EarnedValue())


class Rule(StrEnum):
    """How work in progress earns its budget."""

    ZERO_HUNDRED = "0/100"
    FIFTY_FIFTY = "50/50"
    TWENTY_EIGHTY = "20/80"
    MILESTONES = "weighted milestones"
    UNITS = "units complete"
    PERCENT = "percent complete"
    LEVEL_OF_EFFORT = "level of effort"


AT_START = {Rule.ZERO_HUNDRED: ZERO, Rule.FIFTY_FIFTY: Decimal("0.5"), Rule.TWENTY_EIGHTY: Decimal("0.2")}


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of a task at the status date. Shares run from 0 to 1; milestones are (weight, reached)."""

    started: bool = False
    finished: bool = False
    percent: Decimal = ZERO  # 0 to 100
    planned_share: Decimal = ZERO  # PV / BAC of this task
    units_done: Decimal = ZERO
    units_total: Decimal = ZERO
    milestones: Sequence[tuple[Decimal, bool]] = ()


def earned_share(rule: Rule, progress: Progress) -> Decimal:
    """The share of its budget a task has earned, 0 to 1.

    ValueError where the rule lacks what it counts: weighted milestones without a weight, units without a total.
    """
    if rule is Rule.LEVEL_OF_EFFORT:
        return _within(progress.planned_share)  # earns as time goes by: never behind, never ahead
    if progress.finished:
        return ONE
    match rule:
        case Rule.ZERO_HUNDRED | Rule.FIFTY_FIFTY | Rule.TWENTY_EIGHTY:
            return AT_START[rule] if progress.started else ZERO
        case Rule.MILESTONES:
            whole = sum((weight for weight, _reached in progress.milestones), ZERO)
            if whole <= 0:
                raise ValueError("Weighted milestones need at least one weight above zero.")
            return _within(sum((weight for weight, reached in progress.milestones if reached), ZERO) / whole)
        case Rule.UNITS:
            if progress.units_total <= 0:
                raise ValueError("Units complete needs how many units there are.")
            return _within(progress.units_done / progress.units_total)
        case Rule.PERCENT:
            return _within(progress.percent / 100)


def _within(share: Decimal) -> Decimal:
    return min(max(share, ZERO), ONE)


def _ratio(above: Decimal, below: Decimal, why: Missing) -> Measure:
    return Measure(above / below) if below > 0 else Measure(None, why)
