"""Makes the project's figures known; called from AppConfig.ready."""

from pmdm.kpis import portfolio, registry
from projects.kpis import earned
from projects.kpis.definitions import KPIS, PROJECT
from projects.kpis.portfolio import PROJECTS


def register() -> None:
    registry.register_subject(PROJECT)
    for kpi in [*KPIS, *earned.KPIS]:
        registry.register(kpi)
    portfolio.register(PROJECTS)
