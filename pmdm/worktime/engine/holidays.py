"""Public holidays by country."""

from collections.abc import Callable
from datetime import date
from functools import cache

import holidays as _holidays


def country_holidays(country: str, subdivision: str = "") -> Callable[[int], frozenset[date]]:
    """Days off of one year in a country (ISO 3166 code, optionally a subdivision); ValueError if unknown."""
    supported = _holidays.list_supported_countries()
    if country not in supported:
        raise ValueError(f"No public holidays are known for {country!r}; give a two-letter country code such as GB.")
    if subdivision and subdivision not in supported[country]:
        raise ValueError(f"{country} has no subdivision {subdivision!r}; known are {', '.join(supported[country])}.")

    def days_off(year: int) -> frozenset[date]:
        return _days_off(country, subdivision, year)

    return days_off


@cache
def _days_off(country: str, subdivision: str, year: int) -> frozenset[date]:
    return frozenset(_holidays.country_holidays(country, subdiv=subdivision or None, years=year))
