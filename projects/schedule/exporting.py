"""A plan out of the database, as a file of the formats people and programs read."""

import csv
import io
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from pmdm.interchange.tabular import write_xlsx
from projects.schedule import planfiles
from projects.schedule.engine import LagUnit, LinkIn, LinkType
from projects.schedule.leaving import plan_of
from projects.schedule.localtime import to_wall
from projects.schedule.models import Assignment, Task
from projects.schedule.notation import TimeUnits, format_duration, format_predecessors

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
INTERNAL, MONEY = "internal", "money"
# Title, width in a spreadsheet, and who may see it; what csvplan and project tools read under these names.
COLUMNS = [
    ("ID", 6, ""),
    ("UID", 6, ""),
    ("WBS", 10, ""),
    ("Outline Level", 8, ""),
    ("Name", 44, ""),
    ("Duration", 10, ""),
    ("Start", 17, ""),
    ("Finish", 17, ""),
    ("Predecessors", 18, ""),
    ("% Complete", 9, ""),
    ("Milestone", 9, ""),
    ("Deadline", 17, ""),
    ("Resource Names", 28, INTERNAL),
    ("Constraint Type", 22, ""),
    ("Constraint Date", 17, ""),
    ("Actual Start", 17, ""),
    ("Actual Finish", 17, ""),
    ("Mode", 10, ""),
    ("Active", 8, ""),
    ("Work (h)", 9, INTERNAL),
    ("Cost", 12, MONEY),
    ("Total Float (h)", 10, ""),
    ("Free Float (h)", 10, ""),
    ("Critical", 8, ""),
    ("Notes", 40, INTERNAL),
]
CONSTRAINTS = {
    Task.Constraint.ASAP: "As soon as possible",
    Task.Constraint.ALAP: "As late as possible",
    Task.Constraint.MSO: "Must start on",
    Task.Constraint.MFO: "Must finish on",
    Task.Constraint.SNET: "Start no earlier than",
    Task.Constraint.SNLT: "Start no later than",
    Task.Constraint.FNET: "Finish no earlier than",
    Task.Constraint.FNLT: "Finish no later than",
}


@dataclass(frozen=True)
class Format:
    """A file format a plan goes out in."""

    extension: str
    content_type: str
    title: Promise | str
    about: Promise | str


FORMATS = {
    "mspdi": Format(
        "xml",
        "application/xml",
        gettext_lazy("Microsoft Project XML"),
        gettext_lazy("The whole plan, to be opened in Microsoft Project or imported again."),
    ),
    "xlsx": Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        gettext_lazy("Excel"),
        gettext_lazy("A table with real dates and numbers; changed, it can update the plan by UID."),
    ),
    "csv": Format("csv", "text/csv; charset=utf-8", gettext_lazy("CSV"), gettext_lazy("The same table as text.")),
    "json": Format(
        "json",
        "application/json",
        gettext_lazy("JSON"),
        gettext_lazy("Dates early and late, floats in working hours, critical path, progress."),
    ),
    "ics": Format(
        "ics",
        "text/calendar; charset=utf-8",
        gettext_lazy("iCalendar"),
        gettext_lazy("Tasks and milestones as events of a calendar."),
    ),
}


def export(project, format: str, *, cost: bool = True, internal: bool = True, at=None) -> bytes:
    """The plan as a file of that format. Without ``cost`` no amounts; without ``internal`` no people and notes."""
    match format:
        case "mspdi":
            return planfiles.write_mspdi(plan_of(project, cost=cost, internal=internal))
        case "xlsx":
            return plan_xlsx(project, cost=cost, internal=internal)
        case "csv":
            return plan_csv(project, cost=cost, internal=internal).encode()
        case "json":
            return json.dumps(plan_json(project), ensure_ascii=False, indent=1).encode()
        case "ics":
            return plan_ics(project, at=at)
    raise ValueError(f"Not a format of plans: {format!r}")


def plan_json(project) -> dict:
    """Project start and finish, and for each task dates, floats (working hours) and progress. Wall-clock times.

    What is done can't slip any more: its late dates are its own and it has no float, as Microsoft Project writes it.
    """

    def wall(instant):
        value = to_wall(instant, project)
        return value.isoformat() if value else None

    units = units_of(project)
    return {
        "project": project.code,
        "name": project.name,
        "time_zone": project.time_zone,
        "start": wall(project.computed_start),
        "finish": wall(project.computed_finish),
        "tasks": [
            {
                "uid": task.uid,
                "number": task.number,
                "name": task.name,
                "wbs": task.wbs,
                "outline_level": task.outline_level,
                "summary": task.is_summary,
                "milestone": task.is_milestone,
                "duration": format_duration(task.duration, elapsed=task.duration_elapsed, units=units),
                "duration_hours": _hours(task.duration),
                "start": wall(task.start),
                "finish": wall(task.finish),
                "early_start": wall(task.early_start),
                "early_finish": wall(task.early_finish),
                "late_start": wall(task.late_start or (task.start if task.percent == 100 else None)),
                "late_finish": wall(task.late_finish or (task.finish if task.percent == 100 else None)),
                "total_float_hours": _float(task, task.total_float),
                "free_float_hours": _float(task, task.free_float),
                "critical": task.is_critical,
                "percent": task.percent,
            }
            for task in project.tasks.order_by("number")
        ],
    }


def plan_rows(project, *, cost: bool, internal: bool) -> tuple[list[tuple[str, int]], list[list]]:
    """Titles with widths, and a row of values for each task; moments are wall-clock times."""
    seen = {INTERNAL: internal, MONEY: cost, "": True}
    shown = [seen[who] for _title, _width, who in COLUMNS]
    links = links_by_successor(project)
    names = people_by_task(project, units=True) if internal else {}
    tasks = list(project.tasks.order_by("number"))
    numbers = {task.pk: task.number for task in tasks}
    units = units_of(project)

    def moment(instant):
        value = to_wall(instant, project)
        return value.replace(second=0) if value else None

    rows = []
    for task in tasks:
        cells = [
            task.number,
            task.uid,
            task.wbs,
            task.outline_level,
            task.name,
            format_duration(task.duration, elapsed=task.duration_elapsed, units=units),
            moment(task.start),
            moment(task.finish),
            format_predecessors(links.get(task.pk, ()), units, numbers=numbers),
            task.percent,
            "Yes" if task.is_milestone else "No",
            moment(task.deadline),
            "; ".join(names.get(task.pk, ())),
            CONSTRAINTS[Task.Constraint(task.constraint)],
            moment(task.constraint_date),
            moment(task.actual_start),
            moment(task.actual_finish),
            "Manual" if task.mode == Task.Mode.MANUAL else "Automatic",
            "Yes" if task.is_active else "No",
            _hours(task.work),
            task.cost,
            _hours(task.total_float),
            _hours(task.free_float),
            "Yes" if task.is_critical else "No",
            task.notes,
        ]
        rows.append(list(itertools.compress(cells, shown)))
    titles = [(title, width) for title, width, _who in COLUMNS]
    return list(itertools.compress(titles, shown)), rows


def plan_csv(project, *, internal=True, cost=False) -> str:
    """The plan as a table that ``import_plan`` and project tools read; formulas in cells are neutralised.

    Without ``internal`` people, work and notes stay out: for readers who may not see the team.
    """
    titles, rows = plan_rows(project, cost=cost, internal=internal)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([title for title, _width in titles])
    for row in rows:
        writer.writerow([f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else neutral(cell) for cell in row])
    return out.getvalue()


def plan_xlsx(project, *, internal=True, cost=False) -> bytes:
    """The same table as a workbook: real dates and numbers, the header frozen; texts never become formulas."""
    titles, rows = plan_rows(project, cost=cost, internal=internal)
    return write_xlsx(project.code, titles, rows)


def plan_ics(project, *, at=None) -> bytes:
    """Tasks and milestones as events: calendars show events and ignore to-dos. Summaries and inactive tasks stay out.

    An event keeps its UID for as long as its task lives; its SEQUENCE is the task's version.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//PMDM//Plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{project.code} {project.name}")
    stamp = at or timezone.now()
    for task in project.tasks.filter(is_summary=False, is_active=True).exclude(start=None).order_by("number"):
        event = icalendar.Event()
        event.add("uid", event_uid(project, task.uid))
        event.add("dtstamp", stamp.astimezone(UTC))
        event.add("sequence", task.version)
        event.add("summary", f"◆ {task.name}" if task.is_milestone else task.name)
        event.add("dtstart", task.start.astimezone(UTC))
        if task.finish > task.start:
            event.add("dtend", task.finish.astimezone(UTC))
        event.add("description", f"{project.code} {task.wbs} · {task.percent}%")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()


def event_uid(project, task_uid: int, kind: str = "task") -> str:
    """The same in a file and in a feed, so that a calendar that has both shows a task once; see RFC 7986, 5.3."""
    return f"{kind}-{project.pk}-{task_uid}@{urlsplit(settings.SITE_URL).hostname or 'pmdm'}"


def neutral(cell):
    """Text that a spreadsheet would run as a formula, made plain by a leading apostrophe; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def units_of(project) -> TimeUnits:
    return TimeUnits(project.minutes_per_day, project.minutes_per_week, project.days_per_month)


def links_by_successor(project, task_ids=None) -> dict[int, list[LinkIn]]:
    """Links of the plan as the notation writes them; predecessors are task primary keys."""
    rows = project.links.order_by("predecessor__number")
    if task_ids is not None:
        rows = rows.filter(successor_id__in=task_ids)
    links: dict[int, list[LinkIn]] = {}
    for before, after, kind, lag, unit in rows.values_list("predecessor_id", "successor_id", "type", "lag", "lag_unit"):
        links.setdefault(after, []).append(LinkIn(before, after, LinkType(kind), lag, LagUnit(unit)))
    return links


def people_by_task(project, task_ids=None, *, units=False) -> dict[int, list[str]]:
    """Names of who works on each task; with ``units`` a part of somebody is said: Ann[50%]."""
    rows = Assignment.objects.filter(project=project).order_by("resource__name")
    if task_ids is not None:
        rows = rows.filter(task_id__in=task_ids)
    names: dict[int, list[str]] = {}
    for task_id, name, share in rows.values_list("task_id", "resource__name", "units"):
        part = f"{name}[{share.normalize():f}%]" if units and share != 100 else name
        names.setdefault(task_id, []).append(part)
    return names


def _float(task: Task, minutes: int | None) -> float | int | None:
    return _hours(0 if minutes is None and task.percent == 100 else minutes)


def _hours(minutes: int | None) -> float | int | None:
    if minutes is None:
        return None
    return minutes / 60 if minutes % 60 else minutes // 60
