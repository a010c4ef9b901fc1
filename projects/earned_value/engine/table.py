"""Earned value computed from given figures: rows of PV, EV, AC and BAC as people publish them.

A row names its figures as the formulas do, in any case: ``PV``, ``EV``, ``AC``, ``BAC``, ``ETC`` (a new estimate of
the rest). Instead of an amount it may give a share of the budget: ``planned`` (or ``planned_pct``) for PV, ``actual``
(or ``percent_complete``) for EV, 0 to 1; ``planned_cum`` and ``period`` for PV; ``period_costs`` for AC.

Cumulative planned value by period, ``PV_cum`` (or ``planned_cum`` with a budget), gives earned schedule as well, with
``AT`` (or ``period``) periods gone by and ``planned_duration`` planned. Amounts worked out from a share are rounded to
the cent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from projects.budget.engine.evm import EarnedValue, total
from projects.control.engine import EarnedSchedule, earned_schedule

from .leaves import CENT

ALIASES = {
    "bac": "BAC", "budget": "BAC", "project_value": "BAC", "bcws_total": "BAC",
    "pv": "PV", "bcws": "PV", "planned_value": "PV",
    "ev": "EV", "bcwp": "EV", "earned_value": "EV",
    "ac": "AC", "acwp": "AC", "actual_cost": "AC",
    "etc": "ETC",
    "planned": "planned", "planned_pct": "planned", "percent_planned": "planned",
    "actual": "done", "percent_complete": "done", "complete": "done",
    "planned_cum": "planned_cum", "period": "period", "period_costs": "period_costs",
    "pv_cum": "PV_cum", "at": "AT", "planned_duration": "planned_duration", "pd": "planned_duration",
}  # fmt: skip
NAMES = ("name", "id", "task", "month", "unit", "source", "note", "expected", "also", "tolerance", "title", "row")
ROWS = ("rows", "tasks")
FIELDS = (
    "BAC, PV, EV, AC, ETC, planned, percent_complete, planned_cum, period, period_costs, PV_cum, AT, planned_duration"
)


class TableError(ValueError):
    """What is wrong with a row, with the row and the field named."""


@dataclass(frozen=True)
class Computed:
    """One row: its figures (None where only earned schedule was given) and, with cumulative PV, earned schedule."""

    name: str
    value: EarnedValue | None
    schedule: EarnedSchedule | None = None
    parts: Sequence["Computed"] = field(default=())


def compute(data: Any) -> list[Computed]:
    """All rows of a table as JSON has it: a list of rows, or an object with ``rows``; a row may have rows of its own.

    TableError names the row and the field of what can't be computed.
    """
    if isinstance(data, Mapping):
        rows = next((data[key] for key in ROWS if key in data), None)
        data = [data] if rows is None or any(str(key).lower() in ALIASES for key in data) else rows
    if not isinstance(data, list):
        raise TableError("The table is a list of rows, or an object with “rows”.")
    if not data:
        raise TableError("The table has no row.")
    return [_row(row, f"Row {at}") for at, row in enumerate(data, 1)]


def sum_of(rows: Sequence[Computed]) -> EarnedValue | None:
    """The rows added up; None where one has no figures to add."""
    values = [row.value for row in rows]
    known = [value for value in values if value is not None]
    return total(known) if known and len(known) == len(values) else None


def _row(row: Any, where: str) -> Computed:
    if not isinstance(row, Mapping):
        raise TableError(f'{where}: expected an object such as {{"PV": 50, "EV": 40, "AC": 45, "BAC": 100}}.')
    name = next((str(row[key]) for key in ("name", "id", "task") if row.get(key)), "")
    where = f"{where} ({name})" if name else where
    inputs = row.get("inputs", row)
    if not isinstance(inputs, Mapping):
        raise TableError(f"{where}, inputs: expected an object of figures.")
    own = next((inputs[key] for key in ROWS if key in inputs), None)
    if own is not None:
        if not isinstance(own, list) or not own:
            raise TableError(f"{where}, tasks: expected a list of at least one row.")
        parts = [_row(part, f"{where}, row {at}") for at, part in enumerate(own, 1)]
        value = sum_of(parts)
        if value is None:
            raise TableError(f"{where}: each of its rows needs PV, EV, AC and BAC.")
        given = _given(inputs, where)
        curve = _cumulative(given, "PV_cum", where)
        return Computed(name, value, _schedule(curve, value.ev, given, where) if curve else None, parts)
    return _computed(name, _given(inputs, where), where)


def _given(inputs: Mapping[str, Any], where: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, value in inputs.items():
        if (known := ALIASES.get(str(key).lower())) is not None:
            if known in given:
                raise TableError(f"{where}, {key}: {known} is given twice.")
            if value is not None:
                given[known] = value
        elif str(key).lower() not in (*NAMES, *ROWS):
            raise TableError(f"{where}, {key}: no such figure. Known are {FIELDS}.")
    return given


def _computed(name: str, given: dict[str, Any], where: str) -> Computed:
    def number(key: str, low: Decimal | None = Decimal(0), high: Decimal | None = None) -> Decimal | None:
        return _figure(given, key, where, low, high)

    def share(key: str) -> Decimal | None:
        return number(key, high=Decimal(1))

    curve = _cumulative(given, "PV_cum", where)
    shares = _cumulative(given, "planned_cum", where)
    if shares and shares[-1] > 1:
        raise TableError(f"{where}, planned_cum: shares of the budget run from 0 to 1, not to {shares[-1]}.")
    bac, pv, ev, ac = number("BAC"), number("PV"), number("EV"), number("AC", low=None)
    period, gone = number("period"), number("AT")
    if ev is None and (done := share("done")) is not None:
        ev = _money(_need(bac, where, "BAC", "percent_complete"), done)
    if pv is None and (planned := share("planned")) is not None:
        pv = _money(_need(bac, where, "BAC", "planned"), planned)
    if shares and bac is not None:
        curve = curve or [_money(bac, one) for one in shares]
    if pv is None and curve and (now := period if period is not None else gone) is not None:
        whole = int(now)
        if now != whole or whole > len(curve):
            raise TableError(f"{where}, period: expected a whole number up to {len(curve)}, got {now}.")
        pv = curve[whole - 1] if whole else Decimal(0)
    if ac is None and "period_costs" in given:
        costs = _numbers(given["period_costs"], f"{where}, period_costs")
        ac = sum(costs[: int(period)] if period is not None else costs, Decimal(0))
    if bac is None and curve and not {"PV", "AC"} & set(given):
        return Computed(name, None, _schedule(curve, ev, given, where))
    missing = [key for key, value in (("PV", pv), ("EV", ev), ("AC", ac), ("BAC", bac)) if value is None]
    if missing:
        raise TableError(f"{where}: {' and '.join(missing)} missing.")
    try:
        value = EarnedValue(pv, ev, ac, bac, number("ETC"))  # type: ignore[arg-type]
    except ValueError as error:
        raise TableError(f"{where}: {error}") from None
    timed = curve and (gone is not None or period is not None)
    return Computed(name, value, _schedule(curve, value.ev, given, where) if timed else None)


def _schedule(curve: list[Decimal], ev: Decimal | None, given: dict[str, Any], where: str) -> EarnedSchedule:
    gone = _figure(given, "AT", where)
    gone = _figure(given, "period", where) if gone is None else gone
    ev, gone = _need(ev, where, "EV", "PV_cum"), _need(gone, where, "AT", "PV_cum")
    planned = _figure(given, "planned_duration", where)
    points = [(0.0, 0.0), *((float(at), float(value)) for at, value in enumerate(curve, 1))]
    return earned_schedule(points, float(ev), float(gone), planned=None if planned is None else float(planned))


def _cumulative(given: dict[str, Any], key: str, where: str) -> list[Decimal]:
    if key not in given:
        return []
    values = _numbers(given[key], f"{where}, {key}")
    for at in range(1, len(values)):
        if values[at] < values[at - 1]:
            raise TableError(f"{where}, {key}: cumulative values never fall, but period {at + 1} is below period {at}.")
    return values


def _numbers(values: Any, where: str) -> list[Decimal]:
    if not isinstance(values, list) or not values:
        raise TableError(f"{where}: expected a list of numbers.")
    return [_number(value, f"{where}, period {at}") for at, value in enumerate(values, 1)]


def _figure(
    given: dict[str, Any], key: str, where: str, low: Decimal | None = Decimal(0), high: Decimal | None = None
) -> Decimal | None:
    return None if key not in given else _number(given[key], f"{where}, {key}", low, high)


def _number(value: Any, where: str, low: Decimal | None = Decimal(0), high: Decimal | None = None) -> Decimal:
    # True is an int to Python; a text would hide a typing mistake.
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TableError(f"{where}: expected a number, got {value!r}.")
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise TableError(f"{where}: expected a number, got {value!r}.")
    if low is not None and number < low:
        raise TableError(f"{where}: {number} is below {low}.")
    if high is not None and number > high:
        raise TableError(f"{where}: {number} is above {high}; a share runs from 0 to 1.")
    if abs(number) >= Decimal(10) ** 18:
        raise TableError(f"{where}: {number} has more than 18 digits.")
    return number


def _need(value: Decimal | None, where: str, missing: str, because: str) -> Decimal:
    if value is None:
        raise TableError(f"{where}: {because} needs {missing}.")
    return value


def _money(budget: Decimal, share: Decimal) -> Decimal:
    return (budget * share).quantize(CENT, ROUND_HALF_UP)
