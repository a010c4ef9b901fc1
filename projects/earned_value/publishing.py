"""Earned value as JSON and as a table: inputs, results, and the reason for each that can't be computed."""

from decimal import Decimal
from typing import Any

from projects.budget.engine.evm import EarnedValue
from projects.control.engine import EarnedSchedule
from projects.earned_value.engine import results
from projects.earned_value.reading import Reading


def number(value: Decimal | float | None) -> int | float | None:
    """As JSON has it: whole where it is whole. A double holds 15 digits, which is every amount the database does."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def figures(value: EarnedValue) -> dict[str, Any]:
    """``inputs``, ``results`` (null where there is none) and ``reasons`` for those."""
    found = results(value)
    inputs: dict[str, Any] = {name: number(getattr(value, name.lower())) for name in ("PV", "EV", "AC", "BAC")}
    if value.etc_stated is not None:
        inputs["ETC_stated"] = number(value.etc_stated)
    return {
        "inputs": inputs,
        "results": {name: number(measure.value) for name, measure in found.items()},
        "reasons": {name: str(measure.why) for name, measure in found.items() if measure.why},
    }


def of_schedule(schedule: EarnedSchedule) -> dict[str, Any]:
    """Periods (of a project: working days), and indices."""
    return {
        "ES": number(schedule.es),
        "AT": number(schedule.at),
        "PD": number(schedule.pd),
        "SV_t": number(schedule.sv),
        "SPI_t": number(schedule.spi),
        "IEAC_t": number(schedule.ieac),
        "TSPI": number(schedule.tspi),
    }


def of_reading(reading: Reading) -> dict[str, Any]:
    """Everything a project's page says, with what it was computed from."""
    cut, schedule = reading.cut, reading.schedule
    told = figures(reading.total)
    if reading.why:
        # What rests on the plan is not zero but unknown; what was spent is known.
        told["inputs"] |= dict.fromkeys(("PV", "EV", "BAC"))
        told["results"] = dict.fromkeys(told["results"])
        told["reasons"] = dict.fromkeys(told["results"], str(reading.why))
    if schedule is not None:
        told["results"] |= of_schedule(schedule)
        told["reasons"] |= {
            name: str(schedule.why) for name in ("SPI_t", "IEAC_t") if schedule.why and not told["results"][name]
        }
        if schedule.tspi_why:
            told["reasons"]["TSPI"] = str(schedule.tspi_why)
    return {
        "project": reading.project.code,
        "currency": reading.project.currency,
        "as_of": cut.day.isoformat(),
        "known": "now" if cut.known is None else cut.known.isoformat(),
        "baseline": reading.baseline and (reading.baseline["name"] or f"Baseline {reading.baseline['number']}"),
        "basis": str(reading.basis),
        "not_available": str(reading.why) or None,
        "baseline_start": reading.start and reading.start.isoformat(),
        "baseline_finish": reading.finish and reading.finish.isoformat(),
        "forecast_finish": reading.forecast_finish and reading.forecast_finish.isoformat(),
        "expenses": number(reading.expenses),
        "accrued": number(reading.accrued),
        "expenses_and_accruals_on_no_task_of_the_baseline": number(reading.unplaced),
        "time_on_no_task_of_the_baseline": number(reading.loose),
        "minutes_without_a_rate": reading.unpriced,
        **told,
        "tasks": [
            {
                "uid": leaf.uid,
                "wbs": leaf.wbs,
                "name": leaf.name,
                "rule": str(leaf.rule.value),
                **{name: number(getattr(leaf, name.lower())) for name in ("BAC", "PV", "EV", "AC")},
                **({"problem": leaf.problem} if leaf.problem else {}),
            }
            for leaf in reading.leaves
        ],
        # What stands on summaries themselves: budget lines of a whole part of the work.
        "summaries": [
            {"uid": node.uid, "wbs": node.wbs, "name": node.name, "AC": number(node.ac)}
            for node in reading.nodes
            if node.ac
        ],
    }
