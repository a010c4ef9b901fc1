"""What the shell shows: the timeline of all projects, the calendar of one's own."""

from django.utils.translation import gettext_lazy as _

from pmdm.ui import nav


def register() -> None:
    nav.register(_("Timeline"), "projects:timeline", "chart-gantt", 32)
    nav.register(_("My calendar"), "projects:my-calendar", "calendar", 34)
