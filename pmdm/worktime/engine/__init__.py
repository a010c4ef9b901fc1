"""Business-time arithmetic for schedules and service levels: plain Python, no Django, no clock."""

from .calendar import ALWAYS, STANDARD_WEEK, NoWorkingTime, OutOfRange, WorkCalendar, standard_calendar
from .clock import ServiceClock, business_minutes, due
from .combine import common, united
from .holidays import country_holidays
from .shape import CalendarShapeError, Problem, calendar_from_json, calendar_to_json, check_calendar

__all__ = [
    "ALWAYS",
    "STANDARD_WEEK",
    "CalendarShapeError",
    "NoWorkingTime",
    "OutOfRange",
    "Problem",
    "ServiceClock",
    "WorkCalendar",
    "business_minutes",
    "calendar_from_json",
    "calendar_to_json",
    "check_calendar",
    "common",
    "country_holidays",
    "due",
    "standard_calendar",
    "united",
]
