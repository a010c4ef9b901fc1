"""Makes the product's figures known; called from AppConfig.ready."""

from delivery.kpis.definitions import KPIS, PRODUCT
from delivery.kpis.portfolio import PRODUCTS
from pmdm.kpis import portfolio, registry


def register() -> None:
    registry.register_subject(PRODUCT)
    for kpi in KPIS:
        registry.register(kpi)
    portfolio.register(PRODUCTS)
