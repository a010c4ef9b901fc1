"""Booked hours as CSV and XLSX, with what was done; cost for those who may see it."""

import io
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from pmdm.interchange.tabular import neutral, write_csv

MOST = 50_000


def header(cost: bool) -> list[str]:
    names = [
        _("Day"), _("Week"), _("Person"), _("Project"), _("Project name"), _("Task"), _("Task name"),
        _("Hours"), _("What was done"), _("State"),
    ]  # fmt: skip
    return [*names, _("Cost"), _("Currency")] if cost else names


def rows_of(entries, states: dict[tuple, str], cost: bool) -> Iterable[list[Any]]:
    """One line per entry; ``states`` by (person, project, Monday)."""
    from projects.timesheets.locking import monday_of

    for entry in entries:
        week = monday_of(entry.day)
        line = [
            entry.day.isoformat(),
            week.isoformat(),
            entry.user.name,
            entry.project.code,
            entry.project.name,
            entry.task.number if entry.task else "",
            entry.task.name if entry.task else "",
            round(entry.minutes / 60, 4),
            entry.note,
            states.get((entry.user_id, entry.project_id, week), _("Open")),
        ]
        yield [*line, "" if entry.cost is None else float(entry.cost), entry.project.currency] if cost else line


def answer(kind: str, name: str, head: list[str], rows: Iterable[list[Any]]) -> HttpResponse:
    """The file as a download."""
    if kind == "xlsx":
        content, mime = _xlsx(head, rows), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        content, mime = ("\ufeff" + write_csv(head, rows)).encode(), "text/csv; charset=utf-8"
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _xlsx(head, rows) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Hours")
    sheet.append(head)
    for row in rows:
        sheet.append([neutral(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
