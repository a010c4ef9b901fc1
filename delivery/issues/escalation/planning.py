"""Which escalations an issue's clock asks for, written as rows: made, moved and cancelled as the clock changes.

Runs inside the verb that changed the issue, after the issue's row was written: its lock keeps two verbs apart.
"""

import datetime
from collections.abc import Iterable

from django.db import connection

from delivery.issues import clock
from delivery.issues.clock import ServiceHours
from delivery.issues.escalation.models import Escalation, EscalationStep
from pmdm.prepared import PreparedRows
from pmdm.registers.bulk import update_many

BATCH = 500

_steps_of = PreparedRows(lambda product: EscalationStep.objects.current().filter(product=product))
_rows_of = PreparedRows(lambda issue: Escalation.objects.filter(issue=issue))


def moment(step, *, created, target: int, hours: ServiceHours, pauses: list[clock.Pause]) -> datetime.datetime | None:
    """When this step is due for an issue with this target; None while an open pause holds the clock before it."""
    if step.trigger == EscalationStep.Trigger.AT_RISK:
        return clock.at_risk_at(created, target, hours, pauses)
    return clock.due_at(created, target + step.minutes, hours, pauses)


def wanted(issue, steps, level, hours: ServiceHours) -> dict[int, datetime.datetime]:
    """Moment of each step that still has something to tell about the issue, by the step's key."""
    if level is None or not issue.has_clock or not issue.is_open:
        return {}
    moments = {}
    for step in steps:
        if step.clock == EscalationStep.Clock.RESPONSE:
            if issue.responded_at is not None:
                continue
            target, pauses = level.response, []
        else:
            target, pauses = level.resolution, clock.pauses_from_json(issue.pauses)
        at = moment(step, created=issue.created_at, target=target, hours=hours, pauses=pauses)
        if at is not None and at >= step.since:
            moments[step.pk] = at
    return moments


def plan(product, issues: Iterable, *, hours: ServiceHours, levels: dict, at: datetime.datetime, new=False) -> None:
    """Bring the escalations of these issues into line with their clocks. ``new``: they have none yet.

    What was fired stays fired. A moment that was told is not told again; a moment that moved is a new one.
    """
    if "escalation_steps" in getattr(product, "_prefetched_objects_cache", ()):
        steps = [step for step in product.escalation_steps.all() if step.ended_at is None]
    else:
        steps = _steps_of(product.pk)
    issues = list(issues)
    for first in range(0, len(issues), BATCH):
        _plan(product, issues[first : first + BATCH], steps, hours, levels, at, new)


def _plan(product, issues, steps, hours, levels, at, new) -> None:
    if new:
        rows = []
    elif len(issues) == 1:
        rows = _rows_of(issues[0].pk)
    else:
        rows = list(Escalation.objects.filter(issue__in=issues))
    open_rows = {(row.issue_id, row.step_id): row for row in rows if row.fired_at is None}
    told = {(row.issue_id, row.step_id, row.due_at) for row in rows if row.fired_at is not None}
    added, moved, idle = [], [], []
    for issue in issues:
        moments = wanted(issue, steps, levels.get(issue.severity), hours)
        for step_id, due_at in moments.items():
            row = open_rows.pop((issue.pk, step_id), None)
            if (issue.pk, step_id, due_at) in told:
                # Told already: a row that waits for another moment has nothing to wait for.
                if row is not None and row.cancelled_at is None:
                    idle.append(row.pk)
            elif row is None:
                added.append((product.pk, issue.pk, step_id, due_at))
            elif row.due_at != due_at or row.cancelled_at is not None:
                row.due_at, row.cancelled_at = due_at, None
                moved.append(row)
    idle += [row.pk for row in open_rows.values() if row.cancelled_at is None]  # no longer asked for
    _insert(added)
    update_many(moved, ["due_at", "cancelled_at"])
    if idle:
        Escalation.objects.filter(pk__in=idle).update(cancelled_at=at)


def _insert(rows: list[tuple[int, int, int, datetime.datetime]]) -> None:
    """New rows (product, issue, step, moment) from arrays: a thousand issues have some thousands of them."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO delivery_escalation (product_id, issue_id, step_id, due_at, told) SELECT new.*, '{}'"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])"
            " AS new (product_id, issue_id, step_id, due_at)",
            [list(column) for column in zip(*rows, strict=True)],
        )
