"""Control of a schedule in plain numbers: earned schedule. Plain Python on plain values."""

from .earned_schedule import EarnedSchedule, Missing, Spread, earned_schedule, planned_value, working_periods

__all__ = ["EarnedSchedule", "Missing", "Spread", "earned_schedule", "planned_value", "working_periods"]
