"""A project's plan as a chart to draw: read in a constant number of queries."""

import datetime
from collections.abc import Sequence
from functools import cache

from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.ui import format as fmt
from projects.schedule.calendars import project_calendar
from projects.schedule.drawing.sheet import Chart, Column, Link, Row, Words
from projects.schedule.exporting import people_by_task, units_of
from projects.schedule.localtime import to_wall
from projects.schedule.models import BaselineTask, Task
from projects.schedule.notation import ELAPSED_MINUTES, TimeUnits, format_duration

PAPERS = {"a4": (297.0, 210.0), "a3": (420.0, 297.0)}
# Name: (title, width in millimetres, at the right, who may see it).
COLUMNS = {
    "duration": (lambda: _("Duration"), 15, True, ""),
    "start": (lambda: _("Start"), 19, True, ""),
    "finish": (lambda: _("Finish"), 19, True, ""),
    "percent": (lambda: _("% complete"), 18, True, ""),
    "float": (lambda: _("Float"), 13, True, ""),
    "people": (lambda: _("People"), 36, False, "team_view"),
    "cost": (lambda: _("Cost"), 22, True, "cost_view"),
}


def chart_of(
    project,
    *,
    can,
    paper: str = "a4",
    scale: str = "fit",
    first: datetime.date | None = None,
    last: datetime.date | None = None,
    columns: Sequence[str] = ("duration", "start", "finish"),
    critical: bool = True,
    baseline: bool = True,
) -> Chart:
    """The chart; ``can`` says what its reader may see: columns of people and costs stay out otherwise.

    ``paper`` 'one' is a single picture of everything. With a period only tasks that touch it are drawn.
    """
    shown = [name for name in COLUMNS if name in columns and (not COLUMNS[name][3] or can[COLUMNS[name][3]])]
    frozen = project.baselines.filter(is_active=True).first() if baseline else None
    dates = {}
    if frozen is not None:
        rows = BaselineTask.objects.filter(baseline=frozen).exclude(start=None).exclude(finish=None)
        dates = {task: (start, finish) for task, start, finish in rows.values_list("task_id", "start", "finish")}
    people = people_by_task(project, units=True) if "people" in shown else {}
    units = units_of(project)

    def wall(instant):
        return to_wall(instant, project)

    def day(instant) -> str:
        value = wall(instant)
        return fmt.day(value.date()).replace(fmt.NBSP, " ") if value else ""

    def cell(name: str, task: Task) -> str:
        match name:
            case "duration":
                return _readable(task.duration, units, elapsed=task.duration_elapsed)
            case "start":
                return day(task.start)
            case "finish":
                return day(task.finish)
            case "percent":
                return f"{task.percent}%"
            case "float":
                return "" if task.total_float is None else _readable(task.total_float, units)
            case "people":
                return ", ".join(people.get(task.pk, ()))
        return "" if task.cost is None else fmt.money(task.cost, project.currency)

    drawn: list[Row] = []
    place: dict[int, int] = {}
    critical_ids = set()
    for task in project.tasks.order_by("number"):
        start, finish = wall(task.start), wall(task.finish)
        if start and finish and ((first and finish.date() < first) or (last and start.date() > last)):
            continue
        place[task.pk] = len(drawn)
        if task.is_critical:
            critical_ids.add(task.pk)
        was = dates.get(task.pk)
        drawn.append(
            Row(
                str(task.number),
                task.name,
                start,
                finish,
                task.outline_level,
                tuple(cell(name, task) for name in shown),
                "summary" if task.is_summary else "milestone" if task.is_milestone else "task",
                task.percent,
                task.is_critical,
                task.is_active,
                wall(task.late_finish) if task.total_float and task.total_float > 0 else None,
                (wall(was[0]), wall(was[1])) if was else None,
            )
        )
    ends = project.links.values_list("predecessor_id", "successor_id", "type")
    links = [
        Link(place[before], place[after], kind, before in critical_ids and after in critical_ids)
        for before, after, kind in ends
        if before in place and after in place
    ]
    calendar = project_calendar(project)

    @cache
    def is_off(day: datetime.date) -> bool:
        return not calendar.is_working_day(day)

    printed = timezone.localdate()
    notes = [project.code, _("drawn %(day)s") % {"day": fmt.day(printed).replace(fmt.NBSP, " ")}]
    if frozen is not None:
        notes.append(_("baseline: %(name)s") % {"name": frozen})
    return Chart(
        title=project.name,
        rows=drawn,
        links=links,
        columns=[Column(COLUMNS[name][0](), COLUMNS[name][1], COLUMNS[name][2]) for name in shown],
        first=first,
        last=last,
        scale=scale,
        paper=PAPERS.get(paper),
        status=wall(project.status_date),
        notes=notes,
        critical=critical,
        baseline=frozen is not None,
        is_off=is_off,
        words=_words(),
    )


def _words() -> Words:
    months = [
        fmt.day(datetime.date(2001, number, 1), datetime.date(2001, 1, 1)).split(fmt.NBSP)[1] for number in range(1, 13)
    ]
    return Words(
        months,
        name=_("Task"),
        page=lambda number, all: _("Page %(number)d of %(all)d") % {"number": number, "all": all},
        rows=lambda first, last, all: (
            _("rows %(first)d–%(last)d of %(all)d") % {"first": first, "last": last, "all": all}
        ),
        status=_("Status date"),
        task=_("Task"),
        done=_("done"),
        critical=_("Critical"),
        summary=_("Summary"),
        milestone=_("Milestone"),
        baseline=_("Baseline"),
        slack=_("Float"),
    )


def _readable(minutes: int, units: TimeUnits, *, elapsed: bool = False) -> str:
    """In days with one decimal where the exact text would be hours or minutes on end, as of most summaries."""
    text = format_duration(minutes, elapsed=elapsed, units=units)
    day = ELAPSED_MINUTES["d"] if elapsed else units.minutes("d")
    if text.endswith("d") or abs(minutes) < day:
        return text
    return f"{fmt.number(round(minutes / day, 1))}{'e' if elapsed else ''}d"
