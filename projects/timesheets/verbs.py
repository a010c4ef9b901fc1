"""What happens to a week: hours go into cells, the person submits, who manages the project approves or sends back.

Every verb takes the person's row as its lock first, as booking does: a cell and a submission stand in line, and two
managers decide one after the other. The loser of a race reads who was first.
"""

import datetime
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import FIRST
from projects.budget import verbs as budget
from projects.budget.engine import format_minutes
from projects.budget.models import TimeEntry
from projects.timesheets.locking import monday_of, refuse_if_locked
from projects.timesheets.models import Timesheet, TimesheetPart

WEEK = datetime.timedelta(days=7)
NOTE_BETWEEN = "; "


@dataclass(frozen=True)
class Saved:
    """What a cell holds now."""

    minutes: int
    note: str


class Changed(Exception):
    """Somebody (another tab, the project's own page) changed the cell since it was read: nothing is overwritten."""

    def __init__(self, minutes: int, note: str):
        super().__init__(_("Meanwhile it became %(time)s.") % {"time": format_minutes(minutes)})
        self.minutes, self.note = minutes, note


@transaction.atomic
def set_cell(
    project,
    *,
    by,
    day: datetime.date,
    minutes: int,
    task=None,
    note: str | None = None,
    was: int | None = None,
    at=None,
) -> Saved:
    """Let the person's hours on this task and day be ``minutes``; none take the entry away. ``note`` None keeps it.

    ``was``: the minutes that were read; ``Changed`` where they differ now. Several entries of one cell become one.
    """
    lock(by)
    entries = list(
        TimeEntry.objects.filter(project=project, user=by, day=day, task=task)
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    there = sum(entry.minutes for entry in entries)
    words = NOTE_BETWEEN.join(entry.note for entry in entries if entry.note)[:300]
    if was is not None and was != there:
        raise Changed(there, words)
    note = words if note is None else note
    if (minutes, note) == (there, words):
        return Saved(there, words)
    refuse_if_locked(project, by, day)
    if not project.allows(by, P.TIME_BOOK) or project.locked_reason:
        raise ValidationError(project.locked_reason or _("You can't book time on %(p)s any more.") % {"p": project})
    for extra in entries[1:]:
        budget.remove_time(extra, by=by)
    if not minutes:
        for entry in entries[:1]:
            budget.remove_time(entry, by=by)
        return Saved(0, "")
    if entries:
        budget.change_time(entries[0], by=by, minutes=minutes, note=note)
    else:
        budget.book_time(project, by=by, day=day, minutes=minutes, task=task, note=note, at=at)
    return Saved(minutes, note)


@transaction.atomic
def add_row(user, week: datetime.date, project, task=None) -> None:
    """Keep a row of the grid that has no hours yet."""
    lock(user)
    sheet, _created = Timesheet.objects.get_or_create(user=user, week=week)
    row = [project.pk, task.pk if task else None]
    if row not in sheet.rows:
        sheet.rows = [*sheet.rows, row]
        sheet.save(update_fields=["rows"])


@transaction.atomic
def copy_last_week(user, week: datetime.date, *, by) -> int:
    """Take over the rows of the week before, without its hours: what was done has to be said. Returns how many."""
    lock(user)
    before = (
        TimeEntry.objects.filter(user=user, day__gte=week - WEEK, day__lt=week)
        .order_by("project_id", "task_id")
        .values_list("project_id", "task_id")
        .distinct()
    )
    sheet, _created = Timesheet.objects.get_or_create(user=user, week=week)
    new = [[project, task] for project, task in before if [project, task] not in sheet.rows]
    sheet.rows = [*sheet.rows, *new]
    sheet.save(update_fields=["rows"])
    return len(new)


@transaction.atomic
def submit(user, week: datetime.date, *, by, at=None) -> int:
    """Submit the week: all its hours that are not submitted yet, project by project. The number of parts submitted.

    A week without hours can be submitted too: it says that there was nothing to book.
    """
    if by != user:
        raise PermissionDenied
    at = at or timezone.now()
    if week.weekday():
        raise ValueError(f"{week} is no Monday.")
    if week > monday_of(timezone.localdate(at)):
        raise ValidationError(_("That week has not come yet."))
    lock(user)
    sheet, _created = Timesheet.objects.get_or_create(user=user, week=week)
    booked = set(
        TimeEntry.objects.filter(user=user, day__gte=week, day__lt=week + WEEK).values_list("project_id", flat=True)
    )
    parts = {part.project_id: part for part in TimesheetPart.objects.filter(user=user, week=week)}
    back = {key for key, part in parts.items() if not part.is_locked}
    # A part sent back whose hours were all taken away is no more.
    gone, _by_model = TimesheetPart.objects.filter(user=user, week=week, project__in=back - booked).delete()
    again = TimesheetPart.objects.filter(user=user, week=week, project__in=back & booked).exclude(
        state__in=TimesheetPart.LOCKED
    )
    count = again.update(
        state=TimesheetPart.State.SUBMITTED, submitted_at=at, decided_by=None, decided_at=None, note=""
    )
    new = [
        TimesheetPart(project_id=project, sheet=sheet, user=user, week=week, submitted_at=at)
        for project in sorted(booked - set(parts))
    ]
    TimesheetPart.objects.bulk_create(new)
    if not (count or new or gone) and sheet.submitted_at:
        raise ValidationError(_("This week is submitted already."), code=FIRST)
    Timesheet.objects.filter(pk=sheet.pk).update(submitted_at=at)
    return count + len(new)


@transaction.atomic
def withdraw(user, week: datetime.date, *, by) -> int:
    """Take back what nobody has decided yet. The number of parts that are open again."""
    if by != user:
        raise PermissionDenied
    lock(user)
    gone, _by_model = TimesheetPart.objects.filter(user=user, week=week, state=TimesheetPart.State.SUBMITTED).delete()
    changed = Timesheet.objects.filter(user=user, week=week).exclude(submitted_at=None).update(submitted_at=None)
    if not gone and not changed:
        raise ValidationError(_("There is nothing to take back: it was decided meanwhile."), code=FIRST)
    return gone


def approve(part: TimesheetPart, *, by, at=None) -> None:
    """The hours of this part are right; they are locked."""
    _decide(part, TimesheetPart.State.SUBMITTED, TimesheetPart.State.APPROVED, by=by, at=at)


def reject(part: TimesheetPart, *, by, note: str, at=None) -> None:
    """Send the hours back to the person, who reads why."""
    _decide(part, TimesheetPart.State.SUBMITTED, TimesheetPart.State.REJECTED, by=by, note=note, at=at)


def unlock(part: TimesheetPart, *, by, note: str, at=None) -> None:
    """Open approved hours again, with the reason."""
    _decide(part, TimesheetPart.State.APPROVED, TimesheetPart.State.REOPENED, by=by, note=note, at=at)


@transaction.atomic
def _decide(part: TimesheetPart, before, after, *, by, at, note: str = "") -> None:
    if by.pk == part.user_id:
        raise ValidationError(_("Nobody decides on their own hours: the sponsor or an administrator does."))
    if not part.project.allows(by, P.TIME_APPROVE):
        raise PermissionDenied
    note = note.strip()
    if after in (TimesheetPart.State.REJECTED, TimesheetPart.State.REOPENED) and not note:
        raise ValidationError({"note": _("Say why: the person reads it.")})
    if after != TimesheetPart.State.APPROVED and part.project.locked_reason:
        # Hours that are open again could not be booked anew.
        raise ValidationError(part.project.locked_reason)
    lock(part.user)
    decided = TimesheetPart.objects.filter(pk=part.pk, state=before).update(
        state=after, decided_by=by, decided_at=at or timezone.now(), note=note
    )
    if not decided:
        raise ValidationError(_who_was_first(part), code=FIRST)
    part.refresh_from_db()


def _who_was_first(part: TimesheetPart) -> str:
    now = TimesheetPart.objects.filter(pk=part.pk).select_related("decided_by").first()
    if now is None:
        return _("%(who)s took these hours back meanwhile.") % {"who": part.user}
    if now.decided_by is None:
        return _("%(who)s submitted these hours anew meanwhile.") % {"who": part.user}
    return _("%(who)s was first: %(state)s.") % {"who": now.decided_by, "state": now.get_state_display()}


def lock(user) -> None:
    User.objects.select_for_update(of=("self",)).only("pk").get(pk=user.pk)
