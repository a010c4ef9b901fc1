"""What the shell shows of timesheets."""

from django.utils.translation import gettext_lazy as _

from pmdm.activity.words import describe
from pmdm.ui import nav
from projects.team.register import roles_somewhere
from projects.timesheets.missing import BOOKING


def books_time(user) -> bool:
    """Whoever may book on some project."""
    return not roles_somewhere(user).isdisjoint(BOOKING)


def register() -> None:
    nav.register(_("My week"), "projects:timesheet", "clock", 20, visible=books_time)
    describe("projects.TimesheetPart", label=("user", "week"))
