"""Plan files of other programs, read into one neutral ``Plan``."""

from .calendars import days_of, same_hours, work_calendars
from .csvplan import parse_csv_plan
from .mspdi import parse_mspdi
from .mspdi_out import write_mspdi
from .network import effective_calendars, project_calendar, schedule_plan, to_network
from .plan import (
    PROGRAMS,
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
    Recurrence,
)
from .pmxml import is_pmxml, parse_pmxml
from .xer import is_xer, parse_xer

__all__ = [
    "PROGRAMS",
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
    "Recurrence",
    "days_of",
    "effective_calendars",
    "is_pmxml",
    "is_xer",
    "parse_csv_plan",
    "parse_mspdi",
    "parse_pmxml",
    "parse_xer",
    "project_calendar",
    "same_hours",
    "schedule_plan",
    "to_network",
    "work_calendars",
    "write_mspdi",
]
