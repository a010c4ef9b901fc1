"""Interruptions of split tasks, read from the work that assignments spread over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pmdm.worktime.engine import WorkCalendar

from .plan import PlanTask
from .values import Fields, Reader
from .xmlrecords import Record

REMAINING, ACTUAL = 1, 2  # kinds of timephased work that say when work is done


@dataclass(frozen=True, slots=True)
class Timephased:
    """A stretch of time and whether any work is done in it."""

    start: datetime
    finish: datetime
    worked: bool


def read_splits(reader: Reader, assignment: Record) -> list[Timephased]:
    """The stretches of an assignment, only where one of them holds no work."""
    parts: list[Timephased] = []
    for record in assignment.nodes:
        if record.tag != "TimephasedData" or record.values.get("Type") not in ("1", "2"):
            continue
        fields = Fields(reader, record, "Assignment, TimephasedData")
        start, finish = fields.moment("Start"), fields.moment("Finish")
        if start is None or finish is None or finish <= start:
            continue
        value = record.values.get("Value", "")
        parts.append(Timephased(start, finish, any(digit in value for digit in "123456789")))
    return parts


def interruptions(
    task: PlanTask, parts: Sequence[Timephased], calendar: WorkCalendar
) -> tuple[tuple[int, int], ...] | None:
    """(minutes worked before, minutes of pause) of a task that lasts longer than its work; None if unreadable."""
    if task.stored_start is None or task.stored_finish is None or task.elapsed:
        return ()
    surplus = calendar.between(task.stored_start, task.stored_finish) - task.duration_minutes
    if surplus <= 0 or not parts:
        return ()
    gaps: list[tuple[int, int]] = []
    worked = pause = 0
    at = task.stored_start
    for part in sorted(parts, key=lambda part: part.start):
        if part.finish <= at:
            continue
        pause += round(calendar.between(at, max(at, part.start)))
        begin = max(at, part.start)
        minutes = round(calendar.between(begin, part.finish))
        at = part.finish
        if not part.worked:
            pause += minutes
            continue
        if minutes and pause:
            gaps.append((worked, pause))
            pause = 0
        worked += minutes
    return tuple(gaps) if sum(gap for _, gap in gaps) == surplus else None
