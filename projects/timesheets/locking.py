"""What the database holds of a submitted week: its hours stand still until the week is given back."""

import datetime

import pgtrigger
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# A part of a timesheet that holds this entry; its week is the Monday of the entry's day.
_PART = (
    "SELECT 1 FROM {rows} JOIN projects_timesheetpart p"
    " ON p.user_id = {row}.user_id AND p.project_id = {row}.project_id"
    " AND p.week = {row}.day - (EXTRACT(ISODOW FROM {row}.day)::int - 1) AND p.state IN ('submitted', 'approved')"
)
_REFUSE = "RAISE EXCEPTION 'time_entry_of_a_submitted_week' USING ERRCODE = 'check_violation';"


def _guard(*questions: str) -> str:
    checks = " OR ".join(f"EXISTS ({question})" for question in questions)
    return f"IF {checks} THEN {_REFUSE} END IF; RETURN NULL;"


def locked_once_submitted() -> list[pgtrigger.Trigger]:
    """Statement triggers: no time entry is added to, changed in or taken from a submitted or approved week.

    Its cost, budget line and task may still change: rates that come late and plans that are imported anew touch them.
    """
    changed = (
        "(SELECT {row}.user_id, {row}.project_id, {row}.day FROM new_rows n JOIN old_rows o ON o.id = n.id"
        " WHERE (n.user_id, n.project_id, n.day, n.minutes, n.note)"
        " IS DISTINCT FROM (o.user_id, o.project_id, o.day, o.minutes, o.note)) e"
    )
    parts = {
        "i": (
            pgtrigger.Insert,
            pgtrigger.Referencing(new="new_rows"),
            _guard(_PART.format(rows="new_rows e", row="e")),
        ),
        "u": (
            pgtrigger.Update,
            pgtrigger.Referencing(old="old_rows", new="new_rows"),
            _guard(*(_PART.format(rows=changed.format(row=row), row="e") for row in ("n", "o"))),
        ),
        "d": (
            pgtrigger.Delete,
            pgtrigger.Referencing(old="old_rows"),
            _guard(_PART.format(rows="old_rows e", row="e")),
        ),
    }
    return [
        pgtrigger.Trigger(
            name=f"submitted_{letter}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=func,
        )
        for letter, (operation, referencing, func) in parts.items()
    ]


def monday_of(day: datetime.date) -> datetime.date:
    """The first day of the week of a date."""
    return day - datetime.timedelta(days=day.weekday())


def refuse_if_locked(project, user, *days: datetime.date) -> None:
    """ValidationError where the hours of one of these days' weeks are submitted or approved; the trigger's sentence."""
    weeks = {monday_of(day) for day in days}
    parts = project.timesheet_parts.filter(user=user, week__in=weeks)
    part = next((part for part in parts if part.is_locked), None)
    if part is None:
        return
    if part.state == part.State.APPROVED:
        raise ValidationError(_("The hours of that week are approved. Ask the project manager to unlock them."))
    raise ValidationError(_("The hours of that week are submitted. Take the week back first."))
