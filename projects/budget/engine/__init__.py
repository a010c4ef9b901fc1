"""Plain arithmetic of money and time: no database, no clock."""

from .accrual import Receipt, accrued, still_open
from .currency import Quote, RateTable, convert
from .durations import format_minutes, parse_minutes
from .phasing import month_of, months_between, next_month, scale, spread_even
from .rollup import Amounts, Line, roll_up, time_cost
from .tree import Branch, roll_up_tree

__all__ = [
    "Amounts",
    "Branch",
    "Line",
    "Quote",
    "RateTable",
    "Receipt",
    "accrued",
    "convert",
    "format_minutes",
    "month_of",
    "months_between",
    "next_month",
    "parse_minutes",
    "roll_up",
    "roll_up_tree",
    "scale",
    "spread_even",
    "still_open",
    "time_cost",
]
