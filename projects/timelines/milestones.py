"""The milestones of one project: planned, as they stand, and reached; drawn and as rows."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.charts.portfolio import Mark, Row
from pmdm.ui import format as fmt
from projects.schedule.baselines import active_baseline, baseline_dates
from projects.schedule.localtime import to_wall, zone
from projects.schedule.models import Baseline, Task
from projects.timelines.words import drawn


@dataclass(frozen=True)
class Milestone:
    """Days of the project's wall clock; ``slip`` in calendar days against the baseline, None without one."""

    task: Task
    baseline: datetime.date | None
    now: datetime.date | None
    actual: datetime.date | None
    slip: int | None
    overdue: bool

    @property
    def status(self) -> str:
        if self.overdue:
            return "act"
        if self.slip is None:
            return "ok" if self.actual else "na"
        return "watch" if self.slip > 0 else "ok"

    @property
    def word(self) -> str:
        if self.overdue:
            return _("overdue")
        if self.slip is None:
            return _("reached") if self.actual else _("no baseline")
        if self.slip > 0:
            late = fmt.number(self.slip)
            return _("reached %(n)s d late") % {"n": late} if self.actual else _("%(n)s d later") % {"n": late}
        if self.slip < 0:
            return _("%(n)s d early") % {"n": fmt.number(-self.slip)}
        return _("reached on the day") if self.actual else _("as planned")


def milestones_of(project, now: datetime.datetime | None = None) -> tuple[Baseline | None, list[Milestone]]:
    """The active baseline and the milestones in order of time; three queries for any number."""
    now = now or timezone.now()
    baseline = active_baseline(project)
    tasks = list(
        project.tasks.filter(is_milestone=True, is_active=True, is_summary=False)
        .exclude(finish=None)
        .order_by("finish", "number")
        .only("uid", "name", "wbs", "finish", "percent", "actual_finish", "is_critical", "project_id")[:1000]
    )
    frozen = baseline_dates(baseline, [task.pk for task in tasks])
    rows = []
    for task in tasks:
        then = frozen.get(task.pk)
        planned = _day(then.finish, project) if then else None
        actual = _day(task.actual_finish, project) if task.percent == 100 else None
        stands = actual or _day(task.finish, project)
        slip = (stands - planned).days if planned and stands else None
        overdue = task.percent < 100 and task.finish < now
        rows.append(Milestone(task, planned, stands, actual, slip, overdue))
    return baseline, rows


def milestone_chart(project, rows: list[Milestone], today: datetime.date | None = None):
    """A row for each milestone: the baseline's day hollow, today's full."""
    today = today or timezone.localdate(timezone=zone(project.time_zone))
    drawing = [
        Row(
            label=row.task.name,
            marks=tuple(
                mark
                for mark in (
                    Mark(row.baseline, "base", _("Baseline")) if row.baseline else None,
                    Mark(row.now, _css(row), row.task.name) if row.now else None,
                )
                if mark
            ),
            move=(row.baseline, row.now) if row.baseline and row.now and row.baseline != row.now else None,
        )
        for row in rows
    ]
    return drawn(drawing, today, label=_("Milestones of %(name)s") % {"name": project.name})


def _css(row: Milestone) -> str:
    if row.actual:
        return "reached"
    return "late" if row.status in ("act", "watch") else "mile"


def _day(instant, project) -> datetime.date | None:
    wall = to_wall(instant, project)
    return wall.date() if wall else None
