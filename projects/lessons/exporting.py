"""Lessons as CSV: what the reader may see on the page, and no cell that a spreadsheet would run."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.translation import gettext as _

from pmdm.interchange.tabular import MAX_ROWS, write_csv


def as_csv(name: str, lessons) -> HttpResponse:
    """The lessons of a queryset ``with_inside``; the project's name only where the reader may see that project."""
    head = [
        _("Project"), _("Number"), _("Lesson"), _("What happened"), _("Cause"), _("Effect"), _("Recommendation"),
        _("Type"), _("Phase"), _("Impact"), _("Tags"), _("Author"), _("Date"), _("State"),
    ]  # fmt: skip
    content = "\ufeff" + write_csv(head, _lines(lessons.select_related("project", "author")[:MAX_ROWS]))
    disposition = f'attachment; filename="{name}.csv"'
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


def _lines(lessons) -> Iterable[list]:
    for row in lessons:
        yield [
            row.project.code if row.inside else "",
            row.ref if row.inside else "",
            row.title,
            row.happened,
            row.cause,
            row.effect,
            row.recommendation,
            row.get_kind_display(),
            row.get_phase_display(),
            row.get_impact_display(),
            ", ".join(row.tags),
            row.author.name,
            row.written_on.isoformat(),
            row.get_state_display(),
        ]
