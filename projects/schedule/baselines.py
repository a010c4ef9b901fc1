"""Freezing the plan, approving what was frozen, and how far the plan has moved since."""

import datetime

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from pmdm.worktime.engine import WorkCalendar
from projects.lifecycle.models import Project
from projects.lifecycle.standing import while_open
from projects.schedule import journal
from projects.schedule.models import Baseline, BaselineTask

MICROSOFT = range(11)  # the numbers that Microsoft Project keeps and an exchanged file can hold
HIGHEST = 32_767  # what the column holds

_FROZEN = "uid, number, wbs, name, is_summary, is_milestone, start, finish, duration, work, cost"


@while_open
def take_baseline(project, *, by, name="", number: int | None = None, active=True, note="", at=None) -> Baseline:
    """Freeze start, finish, duration, work and cost of every task. ``number`` replaces that baseline.

    Without a number the next one. An approved baseline is not replaced: ValidationError. The active one is what
    'on time' is measured against.
    """
    project = _locked(project)
    if not project.tasks.exists():
        raise ValidationError(_("There is no plan to freeze yet: add or import tasks first."), code="empty")
    if number is None:
        number = next_number(project)
    elif not 0 <= number <= HIGHEST:
        raise ValidationError({"number": _("A baseline has a number from 0 to %(max)s.") % {"max": HIGHEST}})
    there = project.baselines.filter(number=number).first()
    if there and there.is_approved:
        raise ValidationError(
            _("“%(baseline)s” is approved and stays as it is. Take a new baseline instead.") % {"baseline": there},
            code="approved",
        )
    if there:
        _check_replaced(there)
    if active:
        project.baselines.filter(is_active=True).update(is_active=False)
    if there:
        there.delete()
    baseline = Baseline.objects.create(
        project=project,
        number=number,
        name=name,
        note=note,
        is_active=active or bool(there and there.is_active),
        start=project.computed_start,
        finish=project.computed_finish,
        taken_at=at or timezone.now(),
        taken_by=by,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO projects_baselinetask (baseline_id, task_id, {_FROZEN})"  # noqa: S608 - names of ours
            f" SELECT %s, id, {_FROZEN} FROM projects_task WHERE project_id = %s AND is_active",
            [baseline.pk, project.pk],
        )
    journal.touched(project, by=by)
    return baseline


def next_number(project) -> int:
    """One more than the highest there is; 0 for the first."""
    highest = project.baselines.order_by("-number").values_list("number", flat=True).first()
    return 0 if highest is None else highest + 1


@while_open
def activate_baseline(baseline: Baseline, *, by) -> None:
    """Measure 'on time' against this one from now on."""
    project = _locked(baseline.project)
    project.baselines.filter(is_active=True).exclude(pk=baseline.pk).update(is_active=False)
    if not project.baselines.filter(pk=baseline.pk).update(is_active=True):
        raise ValidationError(_("This baseline has been removed meanwhile."), code=FIRST)
    baseline.is_active = True
    journal.touched(project, by=by)


@while_open
def describe_baseline(baseline: Baseline, *, by, name: str, note: str) -> None:
    """Say what it is for, while it is not approved."""
    changed = Baseline.objects.filter(pk=baseline.pk).exclude(state=Baseline.State.APPROVED)
    if not changed.update(name=name, note=note):
        raise ValidationError(_("It has been approved or removed meanwhile; it stays as it is."), code=FIRST)
    baseline.name, baseline.note = name, note


@while_open
def remove_baseline(baseline: Baseline, *, by) -> None:
    """Remove one that is neither approved nor the active one."""
    project = _locked(baseline.project)
    there = project.baselines.filter(pk=baseline.pk).first()
    if there is None:
        return
    if there.is_approved:
        raise ValidationError(_("An approved baseline is not removed."), code="approved")
    _check_replaced(there)
    if there.is_active:
        raise ValidationError(
            _("“On time” is measured against this baseline. Choose another one first."), code="active"
        )
    there.delete()


@while_open
def request_approval(baseline: Baseline, *, by, at=None) -> None:
    """Ask the sponsor or the PMO; again after they declined."""
    askable = Baseline.objects.filter(pk=baseline.pk, state__in=[Baseline.State.DRAFT, Baseline.State.DECLINED])
    values = {
        "state": Baseline.State.REQUESTED,
        "requested_at": at or timezone.now(),
        "requested_by": by,
        "decided_at": None,
        "decided_by": None,
        "decision_note": "",
    }
    if not askable.update(**values):
        raise ValidationError(_("Approval was asked for or given meanwhile."), code=FIRST)
    _take(baseline, values)


@while_open
def decide_baseline(baseline: Baseline, *, by, approve: bool, note="", at=None) -> None:
    """Approve or decline what somebody else asked to approve. Declining needs a reason.

    An approved baseline never changes again; the database holds that.
    """
    if not approve and not note.strip():
        raise ValidationError({"note": _("Say why: the project manager has to know what to change.")})
    asked = Baseline.objects.filter(pk=baseline.pk, state=Baseline.State.REQUESTED)
    if asked.filter(requested_by=by).exists():
        raise ValidationError(
            _("You asked for this approval yourself; somebody else has to decide."), code="own request"
        )
    values = {
        "state": Baseline.State.APPROVED if approve else Baseline.State.DECLINED,
        "decided_at": at or timezone.now(),
        "decided_by": by,
        "decision_note": note.strip(),
    }
    if not asked.exclude(requested_by=by).update(**values):
        raise ValidationError(_("There is nothing to decide any more: somebody was first."), code=FIRST)
    _take(baseline, values)


def active_baseline(project) -> Baseline | None:
    return project.baselines.filter(is_active=True).first()


def baseline_dates(baseline: Baseline | None, task_ids=None) -> dict[int, BaselineTask]:
    """Rows of a baseline by task; without those whose task is gone."""
    if baseline is None:
        return {}
    rows = baseline.tasks.exclude(task=None).only("task_id", "start", "finish", "duration")
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


def _check_replaced(baseline: Baseline) -> None:
    """What an approved change request replaced stays readable."""
    if change := baseline.replaced_by_changes.order_by("pk").first():
        raise ValidationError(
            _("%(change)s replaced this baseline: it stays readable. Take a new one instead.") % {"change": change.ref},
            code="replaced",
        )


def _locked(project) -> Project:
    fresh = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    fresh.refuse_when_locked()
    return fresh


def _take(baseline: Baseline, values: dict) -> None:
    for name, value in values.items():
        setattr(baseline, name, value)
