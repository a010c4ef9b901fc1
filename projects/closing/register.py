"""What other stories of a project add to its end: open things of their own, parts of the report."""

from django.utils.translation import gettext as _

from projects.closing import content
from projects.closing.content import MOST, Part
from projects.closing.matters import register_own


def lessons(report) -> Part | None:
    """What the project learned, as it stands in its lessons."""
    from projects.lessons.closing import lessons_of

    rows = [
        (one.ref, one.title, one.recommendation, str(one.get_kind_display()))
        for one in lessons_of(report.project)[:MOST]
    ]
    head = ("", _("Lesson"), _("What the next project should do"), _("Type"))
    return Part(_("Lessons learned"), "", head, rows, key="lessons") if rows else None


def register() -> None:
    register_own()
    content.register(lessons)
