"""Freezing the plan, and how far it has moved since."""

import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.worktime.engine import WorkCalendar
from projects.lifecycle.models import Project
from projects.schedule import journal
from projects.schedule.models import Baseline, BaselineTask

HIGHEST = 10  # as in Microsoft Project: 0 to 10


@transaction.atomic
def take_baseline(project, *, by, name="", number: int | None = None, active=True, at=None) -> Baseline:
    """Freeze start, finish, duration, work and cost of every task. ``number`` replaces that baseline.

    Without a number the next free one; when all eleven are taken, ValidationError. The active one is what 'on time'
    is measured against.
    """
    project = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if not project.tasks.exists():
        raise ValidationError(_("There is no plan to freeze yet: add or import tasks first."), code="empty")
    taken = set(project.baselines.values_list("number", flat=True))
    if number is None:
        free = [n for n in range(HIGHEST + 1) if n not in taken]
        if not free:
            raise ValidationError(
                _("All eleven baselines (0 to 10) are taken: choose the one to replace."), code="full"
            )
        number = free[0] if not taken else next((n for n in free if n > max(taken)), free[0])
    elif not 0 <= number <= HIGHEST:
        raise ValidationError({"number": _("A baseline has a number from 0 to 10, not %(n)s.") % {"n": number}})
    if active:
        project.baselines.filter(is_active=True).update(is_active=False)
    was_active = project.baselines.filter(number=number, is_active=True).exists()
    project.baselines.filter(number=number).delete()
    baseline = Baseline.objects.create(
        project=project,
        number=number,
        name=name,
        is_active=active or was_active,
        start=project.computed_start,
        finish=project.computed_finish,
        taken_at=at or timezone.now(),
        taken_by=by,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_baselinetask (baseline_id, task_id, start, finish, duration, work, cost)"
            " SELECT %s, id, start, finish, duration, work, cost"
            " FROM projects_task WHERE project_id = %s AND is_active",
            [baseline.pk, project.pk],
        )
    journal.touched(project, by=by)
    return baseline


@transaction.atomic
def activate_baseline(baseline: Baseline, *, by) -> None:
    """Measure 'on time' against this one from now on."""
    project = Project.objects.select_for_update(of=("self",)).get(pk=baseline.project_id)
    project.baselines.filter(is_active=True).exclude(pk=baseline.pk).update(is_active=False)
    project.baselines.filter(pk=baseline.pk, is_active=False).update(is_active=True)
    baseline.is_active = True
    journal.touched(project, by=by)


def active_baseline(project) -> Baseline | None:
    return project.baselines.filter(is_active=True).first()


def baseline_dates(baseline: Baseline | None, task_ids=None) -> dict[int, BaselineTask]:
    """Rows of a baseline by task."""
    if baseline is None:
        return {}
    rows = baseline.tasks.only("task_id", "start", "finish", "duration")
    if task_ids is not None:
        rows = rows.filter(task_id__in=task_ids)
    return {row.task_id: row for row in rows}


def variance_days(
    planned: datetime.datetime | None, now: datetime.datetime | None, calendar: WorkCalendar, minutes_per_day: int
) -> float | None:
    """Working days from the frozen to the present date, positive when late; wall-clock times. None without both."""
    if planned is None or now is None:
        return None
    return calendar.between(planned, now) / minutes_per_day
