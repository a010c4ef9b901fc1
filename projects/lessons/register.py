"""What lessons add to the frame: a destination for staff, a tab of each project, the search."""

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.ui import nav, search
from pmdm.ui.search import Hit
from projects.lessons.models import Lesson, is_staff


def find(user, words, limit):
    """Lessons that one may read; what comes from a project one may not see does not name it."""
    rows = Lesson.objects.readable_by(user).with_inside(user).about(words).select_related("project")
    return [
        Hit(
            title=row.title,
            ref=row.ref if row.inside else "",
            sub=row.project.name if row.inside else _("From another project"),
            url=row.get_absolute_url(),
        )
        for row in rows.order_by("-written_on", "-pk")[:limit]
    ]


def register() -> None:
    nav.register(_("Lessons"), "projects:lessons", "lightbulb", 37, visible=is_staff)
    nav.register_tab(
        "project",
        "lessons",
        _("Lessons"),
        "projects:lesson-list",
        order=85,
        visible=lambda project, user: project.allows(user, P.LESSON_VIEW),
    )
    search.register("lesson", _("Lessons"), find, order=55, icon="lightbulb")
