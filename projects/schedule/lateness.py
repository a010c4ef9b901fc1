"""Why a task is late, in a word or two: the same on every page that says it."""

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from pmdm.ui import format as fmt

if TYPE_CHECKING:
    from projects.schedule.models import Task
    from projects.schedule.rows import Row


def late_word(task: "Task | Row", now: datetime.datetime, behind: Callable[[], float | None]) -> str:
    """'' for what is on time, done, a summary or inactive.

    ``behind()`` gives the working days by which the finish lies behind the baseline, None without one; asked last.
    """
    if task.percent == 100 or task.is_summary or not task.is_active or task.finish is None:
        return ""
    if task.deadline and task.deadline < task.finish:
        return _("misses its deadline")
    if task.finish < now:
        return _("overdue")
    days = behind()
    return _("%(days)s d behind") % {"days": fmt.number(round(days, 1))} if days and days > 0 else ""
