"""What the clock changes: figures every hour, the history every day."""

from pmdm.jobs.periodic import periodic
from pmdm.kpis import recompute


@periodic("kpi-refresh", every="hour")
def refresh(now):
    """Forecasts, open incidents and breaches move without any change to a record."""
    recompute.recompute_by_the_clock()


@periodic("kpi-snapshot", every="day")
def snapshot(now):
    recompute.snapshot(now.date())
