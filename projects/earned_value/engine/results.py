"""All figures that follow from PV, EV, AC and BAC, by the names they are published under."""

from collections.abc import Callable

from projects.budget.engine.evm import EarnedValue, Measure

# The family of estimates: name, where it is computed.
ESTIMATES: dict[str, Callable[[EarnedValue], Measure]] = {
    "EAC_cpi": lambda ev: ev.eac_typical,
    "EAC_atypical": lambda ev: ev.eac_atypical,
    "EAC_cpi_spi": lambda ev: ev.eac_with_schedule,
    "EAC_80_20": lambda ev: ev.eac_weighted,
    "EAC_bottom_up": lambda ev: ev.eac_bottom_up,
}


def results(ev: EarnedValue) -> dict[str, Measure]:
    """Variances and indices, then each estimate at completion with what follows from it.

    ``ETC``, ``VAC``, ``VAC_percent`` and ``TCPI_eac`` without an ending belong to ``EAC_cpi``; with one
    (``VAC_atypical``) to the estimate of that name. Shares are ratios: 0.25 is a quarter.
    """
    found = {
        "CV": Measure(ev.cv),
        "SV": Measure(ev.sv),
        "CV_percent": ev.cv_percent,
        "SV_percent": ev.sv_percent,
        "CPI": ev.cpi,
        "SPI": ev.spi,
        "percent_planned": ev.planned_share,
        "percent_complete": ev.complete_share,
        "percent_spent": ev.spent_share,
        "TCPI_bac": ev.tcpi_bac,
    }
    for name, estimate in ESTIMATES.items():
        eac = estimate(ev)
        ending = "" if name == "EAC_cpi" else name.removeprefix("EAC")
        found |= {
            name: eac,
            f"ETC{ending}": ev.etc(eac),
            f"VAC{ending}": ev.vac(eac),
            f"VAC_percent{ending}": ev.vac_percent(eac),
            f"TCPI_eac{ending}": ev.tcpi(eac),
        }
    return found
