"""Calendars of a plan file: reading MSPDI's, expanding what recurs, merging derived ones into arithmetic."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from pmdm.worktime.engine import STANDARD_WEEK, NoWorkingTime, WorkCalendar
from pmdm.worktime.engine.calendar import Hours

from .plan import Plan, PlanCalendar, PlanException, Recurrence
from .values import Fields, Reader
from .xmlrecords import Record

MAX_EXCEPTION_DAYS = 60_000  # per calendar: 160 years
OFFICE = STANDARD_WEEK[0]
DAILY, YEARLY_DAY, YEARLY_POSITION, MONTHLY_DAY, MONTHLY_POSITION, WEEKLY, EVERY_N_DAYS = range(1, 8)


def read_calendar(reader: Reader, record: Record) -> PlanCalendar:
    fields = Fields(reader, record, "Calendar")
    uid = fields.integer("UID", -1) or 0
    if "UID" not in record.values:
        reader.refuse("Calendar, UID", "", "a whole number", record.line)
    name = fields.text("Name", 255)
    fields.where = f"Calendar {uid} ({name})" if name else f"Calendar {uid}"
    base = fields.integer("BaseCalendarUID", -1)
    is_base = fields.flag("IsBaseCalendar", True)
    calendar = PlanCalendar(uid, name, base if base is not None and base > 0 and base != uid else None, is_base)
    # Later entries win: weeks for a span of dates, then the older form of exceptions, then the newer one.
    for weeks in record.all("WorkWeeks"):
        for week in weeks.all("WorkWeek"):
            _read_work_week(reader, week, fields.where, calendar)
    for days in record.all("WeekDays"):
        for day in days.all("WeekDay"):
            _read_weekday(reader, day, fields.where, calendar)
    for exceptions in record.all("Exceptions"):
        for exception in exceptions.all("Exception"):
            _read_exception(reader, exception, fields.where, calendar)
    days_off = sum((entry.last - entry.first).days + 1 for entry in calendar.exceptions)
    if days_off > MAX_EXCEPTION_DAYS:
        reader.refuse(
            f"{fields.where}, Exceptions", f"{days_off} days", f"at most {MAX_EXCEPTION_DAYS} days", record.line
        )
        calendar.exceptions = []
    return calendar


def _read_weekday(reader: Reader, day: Record, where: str, calendar: PlanCalendar) -> None:
    fields = Fields(reader, day, f"{where}, WeekDay")
    kind = fields.integer("DayType", None, 0, 7)
    hours = _hours(reader, day, where)
    if kind is None:
        return
    if kind:
        calendar.week[(kind - 2) % 7] = hours  # MSPDI counts from Sunday = 1
        return
    span = _span(reader, day, f"{where}, WeekDay")
    if span is not None:
        calendar.exceptions.append(PlanException(fields.text("Name", 255), *span, hours))


def _read_work_week(reader: Reader, week: Record, where: str, calendar: PlanCalendar) -> None:
    span = _span(reader, week, f"{where}, WorkWeek")
    if span is None:
        return
    name = Fields(reader, week, where).text("Name", 255)
    hours: dict[int, Hours] = {}
    for days in week.all("WeekDays"):
        for day in days.all("WeekDay"):
            kind = Fields(reader, day, f"{where}, WorkWeek").integer("DayType", None, 1, 7)
            if kind:
                hours[(kind - 2) % 7] = _hours(reader, day, where)
    first, last = span
    for offset in range((last - first).days + 1):
        when = first + timedelta(days=offset)
        if when.weekday() in hours:
            calendar.exceptions.append(PlanException(name, when, when, hours[when.weekday()]))


def _read_exception(reader: Reader, record: Record, where: str, calendar: PlanCalendar) -> None:
    fields = Fields(reader, record, f"{where}, Exception {record.values.get('Name', '')}".rstrip())
    span = _span(reader, record, fields.where)
    if span is None:
        return
    hours = _hours(reader, record, where)
    name = fields.text("Name", 255)
    kind = fields.integer("Type", DAILY, 0, 99) or DAILY
    if kind == DAILY or kind > EVERY_N_DAYS:
        calendar.exceptions.append(PlanException(name, *span, hours))
        return
    rule = Recurrence(
        kind,
        *span,
        period=fields.integer("Period", 1, 1, 999) or 1,
        weekdays=fields.integer("DaysOfWeek", 0, 0, 127) or 0,
        item=fields.integer("MonthItem", 0, 0, 9) or 0,
        position=fields.integer("MonthPosition", 0, 0, 4) or 0,
        month=(fields.integer("Month", 0, 0, 11) or 0) + 1,
        month_day=fields.integer("MonthDay", 1, 1, 31) or 1,
        times=fields.integer("Occurrences", 999, 0, 9_999) if fields.flag("EnteredByOccurrences") else None,
    )
    calendar.exceptions.extend(PlanException(name, day, day, hours, rule) for day in days_of(rule))


def days_of(rule: Recurrence) -> Iterable[date]:
    """The dates on which a recurring exception falls."""
    days = occurrences(
        rule.kind,
        rule.first,
        rule.last,
        period=rule.period,
        weekdays=rule.weekdays,
        item=rule.item,
        position=rule.position,
        month=rule.month,
        month_day=rule.month_day,
    )
    return days if rule.times is None else islice(days, rule.times)


def occurrences(
    kind: int,
    first: date,
    last: date,
    *,
    period: int = 1,
    weekdays: int = 0,
    item: int = 0,
    position: int = 0,
    month: int = 1,
    month_day: int = 1,
) -> Iterator[date]:
    """Dates from ``first`` to ``last`` on which a recurring exception falls, by the MSPDI exception types."""
    days: Iterator[date]
    match kind:
        case 2:  # yearly, on a day of a month
            days = (_day_of(year, month, month_day) for year in range(first.year, last.year + 1))
        case 3:  # yearly, on such a weekday of a month
            days = (_position_of(year, month, item, position) for year in range(first.year, last.year + 1))
        case 4:
            days = _months(first, last, period, lambda year, month: _day_of(year, month, month_day))
        case 5:
            days = _months(first, last, period, lambda year, month: _position_of(year, month, item, position))
        case 6:
            days = _weeks(first, last, period, weekdays)
        case _:
            days = (first + timedelta(days=offset) for offset in range(0, (last - first).days + 1, period))
    return (day for day in days if first <= day <= last)


def _months(first: date, last: date, period: int, pick: Callable[[int, int], date]) -> Iterator[date]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month, period):
        yield pick(number // 12, number % 12 + 1)


def _weeks(first: date, last: date, period: int, weekdays: int) -> Iterator[date]:
    sunday = first - timedelta(days=first.isoweekday() % 7)
    while sunday <= last:
        for offset in range(7):
            if weekdays >> offset & 1:
                yield sunday + timedelta(days=offset)
        sunday += timedelta(weeks=period)


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _position_of(year: int, month: int, item: int, position: int) -> date:
    """The first to fourth, or last, day of a kind in a month: any day, weekday, weekend day, Sunday to Saturday."""
    days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
    match item:
        case 0:
            fitting = days
        case 1:
            fitting = [day for day in days if day.weekday() < 5]
        case 2:
            fitting = [day for day in days if day.weekday() >= 5]
        case _:
            fitting = [day for day in days if day.isoweekday() % 7 == item - 3]
    return fitting[-1 if position == 4 else position]


def _span(reader: Reader, record: Record, where: str) -> tuple[date, date] | None:
    period = record.first("TimePeriod")
    if period is None:
        reader.refuse(f"{where}, TimePeriod", "", "FromDate and ToDate", record.line)
        return None
    fields = Fields(reader, period, f"{where}, TimePeriod")
    first, last = fields.moment("FromDate"), fields.moment("ToDate")
    if first is None or last is None:
        if len(period.values) < 2:
            reader.refuse(fields.where, "", "FromDate and ToDate", period.line)
        return None
    if last < first:
        reader.refuse(f"{fields.where}, ToDate", str(last), f"a date not before {first}", period.line)
        return None
    if (last - first).days > MAX_EXCEPTION_DAYS:
        reader.refuse(fields.where, f"{first} to {last}", f"at most {MAX_EXCEPTION_DAYS} days", period.line)
        return None
    return first.date(), last.date()


def _hours(reader: Reader, day: Record, where: str) -> Hours:
    """Worked minutes of a day record; 00:00 as an end means midnight after it."""
    fields = Fields(reader, day, where)
    times = day.first("WorkingTimes")
    if not fields.flag("DayWorking", times is not None):
        return ()
    if times is None:
        return OFFICE
    periods = []
    for period in times.all("WorkingTime"):
        inner = Fields(reader, period, f"{where}, WorkingTime")
        start, end = inner.clock("FromTime"), inner.clock("ToTime")
        if start is None or end is None:
            continue
        a, b = start.hour * 60 + start.minute, end.hour * 60 + end.minute or 1440
        if a >= b:
            reader.refuse(inner.where, f"{start} to {end}", "an end after the start", period.line)
            continue
        periods.append((a, b))
    return merged(periods)


def merged(periods: Iterable[tuple[int, int]]) -> Hours:
    """Periods in order, overlapping ones joined."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(periods):
        if result and start < result[-1][1]:
            result[-1] = result[-1][0], max(end, result[-1][1])
        else:
            result.append((start, end))
    return tuple(result)


# From a plan to arithmetic


def work_calendars(plan: Plan) -> dict[int, WorkCalendar]:
    """Each calendar of the plan that has working time, by uid; derived ones merged with their base."""
    by_uid = {calendar.uid: calendar for calendar in plan.calendars}
    built: dict[int, WorkCalendar] = {}
    for calendar in plan.calendars:
        chain: list[PlanCalendar] = []
        above: PlanCalendar | None = calendar
        while above is not None and above not in chain:
            chain.append(above)
            above = by_uid.get(above.base_uid) if above.base_uid is not None else None
        week: dict[int, Hours] = {}
        exceptions: dict[date, Hours] = {}
        if not chain[-1].week:
            week = dict(enumerate(STANDARD_WEEK))
        for part in reversed(chain):
            week.update(part.week)
            for entry in part.exceptions:
                for offset in range((entry.last - entry.first).days + 1):
                    exceptions[entry.first + timedelta(days=offset)] = entry.hours
        try:
            hours = [week.get(day, ()) for day in range(7)]
            built[calendar.uid] = WorkCalendar(hours, exceptions, name=calendar.name)
        except NoWorkingTime:
            continue
    return built


def union(calendars: Sequence[WorkCalendar]) -> WorkCalendar:
    """Working whenever any of them is: what a task works on whose people keep different hours."""
    week = [merged(period for calendar in calendars for period in calendar.week[day]) for day in range(7)]
    special = {day for calendar in calendars for day in calendar.exceptions}
    exceptions = {day: merged(period for calendar in calendars for period in calendar.hours_on(day)) for day in special}
    names = dict.fromkeys(calendar.name for calendar in calendars)
    return WorkCalendar(week, exceptions, name=" + ".join(names))


def same_hours(a: WorkCalendar, b: WorkCalendar) -> bool:
    return a is b or (a.week == b.week and a.exceptions == b.exceptions)
