"""What was typed into a week's grid.

Cells are named ``c-<project>-<task or 0>-<day>``; ``n-…`` is the cell's note, ``w-…`` the minutes that were read.
"""

import datetime
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.budget.engine import parse_minutes
from projects.timesheets import verbs
from projects.timesheets.grid import Grid, row_key

MOST_CELLS = 2_000


@dataclass
class Outcome:
    """``errors`` and ``conflicts`` by the cell's key; where there are any, nothing is saved."""

    saved: dict[str, verbs.Saved]
    errors: dict[str, str]
    conflicts: dict[str, verbs.Changed]

    @property
    def status(self) -> int:
        return 409 if self.conflicts else 422 if self.errors else 200


def save_cells(user, grid: Grid, posted) -> Outcome:
    """Save every cell that differs from what was read; all of them or none."""
    outcome = Outcome({}, {}, {})
    rows = {row_key(row.project.pk, row.task.pk if row.task else None): row for row in grid.rows}
    known = {cell.key: (row, cell) for row in rows.values() for cell in row.cells}
    try:
        with transaction.atomic():
            for name in list(posted)[: 3 * MOST_CELLS]:
                if name.startswith("c-"):
                    _one(user, name[2:], posted, known, outcome)
            if outcome.errors or outcome.conflicts:
                raise _Undo
    except _Undo:
        outcome.saved.clear()
    return outcome


class _Undo(Exception):
    """Some cell could not be saved: none is."""


def _one(user, key: str, posted, known, outcome: Outcome) -> None:
    if key not in known:
        outcome.errors[key] = _("This row is not part of your week any more. Add it again.")
        return
    row, cell = known[key]
    typed, note = posted[f"c-{key}"].strip(), posted.get(f"n-{key}")
    note = None if note is None else " ".join(note.split())
    was = _whole(posted.get(f"w-{key}", ""))
    try:
        minutes = _minutes(typed)
        if note is not None and len(note) > 300:
            raise ValidationError(_("A note has 300 characters at most, not %(n)d.") % {"n": len(note)})
        if note and not minutes:
            raise ValidationError(_("A note needs hours: how long did it take?"))
        unchanged = minutes == (cell.minutes if was is None else was) and note in (None, cell.note)
        if unchanged:
            return
        if minutes and cell.day > timezone.localdate() + datetime.timedelta(days=1):  # a day's grace: the date line
            raise ValidationError(_("That day has not come yet. Book what has been done."))
        with transaction.atomic():
            outcome.saved[key] = verbs.set_cell(
                row.project, by=user, day=cell.day, minutes=minutes, task=row.task, note=note, was=was
            )
    except ValidationError as error:
        outcome.errors[key] = " ".join(error.messages)
    except verbs.Changed as changed:
        outcome.conflicts[key] = changed


def _minutes(typed: str) -> int:
    if typed in ("", "0", "-", "–"):
        return 0
    minutes = parse_minutes(typed)
    if minutes is None:
        raise ValidationError(
            _("“%(text)s” is not a length of time. Write 1h 30m, 90m, 1:30 or 1.5.") % {"text": typed[:40]}
        )
    if minutes > 1440:
        raise ValidationError(_("A day has 24 hours, not “%(text)s”.") % {"text": typed[:40]})
    return minutes


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
