"""Money over months: shares that sum exactly to what was shared. Decimal in one currency, months by their first day."""

import datetime
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from .rollup import CENT, ZERO

type Months = dict[datetime.date, Decimal]

ONE_DAY = datetime.timedelta(days=1)


def month_of(day: datetime.date) -> datetime.date:
    """The first day of its month."""
    return day.replace(day=1)


def next_month(day: datetime.date) -> datetime.date:
    """The first day of the month after it."""
    return (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)


def months_between(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """Each month that either day or a day between them lies in, in order; [] when ``last`` comes before ``first``."""
    found, month = [], month_of(first)
    while month <= last and last >= first:
        found.append(month)
        month = next_month(month)
    return found


def spread_even(amount: Decimal, first: datetime.date, last: datetime.date) -> Months:
    """``amount`` (whole cents) over calendar days, both ends counted, as sums of months.

    What is due up to the end of each month is rounded half up to the cent, and a month gets what came since the month
    before: nothing is lost, nothing is negative, and no month is a cent away from its exact share.
    ValueError when ``last`` comes before ``first``.
    """
    if last < first:
        raise ValueError(f"{last} comes before {first}.")
    days = (last - first).days + 1
    months: Months = {}
    before = ZERO
    for month in months_between(first, last):
        through = (min(last, next_month(month) - ONE_DAY) - first).days + 1
        due = amount if through == days else (amount * through / days).quantize(CENT, ROUND_HALF_UP)
        months[month] = due - before
        before = due
    return months


def scale(months: Mapping[datetime.date, Decimal], amount: Decimal) -> Months:
    """The same shape with another sum, rounded as ``spread_even`` does. ValueError when there is no shape: all zero."""
    total = sum(months.values(), ZERO)
    if not total:
        raise ValueError("Months that sum to nothing have no shape to keep.")
    scaled: Months = {}
    so_far = before = ZERO
    for month in sorted(months):
        so_far += months[month]
        due = (amount * so_far / total).quantize(CENT, ROUND_HALF_UP)
        scaled[month] = due - before
        before = due
    return scaled
