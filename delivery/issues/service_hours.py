"""From a product's calendar row to the service hours that the clock reckons with."""

import json
from functools import lru_cache
from zoneinfo import ZoneInfo

from delivery.issues.clock import ServiceHours
from pmdm.worktime.engine import calendar_from_json

ALWAYS = ServiceHours()


def service_hours(product) -> ServiceHours:
    """The hours in which the service levels of this product count; round the clock without a calendar."""
    row = product.calendar
    if row is None:
        return ALWAYS
    return _hours(json.dumps([row.week, row.exceptions], sort_keys=True), row.country, row.name, row.time_zone)


@lru_cache(maxsize=256)
def _hours(shape: str, country: str, name: str, zone: str) -> ServiceHours:
    # The key is the calendar's whole content: an edited calendar is another one.
    week, exceptions = json.loads(shape)
    calendar = calendar_from_json(week, exceptions, country=country, name=name)
    worked_days = sum(1 for hours in calendar.week if hours)
    return ServiceHours(calendar, ZoneInfo(zone), round(calendar.week_minutes / worked_days))
