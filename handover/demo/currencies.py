"""The rate table of the demo: each Monday the project office states what the European Central Bank published.

The rates are made up, like everything here: a walk around a level, the same for the same seed.
"""

import datetime
import random
from decimal import Decimal

from projects.currencies.importing import Prepared, Report, carry_out

# Currency: what a unit is worth in euro at first, and how far it wanders in a week.
LEVELS = {"USD": (0.92, 0.006), "GBP": (1.16, 0.005), "SEK": (0.088, 0.006), "CHF": (1.04, 0.004)}
WEEKS = 112
SOURCE = "ECB reference rate"


def state_rates(company, now: datetime.datetime) -> None:
    """A rate of each currency for every Monday of the story, up to the last before now."""
    dice = random.Random(7)
    monday = now.date() - datetime.timedelta(days=now.date().weekday())
    rates = {}
    for currency, (level, step) in LEVELS.items():
        rate = level
        for week in range(WEEKS, -1, -1):
            rate *= 1 + dice.gauss(0, step) + (level / rate - 1) * 0.05
            rates[currency, monday - datetime.timedelta(weeks=week)] = Decimal(str(round(rate, 6))), SOURCE
    carry_out(Prepared(rates, Report()), by=company["pmo"], at=now - datetime.timedelta(days=WEEKS * 7))
