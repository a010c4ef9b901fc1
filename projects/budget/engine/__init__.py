"""Plain arithmetic of money and time: no database, no clock."""

from .durations import format_minutes, parse_minutes
from .rollup import Amounts, Line, roll_up, time_cost

__all__ = ["Amounts", "Line", "format_minutes", "parse_minutes", "roll_up", "time_cost"]
