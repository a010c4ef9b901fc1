"""Sentences about one task: why it is late, which constraint or link its dates do not respect."""

import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from pmdm.ui import format as fmt
from projects.schedule.localtime import to_wall
from projects.schedule.models import Task

if TYPE_CHECKING:
    from projects.schedule.api.sheet import Sheet
    from projects.schedule.plan import Row

C = Task.Constraint
STARTS = {C.MSO, C.SNLT}
FINISHES = {C.MFO, C.FNLT}


def violations(sheet: "Sheet", row: "Row", broken: dict[int, list]) -> str:
    """Why a constraint or a link of this task is not respected; '' when all are."""
    said = []
    if row.constraint in _HARD and not row.is_summary:
        said.append(_constraint(sheet, row))
    for before, _after, kind, why, _constraint_code, minutes in broken.get(row.uid, ()):
        said.append(_link(sheet, row, before, kind, why, minutes))
    return " ".join([sentence for sentence in said if sentence])


_HARD = frozenset(int(code) for code in STARTS | FINISHES)


def _constraint(sheet: "Sheet", row: "Row") -> str:
    date = row.constraint_date
    if date is None or row.start is None or row.finish is None:
        return ""
    is_start = row.constraint in STARTS
    there = row.start if is_start else row.finish
    if there == date:
        return ""
    calendar = sheet.plan.calendar_of(row)
    gap = calendar.between(_wall(sheet, date), _wall(sheet, there))
    if gap == 0 or (gap < 0 and row.constraint in (C.SNLT, C.FNLT)):
        return ""
    words = {
        "constraint": C(row.constraint).label,
        "date": fmt.day(_wall(sheet, date).date()),
        "day": fmt.day(_wall(sheet, there).date()),
    }
    if row.actual_start and is_start:
        return _("“%(constraint)s %(date)s” is not respected: it started on %(day)s.") % words
    if is_start:
        return _("“%(constraint)s %(date)s” is not respected: it starts on %(day)s.") % words
    return _("“%(constraint)s %(date)s” is not respected: it finishes on %(day)s.") % words


def _link(sheet: "Sheet", row: "Row", before: int, kind: str, why: str, minutes: int) -> str:
    rows = {one.uid: one for one in sheet.plan.rows} if not hasattr(sheet, "by_uid") else sheet.by_uid
    sheet.by_uid = rows  # type: ignore[attr-defined]
    other = rows.get(before)
    if other is None:
        return ""
    words = {
        "kind": kind,
        "number": other.number,
        "name": other.name,
        "days": fmt.number(round(minutes / sheet.project.minutes_per_day, 1)),
    }
    match why:
        case "constraint":
            words["why"] = _("its constraint “%(constraint)s” holds it") % {"constraint": C(row.constraint).label}
        case "manual dates":
            words["why"] = _("its dates are set by hand")
        case "actual dates":
            words["why"] = _("it has its actual dates")
        case _:
            words["why"] = _("fixed dates hold it")
    return _("%(kind)s from %(number)s %(name)s is not respected by %(days)s d: %(why)s.") % words


def _wall(sheet: "Sheet", instant: datetime.datetime) -> datetime.datetime:
    wall = to_wall(instant, sheet.project)
    assert wall is not None
    return wall
