"""Lateness told in the ways it is asked for: against the first and the current baseline, and by milestones then.

The KPI 'on time' stays what it is (pmdm KPI on_time, BEI); this only says how the other ways of asking relate to it.
"""

import datetime
from dataclasses import dataclass

from pmdm.kpis.models import Snapshot
from projects.models import Baseline, BaselineTask, PlanWeek, Project
from projects.schedule.localtime import to_wall


@dataclass(frozen=True)
class MilestonesOnTime:
    """Milestones that a baseline wanted by ``day``: how many there were, and how many were reached by their day."""

    day: datetime.date
    baseline: Baseline | None
    due: int = 0
    on_time: int = 0
    late: tuple[str, ...] = ()

    @property
    def percent(self) -> float | None:
        return 100 * self.on_time / self.due if self.due else None


def first_and_current(project) -> tuple[Baseline | None, Baseline | None]:
    """The baseline taken first and the one that is active; they may be the same."""
    rows = list(project.baselines.order_by("taken_at", "number"))
    active = next((row for row in rows if row.is_active), None)
    return (rows[0] if rows else None), active


def milestones_on_time(project, day: datetime.date) -> MilestonesOnTime:
    """As of the end of ``day``, against the baseline that was active in that week; without a record, the active one."""
    week = PlanWeek.objects.filter(project=project, week__lte=day).select_related("baseline").order_by("-week").first()
    baseline = week.baseline if week and week.baseline_id else first_and_current(project)[1]
    if baseline is None:
        return MilestonesOnTime(day, None)
    due, late = 0, []
    rows = (
        BaselineTask.objects.filter(baseline=baseline, is_milestone=True, is_summary=False, finish__isnull=False)
        .select_related("task")
        .only("name", "finish", "task__actual_finish", "task__finish", "task__percent")
        .order_by("finish", "number")
    )
    for row in rows:
        wanted = _day(row.finish, project)
        if wanted > day:
            continue
        due += 1
        reached = row.task and row.task.percent == 100 and (row.task.actual_finish or row.task.finish)
        if not reached or _day(reached, project) > wanted:
            late.append(row.name)
    return MilestonesOnTime(day, baseline, due, due - len(late), tuple(late))


def projects_on_time(user, day: datetime.date) -> tuple[int, int]:
    """(on time, with a figure) of the projects one may see: finish forecast not after the committed one, that day."""
    seen = Project.objects.visible_to(user).values("pk")
    rows = (
        Snapshot.objects.filter(
            subject_type="project",
            kpi="on_time_forecast",
            subject_id__in=seen,
            value__isnull=False,
            day__lte=day,
            day__gt=day - datetime.timedelta(days=7),
        )
        .order_by("subject_id", "-day")
        .distinct("subject_id")
        .values_list("value", flat=True)
    )
    values = list(rows)
    return sum(1 for value in values if value <= 0), len(values)


def _day(instant, project) -> datetime.date:
    wall = to_wall(instant, project)
    assert wall is not None
    return wall.date()
