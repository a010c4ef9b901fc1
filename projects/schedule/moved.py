"""What a change did to the dates of a plan, and the one sentence that says so."""

import datetime
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.ui import format as fmt
from projects.schedule import engine
from projects.schedule.localtime import zone


@dataclass(frozen=True, slots=True)
class Move:
    """A task whose dates changed: instants before and after."""

    task_id: int
    number: int
    name: str
    is_summary: bool
    start: tuple[datetime.datetime | None, datetime.datetime | None]
    finish: tuple[datetime.datetime | None, datetime.datetime | None]


@dataclass(frozen=True)
class Moved:
    """What a change did to the dates of the plan."""

    moves: list[Move]
    finish: tuple[datetime.datetime | None, datetime.datetime | None]
    conflicts: list[engine.Conflict] = field(default_factory=list)
    time_zone: str = "UTC"

    @property
    def tasks(self) -> list[Move]:
        """Moves of tasks with work of their own; summaries only follow."""
        return [move for move in self.moves if not move.is_summary]

    @property
    def sentence(self) -> str:
        """'12 tasks moved; the finish slips to 3 Mar.'"""
        count = len(self.tasks)
        first = ngettext("%(n)d task moved", "%(n)d tasks moved", count) % {"n": count} if count else _("No task moved")
        before, after = self.finish
        if after is None:
            return f"{first}."
        day = fmt.day(after.astimezone(zone(self.time_zone)).date())
        if before is None:
            last = _("the plan finishes on %(day)s") % {"day": day}
        elif after > before:
            last = _("the finish slips to %(day)s") % {"day": day}
        elif after < before:
            last = _("the finish comes forward to %(day)s") % {"day": day}
        else:
            last = _("the finish stays on %(day)s") % {"day": day}
        sentence = f"{first}; {last}."
        if self.conflicts:
            count = len(self.conflicts)
            sentence += " " + ngettext(
                "%(n)d link is not respected because of fixed dates.",
                "%(n)d links are not respected because of fixed dates.",
                count,
            ) % {"n": count}
        return sentence
