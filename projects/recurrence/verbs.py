"""Work that comes back, put into the plan: one task for each time, ahead of it, however often this runs."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.jobs.periodic import periodic
from pmdm.ui import format as fmt
from projects.lifecycle.models import Project
from projects.lifecycle.standing import while_open
from projects.recurrence.models import Occurrence, Recurrence
from projects.recurrence.rules import Rule, planned
from projects.schedule import edits
from projects.schedule.calendars import day_start, project_calendar
from projects.schedule.localtime import to_instant, zone
from projects.schedule.models import Task

AT_ONCE = 12  # tasks made in one transaction; the hourly job makes the rest
FIELDS = [
    "name", "duration", "every", "interval", "weekdays", "nth", "month_day", "month", "start", "until", "count",
    "holidays", "ahead",
]  # fmt: skip
EVER = datetime.date(1, 1, 1)  # so that the year is always said


def rule_of(recurrence: Recurrence) -> Rule:
    return Rule(
        every=recurrence.every,
        start=recurrence.start,
        interval=recurrence.interval,
        weekdays=tuple(sorted(recurrence.weekdays)),
        nth=recurrence.nth,
        month_day=recurrence.month_day,
        month=recurrence.month,
        until=recurrence.until,
        count=recurrence.count,
        holidays=recurrence.holidays,
    )


@while_open
def begin(project, *, by, today: datetime.date | None = None, **fields) -> Recurrence:
    """A new rule, its summary at the end of the plan, and the first of its tasks."""
    recurrence = Recurrence(project=project, created_by=by, **fields)
    _has_a_day(recurrence)
    recurrence.save()
    fill(recurrence, by=by, today=today)
    return recurrence


@while_open
def change(recurrence: Recurrence, *, by, version: int, today: datetime.date | None = None) -> None:
    """Save the rule as it is in memory: tasks of days to come that nobody began follow it, all others stay."""
    _lock(recurrence.project)
    _has_a_day(recurrence)
    recurrence.save_changes(FIELDS, version=version)
    fill(recurrence, by=by, today=today, anew=True)


@while_open
def end(recurrence: Recurrence, *, by, with_tasks: bool, at=None) -> int:
    """No more of it. ``with_tasks``: those to come that nobody began go too; how many went."""
    at = at or timezone.now()
    _lock(recurrence.project)
    if not Recurrence.objects.filter(pk=recurrence.pk, ended_at=None).update(ended_at=at):
        return 0
    recurrence.ended_at = at
    gone = _open_ahead(recurrence, _today(recurrence.project, at)) if with_tasks else []
    if gone:
        edits.revise(recurrence.project, by=by, remove=[occurrence.task for occurrence in gone if occurrence.task])
    return len(gone)


@transaction.atomic
def fill(recurrence: Recurrence, *, by, today: datetime.date | None = None, anew: bool = False) -> list[Task]:
    """Make the tasks that should stand in the plan by now and do not: at most AT_ONCE, from the earliest.

    Safe to run twice, and twice at once: the project's lock makes the second wait, the days dealt with are rows.
    """
    project = recurrence.project
    _lock(project)
    recurrence.refresh_from_db(fields=["ended_at", "summary"])
    if recurrence.ended_at or project.state != Project.State.ACTIVE:
        return []
    today = today or _today(project)
    spare, dismissed = _take_back(recurrence, today) if anew else ({}, set())
    calendar = project_calendar(project)
    known = dict(recurrence.occurrences.values_list("day", "planned"))
    used = {day for day in known.values() if day}
    ahead = sum(1 for day in used if day >= today)
    rows: list[Occurrence] = []
    add: list[tuple[Occurrence, dict]] = []
    change: list[tuple[Task, dict]] = []
    for day, when in planned(rule_of(recurrence), calendar.is_working_day):
        if ahead >= recurrence.ahead or len(add) >= AT_ONCE:
            break
        if day in known:
            continue
        if when in used:
            when = None  # moved onto a day that an earlier form of the rule has taken
        row = Occurrence(project=project, recurrence=recurrence, day=day, planned=when)
        rows.append(row)
        if when is None:
            continue
        used.add(when)
        ahead += when >= today
        if day in dismissed:
            continue
        fields = _fields(recurrence, when, calendar)
        row.task = spare.pop(day, None)
        if row.task is None:
            add.append((row, fields))
        elif changed := {name: value for name, value in fields.items() if getattr(row.task, name) != value}:
            change.append((row.task, changed))
    made: list[Task] = []
    if add or change or spare:
        people = _people_of_the_last(recurrence)
        made, _moved = edits.revise(
            project,
            by=by,
            parent=summary_of(recurrence, by=by) if add else None,
            add=[{**fields, "people": people} for _row, fields in add],
            change=change,
            remove=spare.values(),
        )
    for (row, _fields_of), task in zip(add, made, strict=True):
        row.task = task
    Occurrence.objects.bulk_create(rows)
    return made


def summary_of(recurrence: Recurrence, *, by) -> Task:
    """The task below which the others stand; made at the first, and again if somebody deleted it."""
    if recurrence.summary is None:
        recurrence.summary, _moved = edits.add_task(recurrence.project, by=by, name=recurrence.name)
        Recurrence.objects.filter(pk=recurrence.pk).update(summary=recurrence.summary)
    recurrence.summary.project = recurrence.project
    return recurrence.summary


@periodic("recurring-work", every="hour")
def fill_all(now: datetime.datetime) -> None:
    """Every rule of every project that is under way, each in its own savepoint: one bad plan stops no other."""
    due = Recurrence.objects.filter(ended_at=None, project__state=Project.State.ACTIVE, project__awaits_closure=False)
    for recurrence in due.select_related("project", "created_by", "summary").order_by("project_id", "pk"):
        for _round in range(10):
            try:
                made = fill(recurrence, by=recurrence.created_by, today=_today(recurrence.project, now))
            except ValidationError:
                break  # the plan can't be computed as it is; its page says why
            if len(made) < AT_ONCE:
                break


def _take_back(recurrence: Recurrence, today) -> tuple[dict[datetime.date, Task], set[datetime.date]]:
    """Forget the days to come: their tasks that nobody began, by day, and the days whose task somebody deleted."""
    open_ahead = _open_ahead(recurrence, today)
    spare = {occurrence.day: occurrence.task for occurrence in open_ahead if occurrence.task}
    deleted = recurrence.occurrences.filter(planned__gte=today, task=None)
    dismissed = set(deleted.values_list("day", flat=True))
    rows = [occurrence.pk for occurrence in open_ahead]
    recurrence.occurrences.filter(pk__in=rows).delete()
    deleted.delete()
    recurrence.occurrences.filter(planned=None, day__gte=today).delete()
    return spare, dismissed


def _open_ahead(recurrence: Recurrence, today) -> list[Occurrence]:
    """Those to come whose task nobody began or booked time on."""
    rows = recurrence.occurrences.filter(
        planned__gte=today, task__percent=0, task__actual_start=None, task__is_summary=False
    ).exclude(task__time_entries__isnull=False)
    return list(rows.select_related("task").order_by("day"))


def _fields(recurrence: Recurrence, when: datetime.date, calendar) -> dict[str, Any]:
    """The task of that day: no earlier than when its work begins."""
    return {
        "name": f"{recurrence.name}, {fmt.day(when, EVER)}",
        "duration": recurrence.duration,
        "constraint": Task.Constraint.SNET,
        "constraint_date": to_instant(day_start(calendar, when), recurrence.project),
    }


def _people_of_the_last(recurrence: Recurrence) -> list[edits.Person]:
    """Whoever did it last does it next."""
    last = recurrence.occurrences.exclude(task=None).order_by("-day").select_related("task").first()
    if last is None:
        return []
    return [edits.Person(resource=one.resource) for one in last.task.assignments.select_related("resource")]


def _has_a_day(recurrence: Recurrence) -> None:
    if next(planned(rule_of(recurrence), lambda day: True), None) is None:
        raise ValidationError(_("This rule names no day at all: look at its days, its month and its end."))


def _today(project, now: datetime.datetime | None = None) -> datetime.date:
    return timezone.localdate(now, timezone=zone(project.time_zone))


def _lock(project) -> None:
    Project.objects.select_for_update(of=("self",)).only("pk").get(pk=project.pk)
