"""A plan out of the database: JSON to check by, CSV to open in a spreadsheet or to import again."""

import csv
import io

from projects.schedule.engine import LagUnit, LinkIn, LinkType
from projects.schedule.localtime import to_wall
from projects.schedule.models import Assignment
from projects.schedule.notation import TimeUnits, format_duration, format_predecessors

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = [
    "ID",
    "UID",
    "WBS",
    "Outline Level",
    "Name",
    "Duration",
    "Start",
    "Finish",
    "Predecessors",
    "% Complete",
    "Milestone",
    "Deadline",
    "Resource Names",
    "Total Float (h)",
    "Free Float (h)",
    "Critical",
    "Notes",
]


def plan_json(project) -> dict:
    """Project start and finish, and for each task dates, floats (working hours) and progress. Wall-clock times."""

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
                "late_start": wall(task.late_start),
                "late_finish": wall(task.late_finish),
                "total_float_hours": _hours(task.total_float),
                "free_float_hours": _hours(task.free_float),
                "critical": task.is_critical,
                "percent": task.percent,
            }
            for task in project.tasks.order_by("number")
        ],
    }


def plan_csv(project, *, internal=True) -> str:
    """The plan as a table that ``import_plan`` and project tools read; formulas in cells are neutralised.

    Without ``internal`` people and notes stay out: for readers who may not see the team.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    links = links_by_successor(project)
    names = people_by_task(project) if internal else {}
    tasks = list(project.tasks.order_by("number"))
    numbers = {task.pk: task.number for task in tasks}
    units = units_of(project)
    for task in tasks:
        cells = [
            task.number,
            task.uid,
            task.wbs,
            task.outline_level,
            task.name,
            format_duration(task.duration, elapsed=task.duration_elapsed, units=units),
            _minute(task.start, project),
            _minute(task.finish, project),
            format_predecessors(links.get(task.pk, ()), units, numbers=numbers),
            task.percent,
            "Yes" if task.is_milestone else "No",
            _minute(task.deadline, project),
            ", ".join(names.get(task.pk, ())),
            _hours(task.total_float),
            _hours(task.free_float),
            "Yes" if task.is_critical else "No",
            task.notes if internal else "",
        ]
        writer.writerow([neutral(cell) for cell in cells])
    return out.getvalue()


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


def people_by_task(project, task_ids=None) -> dict[int, list[str]]:
    rows = Assignment.objects.filter(project=project).order_by("resource__name")
    if task_ids is not None:
        rows = rows.filter(task_id__in=task_ids)
    names: dict[int, list[str]] = {}
    for task_id, name in rows.values_list("task_id", "resource__name"):
        names.setdefault(task_id, []).append(name)
    return names


def _minute(instant, project) -> str:
    value = to_wall(instant, project)
    return f"{value:%Y-%m-%d %H:%M}" if value else ""


def _hours(minutes: int | None) -> float | int | None:
    if minutes is None:
        return None
    return minutes / 60 if minutes % 60 else minutes // 60
