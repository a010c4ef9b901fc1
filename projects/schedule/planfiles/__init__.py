"""Plan files of other programs, read into one neutral ``Plan``."""

from .csvplan import parse_csv_plan
from .mspdi import parse_mspdi
from .network import effective_calendars, project_calendar, schedule_plan, to_network
from .plan import (
    Plan,
    PlanAssignment,
    PlanBaseline,
    PlanCalendar,
    PlanException,
    PlanFileError,
    PlanLink,
    PlanProblem,
    PlanProject,
    PlanResource,
    PlanTask,
    PlanWarning,
)

__all__ = [
    "Plan",
    "PlanAssignment",
    "PlanBaseline",
    "PlanCalendar",
    "PlanException",
    "PlanFileError",
    "PlanLink",
    "PlanProblem",
    "PlanProject",
    "PlanResource",
    "PlanTask",
    "PlanWarning",
    "effective_calendars",
    "parse_csv_plan",
    "parse_mspdi",
    "project_calendar",
    "schedule_plan",
    "to_network",
]
