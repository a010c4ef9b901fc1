"""A ``Plan`` as Microsoft Project XML (MSPDI), in the element order of Microsoft's schema.

Source: mspdi_pj12.xsd and its reference; ``Active``, ``Manual`` and the manual dates stand where Project 2010 and later
write them. What ``parse_mspdi`` reads is written, so that a plan comes back as it went.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from pmdm.worktime.engine import WorkCalendar
from pmdm.worktime.engine.calendar import Hours
from projects.schedule.engine import LagUnit, LinkType

from .mspdi import ELAPSED_PERCENT, ESTIMATED, LINK_TYPES, NO_UID, PERCENT, RESOURCE_TYPES, UNITS
from .network import effective_calendars, project_calendar
from .plan import Plan, PlanAssignment, PlanBaseline, PlanCalendar, PlanException, PlanLink, PlanResource, PlanTask
from .splits import ACTUAL, REMAINING

NAMESPACE = "http://schemas.microsoft.com/project"
FORMAT_CODES = {unit: code for code, unit in UNITS.items()}
LINK_CODES = {kind: code for code, kind in enumerate(LINK_TYPES)}
MAX_NAME = 512  # of the schema

type Field = tuple[str, object]


def write_mspdi(plan: Plan) -> bytes:
    """The plan as UTF-8 XML. ValueError for a plan without a start."""
    if plan.project.start is None:
        raise ValueError("A plan in Microsoft's format has a start.")
    return "".join(_document(plan)).encode()


def _document(plan: Plan) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Project xmlns="{NAMESPACE}">\n'
    yield from _lines(_project(plan), 1)
    yield "<Calendars>\n"
    for calendar in plan.calendars:
        yield from _element("Calendar", _calendar(calendar))
    yield "</Calendars>\n<Tasks>\n"
    links: dict[int, list[PlanLink]] = {}
    for link in plan.links:
        links.setdefault(link.successor_uid, []).append(link)
    if plan.project_task is not None:
        yield from _element("Task", _task(plan.project_task, 0, ()))
    for number, task in enumerate(plan.tasks, start=1):
        yield from _element("Task", _task(task, number, links.get(task.uid, ())))
    yield "</Tasks>\n<Resources>\n"
    for number, resource in enumerate(plan.resources, start=1):
        yield from _element("Resource", _resource(resource, number))
    yield "</Resources>\n<Assignments>\n"
    for fields in _assignments(plan):
        yield from _element("Assignment", fields)
    yield "</Assignments>\n</Project>\n"


def _project(plan: Plan) -> Iterator[Field]:
    project = plan.project
    yield "SaveVersion", 14
    yield "Name", project.name[:255]
    yield "Title", project.title
    yield "Company", project.company
    yield "Author", project.author
    yield "ScheduleFromStart", not project.from_finish
    yield "StartDate", project.start
    yield "FinishDate", project.finish
    # Microsoft counts it in days of the project.
    yield "CriticalSlackLimit", project.critical_slack_minutes // project.minutes_per_day
    yield "CurrencySymbol", project.currency_symbol
    yield "CurrencyCode", project.currency_code
    yield "CalendarUID", project.calendar_uid
    yield "DefaultStartTime", project.default_start
    yield "DefaultFinishTime", project.default_finish
    yield "MinutesPerDay", project.minutes_per_day
    yield "MinutesPerWeek", project.minutes_per_week
    yield "DaysPerMonth", project.days_per_month
    yield "HonorConstraints", project.honour_constraints
    yield "StatusDate", project.status_date


def _calendar(calendar: PlanCalendar) -> Iterator[Field]:
    yield "UID", calendar.uid
    yield "Name", calendar.name
    yield "IsBaseCalendar", calendar.is_base
    yield "BaseCalendarUID", -1 if calendar.base_uid is None else calendar.base_uid
    # Microsoft counts days from Sunday = 1.
    days = sorted(((day + 1) % 7 + 1, hours) for day, hours in calendar.week.items())
    if days:
        yield "WeekDays", [("WeekDay", [("DayType", kind), *_hours(hours)]) for kind, hours in days]
    if calendar.exceptions:
        yield "Exceptions", [("Exception", list(fields)) for fields in _exceptions(calendar.exceptions)]


def _exceptions(exceptions: Sequence[PlanException]) -> Iterator[Iterator[Field]]:
    written = set()
    for entry in exceptions:
        if entry.rule is None:
            yield _exception(entry)
        elif (entry.name, entry.rule, entry.hours) not in written:
            written.add((entry.name, entry.rule, entry.hours))
            yield _exception(entry)


def _exception(entry: PlanException) -> Iterator[Field]:
    rule = entry.rule
    first, last = (rule.first, rule.last) if rule else (entry.first, entry.last)
    yield "EnteredByOccurrences", bool(rule and rule.times is not None)
    yield "TimePeriod", [("FromDate", _midnight(first)), ("ToDate", _midnight(last) + timedelta(hours=23, minutes=59))]
    yield "Occurrences", rule.times if rule else None
    yield "Name", entry.name
    yield "Type", rule.kind if rule else 1
    if rule:
        yield "Period", rule.period
        yield "DaysOfWeek", rule.weekdays
        yield "MonthItem", rule.item
        yield "MonthPosition", rule.position
        yield "Month", rule.month - 1
        yield "MonthDay", rule.month_day
    yield from _hours(entry.hours)


def _hours(hours: Hours) -> Iterator[Field]:
    yield "DayWorking", bool(hours)
    if hours:
        yield (
            "WorkingTimes",
            [("WorkingTime", [("FromTime", _clock(start)), ("ToTime", _clock(end))]) for start, end in hours],
        )


def _task(task: PlanTask, number: int, links: Iterable[PlanLink]) -> Iterator[Field]:
    remaining = task.remaining_minutes
    yield "UID", task.uid
    yield "ID", task.id if task.id is not None else number
    yield "Name", task.name[:MAX_NAME]
    yield "Active", task.active
    yield "Manual", task.manual
    yield "Type", task.type
    yield "IsNull", False
    yield "WBS", task.wbs
    yield "OutlineNumber", task.outline_number
    yield "OutlineLevel", task.outline_level
    yield "Priority", task.priority
    yield "Start", task.stored_start
    yield "Finish", task.stored_finish
    yield "Duration", _duration(task.duration_minutes)
    yield "ManualStart", task.manual_start
    yield "ManualFinish", task.manual_finish
    yield "DurationFormat", _format(task.duration_unit, task.elapsed) + ESTIMATED * task.estimated
    yield "Work", _duration(task.work_minutes)
    yield "Recurring", task.recurring
    yield "Estimated", task.estimated
    yield "Milestone", task.milestone
    yield "Summary", task.summary
    yield "Critical", task.stored_critical
    yield "EarlyStart", task.stored_early_start
    yield "EarlyFinish", task.stored_early_finish
    yield "LateStart", task.stored_late_start
    yield "LateFinish", task.stored_late_finish
    yield "FreeSlack", _tenths(task.stored_free_slack)
    yield "TotalSlack", _tenths(task.stored_total_slack)
    yield "FixedCost", _money(task.fixed_cost)
    yield "PercentComplete", task.percent_complete
    yield "Cost", _money(task.cost)
    yield "ActualStart", task.actual_start
    yield "ActualFinish", task.actual_finish
    if task.actual_start and remaining is not None:
        yield "ActualDuration", _duration(max(task.duration_minutes - remaining, 0))
    yield "RemainingDuration", _duration(remaining)
    yield "ConstraintType", int(task.constraint)
    yield "CalendarUID", -1 if task.calendar_uid is None else task.calendar_uid
    yield "ConstraintDate", task.constraint_date
    yield "Deadline", task.deadline
    yield "IgnoreResourceCalendar", task.ignore_resource_calendar
    yield "Notes", task.notes
    yield "PhysicalPercentComplete", task.physical_percent_complete
    for link in links:
        yield "PredecessorLink", list(_link(link))
    for baseline in task.baselines:
        yield "Baseline", list(_baseline(baseline))


def _link(link: PlanLink) -> Iterator[Field]:
    yield "PredecessorUID", link.predecessor_uid
    yield "Type", LINK_CODES[LinkType(link.type)]
    yield "CrossProject", False
    match link.lag_unit:
        case LagUnit.PERCENT:
            yield "LinkLag", round(link.lag)
            yield "LagFormat", PERCENT
        case LagUnit.ELAPSED_PERCENT:
            yield "LinkLag", round(link.lag)
            yield "LagFormat", ELAPSED_PERCENT
        case _:
            yield "LinkLag", round(link.lag * 10)
            yield "LagFormat", _format(link.shown_in, link.lag_unit is LagUnit.ELAPSED)


def _baseline(baseline: PlanBaseline) -> Iterator[Field]:
    yield "Number", baseline.number
    yield "Start", baseline.start
    yield "Finish", baseline.finish
    yield "Duration", _duration(baseline.duration_minutes)
    yield "DurationFormat", _format("d", baseline.elapsed)
    yield "Work", _duration(baseline.work_minutes)
    yield "Cost", _money(baseline.cost)


def _resource(resource: PlanResource, number: int) -> Iterator[Field]:
    cost = resource.type == "cost"
    yield "UID", resource.uid
    yield "ID", resource.id if resource.id is not None else number
    yield "Name", resource.name
    yield "Type", RESOURCE_TYPES.index("material" if cost else resource.type)
    yield "IsNull", False
    yield "Initials", resource.initials
    yield "Group", resource.group
    yield "EmailAddress", resource.email
    yield "MaxUnits", resource.max_units
    yield "StandardRate", resource.rate
    yield "Cost", _money(resource.cost)
    yield "OvertimeRate", resource.overtime_rate
    yield "CostPerUse", _money(resource.cost_per_use)
    yield "CalendarUID", -1 if resource.calendar_uid is None else resource.calendar_uid
    yield "Notes", resource.notes
    yield "IsGeneric", resource.generic
    yield "IsCostResource", cost


def _assignments(plan: Plan) -> Iterator[Iterator[Field]]:
    """The assignments; the interruptions of a split task stand in its first one, or in one to nobody."""
    calendars, keys = effective_calendars(plan) if any(task.splits for task in plan.tasks) else ({}, {})
    stretches: dict[int, list[Field]] = {}
    for task in plan.tasks:
        if task.splits and not (task.summary or task.manual):
            key = keys.get(task.uid)
            stretches[task.uid] = list(_stretches(task, calendars[key] if key else project_calendar(plan)))
    last = max((assignment.uid for assignment in plan.assignments), default=0)
    for assignment in plan.assignments:
        yield _assignment(assignment, stretches.pop(assignment.task_uid, ()))
    for number, (uid, parts) in enumerate(stretches.items(), start=last + 1):
        yield _assignment(PlanAssignment(number, uid, NO_UID), parts)


def _assignment(assignment: PlanAssignment, parts: Iterable[Field]) -> Iterator[Field]:
    yield "UID", assignment.uid
    yield "TaskUID", assignment.task_uid
    yield "ResourceUID", assignment.resource_uid
    yield "ActualWork", _duration(assignment.actual_work_minutes)
    yield "Cost", _money(assignment.cost)
    yield "Finish", assignment.finish
    yield "Start", assignment.start
    yield "Units", assignment.units
    yield "Work", _duration(assignment.work_minutes)
    for name, fields in parts:
        yield name, [("Type", fields[0]), ("UID", assignment.uid), *fields[1:]] if isinstance(fields, list) else fields


def _stretches(task: PlanTask, calendar: WorkCalendar) -> Iterator[Field]:
    """Work and pauses of a split task, as timephased work of it."""
    if task.stored_start is None or task.stored_finish is None:
        return
    done = 0
    at = task.stored_start
    finished = round(task.duration_minutes * task.percent_complete / 100)

    def part(until: datetime, minutes: int, kind: int) -> Field:
        fields = [kind, ("Start", at), ("Finish", until), ("Unit", 1), ("Value", _duration(minutes))]
        return "TimephasedData", fields

    for worked, pause in (*task.splits, (task.duration_minutes, 0)):
        while done < worked:
            minutes = min(worked, finished) - done if done < finished else worked - done
            until = calendar.add(at, minutes)
            yield part(until, minutes, ACTUAL if done < finished else REMAINING)
            at, done = until, done + minutes
        if pause:
            until = calendar.next_working(calendar.add(at, pause))
            yield part(until, 0, ACTUAL if done < finished else REMAINING)
            at = until


# Texts


def _element(tag: str, fields: Iterable[Field]) -> Iterator[str]:
    yield f"<{tag}>\n"
    yield from _lines(fields, 1)
    yield f"</{tag}>\n"


def _lines(fields: Iterable[Field], depth: int) -> Iterator[str]:
    for name, value in fields:
        if value is None or value == "":
            continue
        if isinstance(value, list):
            yield f"<{name}>\n"
            yield from _lines(value, depth + 1)
            yield f"</{name}>\n"
        else:
            yield f"<{name}>{_text(value)}</{name}>\n"


def _text(value: object) -> str:
    match value:
        case bool():
            return "1" if value else "0"
        case datetime() | time():
            return value.isoformat(timespec="seconds")
        case Decimal():
            return format(value, "f")
        case str():
            # A carriage return as a character would be read back as a line feed.
            return escape("".join(filter(_allowed, value)), {"\r": "&#13;"})
    return str(value)


def _allowed(letter: str) -> bool:
    """Whether XML 1.0 can hold it."""
    code = ord(letter)
    return (code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)) or letter in "\t\n\r"


def _duration(minutes: int | None) -> str | None:
    return None if minutes is None else f"PT{minutes // 60}H{minutes % 60}M0S"


def _tenths(minutes: float | None) -> int | None:
    return None if minutes is None else round(minutes * 10)


def _money(amount: Decimal | None) -> Decimal | None:
    """Microsoft keeps costs in hundredths."""
    return None if amount is None else amount * 100


def _format(unit: str, elapsed: bool) -> int:
    return FORMAT_CODES.get(unit, 7) + elapsed


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
